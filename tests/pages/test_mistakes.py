"""What a district had wrong most over the year: its own only, by form, with where and how often, and no value."""

import pytest
from sqlalchemy import text

from district_reports.database.engine import engine
from pages.conftest import change
from pages.small_city import CHILD, LEDGER, ZHONGSHAN
from pages.test_progress import rows

PAGE = "quality/mistakes"


def most_of_all(district: str) -> tuple[str, int]:
    """The rule of the ledger with the most findings, but for remarks, as the table of findings has it."""
    with engine("migrator").begin() as connection:
        found = connection.execute(
            text(
                "SELECT rule, count(*) FROM findings.finding JOIN ledger.submission USING (submission_id)"
                " WHERE district_code = :district AND form = :form AND severity <> 'info' AND channel = '上报'"
                " GROUP BY rule ORDER BY count(*) DESC, rule LIMIT 1"
            ),
            {"district": district, "form": LEDGER},
        ).one()
        return str(found[0]), int(found[1])


def test_the_most_frequent_comes_first_with_its_number_place_and_remedy(client_as):
    page = client_as("zhongshan").get(f"{PAGE}?form={LEDGER}").text
    assert "中山区 2019-08 至 2020-07 收到的" in page
    rule, number = most_of_all(ZHONGSHAN)
    first = rows(page)[1]
    assert first.startswith(f"{rule} 错误 控辍保学台账")
    assert f"{number} 条 1/3 份" in first
    assert "2020-05 0 条 → 2020-06" in first
    assert "新出现" in first
    assert "疑似辍学台账 " in first


def test_what_became_fewer_is_told(client_as):
    change(
        "UPDATE ledger.submission SET period = CASE period WHEN '2020-06' THEN '2020-05' ELSE '2020-06' END"
        " WHERE form = :form AND district_code = :district",
        form=LEDGER,
        district=ZHONGSHAN,
    )
    first = rows(client_as("zhongshan").get(f"{PAGE}?form={LEDGER}").text)[1]
    assert "→ 2020-06 0 条 ↓ 减少" in first


def test_a_district_sees_its_own_and_no_values_stand_there(client_as):
    own = client_as("xigang").get(PAGE).text
    assert "西岗区" in own
    assert client_as("xigang").get(f"{PAGE}?district={ZHONGSHAN}").status_code == 404
    for name in ("xigang", "officer", "engineer"):
        page = client_as(name).get(PAGE if name == "xigang" else f"{PAGE}?district=210203").text
        assert "疑似辍学台账" in page
        assert CHILD not in page


def test_what_a_clerk_has_written_as_a_header_stands_on_no_page_without_a_row_of_the_log(client_as):
    change("UPDATE findings.finding SET sheet = :child, column_title = :child, cell = :child", child=CHILD)
    page = client_as("zhongshan").get(PAGE).text
    assert most_of_all(ZHONGSHAN)[0] in page
    assert CHILD not in page


@pytest.mark.parametrize("name", ["officer", "engineer"])
def test_who_sees_all_chooses_a_district(client_as, name):
    page = client_as(name).get(PAGE).text
    assert "先选一个区县" in page
    assert most_of_all(ZHONGSHAN)[0] in client_as(name).get(f"{PAGE}?district={ZHONGSHAN}").text


def test_a_year_without_anything_says_so(client_as):
    client = client_as("officer")
    assert "这段时间没有收到报表" in client.get(f"{PAGE}?district=210283").text
    change("DELETE FROM findings.rule_count")
    assert "没有错误和警告" in client.get(f"{PAGE}?district={ZHONGSHAN}").text


def test_it_is_found_from_the_pages_of_a_clerk(client_as):
    for page in ("progress", "quality"):
        assert "本单位最常出的问题" in client_as("zhongshan").get(page).text
