"""The 封面 sheet: who reports what for when (docs/rules.md, F05–F09)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from district_reports.checks.catalogue import finding
from district_reports.checks.placeholders import placeholder
from district_reports.model.finding import Finding
from district_reports.model.form import Form
from district_reports.model.lock import TakenUntil, as_declared
from district_reports.model.look_alikes import as_digits, odd_one, with_plain_dashes
from district_reports.model.period import CHINESE, EXAMPLES, Period
from district_reports.reference.register import Register
from district_reports.workbook.names import address, comparable, titles_of
from district_reports.workbook.raw import Cell, Picture, RawSheet
from district_reports.workbook.show import shown

COVER = "封面"
FORM, NAME, VERSION, DISTRICT, UNIT, PERIOD = "报表代码", "报表名称", "模板版本", "填报单位代码", "填报单位", "报告期"
FILLER, TELEPHONE, FILLED_ON, NIL, NOTE = "填报人", "联系电话", "填报日期", "无数据申报", "情况说明"
LABELS = (FORM, NAME, VERSION, DISTRICT, UNIT, PERIOD, FILLER, TELEPHONE, FILLED_ON, NIL, NOTE)
MAY_BE_EMPTY = frozenset({NAME, UNIT, NOTE})
_TOLD = frozenset({FILLER, TELEPHONE, FILLED_ON})
"""What only the clerk can tell."""
WITHOUT_IDENTITY = frozenset({"F01", "F02", "F03", "F04", "F05", "F06", "F09"})
"""A file with one of these can't be filed under a form and a period: it is decided when it is received."""


@dataclass(frozen=True)
class Cover:
    """What the cover says; ``form`` and ``period`` are None where they can't be known."""

    form: Form | None
    period: Period | None
    district_code: str
    version: str
    filler: str
    telephone: str
    nil: bool
    nil_cell: str
    note: str


@dataclass(frozen=True)
class CoverCheck:
    """The cover (None after F05) and its findings; any finding rejects the file."""

    cover: Cover | None
    findings: tuple[Finding, ...]


_LIKE_A_COVER = "封面|封皮|首页|扉页"
_LABELS_OF_A_COVER = 3
"""So many of the labels in column A tell a cover by any name."""


def check_cover(
    sheets: Sequence[RawSheet],
    forms: Mapping[str, Form],
    register: Register,
    folder_district: str | None,
    received_on: date,
    taken_until: TakenUntil = as_declared,
) -> CoverCheck:
    """Read the cover and check F05 (alone) or F06–F09 together; `sheets` has all of that name, and where there is none
    it has what may be meant.

    `folder_district` is the code of the folder that the file lay in; None when it is unknown, and then the cover's
    district needs only to exist. `received_on` is the day of receipt in Asia/Shanghai.
    `taken_until` knows of exceptions to the lock.
    """
    covers = [sheet for sheet in sheets if comparable(sheet.title) == COVER]
    if not covers:
        likely = titles_of(_likely(sheets))
        return CoverCheck(None, (finding("F05", "likely", titles=likely) if likely else finding("F05"),))
    if len(covers) > 1:
        return CoverCheck(None, (finding("F05", "twice", sheet=COVER, titles=titles_of(covers), count=len(covers)),))
    values, places, missing = _entries(covers[0])
    if missing:
        return CoverCheck(None, missing)

    findings: list[Finding] = []
    form = forms.get(values[FORM])
    period = None
    if form is None:
        known = tuple(f"{key}（{one.title}）" for key, one in forms.items())
        findings.append(_at(places, "F06", FORM, values, known=known))
    else:
        if values[VERSION] != form.version:
            findings.append(_at(places, "F07", VERSION, values, expected=form.version))
        period, problem = _period(values, places, form, received_on)
        if period and received_on > (last := taken_until(form, folder_district or values[DISTRICT], period)):
            period, problem = None, _at(places, "F09", PERIOD, values, "locked", locked_on=last.isoformat())
        if problem:
            findings.append(problem)
    on = period.last_day if period else received_on
    if folder_district is not None and values[DISTRICT] != folder_district:
        odd = _odd_character(values[DISTRICT], folder_district)
        findings.append(
            _at(places, "F08", DISTRICT, values, "alike" if odd else "default", expected=folder_district, odd=odd)
        )
    elif register.district(values[DISTRICT], on) is None:
        findings.append(_at(places, "F08", DISTRICT, values, variant="unknown"))
    cover = Cover(
        form=form,
        period=period,
        district_code=values[DISTRICT],
        version=values[VERSION],
        filler=values[FILLER],
        telephone=values[TELEPHONE],
        nil=values[NIL] == "是",
        nil_cell=address(places[NIL], 2),
        note=values[NOTE],
    )
    order = {"F06": 0, "F07": 1, "F08": 2, "F09": 3}
    return CoverCheck(cover, tuple(sorted(findings, key=lambda found: order[found.rule])))


def _likely(sheets: Sequence[RawSheet]) -> list[RawSheet]:
    """The sheets that may be the cover under another name: by the labels in column A, or else by that name."""
    by_labels = [sheet for sheet in sheets if len(set(LABELS) & _rows(sheet).keys()) >= _LABELS_OF_A_COVER]
    return by_labels or [sheet for sheet in sheets if re.search(_LIKE_A_COVER, comparable(sheet.title))]


def _rows(sheet: RawSheet) -> dict[str, int]:
    """What stands in column A → the first row in which it does."""
    rows: dict[str, int] = {}
    for row in range(1, sheet.height + 1):
        rows.setdefault(comparable(shown(sheet.cell(row, 1))).rstrip(":*"), row)
    return rows


def _entries(sheet: RawSheet) -> tuple[dict[str, str], dict[str, int], tuple[Finding, ...]]:
    """Label → value and label → row, and the F05 findings."""
    rows = _rows(sheet)
    values: dict[str, str] = {}
    findings = []
    for label in LABELS:
        if label not in rows:
            findings.append(finding("F05", "label", sheet=COVER, label=label))
            continue
        raw = sheet.cell(rows[label], 2)
        # Excel turns a typed 2020-05 into the first of May.
        text = f"{raw:%Y-%m}" if label == PERIOD and isinstance(raw, date | datetime) else shown(raw)
        values[label] = text.strip() if label == NOTE else comparable(text)
        if problem := _problem(label, raw, values[label]):
            findings.append(finding("F05", problem, sheet=COVER, cell=address(rows[label], 2), value=text, label=label))
    return values, rows, tuple(findings)


def _problem(label: str, raw: Cell, value: str) -> str | None:
    """The variant of F05 that is true of a label's value; identity and period have rules of their own."""
    if label in MAY_BE_EMPTY:
        return None
    if isinstance(raw, Picture):
        return "picture"
    if not value:
        return "empty"
    if label == NIL:
        return None if value in ("是", "否") else "yes_no"
    return "placeholder" if label in _TOLD and placeholder(value) else None


def _at(
    places: Mapping[str, int],
    rule: str,
    label: str,
    values: Mapping[str, str],
    variant: str = "default",
    **words: object,
) -> Finding:
    return finding(
        rule,
        variant,
        sheet=COVER,
        cell=address(places[label], 2),
        column=label,
        field=None,
        row=None,
        value=values[label],
        **words,
    )


def _period(
    values: Mapping[str, str], places: Mapping[str, int], form: Form, received_on: date
) -> tuple[Period | None, Finding | None]:
    """The period, or F09 with why; whether it is locked is asked later."""
    words = {"kind": CHINESE[form.period_kind], "example": EXAMPLES[form.period_kind]}
    written = with_plain_dashes(values[PERIOD].upper())
    try:
        period = Period.parse(written)
    except ValueError:
        odd = _odd_in_period(written)
        return None, _at(places, "F09", PERIOD, values, "alike" if odd else "default", odd=odd, **words)
    if period.kind is not form.period_kind:
        return None, _at(places, "F09", PERIOD, values, "kind", **words)
    if received_on < period.first_day:
        return None, _at(places, "F09", PERIOD, values, "not_begun", first_day=period.first_day.isoformat())
    return period, None


def _odd_character(text: str, expected: str) -> str | None:
    """The character by which `text` differs from `expected` and which looks like the right one."""
    return odd_one(text, expected) if as_digits(text) == expected != text else None


def _odd_in_period(text: str) -> str | None:
    try:
        Period.parse(meant := as_digits(text))
    except ValueError:
        return None
    return odd_one(text, meant)
