"""The process that reads workbooks: what stands between it and the rest of the machine."""

from collections.abc import Iterator

from district_reports.errors import SystemFault
from district_reports.local.doctor.note import Note, State
from district_reports.workbook.reading import child


def of_reader() -> Iterator[Note]:
    """Start one, and tell which walls it has raised."""
    try:
        walls = child.walls()
    except SystemFault as fault:
        yield Note("reader", State.DANGER, f"a wall can't be raised: {fault}", "Nothing is read like this; see the log")
        return
    raised = [wall.name for wall in walls if not wall.missing]
    if raised:
        yield Note("reader", State.OK, f"in force: {', '.join(raised)}")
    for wall in walls:
        if wall.missing:
            yield Note(
                "reader",
                State.WARNING,
                f"not in force: {wall.name}: {wall.missing}",
                'docs/security.md, "The walls", says what each is for; a newer kernel has all of them',
            )
