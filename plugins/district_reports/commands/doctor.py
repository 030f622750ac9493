"""``doctor``: what makes this deployment unsafe, and what to do."""

import argparse

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    doctor = commands.add_parser(
        "doctor", help="look at owners, modes, links, mounts, roles, the reading child, clocks, space and versions"
    )
    doctor.set_defaults(run=_doctor)


def _doctor(_: argparse.Namespace) -> int:
    from district_reports.local.doctor.examination import examine
    from district_reports.local.doctor.note import State
    from district_reports.settings import settings

    worst = State.OK
    for note in examine(settings()):
        say(f"{note.state:<8} {note.what}: {note.told}")
        if note.mend:
            say(f"         {note.mend}")
        if note.state is not State.OK and worst is not State.DANGER:
            worst = note.state
    return 1 if worst is State.DANGER else 0
