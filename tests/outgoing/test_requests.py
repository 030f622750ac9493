"""Who may ask for what: the database says so, whoever writes the request."""

import threading
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import Role, engine
from district_reports.ledger.viewing import reading, writing
from district_reports.publish import publish
from district_reports.publish.outgoing.leave import leave
from district_reports.publish.outgoing.ledger import State, outgoing
from district_reports.publish.outgoing.requests import NotAllowed, Rule, What, ask
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from district_reports.users import Role as UserRole
from district_reports.users import Viewer
from outgoing.house import FIRST, OFFICER, SECOND, asked, prepared, read


def refused(what: What, asked_by: str = SECOND, **about: object) -> Rule:
    with pytest.raises(NotAllowed) as caught:
        asked(what, asked_by, **about)
    return caught.value.rule


def left(prepared_id: int) -> None:
    """What the job does about an approval, but for the bundle."""
    request_id = asked(What.APPROVE, SECOND, prepared_id=prepared_id)
    with engine(Role.PUBLISHER).begin() as connection:
        leave(connection, prepared_id, summaries(settings().summaries))
        connection.execute(text("INSERT INTO outgoing.worked_off VALUES (:id, now(), 'left')"), {"id": request_id})


def states() -> list[State]:
    with reading(OFFICER) as connection:
        return [each.state for each in outgoing(connection)]


def test_another_officer_approves_what_one_prepared(first: int) -> None:
    prepared_id = prepared(first)
    assert states() == [State.READY]
    for same in (FIRST, f" {FIRST} "):
        assert refused(What.APPROVE, same, prepared_id=prepared_id) is Rule.OWN_PREPARATION
    asked(What.APPROVE, SECOND, prepared_id=prepared_id)
    assert states() == [State.APPROVED]


def test_no_name_in_other_letters_approves_its_own(first: int) -> None:
    with writing(OFFICER) as connection:
        ask(connection, What.PREPARE, asked_by="Wang", release_id=first)
    with engine(Role.PUBLISHER).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outgoing.prepared"
                " (request_id, release_id, period, version, day, checklist, knew, rule_sha256)"
                " SELECT request_id, release_id, '2020-06', 'v1.0', '2020-07-04', '{}', '{}', repeat('0', 64)"
                " FROM outgoing.request"
            )
        )
    assert refused(What.APPROVE, "wang", prepared_id=1) is Rule.OWN_PREPARATION


def test_it_is_decided_once(first: int) -> None:
    prepared_id = prepared(first)
    assert refused(What.PREPARE, release_id=first) is Rule.IN_HAND_ALREADY
    asked(What.RETURN, SECOND, prepared_id=prepared_id, reason="覆盖不全")
    for what in (What.APPROVE, What.RETURN):
        assert refused(what, prepared_id=prepared_id, reason="再看") is Rule.ALREADY_DECIDED
    assert states() == [State.RETURNED]
    # It may be prepared anew, and who prepared it before may take it back.
    again = prepared(first)
    asked(What.RETURN, FIRST, prepared_id=again, reason="重做")


@pytest.mark.parametrize("reason", [None, " ", "　"])
def test_returning_and_revoking_need_a_reason(first: int, reason: str | None) -> None:
    prepared_id = prepared(first)
    assert refused(What.RETURN, prepared_id=prepared_id, reason=reason) is Rule.NEEDS_REASON
    left(prepared_id)
    assert refused(What.REVOKE, prepared_id=prepared_id, reason=reason) is Rule.NEEDS_REASON


def test_only_what_is_ready_is_approved(first: int) -> None:
    assert refused(What.APPROVE, prepared_id=1) is Rule.NEVER_PREPARED
    prepared_id = prepared(first, impossible="无法保护。")
    assert states() == [State.IMPOSSIBLE]
    assert refused(What.APPROVE, prepared_id=prepared_id) is Rule.NOT_PROTECTED


def test_only_ordinary_releases_that_did_not_leave_are_prepared(first: int) -> None:
    told_later = publish(as_of=date(2020, 6, 30)).release_id
    for number in (told_later, told_later + 1000):
        assert refused(What.PREPARE, release_id=number) is Rule.NO_ORDINARY_RELEASE
    prepared_id = prepared(first)
    left(prepared_id)
    assert states() == [State.LEFT]
    assert refused(What.PREPARE, release_id=first) is Rule.LEFT_ALREADY


def test_what_was_prepared_before_another_left_has_to_be_prepared_again(first: int) -> None:
    second = publish().release_id
    early, late = prepared(first), prepared(second)
    left(early)
    assert refused(What.APPROVE, prepared_id=late) is Rule.OUTDATED
    with reading(OFFICER) as connection:
        told = {each.release_id: (each.state, each.outdated) for each in outgoing(connection)}
    assert told == {first: (State.LEFT, False), second: (State.READY, True)}


def test_only_what_left_is_revoked_and_once(first: int) -> None:
    prepared_id = prepared(first)
    assert refused(What.REVOKE, prepared_id=prepared_id, reason="有误") is Rule.NOT_LEFT
    left(prepared_id)
    asked(What.REVOKE, SECOND, prepared_id=prepared_id, reason="有误")
    assert refused(What.REVOKE, prepared_id=prepared_id, reason="有误") is Rule.ALREADY_REVOKED


def test_two_officers_at_once_decide_once(first: int) -> None:
    prepared_id = prepared(first)
    ready, rules = threading.Barrier(2), []

    def decide(what: What) -> None:
        with writing(OFFICER) as connection:
            connection.execute(text("SELECT 1"))
            ready.wait()
            try:
                ask(connection, what, asked_by=SECOND, prepared_id=prepared_id, reason="同时")
            except NotAllowed as error:
                rules.append(error.rule)

    workers = [threading.Thread(target=decide, args=(what,)) for what in (What.APPROVE, What.RETURN)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert rules == [Rule.ALREADY_DECIDED]


def test_the_rules_hold_for_whoever_writes_the_row(first: int) -> None:
    prepared_id = prepared(first)
    row = "INSERT INTO outgoing.request (what, prepared_id, asked_by) VALUES ('approve', :id, :name)"
    with engine(Role.MIGRATOR).connect() as connection, pytest.raises(DBAPIError, match="own_preparation"):
        connection.execute(text(row), {"id": prepared_id, "name": FIRST})
    for role in (Role.PUBLISHER, Role.READER, Role.ANALYST, Role.INSIDER, Role.LOADER):
        with engine(role).connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(row), {"id": prepared_id, "name": SECOND})


def test_who_sees_one_district_asks_for_nothing_and_reads_nothing(first: int) -> None:
    prepared(first)
    district = Viewer("区", UserRole.DISTRICT, "210202")
    with reading(district) as connection:
        assert outgoing(connection) == []
        for table in ("request", "prepared", "withheld", "worked_off"):
            assert connection.scalar(text(f"SELECT count(*) FROM outgoing.{table}")) == 0
    with pytest.raises(DBAPIError, match="row-level security"), writing(district) as connection:
        ask(connection, What.PREPARE, asked_by="区", release_id=publish().release_id)


def test_nothing_of_it_is_altered(first: int) -> None:
    prepared(first)
    for table in ("request", "prepared", "withheld", "worked_off"):
        for statement in (f"DELETE FROM outgoing.{table}", f"TRUNCATE outgoing.{table} CASCADE"):
            for role in (Role.MIGRATOR, Role.PUBLISHER, Role.PAGES):
                with engine(role).connect() as connection, pytest.raises(DBAPIError, match="InsufficientPrivilege"):
                    connection.execute(text(statement))


def test_a_revoked_release_vanishes_for_the_analyst(first: int) -> None:
    left(prepared(first))
    second = publish().release_id
    left(prepared(second))
    with engine(Role.PUBLISHER).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outside.revoked SELECT release_id, period, version, now(), '有误' FROM outside.release"
                " WHERE release_id = :id"
            ),
            {"id": first},
        )
    tables = (
        "SELECT table_schema || '.' || table_name FROM information_schema.columns WHERE column_name = 'release_id'"
        " AND table_schema IN ('outside', 'outside_now')"
    )
    found = [str(name) for (name,) in read(Role.ANALYST, tables)]
    assert "outside.city_dropout_control" in found
    for name in found:
        seen = {number for (number,) in read(Role.ANALYST, f"SELECT DISTINCT release_id FROM {name}")}
        assert seen <= ({first} if name == "outside.revoked" else {second}), name
    assert read(Role.ANALYST, "SELECT period, version, notice FROM outside.revoked") == [("2020-06", "v1.0", "有误")]
    # What is told against it would tell of it.
    assert read(Role.ANALYST, "SELECT count(*) FROM outside.release_change") == [(0,)]
    assert read(Role.READER, "SELECT count(DISTINCT release_id) FROM outside.city_dropout_control") == [(2,)]
    assert read(Role.READER, "SELECT DISTINCT release_id FROM outside.current_city_dropout_control") == [(second,)]
