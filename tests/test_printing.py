"""What a long command shows of itself, on a terminal and elsewhere."""

import io
from contextlib import suppress

from district_reports.printing import Display, Pace

CLEARED = "\r\x1b[K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Watch:
    """A clock that is set by hand."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_terminal_has_one_line_that_is_written_over_and_gone_in_the_end(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "21")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()

    with suppress(KeyboardInterrupt), Display(terminal) as display:
        display.now("submissions: 1 of 78")
        display.say("ready")
        display.now("正在发布城市各表的数字")
        display.now("almost done")
        raise KeyboardInterrupt

    assert terminal.getvalue() == (
        f"submissions: 1 of 78{CLEARED}ready\n正在发布城市各表的…{CLEARED}almost done{CLEARED}"
    )


def test_elsewhere_there_are_plain_lines_and_not_too_many() -> None:
    watch, pipe = Watch(), io.StringIO()

    with Display(pipe, watch) as display:
        for number in range(32):
            display.now(f"submissions: {number} of 78")
            watch.seconds += 1
        display.now("publishing")
        display.say("done")

    assert pipe.getvalue().splitlines() == [
        *(f"submissions: {number} of 78" for number in (0, 15, 30)), "publishing", "done",
    ]  # fmt: skip


def test_what_is_left_is_told_by_the_pace_of_the_last_half_minute() -> None:
    watch = Watch()
    pace = Pace(78, watch)

    assert pace.left(0) == ""
    for _ in range(20):
        watch.seconds += 1
        pace.left(10)
    assert pace.left(10) == " · about 135 s left"
    for number in range(60):
        watch.seconds += 1
        told = pace.left(10 + number)
    assert told == " · about 10 s left"
