"""What a reviewer wants to know of the quarter: who needs help, what would help most, whether it gets better."""

from itertools import count

import pytest

from district_reports.pages.quality.course import Tried, Way, course
from district_reports.pages.quality.filters import Span
from district_reports.pages.quality.rules import Words
from district_reports.pages.quality.savings import Saving, savings
from pages.conftest import change
from pages.small_city import CHILD, LVSHUN, SHAHEKOU

pytestmark = pytest.mark.timeout(120)


def sent_again(*causes: tuple[str, int]):
    return savings(
        [rules.split() for rules, files in causes for _ in range(files)], {}, Span(12 * 2020, 12 * 2020 + 11)
    )


def test_the_three_rules_are_those_without_which_most_files_were_right():
    found = sent_again(("T01", 4), ("C01 C02", 5), ("T02", 1), ("T03 T04 T05 T06", 90))
    assert (found.sent_again, found.saved) == (100, 9)
    assert found.rules == [Saving("T01", Words(), 4, 0), Saving("C01", Words(), 0, 5), Saving("C02", Words(), 0, 5)]


def test_that_there_are_too_many_errors_is_laid_to_the_rule_that_found_them():
    assert sent_again(("F16 T01", 2)).rules == [Saving("T01", Words(), 2, 0)]
    assert sent_again(("F16", 2)).rules == [Saving("F16", Words(), 2, 0)]


def test_where_nothing_was_sent_again_nothing_would_help():
    assert sent_again().rules == []


def test_the_course_compares_quarters_and_leaves_no_period_out():
    def firsts(month, right, of):
        return [
            ("dropout_control", month, "210202", month, True, number < right, None, False, None) for number in range(of)
        ]

    rows = [*firsts("2020-03", 1, 4), *firsts("2020-06", 3, 4)]
    found = course(rows, Span(12 * 2020, 12 * 2020 + 6))
    assert (found.before, found.recent, found.way) == (Tried(1, 4), Tried(3, 4), Way.BETTER)
    assert [name for name, _ in found.by_form["dropout_control"]] == ["2020-03", "2020-04", "2020-05", "2020-06"]
    # Months begin with the first that has a file, and end with the span.
    assert [(name, one.tries) for name, one in found.by_district["210202"]] == [
        ("2020-03", 4),
        ("2020-04", 0),
        ("2020-05", 0),
        ("2020-06", 4),
        ("2020-07", 0),
    ]


def test_a_rejected_file_looks_worst_and_none_at_all_looks_like_none(client_as):
    page = client_as("officer").get("quality").text
    heat = page[page.index('<table class="data heat">') :].partition("</table>")[0]
    rows = {row.partition("</th>")[0]: row for row in heat.split("<tr>")}
    shahekou = next(row for head, row in rows.items() if "沙河口区" in head)
    assert 'class="number heat-rejected"' in shahekou
    assert "退回 1/2 份" in shahekou
    assert shahekou.count('class="number heat-none">没有报表') == 3


def test_unreadable_files_stand_apart_by_what_they_were(client_as):
    change(
        "UPDATE findings.finding SET rule = 'F01',"
        " message = '文件其实是“旧版 Excel 工作簿（.xls）”，不是 .xlsx 工作簿。'"
        " WHERE submission_id = (SELECT submission_id FROM ledger.submission WHERE form IS NULL)"
    )
    change(
        "INSERT INTO findings.finding (submission_id, position, rule, severity, message, fix) SELECT submission_id, 99,"
        f" 'F06', 'critical', '封面上的报表代码“{CHILD}”不是本市的报表。', '{CHILD}' FROM ledger.submission"
        " WHERE form IS NULL"
    )
    page = client_as("officer").get("quality").text
    apart = page[page.index('id="unreadable"') :].partition("</table>")[0]
    assert "旧版 Excel 工作簿（.xls）" in apart
    assert "另存为“Excel 工作簿（*.xlsx）”后上报；只改扩展名不行" in apart
    assert "封面上的报表代码“…”不是本市的报表。" in apart
    assert CHILD not in page
    assert "旅顺口区" in apart
    # A district sees its own alone, and none under a form: these files have none.
    assert 'id="unreadable"' not in client_as("xigang").get("quality").text
    assert 'id="unreadable"' not in client_as("officer").get("quality?form=dropout_control").text
    assert 'id="unreadable"' not in client_as("officer").get(f"quality?district={SHAHEKOU}").text
    assert 'id="unreadable"' in client_as("officer").get(f"quality?district={LVSHUN}").text


def test_what_went_wrong_most_this_quarter_and_is_it_getting_better(visitor, served):
    # The quarter before: three files, all of them right.
    change("UPDATE ledger.submission SET received_at = '2020-04-03 09:00+08' WHERE period = '2020-05'")
    page, complaints = visitor("officer")
    page.goto(served.page("/city"))
    clicks = count(1)

    def click(role: str, name: str) -> int:
        page.get_by_role(role, name=name).first.click()
        return next(clicks)

    assert click("link", "数据质量") == 1
    answers = page.locator(".answers")
    assert "↓ 在变差" in answers.inner_text()
    assert "2020-05 至 2020-07" in answers.inner_text()
    headings = page.get_by_role("heading", level=2).all_inner_texts()
    asked = ["按区县", "改好哪三条最省事", "问题最多的规则", "有没有好转：各期一次通过率（%）", "无法受理的文件"]
    assert [heading for heading in headings if heading in asked] == asked
    worst = page.locator("table.sortable").first.locator("tbody th").first.inner_text()
    assert answers.get_by_role("link").first.inner_text() == worst
    assert click("link", "最近 3 个月") == 2
    rule = page.locator(".answers section").nth(1).get_by_role("link").inner_text()
    assert click("link", rule) == 3
    assert page.get_by_role("heading", level=1).inner_text().startswith(rule.split()[0])
    assert page.get_by_role("heading", name="按区县").is_visible()
    assert complaints == []
