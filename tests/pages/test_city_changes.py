"""What a release changed, on the board and on its own page, and by which definition a table was made."""

import re

from sqlalchemy import text

from district_reports.database.engine import engine
from district_reports.model.period import period_named
from district_reports.pages.city.changes import PAGE
from pages.small_city import ZHONGSHAN

LEDGER = "city_dropout_control"


def asked(statement: str, **values: object):
    with engine("reader").connect() as connection:
        return connection.execute(text(statement), values).all()


def rows_of(page: str) -> list[list[str]]:
    """The cells of the table of changes, without tags."""
    table = page[page.index('<table class="data stacked changed">') :].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table[table.index("<tbody>") :], re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def test_the_board_tells_what_changed_of_its_area_and_why(client_as):
    page = client_as("officer").get(f"city?area={ZHONGSHAN}").text
    (note,) = asked("SELECT note FROM city.release WHERE release_id = 2")[0]
    assert "与第 1 次发布相比" in note
    assert note in page
    told = rows_of(page)
    recorded = [
        (period_named(row.period), "–" if row.before is None else row.before, row.after, row.receipts)
        for row in asked(
            "SELECT period, before, after, receipts FROM city.release_change"
            " WHERE release_id = 2 AND schema_name = 'city' AND table_name = 'city_commitments' AND area_code = :area"
            " AND column_name = 'status' AND causes = ARRAY['report']",
            area=ZHONGSHAN,
        )
    ]
    assert {row[2] for row in told} == {"中山区"}
    statuses = [row for row in told if row[3].startswith("状态") and row[7] != "–"]
    assert statuses
    for _, period, _, _, before, after, causes, receipts in statuses:
        assert (period, before, after, [int(receipts)]) in recorded
        assert causes == "报送"
    receipts = [int(statuses[0][7])]
    (submission,) = asked("SELECT submission_id FROM ledger.submission WHERE receipt_id = :id", id=receipts[0])[0]
    assert f'/submissions/{submission}">{receipts[0]}</a>' in page
    assert "/city/changes" in page


def test_every_change_is_on_a_page_of_its_own(client_as):
    client = client_as("officer")
    ((number,),) = asked(
        "SELECT count(*) FROM city.release_change"
        " WHERE release_id = 2 AND schema_name = 'city' AND table_name = :table",
        table=LEDGER,
    )
    last = -(-number // PAGE)
    assert last > 1
    first = client.get(f"city/changes?table={LEDGER}").text
    assert len(rows_of(first)) == PAGE
    assert {row[0] for row in rows_of(first)} == {"控辍保学"}
    assert f"第 1 页，共 {last} 页" in first
    assert len(rows_of(client.get(f"city/changes?table={LEDGER}&page={last}").text)) == number - PAGE * (last - 1)
    english = client.get(f"city/changes?table={LEDGER}&lang=en").text
    assert "report" in {row[6] for row in rows_of(english)}
    assert "没有可比较的变化" in client.get("city/changes?release=1").text


def test_a_table_says_by_which_version_of_its_definition_it_was_made(client_as):
    page = client_as("officer").get(f"city/tables/{LEDGER}").text
    ((version,),) = asked(
        "SELECT version FROM city.release_definition WHERE release_id = 2 AND table_name = :table", table=LEDGER
    )
    assert f"口径第 {version} 版，自第 1 次发布起采用。" in page
    assert f"<li>第 {version} 版：" in page


def test_districts_see_no_changes_of_others(client_as):
    assert client_as("zhongshan").get("city/changes?face=inside").status_code == 403
    assert "没有列出的数值" not in client_as("zhongshan").get("city/changes").text, "nothing has left"
