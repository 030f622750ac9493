"""That a workbook can't be marked."""


class CannotMark(Exception):
    """Why a workbook is answered by a list workbook instead: ``reason``, in English, without a value or name of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
