"""Progress for people (a table in Chinese and who is to be called) and for programs (JSON)."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from district_reports.forms import forms
from district_reports.ledger.contacts import Contact
from district_reports.ledger.locks import LockException
from district_reports.ledger.status import Progress, ReportStatus, State
from district_reports.ledger.worklist import OpenCount
from district_reports.model.finding import Outcome
from district_reports.model.form import Form
from district_reports.model.period import Period, period_named
from district_reports.workbook.formats import text_width

TO_BE_CALLED = frozenset({State.MISSING, State.REJECTED, State.WITH_ERRORS, State.EXPECTED, State.WITHDRAWN})
"""States that wait for the district to do something."""
_GAP = 3


def as_json(progress: Progress) -> str:
    """A list with one object a district, form and period."""
    return json.dumps(
        [
            {
                "district_code": status.district.code,
                "district": status.district.name,
                "form": status.form.key,
                "period": status.period.text,
                "state": status.state,
                "late": status.late,
                "due_on": status.due_on.isoformat(),
                "received_at": status.received_at and status.received_at.isoformat(timespec="seconds"),
                "outcome": status.outcome,
                "latest_outcome": status.latest_outcome,
                "rows_loaded": status.rows_loaded,
                "rows_quarantined": status.rows_quarantined,
                "filler": status.contact and status.contact.filler,
                "telephone": status.contact and status.contact.telephone,
                "open_until": status.open_until and status.open_until.isoformat(),
            }
            for status in progress.statuses
        ],
        ensure_ascii=False,
        indent=1,
    )


def as_text(progress: Progress, today: date) -> str:
    """One row a district, one column a form; then sums, whom to call, and files that could not be told apart."""
    columns: dict[tuple[Form, Period], dict[str, ReportStatus]] = {}
    names: dict[str, str] = {}
    for status in progress.statuses:
        columns.setdefault((status.form, status.period), {})[status.district.code] = status
        names[status.district.code] = f"{status.district.code} {status.district.name}"
    table = [
        ["区县", *(form.title for form, _ in columns)],
        ["", *(period.text for _, period in columns)],
        ["", *(f"{form.due_on(period)} 截止" for form, period in columns)],
    ]
    table += [
        [name, *(_cell(statuses.get(code)) for statuses in columns.values())] for code, name in sorted(names.items())
    ]
    lines = [f"{today} 各区县报送情况", "", *_aligned(table), ""]
    lines += [f"{form.title} {period.named()}：{_sum(list(each.values()))}" for (form, period), each in columns.items()]
    lines += _calls(progress.statuses)
    lines += _reopened(progress.exceptions, names)
    if progress.unidentified:
        lines += ["", f"{progress.since} 以来无法受理的文件："]
        lines += [f"  {names.get(code, code)}  {files} 份" for code, files in progress.unidentified.items()]
    return "\n".join(lines)


def for_district(statuses: Sequence[ReportStatus], today: date) -> list[str]:
    """The lines that one district reads: each of its reports with the state, and what it has to do until when.

    What is overdue comes first, then what is to be corrected, then what is still to come, and last what is done.
    """
    lines = [f"{today} 上报情况"]
    for heading, some in _by_urgency(statuses, today):
        lines += ["", f"{heading}："]
        lines += [f"{each.form.title} {each.period.named()}：{_to_clerk(each, today)}" for each in some]
    return [*lines, "", "只看“上报”文件夹里报过的；预检的不算。"]


def for_worklist(items: OpenCount) -> list[str]:
    """The lines about the worklist that one district reads; none where nothing is open."""
    if not items.number:
        return []
    return ["", f"待核对：{open_words(items)}见“反馈”文件夹里的“待核对.xlsx”。"]


def open_words(items: OpenCount) -> str:
    """How many items are open, and how many of them wait for the district itself."""
    if not items.waiting:
        return f"{items.number} 项，本单位都已说明，等其他区县说明。"
    return f"{items.number} 项，其中 {items.waiting} 项等本单位核对、说明。"


def _by_urgency(statuses: Sequence[ReportStatus], today: date) -> list[tuple[str, list[ReportStatus]]]:
    """The reports below each heading, those due first on top; headings without any are left out."""
    overdue, to_correct, to_come, done = "已逾期，请尽快补报", "请改正", "尚未到期", "已报"
    of_heading: dict[str, list[ReportStatus]] = {heading: [] for heading in (overdue, to_correct, to_come, done)}
    for status in sorted(statuses, key=lambda one: one.due_on):
        match status.state:
            case State.WITH_ERRORS:
                heading = to_correct
            case State.REJECTED if today <= status.due_on:
                heading = to_correct
            case State.ACCEPTED | State.NIL | State.RECEIVED:
                heading = done
            case _:
                heading = overdue if today > status.due_on else to_come
        of_heading[heading].append(status)
    return [(heading, some) for heading, some in of_heading.items() if some]


def _to_clerk(status: ReportStatus, today: date) -> str:
    late = [f"迟报 {status.late_days} 天"] if status.late else []
    match status.state:
        case State.ACCEPTED | State.WITH_ERRORS:
            errors = [f"请改正后把整份表重报，{_deadline(status, today)}"] if status.state is State.WITH_ERRORS else []
            return f"已报（{'，'.join([status.state.label, *late, *errors, *_afterwards(status)])}）"
        case State.NIL:
            return f"{status.state.label}（{'，'.join(['已接收', *late, *_afterwards(status)])}）"
        case State.RECEIVED:
            return f"已收到，{status.state.label}"
        case State.REJECTED | State.WITHDRAWN:
            return f"{status.state.label}，待重报（{_deadline(status, today)}）"
        case State.NOT_DUE | State.EXPECTED:
            return f"{State.NOT_DUE.label}（{_deadline(status, today)}）"
        case State.MISSING:
            return f"{status.state.label}（{_deadline(status, today)}）"


def _deadline(status: ReportStatus, today: date) -> str:
    overdue = (today - status.due_on).days
    if overdue <= 0:
        return f"截止 {status.due_on}"
    late = [] if status.in_force else [f"已逾期 {overdue} 天"]
    return "，".join([f"截止 {status.due_on}", *late, f"可补报至 {status.taken_until}"])


def _cell(status: ReportStatus | None) -> str:
    """The state, and what an officer should know beside it; a district that was not there then has none."""
    if status is None:
        return "—"
    marks = []
    if status.late:
        marks.append("迟报")
    if status.state in (State.ACCEPTED, State.WITH_ERRORS, State.NIL):
        marks += _afterwards(status)
    if status.open_until:
        marks.append(f"可补报至 {status.open_until}")
    return status.state.label + (f"（{'，'.join(marks)}）" if marks else "")


def _afterwards(status: ReportStatus) -> list[str]:
    """What came after the version in force and changed nothing, or not yet."""
    if status.latest_outcome is Outcome.REJECTED:
        return ["后一份被退回"]
    return ["后一份处理中"] if status.latest_outcome is None else []


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines, in columns as wide as their widest cell; Chinese characters count two."""
    widths = [max(map(text_width, column)) + _GAP for column in zip(*table, strict=True)]
    return [
        "".join(cell + " " * (width - text_width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _sum(statuses: Sequence[ReportStatus]) -> str:
    counts = Counter(status.state for status in statuses)
    parts = [f"{state.label} {counts[state]}" for state in State if counts[state]]
    late = sum(status.late for status in statuses)
    return "，".join([f"应报 {len(statuses)}", *parts, *([f"其中迟报 {late}"] if late else [])])


def _calls(statuses: Sequence[ReportStatus]) -> list[str]:
    waiting = sorted(
        (status for status in statuses if status.state in TO_BE_CALLED),
        key=lambda status: status.district.code,
    )
    if not waiting:
        return []
    rows = [
        [
            f"  {status.district.code} {status.district.name}",
            f"{status.form.title} {status.period.named()}",
            status.state.label,
            _who(status.contact),
        ]
        for status in waiting
    ]
    return ["", "需要联系：", *_aligned(rows)]


def _reopened(exceptions: Sequence[LockException], names: Mapping[str, str]) -> list[str]:
    if not exceptions:
        return []
    rows = [
        [
            f"  {names.get(each.district_code, each.district_code)}",
            f"{forms()[each.form].title} {period_named(each.period)}",
            f"至 {each.until}",
            f"{each.granted_by}：{each.reason}",
        ]
        for each in exceptions
    ]
    return ["", "已开放补报：", *_aligned(rows)]


def _who(contact: Contact | None) -> str:
    if contact is None:
        return "从未上报，没有联系方式"
    return " ".join(part for part in (contact.filler, contact.telephone) if part)
