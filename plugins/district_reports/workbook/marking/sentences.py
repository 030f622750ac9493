"""What an answer tells beside its verdict: what is in force now, until when one can report, and what is to be done.

Every sentence follows from what the ledger says of the report, as the answer carries it; what is not known is not said.
"""

from district_reports.model.finding import Outcome
from district_reports.workbook.marking.answer import Answer

_MEND = "按“问题清单”逐条改正原表，保存后重新放进“上报”文件夹"
_MEND_ROWS = "按“问题清单”改正标为“错误”的行，保存后把整份表重新放进“上报”文件夹，它会替换现在生效的数据"
_LOOK_AT = "核对 {} 条警告：属实的在“情况说明”里写明原因，有错的改正"
_LOCKED = "这一期已经锁定，不能再报；确需补报、更正的，请向市教育局申请开放"


def in_force(answer: Answer) -> str | None:
    """What of the period is in force now; None where the ledger was not asked."""
    if answer.standing is None:
        return None
    version = answer.standing.version
    if version is None:
        return "这一期现在没有生效的数据。"
    if answer.standing.itself:
        return f"现在生效的就是这一份（{version.label}）。"
    if version.receipt_no == answer.rechecked_receipt:
        return f"现在生效的仍是这份文件原先入库的数据（{version.label}）。"
    return f"现在生效的是另一份（{version.label}）。"


def until(answer: Answer) -> str | None:
    """Until when the period can be reported or corrected; None where it is not known."""
    if answer.due_on is None or answer.taken_until is None:
        return None
    day = answer.decided_at.date()
    if day <= answer.due_on:
        return f"截止 {answer.due_on} 24:00"
    return f"可补报至 {answer.taken_until} 24:00" if day <= answer.taken_until else f"{answer.taken_until} 已锁定"


def recheck_note(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Why the district gets an answer to a file that it did not send again, under its label."""
    if answer.rechecked_receipt is None:
        return ()
    note = (
        "市里的学校名册、检查规则或作比较的上一期数据有更新，系统用本单位原来的文件"
        f"（回执 {answer.rechecked_receipt}）自动重新检查，这是重新检查的结果。"
    )
    return (("说明", note),)


def next_step(answer: Answer) -> str:
    """What the clerk does now, in a sentence or two; of a rejected file also what is in force."""
    if answer.form_title is None:
        return "按“问题清单”所说的做。这份文件没有改变任何已经上报的数据。"
    if answer.withdrawn_receipt is not None:
        return _after_withdrawal(answer)
    if answer.precheck:
        return _after_precheck(answer)
    match answer.outcome:
        case Outcome.REJECTED:
            return _sentences(_again(answer, _MEND), in_force(answer))
        case Outcome.DUPLICATE:
            return _after_duplicate(answer)
    if answer.standing is not None and not answer.standing.itself:
        return _sentences(in_force(answer), "这一份不用再改", _correction(answer))
    return _after_loading(answer)


def _after_loading(answer: Answer) -> str:
    """What is due for the version that is in force."""
    if answer.outcome is Outcome.ACCEPTED_WITH_ERRORS:
        return _sentences(_again(answer, _MEND_ROWS))
    waiting = sum(found.waits for found in answer.findings)
    if not waiting:
        return _sentences("不用再做什么", _correction(answer))
    return _sentences(f"{_LOOK_AT.format(waiting)}，然后" + _again(answer, "把整份表重新放进“上报”文件夹"))


def _after_duplicate(answer: Answer) -> str:
    again = _again(answer, "把整份表重新放进“上报”文件夹")
    if answer.repeats is not None and answer.repeats.outcome is not Outcome.ACCEPTED:
        unchanged = "这份文件没有改动，错误还没有改正：按原来那一份的“问题清单”改正，确认改动已经保存，然后"
        return _sentences(unchanged + again, in_force(answer))
    if answer.repeats is not None and answer.repeats.waiting:
        return _sentences(f"{_LOOK_AT.format(answer.repeats.waiting)}（见原来那一份的“问题清单”），然后{again}")
    return _sentences("不用再做什么", f"如果本来是要更正，请确认改动已经保存，然后{again}")


def _after_precheck(answer: Answer) -> str:
    if answer.outcome is Outcome.ACCEPTED:
        return _sentences("预检不等于上报：要上报，" + _again(answer, "请把这份文件放进“上报”文件夹"))
    return _sentences(
        "按“问题清单”改正后保存，可以留在“预检”文件夹再查一遍",
        "预检不等于上报：改好后" + _again(answer, "请把整份表放进“上报”文件夹"),
    )


def _after_withdrawal(answer: Answer) -> str:
    if answer.outcome is Outcome.REJECTED:
        return _sentences("按“问题清单”所说的做", in_force(answer))
    if not answer.counts:
        return _sentences(_again(answer, "把正确的整份表放进“上报”文件夹"))
    return _sentences("问题清单和行数是现在生效的那一份的", _after_loading(answer))


def _correction(answer: Answer) -> str:
    return "确有更正的，" + _again(answer, "把更正后的整份表放进“上报”文件夹")


def _again(answer: Answer, what: str) -> str:
    """`what` is to be done to report again, and until when; or that it is too late."""
    if answer.is_locked:
        return _LOCKED
    day = until(answer)
    return f"{what}（{day}）" if day else what


def _sentences(*said: str | None) -> str:
    return "".join(one if one.endswith("。") else f"{one}。" for one in said if one)
