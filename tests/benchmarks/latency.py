"""How long a clerk waits: from a file's last write in 上报/ to the answer in 反馈/, through the running deployment.

``make demo``, then ``make latency``. Workbooks with a few empty required cells are dropped: ordinary ones one after
the other, one of every district at once, one of 50,000 rows, and with ``ARGS="--flood 5000"`` one behind so many
letters of another district.
"""

import argparse
import math
import shutil
import statistics
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from district_reports import clock
from district_reports.commands.common import say
from district_reports.database.engine import Role, engine
from district_reports.forms import forms
from district_reports.local.samples.forms import generator
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, cover_of
from district_reports.model.form import Form, Type
from district_reports.model.identifiers import make_resident_id
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import DistrictFolder, district_folders
from district_reports.workbook.templates.template import write_template

LARGE_ROWS = 50_000
EMPTIED = 20
"""Required cells that are left empty, one a row; fewer where a sheet has fewer rows than ten times as many."""
_LOOK_SECONDS = 0.2
TIMEOUT_SECONDS = 300
Row = dict[str, object]


def write(form: Form, folder: DistrictFolder, path: Path, remark: str, at_least: int = 0) -> int:
    """Write a district's sample workbook with mistakes; the rows of its largest sheet. `remark` makes it a new one.

    Everybody in it is cloned until that sheet has `at_least` so many rows.
    """
    register = Register.load(settings().reference)
    period = Period.containing(form.period_kind, SAMPLE_DAY)
    district = register.district(folder.code, SAMPLE_DAY)
    assert district is not None
    sample = Sample(register, district, period, SAMPLE_DAY)
    rows = {table: [dict(row) for row in listed] for table, listed in generator(form.key)(sample).items()}
    sheet = max(form.sheets, key=lambda sheet: len(rows[sheet.table]))
    if at_least:
        rows = cloned(form, rows, math.ceil(at_least / len(rows[sheet.table])))
    column = next(one for one in sheet.columns if one.required and not one.key and one.optional_when is None)
    listed = rows[sheet.table]
    for row in listed[: min(EMPTIED, len(listed) // 10)]:
        row[column.name] = None
    cover = cover_of(sample) | {"情况说明": remark}
    write_template(form, register, district, period, path, rows, cover)
    return len(listed)


def cloned(form: Form, rows: Mapping[str, Sequence[Row]], times: int) -> dict[str, list[Row]]:
    """The rows of all sheets `times` over, each time of other people with the same birth days."""
    identifiers = {
        sheet.table: [one.name for one in sheet.columns if one.type in (Type.RESIDENT_ID, Type.STUDENT_NO)]
        for sheet in form.sheets
    }
    used = {str(row[name])[-18:] for table, listed in rows.items() for row in listed for name in identifiers[table]}

    def another(number: str) -> str:
        birth = datetime.strptime(number[6:14], "%Y%m%d").date()  # noqa: DTZ007
        for sequence in range(2 - int(number[16]) % 2, 1000, 2):
            if (made := make_resident_id(number[:6], birth, sequence)) not in used:
                used.add(made)
                return made
        raise SystemExit("no number is left for this birth day")

    result: dict[str, list[Row]] = {table: [] for table in rows}
    for _ in range(times):
        new: dict[str, str] = {}
        for table, listed in rows.items():
            for row in listed:
                clone = dict(row)
                for name in identifiers[table]:
                    old = str(row[name] or "")
                    if len(old) >= 18:
                        if old[-18:] not in new:
                            new[old[-18:]] = another(old[-18:])
                        clone[name] = old[:-18] + new[old[-18:]]
                result[table].append(clone)
    return result


def dropped(written: Sequence[tuple[Path, DistrictFolder]]) -> list[float]:
    """Drop all at once; seconds from each file's appearance to the answer's."""
    begun: dict[str, float] = {}
    for path, folder in written:
        target = folder.drop.path / path.name
        aside = target.with_name(f"{path.name}.tmp")
        aside.write_bytes(path.read_bytes())
        aside.rename(target)
        begun[path.name] = time.monotonic()
    waited: dict[str, float] = {}
    statement = text(
        "SELECT file_name, answered_as FROM ledger.receipt JOIN ledger.submission USING (receipt_id)"
        " WHERE file_name = ANY(:names) AND answered_as IS NOT NULL"
    )
    while len(waited) < len(begun):
        with engine(Role.LOADER).begin() as connection:
            found = connection.execute(statement, {"names": list(begun)}).all()
        for name, _ in found:
            waited.setdefault(name, time.monotonic() - begun[name])
        if time.monotonic() > max(begun.values()) + TIMEOUT_SECONDS:
            raise SystemExit(
                f"{len(begun) - len(waited)} of {len(begun)} were not answered: is the deployment running?"
            )
        time.sleep(_LOOK_SECONDS)
    return list(waited.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=4, help="ordinary files, one after the other")
    parser.add_argument("--rounds", type=int, default=2, help="times that all districts drop at once")
    parser.add_argument("--flood", type=int, default=0, help="small files of one district, behind which others wait")
    options = parser.parse_args()
    folders = district_folders(settings().uploads)
    ordinary = list(forms().values())
    mark = f"{clock.now():%H%M%S}"
    aside = settings().home / "latency"
    aside.mkdir(exist_ok=True)

    def made(name: str, form: Form, folder: DistrictFolder, at_least: int = 0) -> tuple[Path, DistrictFolder]:
        path = aside / f"{mark}-{name}.xlsx"
        rows = write(form, folder, path, f"{mark}-{name}", at_least)
        if at_least:
            say(f"  {rows} rows, {path.stat().st_size / 1e6:.1f} MB")
        return path, folder

    one = []
    for trial in range(options.trials):
        form = ordinary[trial % len(ordinary)]
        one += dropped([made(f"one-{trial}", form, folders[trial % len(folders)])])
        say(f"  {form.key} {one[-1]:.1f} s")
    summed_up("one ordinary file", one)
    many = []
    for turn in range(options.rounds):
        form = ordinary[turn % len(ordinary)]
        many += dropped([made(f"all-{turn}-{folder.code}", form, folder) for folder in folders])
        say(f"  {form.key} slowest {max(many[-len(folders) :]):.1f} s")
    summed_up(f"{len(folders)} at once", many)
    summed_up(f"{LARGE_ROWS} rows", dropped([made("large", forms()["student_aid"], folders[0], LARGE_ROWS)]))
    if options.flood:
        behind = []
        flood(folders[0], options.flood, mark)
        for trial in range(options.trials):
            behind += dropped([made(f"behind-{trial}", ordinary[trial % len(ordinary)], folders[1 + trial])])
        summed_up(f"one ordinary file behind {options.flood} of another district", behind)
        for path in folders[0].drop.path.glob(f"{mark}-flood-*"):
            path.unlink(missing_ok=True)
    shutil.rmtree(aside)


def flood(folder: DistrictFolder, number: int, mark: str) -> None:
    """Drop so many letters, and wait until the first has been received."""
    for one in range(number):
        (folder.drop.path / f"{mark}-flood-{one}.pdf").write_bytes(b"%PDF-1.7 " + str(one).encode())
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while len(list(folder.drop.path.glob(f"{mark}-flood-*"))) == number and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


def summed_up(what: str, seconds: Sequence[float]) -> None:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    say(f"{what}: median {statistics.median(ordered):.1f} s, p95 {p95:.1f} s, slowest {ordered[-1]:.1f} s")


if __name__ == "__main__":
    main()
