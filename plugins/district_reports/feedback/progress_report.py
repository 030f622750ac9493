"""Progress for people (a table in Chinese and who is to be called) and for programs (JSON)."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from district_reports.forms import forms
from district_reports.ledger.contacts import Contact
from district_reports.ledger.locks import LockException
from district_reports.ledger.status import Progress, ReportStatus, State
from district_reports.model.finding import Outcome
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.workbook.formats import text_width

TO_BE_CALLED = frozenset({State.MISSING, State.REJECTED, State.WITH_ERRORS, State.EXPECTED, State.WITHDRAWN})
"""States that wait for the district to do something."""
_GAP = 3


def as_json(progress: Progress) -> str:
    """A list with one object a district, form and period."""
    return json.dumps(
        [
            {
                "district_code": standing.district.code,
                "district": standing.district.name,
                "form": standing.form.key,
                "period": standing.period.text,
                "state": standing.state,
                "late": standing.late,
                "due_on": standing.due_on.isoformat(),
                "received_at": standing.received_at and standing.received_at.isoformat(timespec="seconds"),
                "outcome": standing.outcome,
                "latest_outcome": standing.latest_outcome,
                "rows_loaded": standing.rows_loaded,
                "rows_quarantined": standing.rows_quarantined,
                "filler": standing.contact and standing.contact.filler,
                "telephone": standing.contact and standing.contact.telephone,
                "open_until": standing.open_until and standing.open_until.isoformat(),
            }
            for standing in progress.standings
        ],
        ensure_ascii=False,
        indent=1,
    )


def as_text(progress: Progress, today: date) -> str:
    """One row a district, one column a form; then sums, whom to call, and files that could not be told apart."""
    columns: dict[tuple[Form, Period], dict[str, ReportStatus]] = {}
    names: dict[str, str] = {}
    for standing in progress.standings:
        columns.setdefault((standing.form, standing.period), {})[standing.district.code] = standing
        names[standing.district.code] = f"{standing.district.code} {standing.district.name}"
    table = [
        ["区县", *(form.title for form, _ in columns)],
        ["", *(period.text for _, period in columns)],
        ["", *(f"{form.due_on(period)} 截止" for form, period in columns)],
    ]
    table += [
        [name, *(_cell(standings.get(code)) for standings in columns.values())] for code, name in sorted(names.items())
    ]
    lines = [f"{today} 各区县报送情况", "", *_aligned(table), ""]
    lines += [f"{form.title} {period.text}：{_sum(list(each.values()))}" for (form, period), each in columns.items()]
    lines += _calls(progress.standings)
    lines += _reopened(progress.exceptions, names)
    if progress.unidentified:
        lines += ["", f"{progress.since} 以来无法识别的文件："]
        lines += [f"  {names.get(code, code)}  {files} 份" for code, files in progress.unidentified.items()]
    return "\n".join(lines)


def for_district(standings: Sequence[ReportStatus], today: date) -> list[str]:
    """The lines that one district reads: each of its reports with the state, and what it has to do until when."""
    lines = [f"{today} 上报情况", ""]
    for standing in standings:
        lines.append(f"{standing.form.title} {standing.period.text}：{_to_clerk(standing, today)}")
    return [*lines, "", "只看“上报”文件夹里报过的；预检的不算。"]


def _to_clerk(standing: ReportStatus, today: date) -> str:
    late = [f"迟报 {standing.late_days} 天"] if standing.late else []
    match standing.state:
        case State.ACCEPTED | State.WITH_ERRORS:
            errors = ["请改正后把整份表重报"] if standing.state is State.WITH_ERRORS else []
            return f"已报（{'，'.join([standing.state.label, *late, *errors, *_afterwards(standing)])}）"
        case State.NIL:
            return f"{standing.state.label}（{'，'.join(['已接收', *late, *_afterwards(standing)])}）"
        case State.RECEIVED:
            return f"已收到，{standing.state.label}"
        case State.REJECTED | State.WITHDRAWN:
            return f"{standing.state.label}，待重报（{_deadline(standing, today)}）"
        case State.NOT_DUE:
            return f"未报（{standing.state.label}，{_deadline(standing, today)}）"
        case State.EXPECTED | State.MISSING:
            return f"未报（{_deadline(standing, today)}）"


def _deadline(standing: ReportStatus, today: date) -> str:
    overdue = (today - standing.due_on).days
    parts = [f"截止 {standing.due_on}", *([f"已逾期 {overdue} 天"] if overdue > 0 else [])]
    if standing.open_until:
        parts.append(f"已开放补报至 {standing.open_until}")
    return "，".join(parts)


def _cell(standing: ReportStatus | None) -> str:
    """The state, and what an officer should know beside it; a district that was not there then has none."""
    if standing is None:
        return "—"
    marks = []
    if standing.late:
        marks.append("迟报")
    if standing.state in (State.ACCEPTED, State.WITH_ERRORS, State.NIL):
        marks += _afterwards(standing)
    if standing.open_until:
        marks.append(f"开放至 {standing.open_until}")
    return standing.state.label + (f"（{'，'.join(marks)}）" if marks else "")


def _afterwards(standing: ReportStatus) -> list[str]:
    """What came after the version in force and changed nothing, or not yet."""
    if standing.latest_outcome is Outcome.REJECTED:
        return ["后一份被退回"]
    return ["后一份处理中"] if standing.latest_outcome is None else []


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines, in columns as wide as their widest cell; Chinese characters count two."""
    widths = [max(map(text_width, column)) + _GAP for column in zip(*table, strict=True)]
    return [
        "".join(cell + " " * (width - text_width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _sum(standings: Sequence[ReportStatus]) -> str:
    counts = Counter(standing.state for standing in standings)
    parts = [f"{state.label} {counts[state]}" for state in State if counts[state]]
    late = sum(standing.late for standing in standings)
    return "，".join([f"应报 {len(standings)}", *parts, *([f"其中迟报 {late}"] if late else [])])


def _calls(standings: Sequence[ReportStatus]) -> list[str]:
    waiting = sorted(
        (standing for standing in standings if standing.state in TO_BE_CALLED),
        key=lambda standing: standing.district.code,
    )
    if not waiting:
        return []
    rows = [
        [
            f"  {standing.district.code} {standing.district.name}",
            f"{standing.form.title} {standing.period.text}",
            standing.state.label,
            _who(standing.contact),
        ]
        for standing in waiting
    ]
    return ["", "需要联系：", *_aligned(rows)]


def _reopened(exceptions: Sequence[LockException], names: Mapping[str, str]) -> list[str]:
    if not exceptions:
        return []
    rows = [
        [
            f"  {names.get(each.district_code, each.district_code)}",
            f"{forms()[each.form].title} {each.period}",
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
