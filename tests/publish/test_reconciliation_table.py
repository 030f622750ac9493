"""city_reconciliation: the worklist of a night by rule and area, and since the release before."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from altered import altered
from district_reports.database.engine import engine
from district_reports.ledger.receipts import record_receipt, settle_receipt
from district_reports.model.checked import CheckedWorkbook
from district_reports.publish import Release, publish
from district_reports.publish.summary import summaries
from district_reports.publish.trace import CannotTrace, Trace, trace
from district_reports.reconciliation.reconcile import reconcile
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from publish.reading import ALL, CITY, FIVE, RURAL, figures, rows
from publish.records import hardship, payment
from publish.test_lineage import pairs
from publish.test_revisions import why
from submitted import JINPU, XIGANG, ZHONGSHAN, a_drop, checked, report, submit, withdraw
from worklist_city import rule_on

TABLE = "city_reconciliation"
NAMES = "open_count new_count explained_count ruled_count resolved_count oldest_days"
COLUMNS = NAMES.replace(" ", ", ")
NOTHING = (0, 0, 0, 0, 0, None)
UNKNOWN = (None,) * 6
TWICE, TWO_NAMES = "X01", "X05"
Play = Callable[[str], None]


@pytest.fixture
def play(play: Play) -> Play:
    """As ever, from the day on which all of these begin."""
    play("2020-09-01")
    return play


def aid(district: str, *children: int, name: str | None = None) -> CheckedWorkbook:
    """Aid paid to the children of these numbers, listed as poor."""
    named = {} if name is None else {"student_name": name}
    sheets = {
        "hardship_student": [hardship(child, **named) for child in children],
        "aid_payment": [payment(child, **named) for child in children],
    }
    return report("student_aid", sheets, district=district, period="2020-S1")


def of(area: str, rule: str = ALL, **where: object) -> tuple:
    return figures(TABLE, area, NAMES, rule=rule, **where)


def explain(loader: Engine, district: str, item: int, content: str = "worklist") -> int:
    """What a district's worklist says of an item; the receipt."""
    with loader.begin() as connection:
        receipt_id, _ = record_receipt(connection, a_drop(content, district=district), None)
        settle_receipt(connection, receipt_id)
        connection.execute(
            text(
                "INSERT INTO reconciliation.explanation (item_id, spell, district_code, explanation, receipt_id)"
                " VALUES (:item, 1, :district, '学期中转学', :receipt)"
            ),
            {"item": item, "district": district, "receipt": receipt_id},
        )
    return receipt_id


def traced(column: str, area: str, rule: str = ALL, release: Release | None = None, day: str = "2020-09-01") -> Trace:
    number = None if release is None else release.release_id
    with engine("reader").connect() as connection:
        return trace(connection, TABLE, column, period=day, area=area, key={"rule": rule}, release_id=number)


def test_an_item_counts_once_in_each_area_that_it_touches(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1, 2))
    submit(loader, "b", aid(XIGANG, 1))
    submit(loader, "c", aid(JINPU, 2))
    publish()
    assert [of(area, TWICE) for area in (ZHONGSHAN, XIGANG, JINPU, FIVE, RURAL, CITY)] == [
        (number, number, 0, 0, 0, 0) for number in (2, 1, 1, 2, 1, 2)
    ]
    assert of(CITY) == of(CITY, TWICE)
    assert of(CITY, TWO_NAMES) == NOTHING
    # Of the districts that have sent nothing, nothing is known.
    assert of("210204", TWICE) == UNKNOWN
    assert figures(TABLE, FIVE, "districts_accepted districts_expected", rule=ALL) == (2, 5)
    assert {row["period"] for row in rows(TABLE)} == {"2020-09-01"}


def test_the_states_of_items_and_what_is_new_since_the_release_before(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1, 2, 3))
    submit(loader, "b", aid(XIGANG, 1, 2, 3))
    publish()
    play("2020-09-02")
    explain(loader, ZHONGSHAN, 1)
    rule_on(2)
    publish()
    assert of(CITY, TWICE) == (2, 0, 0, 1, 0, 1), "half explained is open"
    play("2020-09-05")
    explain(loader, XIGANG, 1, "second")
    submit(loader, "c", aid(XIGANG, 1, 2, 4))
    submit(loader, "d", aid(JINPU, 4))
    release = publish()
    assert of(CITY, TWICE) == (1, 1, 1, 1, 1, 0)
    assert of(ZHONGSHAN, TWICE) == (0, 0, 1, 1, 1, None), "what is gone is gone of those that it touched"
    assert of(JINPU, TWICE) == (1, 1, 0, 0, 0, 0)
    # Every figure is what its declared rows give.
    summary = next(each for each in summaries(settings().summaries) if each.table == TABLE)
    with engine("publisher").connect() as connection:
        for column, origin in summary.origins.items():
            assert all(one == other for one, other in pairs(connection, summary, column, origin, release)), column


def test_an_item_that_came_and_went_between_two_releases_is_new_and_resolved(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1))
    publish()
    submit(loader, "b", aid(XIGANG, 1))
    reconcile()
    withdraw(loader, 2)
    publish()
    assert of(CITY, TWICE) == (0, 1, 0, 0, 1, None)
    publish()
    assert of(CITY, TWICE) == NOTHING


def test_as_of_a_former_moment_is_what_was_told_then(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1))
    submit(loader, "b", aid(XIGANG, 1))
    told = []
    for night in ("2020-09-01", "2020-09-02", "2020-09-03"):
        play(night)
        release = publish()
        told.append((release, {(row["area_code"], row["rule"]): row for row in rows(TABLE)}))
        if night == "2020-09-01":
            explain(loader, ZHONGSHAN, 1)
        else:
            submit(loader, "c", aid(XIGANG, 2))
    for release, then in told:
        again = publish(as_of=release.known_at)
        with engine("insider").connect() as connection:
            found = connection.execute(
                text(f"SELECT * FROM city.{TABLE} WHERE release_id = :id"), {"id": again.release_id}
            )
            now = {(row["area_code"], row["rule"]): dict(row) for row in found.mappings()}
        assert {key: {**row, "release_id": None} for key, row in now.items()} == {
            key: {**row, "release_id": None} for key, row in then.items()
        }


def test_before_anything_was_compared_there_are_no_figures(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1))
    with loader.connect() as connection:
        before = connection.scalar(text("SELECT clock_timestamp()"))
    publish()
    again = publish(as_of=before)
    with engine("insider").connect() as connection:
        found = connection.execute(
            text(f"SELECT DISTINCT {COLUMNS}, districts_accepted FROM city.{TABLE} WHERE release_id = :id"),
            {"id": again.release_id},
        ).all()
    assert found == [(*UNKNOWN, 0)]


def test_after_a_merger_its_items_are_the_successors(loader: Engine, reference_folder: Path, play: Play) -> None:
    merger = f"merged_on,district_code,into_code\n2020-09-10,{XIGANG},{ZHONGSHAN}\n"
    (reference_folder / "mergers.csv").write_text(merger, encoding="utf-8")
    load_reference(lambda _: None)
    submit(loader, "a", aid(XIGANG, 1))
    submit(loader, "b", aid(JINPU, 1))
    submit(loader, "c", checked())
    publish()
    assert (of(XIGANG, TWICE), of(ZHONGSHAN, TWICE)) == ((1, 1, 0, 0, 0, 0), NOTHING)
    play("2020-09-10")
    second = publish().release_id
    assert of(ZHONGSHAN, TWICE) == (1, 0, 0, 0, 0, 9)
    assert rows(TABLE, area_code=XIGANG) == []
    for schema in ("city", "city_now"):
        assert {row["area_code"] for row in rows(TABLE, schema=schema)} >= {ZHONGSHAN, JINPU}
    told = why(second, "open_count", TABLE, rule=TWICE)
    assert told == {ZHONGSHAN: (0, 1, ["register"], []), XIGANG: (1, None, ["register"], [])}


def test_a_figure_leads_to_its_items(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1, 2))
    submit(loader, "b", aid(XIGANG, 1))
    submit(loader, "c", aid(JINPU, 2))
    first = publish()
    rule_on(2)
    found = traced("open_count", FIVE)
    assert (found.value, found.recomputed, found.verified) == (2, 2, True)
    assert [(item.item_id, item.rule, item.state, item.districts) for item in found.items] == [
        (1, TWICE, "待核对", (ZHONGSHAN, XIGANG)),
        (2, TWICE, "待核对", (ZHONGSHAN, JINPU)),
    ]
    publish()
    assert [item.item_id for item in traced("ruled_count", RURAL, TWICE).items] == [2]
    assert [item.item_id for item in traced("open_count", FIVE, release=first).items] == [1, 2], "as it was then"
    assert traced("oldest_days", JINPU).value is None
    assert traced("open_count", "210204").value is None


def test_what_changed_a_figure_is_told(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1, 2))
    submit(loader, "b", aid(XIGANG, 1, 2))
    publish()
    play("2020-09-03")
    receipt = [explain(loader, ZHONGSHAN, 1), explain(loader, XIGANG, 1, "second")]
    rule_on(2)
    second = publish().release_id
    told = why(second, "open_count", TABLE, rule=TWICE)
    assert told[CITY] == told[ZHONGSHAN] == (2, 0, ["explanation", "ruling"], receipt)
    assert why(second, "explained_count", TABLE, rule=TWICE)[FIVE] == (0, 1, ["explanation"], receipt)
    assert why(second, "ruled_count", TABLE, rule=ALL)[FIVE] == (0, 1, ["ruling"], [])
    assert why(second, "new_count", TABLE, rule=TWICE)[FIVE] == (2, 0, ["time"], [])
    submit(loader, "c", aid(XIGANG, 2))
    third = publish().release_id
    assert why(third, "resolved_count", TABLE, rule=TWICE)[XIGANG] == (0, 1, ["correction"], [5])
    assert why(third, "explained_count", TABLE, rule=ALL)[ZHONGSHAN] == (1, 0, ["correction"], [5])


def test_after_an_upgrade_the_first_release_has_it_and_those_before_have_none(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1))
    submit(loader, "b", aid(XIGANG, 1))
    first = publish().release_id
    altered(
        "DELETE FROM city.release_area",
        "DELETE FROM city.release_definition WHERE table_name = :table",
        table=TABLE,
    )
    with engine("publisher").begin() as connection:
        connection.execute(text(f"DROP TABLE city.{TABLE}, city_now.{TABLE} CASCADE"))
    with pytest.raises(CannotTrace, match=f"no release has {TABLE} yet"):
        traced("open_count", CITY)
    second = publish().release_id
    assert of(CITY, TWICE) == (1, 0, 0, 0, 0, 0)
    assert why(second, "open_count", TABLE, rule=TWICE)[CITY] == (None, 1, ["definition"], [])
    with engine("insider").connect() as connection:
        releases = connection.scalars(text(f"SELECT DISTINCT release_id FROM city.{TABLE}")).all()
        causes = connection.scalars(text("SELECT DISTINCT unnest(causes) FROM city.release_change")).all()
    assert (releases, causes) == ([second], ["definition"])
    assert first < second


def test_a_night_that_only_passes_is_no_revision(loader: Engine, play: Play) -> None:
    submit(loader, "a", aid(ZHONGSHAN, 1))
    submit(loader, "b", aid(XIGANG, 1))
    publish()
    play("2020-09-02")
    second = publish().release_id
    assert why(second, "oldest_days", TABLE, rule=TWICE)[CITY] == (0, 1, ["time"], [])
    with engine("reader").connect() as connection:
        note = connection.scalar(text("SELECT note FROM city.release WHERE release_id = :id"), {"id": second})
        tables = connection.scalars(text("SELECT DISTINCT table_name FROM city.release_change")).all()
    assert note == "与第 1 次发布相比，没有数值变化。"
    assert tables == [TABLE]
