"""The demo: sample workbooks of 13 districts through the real scheduler, on a day that is played.

The reports of the year's earlier months are there before Airflow starts (:mod:`.demo_earlier`), so that the pages have
something to compare with. Then come workbooks with planted mistakes, as a clerk's drafts do, and those of the whole
city: each right by itself, and some at odds with others, which the worklist shows. Some mistakes come later, in
corrections of what stood: these districts have something to do. Once all of the whole city's stand accepted, it drops
one district's again, and shows what becomes of duplicates.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import RowMapping, text

from district_reports import clock, users
from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.feedback.folder_notes import WORKLIST_FILE
from district_reports.ledger import answers, submissions, viewing
from district_reports.ledger.shown_items import OPEN, shown_items
from district_reports.local import deployment
from district_reports.local.airflow.commands import Address, client
from district_reports.local.demo_earlier import take_in_earlier
from district_reports.local.demo_outside import let_out
from district_reports.local.samples import ANSWER_KEY, DEFECTS, Planted, planted_worklist, write_samples
from district_reports.local.samples.forms import sampled_forms
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.moment.frame import EVERYTHING
from district_reports.pages import PREFIX
from district_reports.printing import Display, Pace
from district_reports.publish.summary import summaries
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import answer_at, district_folders
from district_reports.users import Viewer

DEMO_TIMEOUT_SECONDS = 600
_LOOK_SECONDS = 1.0
# A folder's files are received by name: what is dropped as a draft is decided before the final version.
_DRAFT, _FINAL, _CORRECTION = "初稿", "定稿", "更正稿"
_TWICE, _LATE = "F17", "F19"
# What goes wrong when a report is corrected that stood: these are for the officer to call about today.
_CORRECTED_WRONGLY = {"F10", "F13", "F16"}
_OF_AREA_AND_PERIOD = ("period", "level", "area_code")
_OF_RELEASE = ("release_id", "area_name")
_ROWS_SHOWN, _FIGURES_SHOWN = 2, 8


def run(display: Display) -> None:
    """Start the deployment, drop the samples, wait until each is answered, publish, and say what came of it.

    Raises:
        SystemFault: something did not work within ten minutes; the message says where to look.
    """
    begun = time.monotonic()
    display.say(f"Playing {clock.today()}")
    users.lay_out(settings().users, _others())
    with _samples_being_made() as samples:
        deployment.make_ready(display.now)
        if not _last_receipt():
            display.say(f"Took in {take_in_earlier(display)} workbooks of the year's earlier months")
        address = deployment.start(display.now)
        receipts = _last_receipt()
        dropped = _drop(samples, display)
    _wait(receipts, dropped, display)
    display.now("Running publish_city_tables through the scheduler")
    airflow = client(settings())
    run_id = airflow.trigger("publish_city_tables")
    ended = airflow.wait("publish_city_tables", run_id, DEMO_TIMEOUT_SECONDS)
    if ended.state != "success":
        raise SystemFault(f"publish_city_tables ended as {ended.state}; see {address.url}/dags/publish_city_tables")
    # Nobody waits for these: what was just accepted, for the next period.
    airflow.trigger("fill_templates")
    _say_outcomes(receipts, display)
    _say_figures(display)
    _say_worklist(address, display)
    officer, approver, _ = _others()
    let_out(officer, approver, airflow, DEMO_TIMEOUT_SECONDS, display)
    _say_where(address, receipts, display)
    display.say(f"Done in {time.monotonic() - begun:.0f} s. `make down` stops everything.")


def _others() -> tuple[Viewer, Viewer, Viewer]:
    """Who can log in beside the engineer ``admin``, to see the pages as they do: an officer, another one who lets out
    what the first prepares for outside, and a clerk."""
    district = Register.load(settings().reference).districts_on(clock.today())[0]
    return (
        Viewer("officer", users.Role.OFFICER),
        Viewer("approver", users.Role.APPROVER),
        Viewer("clerk", users.Role.DISTRICT, district.code),
    )


def _last_receipt() -> int:
    with engine(Role.LOADER).begin() as connection:
        return submissions.last_receipt(connection)


@dataclass(frozen=True)
class _Samples:
    """The folder that sample workbooks are written into, by a process of their own."""

    folder: Path
    maker: subprocess.Popen[bytes]


@contextmanager
def _samples_being_made() -> Iterator[_Samples]:
    """They are made while the deployment starts, with what that leaves of the processors."""
    with tempfile.TemporaryDirectory() as folder:
        sample = (sys.executable, "-m", "district_reports.cli", "sample", "--out", folder, "--defects")
        # In a session of its own: an interruption reaches it from here alone.
        maker = subprocess.Popen(("nice", *sample), stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            yield _Samples(Path(folder), maker)
        finally:
            maker.terminate()
            maker.wait()


def _drop(samples: _Samples, display: Display) -> int:
    """Put defective workbooks and then the sound ones into the districts' 上报/ folders; how many.

    Where the whole city's stand accepted, one district's go in again and no other.
    """
    folder = samples.folder
    drops = {one.code: one.drop.path for one in district_folders(settings().uploads)}
    if _all_accepted(len(drops)):
        samples.maker.terminate()
        register = Register.load(settings().reference)
        again = write_samples(folder / "again", register, districts=1, plant=planted_worklist(register).plant)
        for file in again:
            _drop_one(file, drops, _FINAL)
        display.say(
            f"The sound workbooks of all {len(drops)} districts stand accepted; dropped {len(again)} of them again"
        )
        return len(again)
    display.now("Making the sample workbooks")
    if samples.maker.wait():
        raise SystemFault("the sample workbooks could not be made; try `district-reports sample --out … --defects`")
    key = [Planted(**one) for one in json.loads((folder / DEFECTS / ANSWER_KEY).read_text(encoding="utf-8"))]
    # Late is a report of the period before, and of that one all have come.
    planted = [one for one in key if one.rule != _LATE]
    # Other workbooks that mistakes need are of periods before, which the sound ones would have to follow.
    needed = {one.needs for one in planted if one.needs and one.rule == _TWICE}
    defective = sorted(needed | {one.file for one in planted})
    corrections = {one.file for one in planted if one.rule in _CORRECTED_WRONGLY}
    for name in defective:
        if name not in corrections:
            _drop_one(folder / DEFECTS / name, drops, _DRAFT)
    sound = sorted(folder.glob("*/*.xlsx"))
    for file in sound:
        _drop_one(file, drops, _FINAL)
    for name in sorted(corrections):
        _drop_one(folder / DEFECTS / name, drops, _CORRECTION)
    display.say(
        f"Dropped {len(defective)} workbooks with {len(planted)} mistakes and {len(sound)} sound ones of "
        f"{len(drops)} districts into {settings().uploads}"
    )
    return len(defective) + len(sound)


def _drop_one(file: Path, drops: Mapping[str, Path], version: str) -> None:
    target = drops[file.parent.name[:6]] / f"{version}-{file.name}"
    # As a clerk's copy does not: under a temporary name first, so that the file appears whole.
    shutil.copyfile(file, target.with_name(f"{target.name}.tmp"))
    target.with_name(f"{target.name}.tmp").rename(target)


def _all_accepted(districts: int) -> bool:
    """Whether a workbook of every form and district is in force for the samples' periods."""
    periods = [(form.key, Period.containing(form.period_kind, SAMPLE_DAY).text) for form in sampled_forms()]
    with engine(Role.LOADER).begin() as connection:
        found = submissions.in_force_count(connection, periods)
    return found >= districts * len(periods)


def _wait(after: int, dropped: int, display: Display) -> None:
    """Show how many submissions are answered, until all are."""
    # Each is received, decided and answered: no answer comes for a long while, and then many.
    pace = Pace(3 * dropped)
    deadline = time.monotonic() + DEMO_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        states = _states(after)
        received, answered = sum(states.values()), states.get("answered", 0)
        decided = answered + states.get("decided", 0)
        said = f"submissions: {answered} of {dropped} answered, {received} received"
        if answered >= dropped:
            return
        display.now(said + pace.left(received + decided + answered))
        time.sleep(_LOOK_SECONDS)
    raise SystemFault(f"not all submissions were answered within {DEMO_TIMEOUT_SECONDS} s ({said}); see Airflow's UI")


def _states(after: int) -> Mapping[str, int]:
    with engine(Role.LOADER).begin() as connection:
        return submissions.states_since(connection, after)


def _say_outcomes(after: int, display: Display) -> None:
    with engine(Role.LOADER).begin() as connection:
        rows = submissions.outcomes_since(connection, after)
    display.say("What became of the workbooks:")
    for row in rows:
        label = Outcome(row.outcome).label
        display.say(
            f"  {label} ({row.outcome}): {row.files} files, {row.loaded} rows loaded, {row.quarantined} quarantined"
        )


def _say_figures(display: Display) -> None:
    """The city's figures of the latest period of every city table: those over everything, or the first few."""
    with engine(Role.INSIDER).begin() as connection:
        for summary in summaries(settings().summaries):
            keys = [name for name in summary.key if name not in _OF_AREA_AND_PERIOD]
            distinct = f"DISTINCT ON ({', '.join(keys)})" if keys else ""
            order = ", ".join([*keys, "period DESC"])
            table = f"city.current_{summary.table}"
            rows = connection.execute(
                text(f"SELECT {distinct} * FROM {table} WHERE level = 'city' ORDER BY {order}")
            ).mappings()
            display.say(f"Published in {table}:")
            for line in _lines_of(list(rows) if keys else list(rows)[:1], keys):
                display.say(f"  {line}")


def _lines_of(rows: Sequence[RowMapping], keys: Sequence[str]) -> Iterator[str]:
    ordered = sorted(rows, key=lambda row: [row[name] != EVERYTHING for name in keys])
    hidden = {*keys, *_OF_AREA_AND_PERIOD, *_OF_RELEASE}
    for row in ordered[:_ROWS_SHOWN]:
        figures = [f"{name} {value}" for name, value in row.items() if name not in hidden and value is not None]
        named = " ".join(str(row[name]) for name in ("period", *keys))
        yield f"{named}: {', '.join(figures[:_FIGURES_SHOWN])}"
    statuses = Counter(row["status"] for row in ordered if row.get("status"))
    if statuses:
        yield f"of {len(ordered)}: {', '.join(f'{status} {count}' for status, count in statuses.most_common())}"
    elif len(ordered) > _ROWS_SHOWN:
        yield f"… {len(ordered) - _ROWS_SHOWN} more"


def _say_worklist(address: Address, display: Display) -> None:
    """What accepted reports say against one another, and where the officer and the clerk see it."""
    officer, _, clerk = _others()
    with viewing.reading(officer) as connection:
        counted = Counter(item.rule for item in shown_items(connection) if item.state in OPEN)
    display.say(f"{counted.total()} open items of the worklist, between reports that are right by themselves:")
    display.say(f"  {', '.join(f'{rule} {number}' for rule, number in sorted(counted.items()))}")
    for folder in district_folders(settings().uploads):
        if folder.code == clerk.district_code and file_state(folder.feedback / WORKLIST_FILE):
            display.say(f"  A district's   {(folder.feedback / WORKLIST_FILE).path}")
    display.say(f"  The officers'  {address.url}{PREFIX}/worklist")


def _say_where(address: Address, after: int, display: Display) -> None:
    with engine(Role.LOADER).begin() as connection:
        found = answers.answers_since(connection, after, most=5)
    display.say("Where to look:")
    names = ", ".join(viewer.name for viewer in users.viewers(settings().users).values())
    display.say(f"  Pages      {address.url}{PREFIX}/progress, also in Airflow's navigation under 区县报表")
    display.say(f"             log in as {names}; who sees what is in {settings().users}")
    display.say(f"  Airflow    {address.url} (user {address.user}; all passwords in {address.password_file})")
    display.say(f"  Folders    {settings().uploads}/<district>/{{上报、预检、已接收、反馈、模板}}")
    display.say("             模板 is filled by fill_templates, which has just begun")
    for answer in found:
        display.say(f"  An answer  {answer_at(settings().uploads, answer)}")
