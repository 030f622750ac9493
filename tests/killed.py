"""What a test raises at a failpoint."""


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""
