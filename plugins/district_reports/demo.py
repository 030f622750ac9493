"""The demo: sample workbooks of 13 districts through the real scheduler, on a day that is played.

Run twice, it drops the same files again, and shows what becomes of duplicates.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import text

from district_reports import clock, house
from district_reports.errors import SystemFault
from district_reports.intake.folders import district_folders
from district_reports.model.finding import Outcome
from district_reports.reference import Register
from district_reports.samples import defective_samples, write_samples
from district_reports.settings import settings
from district_reports.stack.commands import Address, client
from district_reports.warehouse.engine import Role, engine

PATIENCE_SECONDS = 600
SHOWN_MISTAKES = frozenset({"F06", "F08", "F11", "F16", "C01"})
"""Of the defective samples, those with one of these: no such form, another district's, a column missing, too many
mistakes, and one with 25 rules' mistakes gathered."""
_LOOK_SECONDS = 2.0

Progress = Callable[[str], None]


def run(progress: Progress) -> None:
    """Start the house, drop the samples, wait until each is answered, publish, and say what came of it.

    Raises:
        SystemFault: something did not work within ten minutes; the message says where to look.
    """
    begun = time.monotonic()
    progress(f"Playing {clock.today()}")
    address = house.start(progress)
    receipts = _last_receipt()
    dropped = _drop_samples(progress)
    _wait(receipts, dropped, progress)
    progress("Running publish_city_tables through the scheduler")
    airflow = client(settings())
    run_id = airflow.trigger("publish_city_tables")
    ended = airflow.wait("publish_city_tables", run_id, PATIENCE_SECONDS)
    if ended.state != "success":
        raise SystemFault(f"publish_city_tables ended as {ended.state}; see {address.url}/dags/publish_city_tables")
    _say_outcomes(receipts, progress)
    _say_figures(progress)
    _say_where(address, receipts, progress)
    progress(f"Done in {time.monotonic() - begun:.0f} s. `make down` stops everything.")


def _last_receipt() -> int:
    with engine(Role.LOADER).begin() as connection:
        last: int = connection.execute(text("SELECT coalesce(max(receipt_id), 0) FROM ledger.receipt")).scalar_one()
    return last


def _drop_samples(progress: Progress) -> int:
    """Put a sound workbook into every district's 上报/, and a defective one into some; how many."""
    register = Register.load(settings().reference)
    drops = {folder.code: folder.drop for folder in district_folders(settings().uploads)}
    with tempfile.TemporaryDirectory() as folder:
        sound = write_samples(Path(folder) / "sound", register)
        planted = defective_samples(Path(folder) / "defective", register)
        # All are one district's, and those of one period are decided one after the other: a few show it.
        defective = sorted({one.file for one in planted if one.rule in SHOWN_MISTAKES})
        files = [*sound, *(Path(folder) / "defective" / name for name in defective)]
        for file in files:
            target = drops[file.parent.name[:6]] / file.name
            # As a clerk's copy does not: under a temporary name first, so that the file appears whole.
            shutil.copyfile(file, target.with_name(f"{target.name}.tmp"))
            target.with_name(f"{target.name}.tmp").rename(target)
        progress(f"Dropped {len(sound)} sound workbooks and {len(defective)} with mistakes into {settings().uploads}")
        return len(files)


def _wait(after: int, dropped: int, progress: Progress) -> None:
    """Show how the submissions go through their states until all are answered."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    said = ""
    while time.monotonic() < deadline:
        states = _states(after)
        received, answered = sum(states.values()), states.get("answered", 0)
        decided = answered + states.get("decided", 0)
        line = f"  received {received}/{dropped}, decided {decided}/{dropped}, answered {answered}/{dropped}"
        if line != said:
            progress(line)
            said = line
        if answered >= dropped:
            return
        time.sleep(_LOOK_SECONDS)
    raise SystemFault(
        f"not all submissions were answered within {PATIENCE_SECONDS} s ({said.strip()}); see Airflow's UI"
    )


def _states(after: int) -> Mapping[str, int]:
    with engine(Role.LOADER).begin() as connection:
        rows = connection.execute(
            text("SELECT state, count(*) FROM ledger.submission WHERE receipt_id > :after GROUP BY state"),
            {"after": after},
        )
        return {row[0]: row[1] for row in rows}


def _say_outcomes(after: int, progress: Progress) -> None:
    with engine(Role.LOADER).begin() as connection:
        rows = connection.execute(
            text(
                "SELECT outcome, count(*) AS files, coalesce(sum(counted.loaded), 0) AS loaded,"
                " coalesce(sum(counted.quarantined), 0) AS quarantined"
                " FROM ledger.submission LEFT JOIN ("
                "   SELECT submission_id, sum(loaded) AS loaded, sum(quarantined) AS quarantined"
                "   FROM ledger.sheet_count GROUP BY submission_id) AS counted USING (submission_id)"
                " WHERE receipt_id > :after GROUP BY outcome ORDER BY outcome"
            ),
            {"after": after},
        ).all()
    progress("What became of the workbooks:")
    for row in rows:
        label = Outcome(row.outcome).label
        progress(
            f"  {label} ({row.outcome}): {row.files} files, {row.loaded} rows loaded, {row.quarantined} quarantined"
        )


def _say_figures(progress: Progress) -> None:
    with engine(Role.ANALYST).begin() as connection:
        rows = connection.execute(
            text(
                "SELECT period, level, area_name, open_count, new_count, returned_count, poverty_count,"
                " enrolment_rate, districts_accepted, districts_expected, release_id"
                " FROM city.current_city_dropout_control WHERE reason = '全部' AND level <> 'district'"
                " AND open_count IS NOT NULL ORDER BY period, level DESC, area_name"
            )
        ).all()
    progress("Published in city.current_city_dropout_control:")
    for row in rows:
        progress(
            f"  {row.period} {row.area_name}: open {row.open_count}, new {row.new_count},"
            f" returned {row.returned_count}, for poverty {row.poverty_count}, 在校率 {row.enrolment_rate} %,"
            f" districts {row.districts_accepted}/{row.districts_expected}, release {row.release_id}"
        )


def _say_where(address: Address, after: int, progress: Progress) -> None:
    with engine(Role.LOADER).begin() as connection:
        answers = connection.scalars(
            text(
                "SELECT answered_as FROM ledger.submission WHERE receipt_id > :after AND outcome <> 'accepted'"
                " ORDER BY receipt_id LIMIT 3"
            ),
            {"after": after},
        ).all()
    progress("Where to look:")
    progress(f"  Airflow    {address.url} (user {address.user}, password in {address.password_file})")
    progress(f"  Folders    {settings().uploads}/<district>/{{上报,已接收,反馈}}")
    for answer in answers:
        progress(f"  An answer  {settings().uploads / answer}")
