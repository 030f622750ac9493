"""Data quality: what counts as a try, what a figure rests on, who sees whose, and the Data Docs behind the gate."""

import csv
import io
import re
from pathlib import Path

import pytest

from district_reports.pages.quality.rules import Trend, trend
from district_reports.settings import settings
from district_reports.workbook.csv_file import csv_bytes
from pages.conftest import change
from pages.small_city import LEDGER, LVSHUN, SHAHEKOU, XIGANG, ZHONGSHAN


def table(client, name: str, **query: str) -> dict[str, dict[str, str]]:
    """A table of the page by its first column, from its download."""
    answer = client.get(f"quality/figures/{name}.csv", params=query)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    return {next(iter(row.values())): row for row in rows}


def some(row: dict[str, str], *names: str) -> list[float | None]:
    return [float(row[name]) if row[name] else None for name in names]


TRIES = ("第一次上报份数", "一次通过份数", "已改正份数", "尚未改正", "已撤回或经重新检查通过")


def again(key: tuple[str, str, str], day: str, outcome: str = "accepted", **more: str) -> None:
    """Another file of (form, district, period) that came on `day`: a copy of the first one, with `more` in its row."""
    values = {"channel": "'上报'", "recheck_of": "NULL", "withdraws": "NULL", "duplicate_of": "NULL", **more}
    columns = ", ".join(values)
    change(
        f"""
        WITH old AS (
            SELECT * FROM ledger.submission
            WHERE (form, district_code, period) = (:form, :district_code, :period) ORDER BY receipt_id LIMIT 1
        ), came AS (
            INSERT INTO ledger.receipt (
                district_code, folder, file_name, channel, sha256, size_bytes, inode, modified_ns, received_at,
                archived_as, settled_at
            )
            SELECT district_code, 'f', 'f', {values["channel"]}, sha256, 1, 1, 1, CAST(:day AS timestamptz), 'a', now()
            FROM old RETURNING receipt_id
        ), made AS (
            INSERT INTO ledger.submission (
                receipt_id, form, period, district_code, sha256, state, outcome, reason, rules_hash, library_version,
                received_at, checked_at, decided_at, answered_at, {columns}
            )
            SELECT came.receipt_id, form, period, district_code, sha256, 'answered', :outcome, 'r', 'h', 'v',
                CAST(:day AS timestamptz), now(), now(), now(), {", ".join(values.values())}
            FROM old, came RETURNING submission_id
        ), counted AS (
            INSERT INTO ledger.sheet_count SELECT submission_id, 't', '表', 1000, 900, 100, 0 FROM made
        )
        INSERT INTO findings.rule_count SELECT submission_id, 'T01', 'critical', 70, 0 FROM made
        """,
        form=key[0],
        district_code=key[1],
        period=key[2],
        day=day,
        outcome=outcome,
    )


def test_figures_of_the_city_by_district_form_and_month(client_as):
    officer = client_as("officer")
    by_month = table(officer, "month")
    assert some(by_month["2020-06"], "已审核文件", "退回", *TRIES) == [3, 0, 3, 3, 0, 0, 0]
    assert some(by_month["2020-07"], "已审核文件", "退回", *TRIES) == [9, 2, 7, 4, 1, 2, 0]
    by_form = table(officer, "form")
    assert some(by_form[LEDGER], "第一次上报份数", "一次通过率（0–1）") == [7, round(4 / 7, 4)]
    # A file whose form nobody could tell is a rejected file, and nobody's first.
    assert some(by_form[""], "已审核文件", "退回占比（0–1）", "读取行数", "行差错率（0–1）", *TRIES[:1]) == [
        1,
        1,
        0,
        None,
        0,
    ]
    by_district = table(officer, "district")
    assert some(by_district[XIGANG], *TRIES) == [1, 0, 0, 1, 0]
    assert some(by_district[SHAHEKOU], "退回", *TRIES) == [1, 2, 1, 0, 1, 0]
    assert some(by_district[LVSHUN], "退回", *TRIES) == [1, 2, 2, 0, 0, 0]
    wrong, read = some(by_district[XIGANG], "有错未入库行数", "读取行数")
    assert wrong == 1
    assert some(by_district[XIGANG], "行差错率（0–1）") == [round(wrong / read, 4)]
    # Nobody reported there: nothing to divide by.
    assert some(by_district["210281"], "已审核文件", "行差错率（0–1）", "一次通过率（0–1）") == [0, None, None]
    narrowed = table(officer, "district", form="facilities", zone="市内五区")
    assert some(narrowed[ZHONGSHAN], "已审核文件", *TRIES[:2]) == [1, 1, 1]
    assert LVSHUN not in narrowed


def test_what_is_no_try_of_the_districts_counts_nowhere(client_as):
    officer, key = client_as("officer"), (LEDGER, XIGANG, "2020-06")
    before = [table(officer, name) for name in ("district", "form", "month", "rule")]
    of = f"(SELECT min(submission_id) FROM ledger.submission WHERE district_code = '{XIGANG}')"
    again(key, "2020-07-04 13:00+08", channel="'预检'")
    again(key, "2020-07-04 13:01+08", outcome="duplicate", duplicate_of=of)
    again(key, "2020-07-04 13:02+08", outcome="rejected", withdraws=of)
    again(key, "2020-07-04 13:03+08", outcome="rejected", recheck_of=of)
    assert [table(officer, name) for name in ("district", "form", "month", "rule")] == before


@pytest.mark.parametrize("by_the_house", [{"recheck_of": "old.submission_id"}, {"withdraws": "old.submission_id"}])
def test_what_needs_no_other_file_is_not_open(client_as, by_the_house):
    again((LEDGER, XIGANG, "2020-06"), "2020-07-04 13:00+08", **by_the_house)
    assert some(table(client_as("officer"), "district")[XIGANG], *TRIES) == [1, 0, 0, 0, 1]


def test_time_to_correction_is_from_the_first_file_to_the_first_that_was_right(client_as):
    change("UPDATE ledger.submission SET received_at = '2020-07-01 08:00+08' WHERE outcome <> 'accepted'")
    change(
        "UPDATE ledger.submission SET received_at = '2020-07-01 18:00+08'"
        " WHERE period = '2020-06' AND outcome = 'accepted'"
    )
    again((LEDGER, XIGANG, "2020-06"), "2020-07-02 08:00+08", outcome="accepted_with_errors")
    again((LEDGER, XIGANG, "2020-06"), "2020-07-03 08:00+08")
    again((LEDGER, XIGANG, "2020-06"), "2020-07-04 08:00+08")
    # After the span that is asked for, and counted all the same.
    again((LEDGER, SHAHEKOU, "2020-06"), "2020-08-05 08:00+08")
    row = table(client_as("officer"), "form", to="2020-07")[LEDGER]
    assert some(row, "改正用时中位数（小时）", "改正用时九成分位数（小时）", *TRIES[2:]) == [
        48,
        round(48 + 0.8 * (35 * 24 - 48), 4),
        3,
        0,
        0,
    ]
    page = client_as("officer").get("quality?to=2020-07").text
    assert "48 小时" not in page
    assert "2.0 天" in page


def test_the_worst_rules_with_their_remedies_and_the_span_before(client_as):
    key = (LEDGER, ZHONGSHAN, "2020-05")
    again(key, "2020-01-10 08:00+08")
    again(key, "2019-12-10 08:00+08")
    change(
        "UPDATE findings.rule_count SET rule = 'A01'"
        " WHERE submission_id = (SELECT max(submission_id) FROM ledger.submission)"
    )
    query = {"from": "2020-01", "to": "2020-01"}
    rules = table(client_as("officer"), "rule", **query)
    assert list(rules) == ["T01"]
    assert rules["T01"]["问题"] == "必填项空着，或没有填实"
    assert rules["T01"]["改法"]
    names = ("问题数", "每千行问题数", "有此问题的报表", "占报表份数（0–1）", "上一时段占比（0–1）")
    assert some(rules["T01"], *names) == [70, 70, 1, 1, 0]
    page = client_as("officer").get("quality", params=query).text
    assert "新出现" in page
    assert "rule=T01" in page
    english = client_as("officer").get("quality", params={**query, "rule": "T01", "lang": "en"}).text
    assert "1 of 1 files" in english
    assert re.search(r'/submissions/\d+\?lang=en">', english)
    assert "new" in english
    # A rule without a finding has words; a code that nobody knows has nothing.
    assert client_as("officer").get("quality?rule=F16").status_code == 200
    assert client_as("officer").get("quality?rule=Q99").status_code == 404


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [(0.2, None, None), (None, 0.2, None), (0.2, 0.0, Trend.NEW), (0.0, 0.0, Trend.SAME), (0.0, 0.2, Trend.FEWER),
     (0.21, 0.2, Trend.SAME), (0.3, 0.2, Trend.MORE)],
)  # fmt: skip
def test_a_trend_needs_something_to_compare_and_more_than_a_tenth(now, before, told):
    assert trend(now, before) == told


def test_trends_are_drawn_from_the_second_month_on(client_as):
    officer = client_as("officer")
    assert "还看不出趋势" in officer.get("quality?from=2020-07&to=2020-07").text
    page = officer.get("quality").text
    assert page.count('class="chart"') == 3
    assert "20-06" in page
    assert "没有已审核文件" in officer.get("quality?from=2010-01&to=2010-12").text


def test_a_district_sees_its_own_figures_and_nobody_elses(client_as):
    xigang = client_as("xigang")
    assert list(table(xigang, "district")) == [XIGANG]
    assert some(table(xigang, "month")["2020-07"], "已审核文件") == [1]
    for path in ("quality", "quality?rule=T02", "quality?zone=涉农地区", f"quality?district={XIGANG}&heat=rule"):
        answer = xigang.get(path)
        assert answer.status_code == 200
        assert not [word for word in ("中山区", "沙河口", "210202", "data-docs") if word in answer.text]
    assert xigang.get(f"quality?district={ZHONGSHAN}").status_code == 404
    assert xigang.get(f"quality/figures/form.csv?district={ZHONGSHAN}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["from=2020", "to=2020-13", "from=0001-01", "from=1990-01", "form=nothing", "zone=x", "district=999999",
     "severity=loud", "heat=x", "rule=T1", "rule=<b>"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(client_as, query):
    assert client_as("officer").get(f"quality?{query}").status_code == 400
    assert client_as("officer").get(f"quality/figures/rule.csv?{query}").status_code == 400
    assert client_as("officer").get("quality/figures/secrets.csv").status_code == 404


def test_ends_of_a_span_the_wrong_way_round_are_turned(client_as):
    assert "2020-03 至 2020-06 收到" in client_as("officer").get("quality?from=2020-06&to=2020-03").text


def test_a_csv_file_runs_nothing():
    content = csv_bytes(["一", "=B1"], [["=1+1", -1], [" @x", None], ["\t2", 0.5], ["甲,乙", "-3"]])
    assert content.decode("utf-8-sig").split("\r\n") == [
        "一,'=B1",
        "'=1+1,-1",
        "' @x,",
        "'\t2,0.5",
        '"甲,乙",\'-3',
        "",
    ]


@pytest.mark.parametrize("sign", "=+-@＝＋－＠|｜﹦﹢﹣﹫⁺⁻−")
@pytest.mark.parametrize(
    "unseen", ["", " ", "\u3000", "\u00a0", "\ufeff", "\u200b", "\u2060\u202e", "\x00", "\r", "\n \t"]
)
def test_no_spelling_of_a_formula_is_run(sign, unseen):
    [row] = csv.reader(io.StringIO(csv_bytes([f"{unseen}{sign}1"], []).decode("utf-8-sig"), newline=""))
    assert row == [f"'{unseen}{sign}1"]


@pytest.mark.parametrize("text", ["", "中山区", "1-2", "A=1", "’=1", "\u3000", "0.5%", "（＝）"])
def test_what_is_no_formula_is_written_as_it_is(text):
    [row] = csv.reader(io.StringIO(csv_bytes([text, "x"], []).decode("utf-8-sig"), newline=""))
    assert row == [text, "x"]


def site(content: str = "<p>docs</p>") -> Path:
    folder = settings().data_docs
    (folder / "expectations").mkdir(parents=True)
    (folder / "index.html").write_text(content, encoding="utf-8")
    (folder / "expectations" / "dropout_case.html").write_text("suite", encoding="utf-8")
    (folder / ".data_docs").touch()
    return folder


def test_data_docs_are_served_as_they_are_and_nothing_else_is(client_as):
    folder, officer = site(), client_as("officer")
    (folder.parent / "secret.html").write_text("nobody may read this", encoding="utf-8")
    (folder / "expectations" / "out.html").symlink_to(folder.parent / "secret.html")
    (folder / "notes.txt").touch()
    assert officer.get("quality/data-docs").headers["location"].endswith("/quality/data-docs/index.html")
    index = officer.get("quality/data-docs/index.html")
    assert index.text == "<p>docs</p>"
    assert "unsafe-inline" not in index.headers["content-security-policy"]
    assert "default-src 'none'" in index.headers["content-security-policy"]
    assert officer.get("quality/data-docs/expectations/dropout_case.html").text == "suite"
    for path in (
        "../secret.html",
        "..%2fsecret.html",
        "%2e%2e/secret.html",
        "expectations/..%2f..%2fsecret.html",
        "expectations/out.html",
        "%2fetc/passwd",
        "notes.txt",
        ".data_docs",
        "expectations",
        "x%00.html",
        f"{'x' * 5000}.html",
    ):
        answer = officer.get(f"quality/data-docs/{path}")
        assert answer.status_code == 404, path
        assert "nobody may" not in answer.text
    assert client_as("xigang").get("quality/data-docs/index.html").status_code == 403
    assert "data-docs" in officer.get("quality").text


def test_where_there_are_no_data_docs_it_says_how_to_make_them(client_as):
    answer = client_as("engineer").get("quality/data-docs/index.html")
    assert answer.status_code == 404
    assert "district-reports data-docs" in answer.text
    assert "maintenance" in client_as("engineer").get("quality").text
    assert "maintenance" not in client_as("officer").get("quality").text, "the officer can do nothing about it"
