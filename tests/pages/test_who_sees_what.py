"""A child's name, and another district: on no page for whom they are not, by way of the database as well."""

import re

from sqlalchemy import text

from district_reports import users
from district_reports.database.engine import Role, engine
from district_reports.ledger.viewing import reading
from district_reports.pages.worklist.ruling import ruled_by
from pages.conftest import PEOPLE
from pages.cross_city import ITEMS, OURS, THEIR_AMOUNT, THEIR_ID, THEIRS, TWICE_PAID, add_items, explain, school_of
from pages.small_city import CHILD, XIGANG, ZHONGSHAN
from pages.walk import walk
from submitted import resident

OF_OURS, OF_THEIRS = "本区的话", "对方的话"


def submissions(client):
    """The page of every submission that there is, by its address."""
    with engine(Role.LOADER).begin() as connection:
        numbers = connection.scalars(text("SELECT submission_id FROM ledger.submission")).all()
    return {f"/submissions/{number}": client.get(f"submissions/{number}").text for number in numbers}


def test_a_childs_name_is_shown_to_its_district_and_not_to_officers(client_as):
    assert any(CHILD in page for page in submissions(client_as("zhongshan")).values())
    assert any(CHILD in page for page in submissions(client_as("engineer")).values())
    client = client_as("officer")
    pages = walk(client) | submissions(client)
    assert any("西岗区" in page for page in pages.values())
    assert [path for path, page in pages.items() if CHILD in page] == []


def test_a_district_sees_no_other(client_as):
    client = client_as("zhongshan")
    pages = walk(client) | submissions(client)
    assert len(pages) >= 8
    assert [path for path, page in pages.items() if XIGANG in page or "西岗区" in page] == []


def test_of_a_contradiction_a_district_sees_its_own_side(client_as):
    add_items()
    items = [f"worklist/{number}" for number in range(1, ITEMS + 1)]
    explain(1, XIGANG, OF_THEIRS)
    assert ruled_by(PEOPLE["officer"], ["2.1"], OF_THEIRS, closes=True).done == [2]
    never = (THEIRS, THEIR_ID, school_of(XIGANG)[1], THEIR_AMOUNT, OF_THEIRS)
    for name, own in (("zhongshan", OURS), ("xigang", THEIRS)):
        client = client_as(name)
        pages = walk(client) | {path: client.get(path).text for path in [*items, "worklist?state=all"]}
        assert [path for path in items if "西岗区" not in pages[path]] == []
        assert any(own in page for page in pages.values())
        told = [(path, text) for path, page in pages.items() for text in never if text in page]
        assert (told == []) == (name == "zhongshan"), told
    officers = walk(client_as("officer")) | {path: client_as("officer").get(path).text for path in items}
    assert any(THEIR_AMOUNT in page for page in officers.values())
    whole = (OURS, THEIRS, THEIR_ID, resident(TWICE_PAID[0]))
    assert [path for path, page in officers.items() if any(text in page for text in whole)] == []
    hidden = re.compile(r"v[0-9]+:[\w-]{43}|[0-9a-f]{64}")
    assert [path for path, page in officers.items() if "/worklist" in path and hidden.search(page)] == []


def test_the_database_shows_a_page_the_viewers_side_only(warehouse):
    """Whatever a page asks for: of every item that there is, and of some that there are not."""
    add_items()
    explain(1, XIGANG, OF_THEIRS)
    explain(2, ZHONGSHAN, OF_OURS)
    assert ruled_by(PEOPLE["officer"], ["2.1"], OF_THEIRS, closes=True).done == [2]
    items = [-1, 0, *range(1, ITEMS + 9), 2**63 - 1]
    never = (THEIRS, THEIR_ID, *school_of(XIGANG), THEIR_AMOUNT, OF_THEIRS)

    def shown(viewer) -> str:
        with reading(viewer) as connection:
            rows = [
                *connection.execute(text("SELECT * FROM reconciliation.shown_items()")),
                *connection.execute(text("SELECT * FROM reconciliation.shown_items_of(:items)"), {"items": items}),
                *connection.execute(text("SELECT * FROM reconciliation.shown_sides(:items)"), {"items": items}),
            ]
            for item in items:
                rows += connection.execute(text("SELECT * FROM reconciliation.shown_history(:item)"), {"item": item})
        return repr(rows)

    ours, theirs, officers = (shown(PEOPLE[name]) for name in ("zhongshan", "xigang", "officer"))
    assert [words for words in never if words in ours] == []
    assert [words for words in never if words not in theirs and "小学" not in words] == []
    assert OF_OURS in ours
    assert OF_OURS not in theirs
    assert [words for words in (OURS, THEIRS, THEIR_ID, resident(TWICE_PAID[0])) if words in officers] == []
    assert shown(users.Viewer("elsewhere", users.Role.DISTRICT, "210281")) == "[]"
    hidden = re.compile(r"v[0-9]+:[\w-]{43}|[0-9a-f]{64}")
    assert [told for told in (ours, theirs, officers) if hidden.search(told)] == []


def test_another_districts_submissions_do_not_exist_for_it(client_as, warehouse):
    with engine(Role.LOADER).begin() as connection:
        theirs = connection.scalars(
            text("SELECT submission_id FROM ledger.submission WHERE district_code = :code"), {"code": XIGANG}
        ).all()
    assert theirs
    client = client_as("zhongshan")
    for submission_id in theirs:
        for page in ("", "/original", "/answer", "/report", "/changes"):
            assert client.get(f"submissions/{submission_id}{page}").status_code == 404
            assert client_as("xigang").get(f"submissions/{submission_id}{page}").status_code != 403


def test_the_database_shows_a_page_the_viewers_district_only(warehouse):
    seen = "SELECT DISTINCT district_code FROM ledger.{} ORDER BY 1"
    values = "SELECT count(message), count(value) FROM findings.shown_finding"
    with reading(PEOPLE["zhongshan"]) as connection:
        for table in ("submission", "receipt"):
            assert connection.scalars(text(seen.format(table))).all() == [ZHONGSHAN]
        counted = "SELECT DISTINCT district_code FROM findings.shown_rule_count"
        assert connection.scalars(text(counted)).all() == [ZHONGSHAN]
        own = connection.execute(text(values)).one()
        assert own[0] > 0
    with reading(PEOPLE["officer"]) as connection:
        assert len(connection.scalars(text(seen.format("submission"))).all()) > 3
        assert tuple(connection.execute(text(values)).one()) == (0, 0)
        assert connection.scalar(text("SELECT count(*) FROM findings.shown_finding")) > own[0]


def test_who_forgets_to_say_for_whom_sees_nothing(warehouse):
    with engine(Role.PAGES).begin() as connection:
        for relation in ("ledger.submission", "ledger.receipt", "findings.shown_finding", "findings.shown_rule_count"):
            assert connection.scalar(text(f"SELECT count(*) FROM {relation}")) == 0
        assert connection.scalar(
            text("SELECT count(*) FROM information_schema.table_privileges WHERE grantee = 'district_reports_pages'"
                 " AND (privilege_type <> 'SELECT' OR table_schema IN ('facts', 'identities', 'quarantine'))")
        ) == 0  # fmt: skip
