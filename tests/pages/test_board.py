"""What the board says of a commitment: its period, what stands beside it, its baseline, target and coverage."""

import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import pytest

from altered import altered
from district_reports.pages.city.board import pace_of
from district_reports.reference.english import called
from pages.small_city import ZHONGSHAN

LAMPS = "教室采光照明达标率"
Q1, Q2 = "2020-Q1", "2020-Q2"


@pytest.fixture
def board(client_as) -> Callable[..., str]:
    """The board's line of a commitment, without tags."""

    def line(wording: str, query: str = f"area={ZHONGSHAN}") -> str:
        page = client_as("officer").get(f"city?{query}").text
        rows = re.findall(r'<tr id="task-(.*?)</tr>', page, re.DOTALL)
        name = called(wording, "en" if "lang=en" in query else "zh")
        (found,) = [row for row in rows if f">{name}<" in row]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<br>", " ", found)))

    return lambda *asked: re.sub(r"<[^>]+>", "", line(*asked))


def alter(commitment: str, period: str, **figures: object) -> None:
    """Change figures of 中山区 in the latest release, adding the period where it is not there yet."""
    where = {"commitment": commitment, "period": period, "area": ZHONGSHAN, "release": 2}
    of_row = "release_id = :release AND commitment = :commitment AND area_code = :area"
    columns = ", ".join(f"{name} = :{name}" for name in figures)
    altered(
        "INSERT INTO city.city_commitments SELECT (jsonb_populate_record(told, jsonb_build_object('period',"
        f" CAST(:period AS text)))).* FROM city.city_commitments AS told WHERE {of_row} AND period <> :period"
        " ORDER BY period DESC LIMIT 1 ON CONFLICT DO NOTHING",
        f"UPDATE city.city_commitments SET {columns} WHERE {of_row} AND period = :period",
        **where,
        **figures,
    )


def test_the_latest_complete_period_is_shown_and_a_later_one_beside_it(board) -> None:
    alter("classroom_lighting", Q1, actual=80, units_reported=9, units_expected=9, status="正常推进")
    alter("classroom_lighting", Q2, actual=70, units_reported=8, units_expected=9, status="数据不全")
    told = board(LAMPS)
    assert "正常推进" in told
    assert "数据不全" not in told
    assert "2020年一季度 1/1 个区县 9/9 所学校 2020年二季度（没有报全） 70% 1/1 个区县 8/9 所学校" in told


def test_without_a_complete_period_the_latest_that_was_reported_is_said_to_be_incomplete(board) -> None:
    alter("classroom_lighting", Q1, actual=80, units_reported=8, units_expected=9)
    alter("classroom_lighting", Q2, actual=70, units_reported=8, units_expected=9, status="数据不全")
    alter("classroom_lighting", "2020-Q3", actual=None, districts_accepted=0, units_reported=None, status="待报")
    told = board(LAMPS)
    assert "2020年二季度 没有报全 1/1 个区县 8/9 所学校" in told
    assert "数据不全" in told
    assert "三季度" not in told


def test_where_nothing_is_reported_it_is_awaited_and_not_incomplete(board) -> None:
    told = board(LAMPS, "area=210203")
    assert "待报" in told
    assert "没有报全" not in told
    assert "0/1 个区县" in told


def test_a_baseline_names_its_source(board) -> None:
    alter("classroom_lighting", Q2, baseline=60, baseline_kind="first_report", baseline_period=Q1)
    alter("schools_inspected", Q2, units_reported=1, units_expected=1)
    assert "基期值 60（2020年一季度）" in board(LAMPS)
    assert "from 60 in Q1 2020" in board(LAMPS, f"area={ZHONGSHAN}&lang=en")
    assert "从年初的 0 起" in board("学校近视防控专项检查覆盖率"), "no figure of the plan"
    assert "基期值 147，计划" in board("义务教育大班额（56人及以上）", "")


def test_a_commitment_to_keep_reads_as_one(board) -> None:
    assert "保持不少于 181 所" in board("全国校园足球特色学校", "")
    assert "保持不超过 0 人" in board("义务教育阶段因贫失学辍学学生", "")
    assert "keep at least 181 schools" in board("全国校园足球特色学校", "lang=en")


def test_a_release_of_before_keeps_its_own_words(board) -> None:
    alter("classroom_lighting", Q2, kind=None, baseline_kind=None, pace=None, units_reported=None, units_expected=None)
    alter("classroom_lighting", Q2, status="推进中", actual=70)
    told = board(LAMPS)
    assert "推进中" in told
    assert "所学校、幼儿园" not in told


def test_where_it_should_be_and_by_how_much_it_is_not(board) -> None:
    alter("classroom_lighting", Q2, actual=70, pace=75.5, status="滞后", units_reported=9, units_expected=9)
    assert "75.50% 差 5.50 个百分点" in board(LAMPS)
    assert "75.50% 5.50 points short" in board(LAMPS, f"area={ZHONGSHAN}&lang=en")
    alter("classroom_lighting", Q2, actual=80, status="正常推进")
    assert "75.50% 超前 4.50 个百分点" in board(LAMPS)


def test_of_whole_things_it_should_be_a_whole_number() -> None:
    row = {"denominator": None, "unit": "所", "pace": Decimal("7.44")}
    assert pace_of({**row, "kind": "raise"}) == 8, "7 are behind"
    assert pace_of({**row, "kind": "lower"}) == 7, "8 are behind"
    assert pace_of({**row, "kind": "raise", "unit": "%", "denominator": 100}) == Decimal("7.44")
    assert pace_of({"kind": "raise", "unit": "所"}) is None, "a release of before it was published"


def test_since_when_it_lags_without_a_break(board) -> None:
    whole = {"units_reported": 9, "units_expected": 9, "actual": 70}
    alter("classroom_lighting", "2020-Q2", status="滞后", **whole)
    assert "滞后 自2020年二季度起" in re.sub(r"\d+ (?=自)|(?<=滞后)[\d ]+", " ", board(LAMPS))
    alter("classroom_lighting", "2020-Q1", status="滞后", **whole)
    assert "自2020年一季度起，连续 2 期" in board(LAMPS)


def test_which_districts_are_furthest_from_the_target(client_as, board) -> None:
    """Of a rate the lowest, of what should not be the highest; none of a count that grows with a district."""
    of_districts = "release_id = 2 AND level = 'district' AND period ="
    for code, lit, large in (("210202", 55, 0), ("210203", 100, 4), ("210204", 40, 1), ("210212", 60, 9)):
        altered(
            f"UPDATE city.city_commitments SET actual = {lit} WHERE {of_districts} '{Q2}' AND area_code = '{code}'"
            " AND commitment IN ('classroom_lighting', 'football_schools')",
            f"UPDATE city.city_commitments SET actual = {large} WHERE {of_districts} '{Q2}' AND area_code = '{code}'"
            " AND commitment = 'oversize_classes'",
        )
    assert "沙河口区 40%、中山区 55%、旅顺口区 60% 各区县" in board(LAMPS, "")
    assert "旅顺口区 9、西岗区 4、沙河口区 1 各区县" in board("义务教育超大班额（66人及以上）", "")
    assert "40" not in board("全国校园足球特色学校", "")
    assert "西岗区" not in board(LAMPS, f"area={ZHONGSHAN}"), "a district has none of its own"
    altered("UPDATE city.city_commitments SET actual = NULL WHERE area_code = '210204'")
    assert "中山区 55% 各区县" in board(LAMPS, "area=市内五区"), "旅顺口区 is in the other zone"


def test_of_districts_with_the_same_figure_all_or_none_are_named(client_as, board) -> None:
    """There is place for three."""
    task, of_districts = "义务教育超大班额（66人及以上）", f"release_id = 2 AND level = 'district' AND period = '{Q2}'"
    alike = f"UPDATE city.city_commitments SET actual = 1 WHERE {of_districts} AND commitment = 'oversize_classes'"
    altered(alike)
    assert "13 个区县各 1 各区县" in board(task, "")
    assert "13 districts at 1 Districts" in board(task, "lang=en")
    altered(f"{alike} AND area_code = '210203'".replace("actual = 1", "actual = 4"))
    assert "西岗区 4、12 个区县各 1 各区县" in board(task, "")
    altered(f"{alike} AND area_code > '210204'".replace("actual = 1", "actual = 0.5"))
    altered(f"{alike} AND area_code IN ('210202', '210211')".replace("actual = 1", "actual = 2"))
    assert "西岗区 4、中山区 2、甘井子区 2 各区县" in board(task, "")
    altered(f"{alike} AND area_code = '210203'".replace("actual = 1", "actual = 2"))
    altered(f"{alike} AND area_code = '210204'".replace("actual = 1", "actual = 4"))
    assert "沙河口区 4、3 个区县各 2 各区县" in board(task, ""), "and none of those that have fewer"
    altered(alike.replace("actual = 1", "actual = 0") + " AND area_code NOT IN ('210203', '210204')")
    assert "沙河口区 4、西岗区 2 各区县" in board(task, "")
