"""The city board: what stands, what lags, as known on which night, and where each figure comes from."""

import io
import re
from decimal import Decimal
from urllib.parse import quote

import openpyxl
import pytest
from sqlalchemy import text

from altered import altered
from district_reports.database.engine import engine
from district_reports.pages.city.columns import words_of
from district_reports.pages.city.sparkline import HEIGHT, sparkline
from district_reports.pages.words import words
from district_reports.publish import tile_map
from district_reports.publish.commitment_status import STATUSES
from district_reports.publish.printed import short
from district_reports.publish.summary import summaries
from district_reports.publish.traced_cell import Cause
from district_reports.settings import settings
from pages.small_city import CHILD, JUNE, MAY, ZHONGSHAN

LEDGER = "city/tables/city_dropout_control"
TRACE = f"city/trace?table=city_dropout_control&column=open_count&period={JUNE}&area={ZHONGSHAN}&key.reason=全部"


def asked(statement: str, **values: object):
    with engine("publisher").connect() as connection:
        return connection.execute(text(statement), values).all()


def changed(statement: str) -> None:
    """City tables are the publisher's to append to only; this is the cluster's own hand."""
    altered(statement)


def ledger_figure(release: int, period: str = JUNE, area: str = ZHONGSHAN) -> int:
    return asked(
        "SELECT open_count FROM city.city_dropout_control WHERE release_id = :release AND period = :period"
        " AND area_code = :area AND reason = '全部'",
        release=release,
        period=period,
        area=area,
    )[0][0]


def traced(page: str, column: str) -> dict[str, str]:
    """What a table prints under `column`, by the code of the area."""
    links = re.findall(r'<a href="[^"]*?/city/trace\?([^"]*)&amp;column=' + column + r'">([^<]*)</a>', page)
    return {re.search(r"area=([^&]*)", query)[1]: printed for query, printed in links}


def test_the_board_counts_every_commitment_and_puts_what_lags_first(client_as):
    for actual, name in ((70, "fit_desks"), (12.5, "schools_inspected")):
        changed(
            f"UPDATE city.city_commitments SET status = '滞后', pace = 75, actual = {actual}"
            f" WHERE release_id = 2 AND commitment = '{name}' AND level = 'city'"
        )
    page = client_as("officer").get("city").text
    lines = re.findall(r'<tr id="task-(\w+)">(.*?)</tr>', page, re.DOTALL)
    aimed, others = (
        [(key, line) for key, line in lines if (f'data-label="{label}"' in line) == has_target]
        for label, has_target in (("应达", True), ("应达", False))
    )
    statuses = [re.findall(r'class="badge \w+">([^<]+)', line)[0] for _, line in aimed]
    urgency = list(STATUSES)
    assert statuses == sorted(statuses, key=urgency.index), "one list, whatever clause of the plan a line is of"
    behind = [key for key, _ in aimed[: statuses.count("滞后")]]
    figures = asked(
        "SELECT commitment, abs(actual - pace) / greatest(abs(actual), abs(pace)) FROM city.current_city_commitments"
        " AS told WHERE level = 'city' AND commitment = ANY (:behind) AND period = (SELECT max(period)"
        " FROM city.current_city_commitments AS of_it WHERE of_it.commitment = told.commitment AND status = '滞后')"
        " ORDER BY 2 DESC, commitment",
        behind=behind,
    )
    assert len(behind) > 1
    assert behind == [key for key, _ in figures], "the largest gap first"
    counts = dict(re.findall(r'href="[^"]*status=[^"]*"[^>]*>([^<]+)<strong>(\d+)</strong>', page))
    assert list(counts) == [*filter(None, STATUSES), "未设目标"]
    (commitments,) = asked("SELECT count(DISTINCT commitment) FROM city.current_city_commitments")[0]
    assert sum(map(int, counts.values())) == commitments == len(aimed) + len(others)
    assert int(counts["未设目标"]) == len(others), "also where its status says that nothing is in"
    sentence = page[page.index('<p class="sentence">') :].partition("</p>")[0]
    told = {status: n for n, status in re.findall(r"(\d+) 项([^<，]+)", sentence)}
    assert told == {status: n for status, n in counts.items() if n != "0" and status != "未设目标"}


def test_the_board_can_be_narrowed_to_a_district_a_status_or_an_item(client_as):
    client = client_as("officer")
    narrowed = client.get(f"city?area={ZHONGSHAN}&item=31").text
    assert '<option value="210202" selected>中山区</option>' in narrowed
    assert 'id="task-dropout_for_poverty"' in narrowed
    assert 'id="task-football_kindergartens"' not in narrowed
    none = client.get("city?status=未达标（无基期）&item=999").text
    assert "没有符合条件的目标任务" in none


def test_a_column_that_is_no_longer_made_stands_where_a_release_has_it(client_as):
    client = client_as("officer")
    for _ in range(7):  # after five a driver may keep a statement's plan, which another column makes useless
        client.get(f"{LEDGER}?release=1")
    changed("ALTER TABLE city.city_dropout_control ADD COLUMN given_up_count bigint")
    changed("UPDATE city.city_dropout_control SET given_up_count = 4321 WHERE release_id = 1")
    former = client.get(f"{LEDGER}?release=1").text
    assert "4,321" in former
    assert "column=given_up_count" not in former, "nothing says where it comes from"
    assert "given_up_count" not in client.get(LEDGER).text


def test_a_table_prints_each_districts_figure_and_links_it_to_its_trace(client_as):
    page = client_as("officer").get(f"{LEDGER}?period={JUNE}&measure=open_count").text
    printed = traced(page, "open_count")
    figures = asked(
        "SELECT area_code, open_count FROM city.current_city_dropout_control"
        " WHERE period = :period AND level IN ('district', 'city')"
        " AND (reason, dropout_kind, registered_poor) = ('全部', '全部', '全部')",
        period=JUNE,
    )
    assert len(figures) == 14
    assert printed == {quote(code): "–" if count is None else f"{count:,}" for code, count in figures}
    # The map: one tile a district, hatched where nothing is accepted.
    assert page.count('class="tile-name"') == 13
    assert page.count('step-none"') == 1 + sum(count is None for code, count in figures if code.isdecimal()), (
        "the tiles without a figure, and the legend"
    )


def test_everything_on_a_page_is_of_the_chosen_release(client_as):
    client = client_as("officer")
    first, last = (release for (release,) in asked("SELECT release_id FROM city.release ORDER BY 1"))
    then = client.get(f"{LEDGER}?release={first}").text
    assert f"第 {first} 次发布" in then
    assert traced(then, "open_count")[ZHONGSHAN] == str(ledger_figure(first, MAY))
    assert f'"{JUNE}"' not in then, "June was not known then"
    assert all(f"release={first}" in link for link in re.findall(r"/city/trace\?[^\"]*", then))
    now = client.get(LEDGER).text
    assert traced(now, "open_count")[ZHONGSHAN] == str(ledger_figure(last))
    trends = [client.get(path).text.count('class="trend"') for path in (f"city?release={first}", "city")]
    assert trends[0] < trends[1]


def test_a_night_is_the_day_of_its_release(client_as):
    """Both were made today, on days that the demo plays: the address goes by these, as all that the page says."""
    client = client_as("officer")
    for night, release in (("2020-06-03", 1), ("2020-07-03", 1), ("2020-07-04", 2), ("2030-01-01", 2)):
        page = client.get(f"city?night={night}").text
        assert f"第 {release} 次发布，" in page
        day = "2020-06-03" if release == 1 else "2020-07-04"
        assert f"<strong>{day} 夜间发布</strong>" in page
        assert f'/city?night={day}">这一夜的链接' in page
    before = client.get("city?night=2020-06-02")
    assert before.status_code == 200
    assert "到 2020-06-02 夜里还没有发布" in before.text
    for query, status in (("night=soon", 400), ("release=99", 404), ("release=x", 404), (f"release={'9' * 40}", 404)):
        assert client.get(f"city?{query}").status_code == status
        assert client.get(f"{LEDGER}?{query}").status_code == status


@pytest.mark.parametrize("query", ["period=x&level=x&measure=x&by=x&key.reason=x", "by=period", "by=reason&lang=en"])
def test_every_table_answers_whatever_is_asked_of_it(client_as, query):
    client = client_as("officer")
    for summary in summaries(settings().summaries):
        answer = client.get(f"city/tables/{summary.table}?{query}")
        assert answer.status_code == 200, summary.table
        assert words_of(summary.table, "en" if "lang" in query else "zh").title in answer.text
    assert client.get("city/tables/city_secrets").status_code == 404
    assert client.get("city/tables/release").status_code == 404
    for path in ("city?area=%00", f"{LEDGER}?period=%00", TRACE.replace(JUNE, "%00")):
        assert client.get(path).status_code == 400


def test_the_smallest_of_nothing_published(client_as):
    changed("TRUNCATE city.release CASCADE")
    client = client_as("officer")
    for path in ("city", LEDGER):
        assert "还没有发布过全市数据" in client.get(path).text
    assert client.get(f"{LEDGER}.xlsx").status_code == 404
    assert client.get(TRACE).status_code == 404


def test_a_trace_names_files_sheets_and_rows_and_no_child(client_as):
    page = client_as("officer").get(TRACE).text
    assert "结果一致" in page
    (submission,) = asked(
        "SELECT submission_id FROM city.release_source WHERE release_id = 2 AND form = 'dropout_control'"
        " AND period = :period AND district_code = :area",
        period=JUNE,
        area=ZHONGSHAN,
    )[0]
    assert f"/submissions/{submission}" in page
    assert f'<p class="big">{ledger_figure(2)} 人</p>' in page
    assert "疑似辍学台账" in page
    assert "劝返状态 属于" in page, "its meaning in words"
    assert CHILD not in page
    for wrong in ("column=secret", "area=999999", "period=1999-01", "table=release", "key.reason=x", "release=99"):
        name = wrong.split("=")[0]
        assert client_as("officer").get(re.sub(rf"{name}=[^&]*", wrong, TRACE) + f"&{wrong}").status_code == 404


def test_a_trace_of_a_commitment_goes_down_to_the_rows(client_as):
    query = "table=city_commitments&column=status&period=2020-Q2&area=全市&key.commitment=ideology_training"
    page = client_as("officer").get(f"city/trace?{query}").text
    assert "中小学思政课教师全员通识培训" in page
    assert "工作表“培训记录”" in page
    english = client_as("officer").get(f"city/trace?{query}&lang=en").text
    assert "of the sheet Training records" in english


def test_every_cause_of_a_missing_figure_has_words():
    spoken = {key.removeprefix("city.because.") for key in words() if key.startswith("city.because.")}
    assert spoken == set(Cause)


def test_a_workbook_holds_numbers_titles_and_what_it_rests_on(client_as):
    changed("UPDATE city.city_dropout_control SET area_name = '=1+1' WHERE area_code = '210203'")
    answer = client_as("officer").get(f"{LEDGER}.xlsx?period={JUNE}&level=district")
    assert f"filename*=UTF-8''{quote('控辍保学_2020-06_第2次发布_内部.xlsx')}" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    header, *rows = book["数据"].iter_rows(values_only=True)
    place = {title: number for number, title in enumerate(header)}
    assert "未结案学生（人）" in place
    shown = {row[place["区域代码"]]: row for row in rows}
    assert len(rows) == len(shown) == 14
    assert shown[ZHONGSHAN][place["未结案学生（人）"]] == ledger_figure(2)
    assert shown["210202"][place["层级"]] == "区县"
    assert shown["210203"][place["区域"]] == "=1+1"
    assert not [cell for line in book["数据"].iter_rows() for cell in line if cell.data_type == "f"]
    notes = "\n".join(str(cell) for line in book["说明"].iter_rows(values_only=True) for cell in line if cell)
    assert "第 2 次发布" in notes
    ((accepted, owed),) = asked(
        "SELECT count(submission_id), count(*) FROM city.release_source"
        " WHERE release_id = 2 AND form = 'dropout_control' AND areas <> '{}'"
    )
    assert accepted > 0
    assert f"：应报 {owed} 份，已通过 {accepted} 份" in notes
    assert "open_count" in notes
    assert "劝返状态" in notes


def test_a_csv_is_for_excel_and_runs_nothing(client_as):
    changed("UPDATE city.city_dropout_control SET area_name = '=1+1' WHERE area_code = '210203'")
    answer = client_as("officer").get(f"{LEDGER}.csv?whole=yes&release=1")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = answer.content.decode("utf-8-sig").splitlines()
    (rows,) = asked("SELECT count(*) FROM city.city_dropout_control WHERE release_id = 1")[0]
    assert len(lines) == rows + 1
    assert any(",'=1+1," in line for line in lines)
    assert not any(",=1+1," in line for line in lines)
    assert "release=2" not in answer.headers["content-disposition"]


def test_a_district_without_a_place_is_on_the_map_all_the_same():
    drawn = tile_map.lay_out(
        [("210202", "中山区", 3), ("999999", "新区", None), ("210211", "甘井子区", Decimal("4.5"))]
    )
    places = {(tile.row, tile.column) for tile in drawn.tiles}
    assert len(places) == 3
    unplaced = next(tile for tile in drawn.tiles if tile.code == "999999")
    assert unplaced.step is None
    assert all(unplaced.row > tile.row for tile in drawn.tiles if tile is not unplaced)
    assert all(tile.step is None or low_of(drawn, tile.step) <= tile.figure for tile in drawn.tiles)


def low_of(drawn: tile_map.TileMap, step: int):
    return next(low for its, low, _ in drawn.legend if its == step)


def classes(*figures: object) -> list[tuple[str, str]]:
    drawn = tile_map.lay_out([(f"9{number}", "区", figure) for number, figure in enumerate(figures)])
    assert all(tile.step is not None and low_of(drawn, tile.step) <= tile.figure for tile in drawn.tiles)
    assert [step for step, _, _ in drawn.legend] == sorted({step for step, _, _ in drawn.legend})
    return [(short(low), short(high)) for _, low, high in drawn.legend]


def test_the_classes_of_a_map_are_of_one_width_between_round_numbers():
    assert classes(2, 8, 27, 46, 59) == [("0", "19"), ("20", "39"), ("40", "59")], "no class of 27 or 46 alone"
    assert classes(6, 145) == [("0", "29"), ("30", "59"), ("60", "89"), ("90", "119"), ("120", "149")]
    assert classes(Decimal("30.56"), Decimal("50.00")) == [("30", "35"), ("35", "40"), ("40", "45"), ("45", "50")]
    assert classes(Decimal("0.00"), Decimal("100.00"))[-1] == ("80", "100"), "100% has no class of its own"
    assert classes(Decimal("0.00"), Decimal("1.00")) == [("0", "0"), ("1", "1")]
    assert classes(7, 7) == [("7", "7")]


def test_a_table_without_words_goes_by_the_names_of_its_columns():
    words = words_of("city_of_a_fifth_form", "en")
    assert (words.title, words.headed("some_count"), words.of("coverage")) == (
        "city_of_a_fifth_form",
        "some_count",
        "Coverage",
    )


def test_a_trend_breaks_where_a_period_has_no_figure():
    figures = [("1", Decimal(1)), ("2", None), ("3", Decimal(3)), ("4", Decimal(5))]
    line = sparkline(figures, Decimal(1000))
    assert line is not None
    assert [len(run.split()) for run in line.runs] == [1, 2]
    assert line.target is None, "a target far away would press the line flat"
    assert 0 < line.last[1] < HEIGHT / 2
    assert sparkline([("1", Decimal(1)), ("2", None)], None) is None
