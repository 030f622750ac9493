"""A template that holds what is known: the rows, the cover and the helper sheets that a form's declaration asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from district_reports.model.form import Column, Form, ReferenceCodes, Sheet, Type
from district_reports.model.period import Period
from district_reports.model.prefill import (
    CarriedRows,
    Columns,
    Follow,
    FromSchool,
    FromTable,
    HelperSheet,
    Kept,
    Known,
    LastReport,
    Promotion,
    Row,
    SchoolRows,
)
from district_reports.reference.register import District, Register, School
from district_reports.workbook.formats import PrefilledStyles
from district_reports.workbook.templates.code_lists import YES_NO, schools_named
from district_reports.workbook.templates.helper_sheet import Helper
from district_reports.workbook.templates.instructions import Rule
from district_reports.workbook.templates.template import FILLER, TELEPHONE, write_template

Values = dict[str, object]
_MORE_SCHOOLS, _MORE_ROWS = 20, 200


@dataclass(frozen=True)
class Prefilled:
    """What stands in a template before anybody types: rows by table, cover values by label, helper sheets.

    ``results`` are what the columns that follow yield in ``rows`` at first, and ``prepared`` how many rows with
    formulas alone stand below them.
    """

    rows: Mapping[str, Sequence[Row]] = field(repr=False)
    results: Mapping[str, Sequence[Row]] = field(repr=False)
    prepared: Mapping[str, int]
    cover: Mapping[str, str] = field(repr=False)
    helpers: Sequence[Helper] = field(repr=False)


def write_prefilled(
    form: Form,
    register: Register,
    district: District,
    period: Period,
    path: Path,
    known: Known,
    rules: Sequence[Rule] = (),
) -> None:
    """Write the template of `form` with what is known to `path`; cells to fill are yellow, known ones grey."""
    given = prefilled(form, register, district, period, known)
    write_template(
        *(form, register, district, period, path),
        rows=given.rows,
        cover=given.cover,
        rules=rules,
        results=given.results,
        prepared=given.prepared,
        helpers=given.helpers,
        look=PrefilledStyles,
    )


def prefilled(form: Form, register: Register, district: District, period: Period, known: Known) -> Prefilled:
    """What is known of the report of `form` that `district` will send for `period`."""
    filling = _Filling(register, district, period, known)
    rows = {sheet.table: filling.rows(sheet) for sheet in form.sheets}
    helpers = [
        Helper(follow, sheet, filling.helping_rows(sheet, follow))
        for sheet in form.sheets
        for follow in sheet.follows
        if isinstance(follow, HelperSheet)
    ]
    tables = rows | {helper.declared.title: helper.rows for helper in helpers}
    types = types_of_schools(register, district, period)
    return Prefilled(
        rows,
        results={sheet.table: _results(sheet, rows[sheet.table], tables, types) for sheet in form.sheets},
        prepared={sheet.table: filling.prepared(sheet, rows[sheet.table]) for sheet in form.sheets},
        cover={FILLER: known.filler, TELEPHONE: known.telephone},
        helpers=helpers,
    )


def types_of_schools(register: Register, district: District, period: Period) -> dict[str, str]:
    """The types of the schools that the workbook names, by code."""
    return {school.code: school.school_type for school in schools_named(register, district, period)}


def _results(
    sheet: Sheet, rows: Sequence[Row], tables: Mapping[str, Sequence[Row]], types: Mapping[str, str]
) -> list[Row]:
    """What follows in `rows`; one column may follow from another that follows."""
    results: list[Row] = [{} for _ in rows]
    for follow in sheet.follows:
        so_far = [{**row, **result} for row, result in zip(rows, results, strict=True)]
        results = [{**one, **more} for one, more in zip(results, yielded(follow, so_far, tables, types), strict=True)]
    return results


@dataclass(frozen=True)
class _Filling:
    """One district's report of one period."""

    register: Register
    district: District
    period: Period
    known: Known

    def rows(self, sheet: Sheet) -> list[Row]:
        match sheet.prefill:
            case SchoolRows() as schools:
                return list(self.school_rows(sheet, schools))
            case CarriedRows() as carried:
                return self.carried_rows(sheet, carried)
            case None:
                return []

    def prepared(self, sheet: Sheet, rows: Sequence[Row]) -> int:
        """How many rows may come to those that are given: as many as last time, and half as many again."""
        if isinstance(sheet.prefill, SchoolRows):
            return _MORE_SCHOOLS
        last = sum(len(report.rows.get(sheet.table, ())) for report in self.known.reports)
        return _MORE_ROWS + max(len(rows) // 2, last * 3 // 2 - len(rows))

    def schools(self, kind: SchoolRows) -> list[School]:
        return self.register.schools_open(self.district.code, self.period.last_day, kind.types)

    def school_rows(self, sheet: Sheet, kind: SchoolRows) -> Iterator[Values]:
        (key,) = sheet.key
        last = {row[key]: (report.period, row) for report in self.known.reports for row in report.rows[sheet.table]}
        for school in self.schools(kind):
            row: Values = {key: school.code}
            row |= {column: getattr(school, attribute) for column, attribute in kind.register}
            if school.code in last:
                then, before = last[school.code]
                if not _became_another(sheet, kind, school, before):
                    row |= self._kept(sheet, kind.kept, before, then)
            if kind.opened_this_year:
                opened = self.register.first_opened_on(school.code) or school.opened_on
                row[kind.opened_this_year] = YES_NO[opened.year != self.period.calendar_year]
            for settled in kind.settled:
                if row.get(settled.given, getattr(school, settled.given, None)) in settled.among:
                    row[settled.column] = settled.value
            yield row

    def carried_rows(self, sheet: Sheet, kind: CarriedRows) -> list[Row]:
        """Two that became alike, or are told by two districts that merged, are one."""
        rows: dict[tuple[object, ...], Row] = {}
        for report in self.known.reports:
            pupils = _Pupils(kind.promotion, report) if kind.promotion else None
            for before in report.rows[sheet.table]:
                if kind.where is None or kind.where.holds(before[kind.where.column]):
                    row = self._kept(sheet, kind.kept, before, report.period)
                    if pupils:
                        row |= pupils.changes(before, self.period.school_year - report.period.school_year)
                    rows[tuple(row.get(name) for name in sheet.key)] = row
        return list(rows.values())

    def helping_rows(self, sheet: Sheet, kind: HelperSheet) -> list[Row]:
        """A row for each that reports named, with what the last one says of it, if it says one thing."""
        last = [row for report in self.known.reports for row in report.rows[sheet.table]]
        named: dict[tuple[object, ...], list[Row]] = {}
        for row in self.known.everyone.get(kind.title, ()) if kind.everyone else last:
            key = self._holding(sheet, kind.by, row)
            if len(key) == len(kind.by) and None not in key.values():
                named.setdefault(tuple(key.values()), []).append(row)
        listed: list[Row] = []
        for key_values, rows in named.items():
            values: Values = dict(zip(kind.by, key_values, strict=True))
            for name in kind.known:
                said = [row[name] for row in rows if row[name] is not None]
                if said and (kind.everyone or len(set(said)) == 1):
                    values |= self._holding(sheet, (name,), {name: said[-1]})
            listed.append(values)
        return sorted(listed, key=lambda row: [str(row.get(name, "")) for name in ("school_code", *kind.by)])

    def _kept(self, sheet: Sheet, kept: Kept, before: Row, then: Period) -> Values:
        columns = kept.always
        if then.calendar_year == self.period.calendar_year:
            columns += kept.in_year
        if then.school_year == self.period.school_year:
            columns += kept.in_school_year
        return self._holding(sheet, columns, before)

    def _holding(self, sheet: Sheet, columns: Columns, before: Row) -> Values:
        values: Values = {}
        for each in columns:
            name = each if isinstance(each, str) else each.column
            settled = isinstance(each, str) or each.holds(before[name])
            if settled and self._holds_still(sheet.by_name[name], before[name]):
                values[name] = before[name]
        return values

    def _holds_still(self, column: Column, value: object) -> bool:
        """Whether a check would take the value: a code may have gone, and a school closed or moved away."""
        if column.type is Type.SCHOOL_CODE:
            return any(
                school.district_code == self.district.code
                and school.is_open_between(self.period.first_day, self.period.last_day)
                for school in self.register.schools_of(str(value))
            )
        codes = self.register.codes(column.codes) if isinstance(column.codes, ReferenceCodes) else column.codes
        return not codes or value in codes


def yielded(
    follow: Follow, rows: Sequence[Row], tables: Mapping[str, Sequence[Row]], types: Mapping[str, str]
) -> list[Values]:
    """What the columns of `follow` yield in `rows` where these say nothing, as their formulas do.

    `tables` are the rows of the form's tables, and of helper sheets by their titles; `types` are the schools' types.
    """
    if isinstance(follow, FromSchool):
        return [{follow.column: follow.of(row, types)} if row.get(follow.column) is None else {} for row in rows]
    if not isinstance(follow, HelperSheet | FromTable):
        return [{follow.column: follow.of(row)} if row.get(follow.column) is None else {} for row in rows]
    there: dict[tuple[object, ...], Row] = {}
    for source in tables[follow.title if isinstance(follow, HelperSheet) else follow.table]:
        # A formula finds the first.
        there.setdefault(tuple(source.get(name) for name in follow.by), source)
    found: list[Values] = []
    for row in rows:
        key = tuple(row.get(name) for name in follow.by)
        values = there.get(key, {}) if None not in key else {}
        found.append({name: values.get(name) for name in follow.columns if row.get(name) is None})
    return found


def _became_another(sheet: Sheet, kind: SchoolRows, school: School, before: Row) -> bool:
    """Whether the last report had another type, area … of it: then what else it said is in question too."""
    return any(
        sheet.by_name[column].type is Type.CODE and before[column] != getattr(school, attribute)
        for column, attribute in kind.register
    )


class _Pupils:
    """Who of a report goes up a grade, and who leaves."""

    def __init__(self, promotion: Promotion, report: LastReport) -> None:
        self._promotion, self._last = promotion, dict(promotion.last)
        # For the sheet itself: no column of another one to look a pupil up by.
        self._by, self._told = "", dict[object, Row]()
        if promotion.told_by:
            table, self._by = promotion.told_by
            self._told = {row[self._by]: row for row in report.rows[table]}

    def changes(self, before: Row, years: int) -> Values:
        """What `years` new school years change in a row; None where it must be asked again."""
        promotion = self._promotion
        pupil = self._told.get(before[self._by]) if self._by else before
        if not years or pupil is None:
            return {}
        grade, last = pupil[promotion.grade], self._last.get(str(pupil[promotion.stage]))
        has_grade = [] if self._by else [promotion.grade]
        if isinstance(grade, int) and last is not None and grade + years <= last:
            return dict.fromkeys(has_grade, grade + years)
        return dict.fromkeys([*has_grade, promotion.stage, *promotion.left])
