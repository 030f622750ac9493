"""The worklist's city table: beside the night before, and from a figure to its items."""

import io
import re

import openpyxl
import pytest
from sqlalchemy import text

from district_reports.database.engine import engine
from district_reports.publish import publish
from pages.small_city import JUNE, XIGANG, ZHONGSHAN

TABLE = "city/tables/city_reconciliation"
RULE = "X05"
# As a run writes it down, of rows that are there.
ITEM = f"""
WITH latest AS (SELECT max(run_id) AS run_id FROM reconciliation.run),
item AS (
    INSERT INTO reconciliation.item SELECT 71, '{RULE}', '{{}}', run_id FROM latest RETURNING first_run AS run_id
),
seen AS (INSERT INTO reconciliation.observation SELECT 71, run_id, true, 1 FROM item RETURNING run_id)
INSERT INTO reconciliation.side
SELECT 71, run_id, row_number() OVER (), district_code, district_code, ARRAY[district_code], form, period,
    submission_id, 'dropout_case', 4, 'row', '{{}}', '{{}}'
FROM seen
CROSS JOIN ledger.in_force
WHERE form = 'dropout_control' AND period = '{JUNE}' AND district_code IN ('{ZHONGSHAN}', '{XIGANG}')
"""


@pytest.fixture
def officer(client_as):
    """Two more nights: on the first the reports show an item, on the second it is ruled on."""
    client = client_as("officer")
    with engine("migrator").begin() as connection:
        connection.execute(text(ITEM))
    publish()
    with engine("migrator").begin() as connection:
        connection.execute(
            text(
                "INSERT INTO reconciliation.ruling (item_id, spell, closes, reason, ruled_by)"
                " VALUES (71, 1, true, '已查实', 'officer')"
            )
        )
    publish()
    return client


def test_the_table_tells_of_its_night_and_compares_with_the_one_before(officer):
    page = officer.get(f"{TABLE}?measure=open_count&level=district").text
    assert "待核对事项" in page
    assert re.findall(r"<option[^>]*>(\d{4}-\d{2}-\d{2})</option>", page), "the night, where others have a period"
    assert f"{RULE} 同一证件号" in page, "rules go by their titles"
    assert "−1" in page or "-1" in page, "one less than in the release before"
    book = openpyxl.load_workbook(io.BytesIO(officer.get(f"{TABLE}.xlsx").content))
    assert any("到发布日最长的天数" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_figure_leads_to_the_items_behind_it(officer):
    page = officer.get(f"{TABLE}?measure=ruled_count&level=city").text
    link = re.search(r'href="[^"]*?/(city/trace\?[^"]*column=ruled_count)"', page)
    trace = officer.get(link[1].replace("&amp;", "&")).text
    row = re.search(r'<a href="[^"]*?/worklist/71[^"]*">71</a>(.*?)</tr>', trace, re.DOTALL)
    assert row
    for said in (RULE, "中山区、西岗区", "已裁定"):
        assert said in row[1]
    assert "重新计算，结果一致" in trace
    assert "没有收到" not in trace
