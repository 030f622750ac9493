"""Every sentence that a district reads is true: outcomes and histories through the real steps, read against the ledger.

A row of :data:`SENTENCES` is a sentence and the fact that it states. Where it stands the fact must hold; where it is
``always`` said, the fact must not hold without it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest

from district_reports.cli import main
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import lay_out
from processing.told_district import DUE, NEW_SCHOOL, REGISTER, District, Facts, Told

LATE, LOCKED = "2020-08-22", "2020-10-05"


def nothing_to_do(facts: Facts) -> bool:
    """Of what is in force nothing waits for the district, and the file is no news that does."""
    settled = facts.in_force is not None and not facts.in_force_quarantined and not facts.in_force_waiting
    done = facts.outcome == "accepted" or (facts.outcome == "duplicate" and facts.repeats == "accepted")
    return settled and done and facts.channel == "上报"


@dataclass(frozen=True)
class Sentence:
    """``says`` is a pattern; its group, where it has one, must be what ``told`` gives of the facts."""

    says: str
    holds: Callable[[Facts], bool]
    told: Callable[[Facts], object] = lambda facts: None
    always: tuple[str, ...] = ()
    where: tuple[str, ...] = ("list", "report")


KNOWN = lambda facts: facts.form is not None  # noqa: E731 - a word of the table
SENTENCES = (
    # What is in force.
    Sentence("没有生效的数据", lambda f: f.in_force is None, always=("report",)),
    Sentence("现在生效的就是这一份", lambda f: f.in_force == f.submission_id and not f.withdraws, always=("report",)),
    Sentence("现在生效的[^。]*回执 (\\d+)", lambda f: f.in_force is not None, lambda f: f.origin, always=("report",)),
    Sentence(
        "现在生效的仍是|现在生效的是另一份",
        lambda f: (f.in_force is not None and f.in_force != f.submission_id) or f.withdraws,
    ),
    Sentence("没有改变任何", lambda f: f.rows == f.rows_before),
    Sentence("（回执 (\\d+)）完全相同", lambda f: f.repeats is not None, lambda f: f.repeated),
    Sentence("上一版：回执 (\\d+)", lambda f: f.origin_before is not None, lambda f: f.origin_before),
    Sentence("上一版已经撤回", lambda f: f.origin_before is None),
    # What is loaded.
    Sentence("(\\d+) 行已入库", lambda f: f.reported and not f.nil, lambda f: f.loaded, always=("list", "report")),
    Sentence(
        "(\\d+) 行有错误，没有入库",
        lambda f: f.reported and f.quarantined > 0,
        lambda f: f.quarantined,
        always=("list", "report"),
    ),
    Sentence("整份退回，没有改变", lambda f: f.outcome == "rejected" and f.channel == "上报"),
    Sentence("没有上报", lambda f: f.channel == "预检", always=("list", "report")),
    Sentence("预检不等于上报", lambda f: f.channel == "预检", always=("list", "report")),
    Sentence("会入库|会被退回|会部分接收|会通过|上报时不会入库|上报会整份退回", lambda f: f.channel == "预检"),
    # What is due, and until when.
    Sentence("(?<!不撤回的，)不用再做什么", nothing_to_do, always=("step",), where=("step", "report")),
    Sentence("另有 (\\d+) 条警告，请核对", lambda f: f.waiting > 0, lambda f: f.waiting),
    Sentence("核对 (\\d+) 条警告", lambda f: f.in_force_waiting > 0, lambda f: f.in_force_waiting),
    Sentence("放进“上报”文件夹", lambda f: not f.locked, where=("step",)),
    Sentence("已经锁定|\\d 已锁定", lambda f: f.locked, always=("report",)),
    Sentence(
        "可补报至 (\\d{4}-\\d\\d-\\d\\d)", lambda f: not f.locked, lambda f: f.taken_until, where=("step", "report")
    ),
    Sentence("截止 (\\d{4}-\\d\\d-\\d\\d)", lambda f: f.today <= DUE, lambda f: DUE, where=("step",)),
    Sentence("（迟报 (\\d+) 天）", lambda f: f.late_days > 0 and f.in_force is not None, lambda f: f.late_days),
    Sentence("迟报 \\d+ 天", lambda f: f.late_days > 0 and f.in_force is not None, where=("standing",)),
    Sentence("（按时）|（本期按时报过）", lambda f: f.late_days == 0 and f.in_force is not None, where=("report",)),
    Sentence("（按时）", lambda f: not f.came_late, where=("report",)),
    # Never, whatever the facts.
    Sentence(
        "仍然有效|可以入库|照常接收|写明迟报|迟了|缺报|有错通过|接收到|整份文件 整张表",
        lambda f: False,
        where=("list", "report", "standing", "notice"),
    ),
    # How it stands, in 上报情况.txt.
    Sentence("：已报（通过", lambda f: f.in_force_outcome == "accepted" and f.rows > 0, where=("standing",)),
    Sentence(
        "：已报（部分接收",
        lambda f: f.in_force_outcome == "accepted_with_errors",
        always=("standing",),
        where=("standing",),
    ),
    Sentence(
        "：无数据申报", lambda f: f.in_force is not None and f.rows == 0, always=("standing",), where=("standing",)
    ),
    Sentence("待重报", lambda f: f.in_force is None, where=("standing",)),
    Sentence("已逾期", lambda f: f.today > DUE and f.in_force is None, always=("standing",), where=("standing",)),
)


def check(facts: Facts, told: Told) -> None:
    """Compare every sentence with its fact."""
    if facts.form is None:
        # Nobody knows which report it would have been: it changed nothing, and that is all that may be said.
        said = told.report + told.list
        assert not re.search("生效|补报至|行已入库|(?<!不撤回的，)不用再做什么|无法识别|再上报。", said)
        return
    if facts.outcome == "rejected" and facts.withdraws:
        assert re.search("没有再?撤回任何数据|没有数据可以撤回", told.report)
    wrong = []
    for sentence in SENTENCES:
        for where in dict.fromkeys((*sentence.where, *sentence.always)):
            said = getattr(told, where)
            if said is None:
                continue
            matches = list(re.finditer(sentence.says, said))
            holds = sentence.holds(facts)
            if matches and not holds:
                wrong.append(f"{where} says “{matches[0][0]}”")
            elif not matches and holds and where in sentence.always:
                wrong.append(f"{where} does not say “{sentence.says}”")
            for match in matches if holds and "(\\d" in sentence.says else ():
                if match[1] != str(sentence.told(facts)):
                    wrong.append(f"{where} says “{match[0]}”, not {sentence.told(facts)}")
    assert wrong == [], f"{facts}\n{told.name}\n{told.step}\n{told.standing}"


def reports(**book: object) -> Callable[[District], None]:
    return lambda district: district.report(**book)


def on(day: str) -> Callable[[District], None]:
    return lambda district: district.day(day)


def back(receipt: int) -> Callable[[District], None]:
    return lambda district: district.withdraw(receipt)


SOUND, CORRECTED, ERRORS = reports(), reports(amount=240), reports(nameless=1)
MANY, HEADLESS, NIL, WARNED = reports(nameless=3), reports(without="姓名"), reports(nil=True), reports(unpaid=True)
NO_SCHOOL = reports(school=NEW_SCHOOL)
PRECHECKS = tuple(reports(precheck=True, **book) for book in ({}, {"nameless": 1}, {"nameless": 3}, {"nil": True}))
QUICK = {
    ("rejected after accepted, and the same again", "通过 退回 重复"): (SOUND, MANY, MANY),
    ("late, with errors, then withdrawn", "部分接收_迟报 已撤回"): (on(LATE), ERRORS, back(1)),
    ("pre-checks before and after a report", "会被退回 通过 会部分接收 会被退回"): (
        PRECHECKS[2],
        SOUND,
        *PRECHECKS[1:3],
    ),
}
SLOW = {
    ("first, the same again, corrected", "通过 重复 通过"): (SOUND, SOUND, CORRECTED),
    ("errors, the same again and again, corrected", "部分接收 重复 重复 通过"): (ERRORS, ERRORS, ERRORS, SOUND),
    ("rejected, rejected otherwise, accepted", "退回 退回 通过"): (MANY, HEADLESS, SOUND),
    ("partly accepted after accepted", "通过 部分接收"): (SOUND, ERRORS),
    ("nothing came, late and rejected", "退回"): (on(LATE), MANY),
    ("late and rejected, then accepted, then corrected", "退回 通过_迟报 通过_迟报"): (
        on(LATE),
        HEADLESS,
        SOUND,
        CORRECTED,
    ),
    ("on time, the same again and corrected late", "通过 重复 通过 退回"): (SOUND, on(LATE), SOUND, CORRECTED, MANY),
    ("on time, withdrawn and reported late", "通过 已撤回 通过_迟报"): (SOUND, on(LATE), back(1), SOUND),
    ("explained late", "通过 通过"): (WARNED, on(LATE), lambda one: one.explain(1)),
    ("nil, the same again, then data", "无数据申报 重复 通过"): (NIL, NIL, SOUND),
    ("nil after data, and withdrawn", "通过 无数据申报 已撤回"): (SOUND, NIL, back(2)),
    ("late nil", "无数据申报_迟报"): (on(LATE), NIL),
    (
        "withdrawn to an earlier version with errors, then to nothing, then reported",
        "部分接收 通过 已撤回 已撤回 通过",
    ): (
        ERRORS,
        SOUND,
        back(2),
        back(1),
        SOUND,
    ),
    ("a withdrawal that is refused", "通过 通过 撤回未受理 已撤回 撤回未受理"): (
        SOUND,
        CORRECTED,
        back(1),
        back(2),
        back(2),
    ),
    ("a rejected file withdrawn", "通过 退回 撤回未受理"): (SOUND, MANY, back(2)),
    ("locked, and checked only", "通过 会被退回 退回"): (SOUND, on(LOCKED), PRECHECKS[0], SOUND),
    ("withdrawn to a nil return", "无数据申报 通过 已撤回"): (NIL, SOUND, back(2)),
    ("withdrawn by the office after the lock", "通过 已撤回"): (
        SOUND,
        on(LOCKED),
        lambda one: one.withdrawn_by_office(1),
    ),
    ("locked, and reopened", "退回 通过_迟报 退回"): (
        on(LOCKED),
        SOUND,
        lambda one: one.reopened(date(2020, 10, 20)),
        SOUND,
        MANY,
    ),
    ("rejected, and answered again when it is locked", "退回 退回"): (
        MANY,
        on(LOCKED),
        lambda one: one.answered_again(),
    ),
    ("errors, and answered again when it is locked", "部分接收 部分接收"): (
        ERRORS,
        on(LOCKED),
        lambda one: one.answered_again(),
    ),
    ("warned, and explained", "通过 重复 通过 已撤回"): (WARNED, WARNED, lambda one: one.explain(1), back(3)),
    ("late and warned, then rejected", "通过_迟报 退回"): (on(LATE), WARNED, MANY),
    ("checked again when the register has the school", "部分接收 通过"): (NO_SCHOOL, lambda one: one.school_comes()),
    (
        "pre-checks of every kind, and late",
        "会通过 会部分接收 会被退回 无数据申报 会通过 会部分接收 会被退回 无数据申报",
    ): (*PRECHECKS, on(LATE), *PRECHECKS),
}


@pytest.mark.parametrize(
    ("history", "verdicts"),
    [
        *(pytest.param(steps, words, id=name) for (name, words), steps in QUICK.items()),
        *(pytest.param(steps, words, id=name, marks=pytest.mark.slow) for (name, words), steps in SLOW.items()),
    ],
)
def test_what_the_district_is_told_is_what_the_ledger_says(
    history, verdicts, reference_folder, loader, tmp_path, monkeypatch
):
    def play(day: str) -> None:
        monkeypatch.setenv("DISTRICT_REPORTS_TODAY", day)
        settings.cache_clear()

    for name, rows in REGISTER.items():
        (reference_folder / name).write_text(rows, encoding="utf-8")
    play("2020-08-04")
    assert main(["reference", "load"]) == 0
    register = Register.load(reference_folder)
    (folder,) = lay_out(settings().uploads, register.districts)
    read: list[str] = []

    def tell(facts: Facts, told: Told) -> None:
        check(facts, told)
        read.append(re.findall("-\\d{6}_(.+)_回执", told.name)[0])

    district = District(loader, folder, tmp_path, play, tell)
    for step in history:
        step(district)
    assert read == verdicts.split()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"report": "这一期现在没有生效的数据。"}, "没有生效的数据"),
        ({"step": "不用再做什么。"}, "不用再做什么"),
        ({"list": "4 行已入库。"}, "行已入库"),
        ({"standing": "学生资助 2020年春季学期：已报（通过）"}, "已报（通过"),
        ({"list": "改正前，上一次通过的数据仍然有效。"}, "仍然有效"),
    ],
)
def test_a_sentence_that_is_not_true_is_seen(said, complaint):
    facts = Facts(
        submission_id=2,
        outcome="rejected",
        channel="上报",
        nil=False,
        form="student_aid",
        withdraws=False,
        recheck=False,
        loaded=0,
        rows=8,
        rows_before=8,
        in_force=1,
        origin=1,
        origin_before=1,
        in_force_outcome="accepted_with_errors",
        in_force_waiting=0,
        in_force_quarantined=1,
        waiting=0,
        quarantined=3,
        repeats=None,
        repeated=None,
        late_days=0,
        came_late=False,
        today=date(2020, 8, 4),
        taken_until=date(2020, 10, 4),
    )
    right = {
        "name": "",
        "list": "",
        "step": "",
        "report": "现在生效的是另一份（回执 1）",
        "standing": "：已报（部分接收",
        "notice": "",
    }
    check(facts, Told(**right))
    with pytest.raises(AssertionError, match=complaint):
        check(facts, Told(**right | said))
