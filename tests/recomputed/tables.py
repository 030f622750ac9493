"""All eight city tables, recomputed from the workbooks: rows by key, as :mod:`recomputed.published` reads them."""

from collections.abc import Callable, Iterator, Mapping

from independent.book import ENROLMENT, HEADCOUNT, KINDERGARTEN, SCHOOL
from recomputed import figures_schools, figures_students
from recomputed.areas import Area, Units, accepted, areas, districts_coverage, units_coverage
from recomputed.commitment_rows import commitment_rows
from recomputed.figures_students import ALL
from recomputed.figures_submissions import listed_periods, submissions
from recomputed.house import Accepted, House
from recomputed.periods import Period
from recomputed.published import Key, Published, Table
from recomputed.register import COMPULSORY, Register
from recomputed.register import KINDERGARTEN as NURSERY
from recomputed.worklist import worklist_rows

SCHOOL_TYPES = (*COMPULSORY, "普通高中", "中职", "特殊教育")
Measure = Callable[[House, list[Accepted], Key], dict[str, object]]


def _breakdowns(*lists: tuple[str, ...]) -> list[Key]:
    """Each list alone, the others all."""
    found: list[Key] = [(ALL,) * len(lists)]
    for place, words in enumerate(lists):
        found += [tuple(word if at == place else ALL for at in range(len(lists))) for word in words]
    return found


def _aid_keys(register: Register) -> list[Key]:
    """Stages and programmes alone, and both together where the city has the programme for the stage."""
    pairs = dict.fromkeys((row["stage"], row["programme"]) for row in register.rows("aid_programmes"))
    return _breakdowns(figures_students.STAGES, figures_students.PROGRAMMES) + list(pairs)


class CityTable:
    """A table of figures: its form, the breakdowns that it has a row for, and what is measured of each."""

    def __init__(self, form: str, measure: Measure, keys: Callable[[Register], list[Key]], units: Units | None) -> None:
        self.form, self.measure, self.keys, self.units = form, measure, keys, units

    def rows(self, house: House, boundary: str) -> Iterator[tuple[Key, dict[str, object]]]:
        for text in sorted({period for form, _, period in house.reports if form == self.form}):
            period = Period.of(text)
            for area in areas(house, period, boundary):
                yield from self._of_area(house, period, area)

    def _of_area(self, house: House, period: Period, area: Area) -> Iterator[tuple[Key, dict[str, object]]]:
        reports = accepted(house, self.form, period, area)
        about: dict[str, object] = districts_coverage(house, self.form, period, area)
        if self.units is not None:
            about.update(units_coverage(house, self.form, period, area, self.units))
        for key in self.keys(house.register):
            figures: Mapping[str, object] = self.measure(house, reports, key)
            if not reports:
                figures = dict.fromkeys(figures)
            yield (period.text, area.level, area.code, *key), {**about, **figures}


TABLES = {
    "city_student_aid": CityTable(
        "student_aid",
        lambda house, reports, key: figures_students.student_aid(reports, *key),
        _aid_keys,
        None,
    ),
    "city_dropout_control": CityTable(
        "dropout_control",
        lambda house, reports, key: figures_students.dropout_control(house, reports, *key),
        lambda register: _breakdowns(figures_students.REASONS, figures_students.KINDS, ("是", "否")),
        Units(ENROLMENT, "学校标识码", COMPULSORY),
    ),
    "city_facilities": CityTable(
        "facilities",
        lambda house, reports, key: figures_schools.facilities(house, reports),
        lambda register: [()],
        Units(SCHOOL, "学校标识码", SCHOOL_TYPES),
    ),
    "city_kindergartens": CityTable(
        "facilities",
        lambda house, reports, key: figures_schools.kindergartens(reports),
        lambda register: [()],
        Units(KINDERGARTEN, "园所标识码", (NURSERY,)),
    ),
    "city_teacher_training": CityTable(
        "teacher_training",
        lambda house, reports, key: figures_schools.teacher_training(house, reports, *key),
        lambda register: [(category,) for category in figures_schools.TEACHERS_TO_TRAIN],
        Units(HEADCOUNT, "学校标识码", SCHOOL_TYPES),
    ),
}


def recomputed(house: House) -> Published:
    """Every table in both boundaries."""

    def units_of(name: str, period: Period, area: Area) -> Mapping[str, object]:
        table = TABLES.get(name)
        if table is None or table.units is None:
            return {}
        return units_coverage(house, table.form, period, area, table.units)

    found: Published = {}
    for boundary in ("then", "now"):
        for name, table in TABLES.items():
            found[boundary, name] = dict(table.rows(house, boundary))
        found[boundary, "city_reconciliation"] = dict(worklist_rows(house))
        found[boundary, "city_submissions"] = dict(_submission_rows(house, boundary))
        tables: dict[str, Table] = {table: rows for (at, table), rows in found.items() if at == boundary}
        found[boundary, "city_commitments"] = dict(commitment_rows(house, boundary, tables, units_of))
    return found


def _submission_rows(house: House, boundary: str) -> Iterator[tuple[Key, dict[str, object]]]:
    for form, periods in listed_periods(house).items():
        for period in periods:
            for area in areas(house, period, boundary):
                about = districts_coverage(house, form, period, area)
                yield (
                    (period.text, area.level, area.code, form),
                    {**about, **submissions(house, form, period, area)},
                )
