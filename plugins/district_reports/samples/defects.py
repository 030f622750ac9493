"""Workbooks with planted mistakes, and the answer key: what a check must find, and where."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from district_reports.forms import forms
from district_reports.model.form import FIRST_DATA_ROW, Column, Form, Sheet, Type
from district_reports.model.period import Period
from district_reports.reference import District, Register
from district_reports.samples.forms import Rows, generator
from district_reports.samples.mistakes import ENROLMENT_MISTAKES, LEDGER_MISTAKES, Mistake
from district_reports.samples.sample import Sample
from district_reports.samples.workbooks import SAMPLE_DAY, cover_of, district_folder
from district_reports.workbook.names import address
from district_reports.workbook.template import write_template

FORM = "dropout_control"
_LEDGER, _ENROLMENT = "dropout_case", "compulsory_enrolment"
# So many cases that the gathered mistakes stay below the tenth of the rows at which F16 rejects the file.
_SCALE = 7.0


@dataclass(frozen=True)
class Planted:
    """One mistake: the file (relative to the folder written to), the rule, and the place a finding must name.

    Sheet or cell None: the finding is about the whole file or sheet.
    """

    file: str
    rule: str
    sheet: str | None = None
    cell: str | None = None


@dataclass(frozen=True)
class _FileMistake:
    """A mistake of the file: how form, rows and cover differ from a right workbook."""

    rule: str
    file: str
    form: Callable[[Form], Form] = lambda form: form
    rows: Callable[[Rows], Rows] = lambda rows: rows
    cover: Mapping[str, str] | None = None
    sheet: str | None = None
    cell: str | None = None


def _with_columns(change: Callable[[tuple[Column, ...]], Sequence[Column]]) -> Callable[[Form], Form]:
    """The form with other columns on its first sheet."""

    def changed(form: Form) -> Form:
        first: Sheet = form.sheets[0]
        return replace(form, sheets=(replace(first, columns=tuple(change(first.columns))), *form.sheets[1:]))

    return changed


def _without(name: str) -> Callable[[Rows], Rows]:
    def changed(rows: Rows) -> Rows:
        return rows | {_LEDGER: [{key: value for key, value in row.items() if key != name} for row in rows[_LEDGER]]}

    return changed


_EXTRA = Column(name="extra", title="班主任", type=Type.TEXT)
_TWICE = Column(name="twice", title="姓 名", type=Type.TEXT)
_FILE_MISTAKES = (
    _FileMistake("F05", "封面缺填报人", cover={"填报人": ""}, sheet="封面", cell="B7"),
    _FileMistake("F06", "报表代码写错", cover={"报表代码": "dropout_contrl"}, sheet="封面", cell="B1"),
    _FileMistake("F07", "旧版模板", cover={"模板版本": "2019.1"}, sheet="封面", cell="B3"),
    _FileMistake("F08", "封面是别的区", sheet="封面", cell="B4"),
    _FileMistake("F09", "报告期写成季度", cover={"报告期": "2020-Q2"}, sheet="封面", cell="B6"),
    _FileMistake(
        "F10",
        "缺在校人数表",
        form=lambda form: replace(form, sheets=form.sheets[:1]),
        rows=lambda rows: {_LEDGER: rows[_LEDGER]},
        sheet="在校人数",
    ),
    _FileMistake(
        "F11",
        "缺劝返状态列",
        form=_with_columns(lambda columns: [column for column in columns if column.name != "case_status"]),
        rows=_without("case_status"),
        sheet="疑似辍学台账",
    ),
    _FileMistake(
        "F12", "多出一列", form=_with_columns(lambda columns: [*columns, _EXTRA]), sheet="疑似辍学台账", cell="S3"
    ),
    _FileMistake(
        "F13", "姓名列两次", form=_with_columns(lambda columns: [*columns, _TWICE]), sheet="疑似辍学台账", cell="S3"
    ),
    _FileMistake("F14", "各表都是空的", rows=lambda rows: {}),
    _FileMistake("F15", "误报无数据", cover={"无数据申报": "是"}, sheet="封面", cell="B10"),
    _FileMistake(
        "F18",
        "列的次序不同",
        form=_with_columns(lambda columns: [columns[1], columns[0], *columns[2:]]),
        sheet="疑似辍学台账",
    ),
)


def defective_samples(out: Path, register: Register, *, seed: int = 1, on: date = SAMPLE_DAY) -> list[Planted]:
    """Write workbooks with mistakes into one district's folder under `out`, and return all of them.

    One workbook for each mistake of the file, ``内容错误.xlsx`` with a mistake a row that loads in part, and
    ``错误过多.xlsx`` that F16 rejects. A workbook holds the planted mistakes and no other.
    """
    day = register.districts_on(on)
    district = max(day, key=lambda entry: len(register.schools_open(entry.code, on)))
    form = forms()[FORM]
    sample = Sample(register, district, Period.containing(form.period_kind, on), on, seed)
    folder = district_folder(out, district)
    other = next(entry for entry in day if entry != district)
    right = generator(form.key)(sample)
    planted = [_plant_in_file(form, sample, right, folder, mistake, other) for mistake in _FILE_MISTAKES]
    planted += _plant_in_rows(form, replace(sample, scale=_SCALE), folder / "内容错误.xlsx")
    planted += _plant_too_many(form, sample, right, folder / "错误过多.xlsx")
    return planted


def _plant_in_file(
    form: Form, sample: Sample, right: Rows, folder: Path, mistake: _FileMistake, other: District
) -> Planted:
    path = folder / f"{mistake.rule}-{mistake.file}.xlsx"
    cover = cover_of(sample) | dict(mistake.cover or {})
    district = other if mistake.rule == "F08" else sample.district
    rows = mistake.rows(right)
    write_template(mistake.form(form), sample.register, district, sample.period, path, rows, cover)
    return Planted(_relative(path), mistake.rule, mistake.sheet, mistake.cell)


def _plant_in_rows(form: Form, sample: Sample, path: Path) -> list[Planted]:
    rows = generator(form.key)(sample)
    planted = _spoil(form.sheet(_LEDGER), rows[_LEDGER], LEDGER_MISTAKES, path)
    planted += _spoil(form.sheet(_ENROLMENT), rows[_ENROLMENT], ENROLMENT_MISTAKES, path)

    # Two rows with one key are marked both, at the first key column.
    ledger = form.sheet(_LEDGER)
    twin = len(rows[_LEDGER])
    original = next(place for place in range(len(LEDGER_MISTAKES) * 2, twin) if rows[_LEDGER][place]["student_no"])
    rows[_LEDGER].append(dict(rows[_LEDGER][original]))
    planted += [
        Planted(_relative(path), "C03", ledger.title, address(FIRST_DATA_ROW + at, 1)) for at in (original, twin)
    ]

    rows[_LEDGER].append({"resident_id": "合计", "persuasion_count": 999})
    planted.append(Planted(_relative(path), "T09", ledger.title, address(FIRST_DATA_ROW + twin + 1, 1)))

    rows[_ENROLMENT].pop()
    planted.append(Planted(_relative(path), "C10", form.sheet(_ENROLMENT).title))
    write_template(form, sample.register, sample.district, sample.period, path, rows, cover_of(sample))
    return planted


def _plant_too_many(form: Form, sample: Sample, right: Rows, path: Path) -> list[Planted]:
    rows = {table: [dict(row) for row in of_table] for table, of_table in right.items()}
    sheet = form.sheet(_LEDGER)
    count = max(3, len(rows[_LEDGER]) // 10 + 1)
    for row in rows[_LEDGER][:count]:
        row["student_name"] = None
    write_template(form, sample.register, sample.district, sample.period, path, rows, cover_of(sample))
    place = [column.name for column in sheet.columns].index("student_name") + 1
    return [
        Planted(_relative(path), "F16", sheet.title),
        *(Planted(_relative(path), "T01", sheet.title, address(FIRST_DATA_ROW + row, place)) for row in range(count)),
    ]


def _spoil(sheet: Sheet, rows: list[dict[str, Any]], mistakes: Sequence[Mistake], path: Path) -> list[Planted]:
    """Put one mistake into a row each, into the first rows that suit it, and say where."""
    names = [column.name for column in sheet.columns]
    spoilt: set[int] = set()
    planted = []
    for mistake in mistakes:
        row = next(place for place, values in enumerate(rows) if place not in spoilt and mistake.suits(values))
        spoilt.add(row)
        rows[row].update(mistake.change(rows[row]))
        cell = address(FIRST_DATA_ROW + row, names.index(mistake.marks) + 1)
        planted.append(Planted(_relative(path), mistake.rule, sheet.title, cell))
    return planted


def _relative(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
