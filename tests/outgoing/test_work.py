"""The job works off what officers asked for: in order, each once, wherever it is killed."""

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from altered import altered
from crash.processes import apart, fork
from district_reports import failpoints
from district_reports.cli import main
from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.ledger.viewing import reading
from district_reports.publish import publish
from district_reports.publish.content import content_of, content_sha256
from district_reports.publish.outgoing.ledger import Outgoing, State, outgoing
from district_reports.publish.outgoing.requests import Rule, What
from district_reports.publish.outgoing.work import period_of, work_off
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from outgoing.house import EVERY, FIRST, LEDGER, OFFICER, SECOND, asked, of_ledger, prepared, read
from submitted import ZHONGSHAN, case, checked, submit

SOURCES = Path(__file__).parents[2] / "plugins" / "district_reports" / "publish" / "outgoing"


@pytest.fixture(autouse=True)
def _no_hook() -> Iterator[None]:
    yield
    failpoints.hook = None


def standing() -> dict[int, Outgoing]:
    """Each release on its way, by its number; the latest request of each."""
    with reading(OFFICER) as connection:
        return {each.release_id: each for each in reversed(outgoing(connection))}


def outcomes() -> list[str]:
    return [done.outcome for done in work_off()]


def test_a_release_is_prepared_approved_and_revoked(first: int) -> None:
    asked(What.PREPARE, FIRST, release_id=first, reason="六月")
    assert standing()[first].waits_for_the_job
    assert outcomes() == ["prepared"]
    told = standing()[first]
    assert (told.state, told.name, told.drafted_by, told.remark) == (State.READY, "2020-06 v1.0", FIRST, "六月")
    assert told.checklist is not None
    assert told.checklist.against is None
    assert [
        (each.form, each.period, each.districts_accepted) for each in told.checklist.coverage if each.form == LEDGER[5:]
    ]
    people = {(each.schema, each.table): each for each in told.checklist.withheld}["city", LEDGER]
    # Each of the few children of this city is to be protected.
    assert 0 < people.people <= people.of_people
    asked(What.APPROVE, SECOND, prepared_id=told.prepared_id)
    assert outcomes() == ["left"]
    folder = settings().bundles / "2020-06" / "v1.0"
    whole = sorted(path.name for path in folder.rglob("*"))
    ((count_of_children, withheld),) = read(
        Role.ANALYST,
        f"SELECT open_count, withheld FROM outside.current_{LEDGER} WHERE area_code = '{ZHONGSHAN}'"
        f" AND period = '2020-05' AND {EVERY}",
    )
    assert (count_of_children, "open_count" in withheld) == (None, True)
    ((left_at,),) = read(Role.ANALYST, "SELECT left_at FROM outside.release")
    assert standing()[first].left_at == left_at
    assert outcomes() == []
    asked(What.REVOKE, FIRST, prepared_id=told.prepared_id, reason="口径有误")
    assert outcomes() == ["revoked"]
    assert standing()[first].state is State.REVOKED
    assert read(Role.ANALYST, f"SELECT * FROM outside.{LEDGER}") == []
    assert len(list(folder.rglob("*"))) == 1 != len(whole)


def test_a_request_that_cannot_be_followed_is_refused_and_keeps_no_other_waiting(first: int) -> None:
    second = publish().release_id
    for release in (second, first):
        asked(What.PREPARE, FIRST, release_id=release)
    assert outcomes() == ["prepared", "prepared"]
    late, early = (standing()[release].prepared_id for release in (second, first))
    # Both are approved before the job has let the first one leave.
    asked(What.APPROVE, SECOND, prepared_id=late)
    asked(What.APPROVE, SECOND, prepared_id=early)
    third = publish().release_id
    asked(What.PREPARE, FIRST, release_id=third)
    assert outcomes() == ["left", f"refused: {Rule.OUTDATED}", "prepared"]
    found = standing()
    assert [found[each].state for each in (first, second, third)] == [State.REFUSED, State.LEFT, State.READY]
    assert found[first].refused_by is Rule.OUTDATED
    # It may be prepared once more, and is a version of its own then.
    asked(What.PREPARE, SECOND, release_id=first)
    assert outcomes() == ["prepared"]
    assert standing()[first].version == "v1.1"


def test_what_is_returned_does_not_leave(first: int) -> None:
    prepared_id = prepared(first)
    asked(What.RETURN, SECOND, prepared_id=prepared_id, reason="覆盖不全")
    assert outcomes() == ["returned"]
    assert (standing()[first].state, standing()[first].decision_reason) == (State.RETURNED, "覆盖不全")
    assert read(Role.READER, "SELECT * FROM outside.release") == []


def test_a_fault_leaves_its_request_open_and_the_others_are_done(first: int) -> None:
    second = publish().release_id
    faulty, sound = (
        prepared(second, {("city", LEDGER): [of_ledger("210299", "district", "open_count")]}),
        prepared(first),
    )
    asked(What.APPROVE, SECOND, prepared_id=faulty)
    asked(What.RETURN, SECOND, prepared_id=sound, reason="再看")
    said: list[str] = []
    for _ in range(2):
        with pytest.raises(SystemFault, match=LEDGER):
            work_off(said.append)
    assert standing()[first].state is State.RETURNED
    assert standing()[second].state is State.APPROVED
    assert "SystemFault" in said[0]
    assert "210299" not in "".join(said)


def test_what_changes_outside_is_in_the_checklist(first: int, two_districts: Engine) -> None:
    # So many children that their number is told in both.
    submit(two_districts, "c", checked([case(number) for number in range(1, 30)]))
    former = publish().release_id
    asked(What.PREPARE, FIRST, release_id=former)
    assert outcomes() == ["prepared"]
    asked(What.APPROVE, SECOND, prepared_id=standing()[former].prepared_id)
    assert outcomes() == ["left"]
    submit(two_districts, "d", checked([case(number) for number in range(1, 50)]))
    latter = publish().release_id
    asked(What.PREPARE, FIRST, release_id=latter)
    assert outcomes() == ["prepared"]
    listed = standing()[latter].checklist
    assert listed is not None
    assert listed.against == former
    assert {each.cause for each in listed.changed if each.table == LEDGER} == {"correction"}
    asked(What.APPROVE, SECOND, prepared_id=standing()[latter].prepared_id)
    assert outcomes() == ["left"]
    recorded = read(
        Role.ANALYST,
        "SELECT schema_name, table_name, cause, count(*) FROM outside.release_change,"
        " unnest(causes) AS each (cause) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    )
    assert recorded == [(each.schema, each.table, each.cause, each.figures) for each in listed.changed]


def everything() -> tuple[object, ...]:
    """What is outside, but for moments."""
    with engine(Role.READER).connect() as connection:
        versions = connection.execute(text("SELECT release_id, period, version, content_sha256 FROM outside.release"))
        releases = [tuple(row) for row in versions]
        tables = {
            (schema, summary.table): content_of(connection, schema, summary.table, releases[0][0])
            for schema in ("outside", "outside_now")
            for summary in summaries(settings().summaries)
        }
        work = connection.execute(text("SELECT request_id, outcome FROM outgoing.worked_off ORDER BY request_id"))
        withheld = connection.scalar(text("SELECT count(*) FROM outgoing.withheld"))
        revoked = connection.scalars(text("SELECT release_id FROM outside.revoked")).all()
        assert content_sha256(tables) == releases[0][3]
        return (releases, tables, withheld, revoked, [tuple(row) for row in work])


STEPS: dict[What, Callable[[int], object]] = {
    What.PREPARE: lambda release: asked(What.PREPARE, FIRST, release_id=release),
    What.APPROVE: lambda release: asked(What.APPROVE, SECOND, prepared_id=standing()[release].prepared_id),
    What.REVOKE: lambda release: asked(What.REVOKE, FIRST, prepared_id=standing()[release].prepared_id, reason="有误"),
}


@pytest.mark.slow
def test_killed_at_every_boundary_it_comes_to_the_same(first: int) -> None:
    def killed_at(place: int) -> int:
        def work() -> None:
            numbers = count()

            def hook(_: str) -> None:
                if next(numbers) == place:
                    os.kill(os.getpid(), signal.SIGKILL)

            failpoints.hook = hook
            work_off()

        return fork(work).wait()

    def trial() -> tuple[object, ...]:
        for ask_for in STEPS.values():
            ask_for(first)
            # A boundary further each time, until there is none left to be killed at.
            for place in count():
                code = killed_at(place)
                if code == 0:
                    break
                assert code == -signal.SIGKILL, place
        return everything()

    releases, _, withheld, revoked, work = apart(trial)
    assert [row[1:3] for row in releases] == [("2020-06", "v1.0")]
    assert revoked == [first]
    assert [outcome for _, outcome in work] == ["prepared", "left", "revoked"]
    assert (
        withheld
        == read(Role.READER, "SELECT count(*) FROM outgoing.withheld JOIN outgoing.prepared USING (prepared_id)")[0][0]
    )


def test_the_boundaries_that_it_is_killed_at_are_all_there_are(first: int) -> None:
    passed: list[str] = []
    failpoints.hook = passed.append
    for ask_for in STEPS.values():
        ask_for(first)
        work_off()
    named = {
        point for path in SOURCES.glob("*.py") for point in re.findall(r'failpoint\("([^"]+)"\)', path.read_text())
    }
    assert {point for point in passed if point.startswith("outgoing:")} == named


def test_the_command_tells_and_works_off(first: int, capsys: pytest.CaptureFixture[str]) -> None:
    asked(What.PREPARE, FIRST, release_id=first)
    assert main(["outside"]) == 0
    assert f"release {first} of 2020-07-04: requested" in capsys.readouterr().out
    assert main(["outside", "work"]) == 0
    assert "prepare of release" in capsys.readouterr().out
    assert main(["outside", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["state"], told["version"]) == ("ready", "v1.0")
    assert main(["outside", "work"]) == 0
    assert capsys.readouterr().out == "nothing was asked for\n"


@pytest.mark.parametrize(
    ("day", "period"), [("2020-07-01", "2020-06"), ("2020-06-30", "2020-05"), ("2020-01-15", "2019-12")]
)
def test_a_release_is_told_under_the_latest_month_that_had_ended(day: str, period: str) -> None:
    assert period_of(date.fromisoformat(day)) == period


def test_an_altered_figure_inside_does_not_leave_unseen(first: int) -> None:
    asked(What.APPROVE, SECOND, prepared_id=prepared(first))
    second = publish().release_id
    work_off()
    altered(f"UPDATE city.{LEDGER} SET open_count = open_count + 1 WHERE release_id = :id", id=second)
    asked(What.PREPARE, FIRST, release_id=second)
    with pytest.raises(SystemFault, match="no release tells why"):
        work_off()
    assert standing()[second].state is State.REQUESTED
