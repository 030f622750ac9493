"""What the page says of each kind of answer, and that it stays small and quick."""

import re
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest

from district_reports.clock import ZONE
from district_reports.feedback.facts import ReportFacts
from district_reports.feedback.report import write_report
from district_reports.forms import forms
from district_reports.ledger.first_tries import FirstTry, Try
from district_reports.ledger.worklist import OpenCount
from district_reports.model.finding import Outcome, Severity
from district_reports.model.in_force import Version, VersionInForce
from district_reports.warehouse.corrections import Comparison, SheetComparison, Total
from district_reports.workbook.marking.answer import Answer
from district_reports.workbook.marking.sentences import next_step
from feedback.example_answers import a_finding, an_answer

FORM = forms()["dropout_control"]
CLOCK = {"due_on": date(2020, 7, 5), "taken_until": date(2020, 8, 19)}
EARLIER = Version(3, 7, datetime(2020, 7, 3, 16, 2, tzinfo=ZONE), Outcome.ACCEPTED)


def page(tmp_path: Path, answer: Answer, facts: ReportFacts = ReportFacts()) -> str:  # noqa: B008 - frozen
    """The page as it is written."""
    path = tmp_path / "report.html"
    write_report(answer, facts, path)
    return path.read_text(encoding="utf-8")


def said(written: str) -> str:
    """Its text, pieces parted by one space."""
    body = re.sub(r"<style>.*?</style>", " ", written, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_verdict_particulars_counts_and_places(tmp_path):
    answer = an_answer(**CLOCK)
    told = said(page(tmp_path, answer))
    assert "控辍保学台账 2020年6月 质量报告 210202 中山区 六月.xlsx 2020-07-04 09:15 收到 回执号 12 部分接收" in told
    assert f"怎样做： {next_step(answer)}" in told
    assert "文件 六月.xlsx 收到时间 2020-07-04 09:15:00" in told
    assert "截止日期 2020-07-05 24:00（按时） 补报、更正 可补报至 2020-08-19 24:00" in told
    assert "疑似辍学台账 8 6 1 1 在校人数 3 3 0 0 合计 11 9 1 1" in told
    assert "错误 1 条 警告 0 条 提示 0 条" in told
    assert "位置 问题 怎样改 疑似辍学台账 G7 年级 错误 年级 7 不在 1 至 9。 D05 请填 1 至 9。" in told


def test_open_items_of_the_worklist_are_named_where_there_are_any(tmp_path):
    def told(items: OpenCount | None) -> str:
        return said(page(tmp_path, an_answer(), ReportFacts(open_items=items)))

    assert "对不上的：5 项，其中 2 项等本单位核对、说明。见“反馈”文件夹里的“待核对.xlsx”。" in told(OpenCount(5, 2))
    assert "5 项，本单位都已说明，等其他区县说明。" in told(OpenCount(5, 0))
    assert "待核对" not in told(OpenCount(0, 0)) + told(None)


def test_why_it_was_rejected_stands_first_and_nowhere_else(tmp_path):
    many = a_finding(cell=None, row=None, column=None, rule="F16", message="十分之一以上的行有错误。")
    rejected = an_answer(outcome=Outcome.REJECTED, findings=(a_finding(), many), reason="错误太多（F16），整份退回。")
    told = said(page(tmp_path, rejected))
    assert told.count("十分之一以上的行有错误。") == 1
    order = [
        "退回 错误太多（F16），整份退回。",
        "十分之一以上的行有错误。",
        "怎样做：",
        "错误 2 条",
        "G7 年级",
        "各表行数",
    ]
    assert [told.index(text) for text in order] == sorted(told.index(text) for text in order)


def test_one_table_by_sheet_and_row_with_who_it_is(tmp_path):
    other = a_finding(5, sheet="在校人数", cell="C5", column="实际在校人数", severity=Severity.WARNING, rule="C06")
    who = {"疑似辍学台账": {7: "张三，第一小学"}, "在校人数": {5: "第二小学"}}
    written = page(tmp_path, an_answer(findings=(a_finding(7), a_finding(8), other), who=who))
    assert written.count('<table class="places">') == 1
    assert (
        "位置 是谁 问题 怎样改 疑似辍学台账 G7 年级 张三，第一小学 错误 年级 7 不在 1 至 9。 D05 请填 1 至 9。"
        " G8 年级 错误 年级 8 不在 1 至 9。 D05 请填 1 至 9。 在校人数 C5 实际在校人数 第二小学 警告" in said(written)
    )


def test_of_a_rule_50_places_and_how_many_are_left(tmp_path):
    told = said(page(tmp_path, an_answer(findings=[a_finding(row) for row in range(4, 124)])))
    assert "G53 " in told
    assert "G54 " not in told
    assert "错误 120 条" in told
    assert "没有列出的：D05 还有 70 条。见同名 Excel 文件的“问题清单”。" in told


def test_of_many_rules_fewer_places_each(tmp_path):
    many = [a_finding(row, rule=f"R{rule}") for rule in range(100) for row in range(4, 24)]
    assert page(tmp_path, an_answer(findings=many)).count('<span class="cell">') == 800


def test_no_findings(tmp_path):
    told = said(page(tmp_path, an_answer(findings=(), outcome=Outcome.ACCEPTED)))
    assert "没有发现问题，谢谢！" in told
    assert "已说明" not in told


def test_an_explained_warning_is_not_counted_as_open(tmp_path):
    explained = a_finding(severity=Severity.WARNING, explanation="已经核对。")
    told = said(page(tmp_path, an_answer(findings=(explained,), outcome=Outcome.ACCEPTED)))
    assert "警告 0 条 提示 0 条 已说明 1 条 没有要改的问题；警告都已说明。" in told
    assert told.index("已说明的警告") < told.index("已经核对。")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"late_days": 3}, "2020-07-05 24:00（迟报 3 天）"),
        ({"outcome": Outcome.REJECTED}, "2020-07-05 24:00（收到这份文件时还没有过）"),
        (
            {"outcome": Outcome.REJECTED, "received_at": datetime(2020, 7, 7, 0, 0, 1, tzinfo=ZONE)},
            "2020-07-05 24:00（收到这份文件时已过 2 天）",
        ),
        ({"precheck": True, "receipt_no": None}, "2020-07-05 24:00（收到这份文件时还没有过）"),
        ({"withdrawn_receipt": 3}, "2020-07-05 24:00 补报"),
        ({"decided_at": datetime(2020, 8, 20, tzinfo=ZONE)}, "2020-08-19 已锁定"),
    ],
)
def test_the_clock(tmp_path, other, words):
    assert words in said(page(tmp_path, an_answer(**CLOCK | other)))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"form_title": None, "period": None, "counts": (), "outcome": Outcome.REJECTED}, "无法受理的文件 质量报告"),
        ({"precheck": True, "receipt_no": None}, "预检结果：会部分接收"),
        ({"precheck": True}, "会入库 有错误 未用"),
        ({"outcome": Outcome.DUPLICATE}, "重复"),
        ({"rechecked_receipt": 4}, "（回执 4）自动重新检查"),
        ({"withdrawn_receipt": 4, "outcome": Outcome.ACCEPTED}, "现在生效的各表行数"),
        ({"withdrawn_receipt": 4, "outcome": Outcome.ACCEPTED, "counts": (), "findings": ()}, "已撤回"),
        ({"nil_return": True, "outcome": Outcome.ACCEPTED, "findings": ()}, "无数据申报"),
    ],
)
def test_every_kind_of_answer(tmp_path, other, words):
    answer = an_answer(**other)
    told = said(page(tmp_path, answer))
    assert words in told
    assert next_step(answer) in told


def test_what_changed(tmp_path):
    sheets = (
        SheetComparison(
            FORM.sheets[0],
            4,
            1,
            2,
            (
                Total("rows", Decimal(9), Decimal(12)),
                Total("grade", Decimal(9), Decimal(12)),
                Total("persuasion_count", Decimal("4.50"), None),
            ),
        ),
        SheetComparison(FORM.sheets[1], 0, 0, 0, (Total("rows", Decimal(1), Decimal(1)),)),
    )
    facts = ReportFacts(comparison=Comparison(3, sheets), replaced=EARLIER)
    told = said(page(tmp_path, an_answer(standing=VersionInForce(EARLIER, True)), facts))
    assert "与上一版相比 现在生效的就是这一份（回执 7，2020-07-03 16:02 收到，通过）。" in told
    assert "上一版：回执 7，2020-07-03 16:02 收到。" in told
    assert "疑似辍学台账 4 1 2 行数 9 12 劝返次数合计 4.5 0 在校人数 0 0 0 行数 1 1" in told
    assert "年级合计" not in told


def test_what_stands_where_nothing_changed(tmp_path):
    rejected = an_answer(outcome=Outcome.REJECTED, standing=VersionInForce(EARLIER))
    told = said(page(tmp_path, rejected))
    assert "现在生效的数据 现在生效的是另一份（回执 7" in told
    assert "这一期现在没有生效的数据。" in said(page(tmp_path, replace(rejected, standing=VersionInForce())))


def test_the_chart_and_its_table(tmp_path):
    tries = (
        FirstTry("2020-03", Try.MISSING, None, 0.5),
        FirstTry("2020-04", Try.NIL),
        FirstTry("2020-05", Try.REJECTED),
        FirstTry("2020-06", Try.WITH_ERRORS, 0.9996, 0.77),
    )
    written = page(tmp_path, an_answer(), ReportFacts(first_tries=tries))
    told = said(written)
    assert "最近 4 期里报了 3 期，其中 1 期第一次上报就没有错误；未报 1 期。" in told
    assert "全市同期第一次上报就没有错误的单位平均占 63%。" in told
    assert "2020年3月 未报 — 50% 2020年4月 无数据申报 — — 2020年5月 退回 — — 2020年6月 部分接收 99% 77%" in told
    assert re.findall(r'<rect class="bar ([\w ]+)"', written) == [
        "frame missing",
        "frame nil",
        "rejected",
        "with_errors",
    ]
    assert "<title id=" in written
    assert "<desc id=" in written
    assert "<svg" not in page(tmp_path, an_answer(), ReportFacts(first_tries=tries[:2]))


def test_130000_findings_make_a_small_page_soon(tmp_path):
    long = "长" * 32_000
    findings = [a_finding(row) for row in range(4, 100_004)]
    findings += [a_finding(row, rule="C02", value=long, message=long) for row in range(4, 30_004)]
    page(tmp_path, an_answer())  # the template and the titles are read once a process
    started = time.process_time()
    written = page(tmp_path, an_answer(findings=findings))
    assert time.process_time() - started < 3  # 0.3 s on a machine that does nothing else
    assert len(written.encode()) < 200_000
    assert "C02" in written
