"""``sample``: sample workbooks in district folders."""

import argparse
from pathlib import Path

from district_reports.commands.common import Commands, positive, say


def add(commands: Commands) -> None:
    sample = commands.add_parser("sample", help="write sample workbooks into district folders")
    sample.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    sample.add_argument("--seed", type=int, default=1, metavar="N")
    sample.add_argument("--districts", type=int, default=13, metavar="N")
    sample.add_argument(
        "--scale", type=positive, default=1.0, metavar="X", help="people in lists: 1 is a city of 700,000 pupils"
    )
    sample.add_argument(
        "--defects",
        action="store_true",
        help="also workbooks with planted mistakes, in defects/; let sound ones contradict each other; with the keys",
    )
    sample.set_defaults(run=_sample)


def _sample(options: argparse.Namespace) -> int:
    from district_reports.local.samples import DEFECTS, WORKLIST_KEY, defective_samples, planted_worklist, write_samples
    from district_reports.reference.register import Register
    from district_reports.settings import settings

    register = Register.load(settings().reference)
    worklist = planted_worklist(register, seed=options.seed, districts=options.districts) if options.defects else None
    write_samples(
        options.out,
        register,
        seed=options.seed,
        districts=options.districts,
        scale=options.scale,
        written=lambda path: say(str(path)),
        plant=worklist.plant if worklist else None,
    )
    if worklist:
        key = defective_samples(options.out / DEFECTS, register, seed=options.seed)
        say(f"{options.out / DEFECTS}: {len(key)} planted mistakes in {len({one.file for one in key})} workbooks")
        items = worklist.write_key(options.out / DEFECTS)
        say(f"{options.out / DEFECTS / WORKLIST_KEY}: {len(items)} items of the worklist between the sound workbooks")
    return 0
