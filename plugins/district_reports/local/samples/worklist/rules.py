"""What each of the rules X01 to X09 is to find in the city of the samples; another rule is another function here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from district_reports.local.samples.planting import Row
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.local.samples.worklist.city import City
from district_reports.local.samples.worklist.people import ALIKE, WITH_DOT, WITHOUT_DOT, Pupil, Trainee
from district_reports.local.samples.worklist.plan import Planting, Worklist
from district_reports.model.period import Period, PeriodKind
from district_reports.reference.register import District, Register

_CASE, _ENROLMENT = "dropout_case", "compulsory_enrolment"
_LIST, _PAYMENT = "hardship_student", "aid_payment"
_FACILITY, _RECORD = "school_facility", "training_record"
_SEMESTER = Period.containing(PeriodKind.SEMESTER, SAMPLE_DAY).text
_QUARTER = Period.containing(PeriodKind.QUARTER, SAMPLE_DAY).text
_FOUND = date(2020, 3, 2), date(2020, 5, 8)
_PAID = date(2020, 5, 18), date(2020, 6, 19)
"""Aid is paid after the last case was found, and within the semester, as all else is."""


def planted_worklist(register: Register, *, seed: int = 1, districts: int = 13) -> Worklist:
    """At least five items of each rule over the first `districts` of the register, in their samples of SAMPLE_DAY.

    Of one district alone there are only items that lie within a district.
    """
    city = City(register, seed, register.districts_on(SAMPLE_DAY)[:districts])
    for rule, plant in RULES.items():
        city.draw(rule)
        plant(city)
    return city.worklist


def _paid_in_two(city: City) -> None:
    """One pupil in need in two districts, once in three, and once with two programmes in one of them."""
    for number, (here, there) in enumerate(city.pairs(6)):
        pupil = city.new.pupil(here)
        item = city.worklist.item("X01", _id(pupil.person.resident_id), _SEMESTER)
        _aided(city, item, here, pupil, "payment")
        _aided(city, item, there, city.new.elsewhere(pupil, there), "payment")
        if number == 0:
            for third in city.others(here, there)[:1]:
                _aided(city, item, third, city.new.elsewhere(pupil, third), "payment")
        if number == 1:
            item.add(here, _PAYMENT, pupil.paid_more(city.new.day(*_PAID)), "payment")


def _open_here_paid_there(city: City) -> None:
    """Looked for in one district, at school and aided in another."""
    for here, there in city.pairs(6):
        pupil = city.new.pupil(here)
        item = city.worklist.item("X02", _id(pupil.person.resident_id), here.name)
        _missing(city, item, here, pupil, "case", reason="外出务工")
        _aided(city, item, there, city.new.elsewhere(pupil, there), "payment")


def _open_and_paid(city: City) -> None:
    """Looked for and aided in one district, for another reason than poverty."""
    for here in city.districts(6):
        pupil = city.new.pupil(here)
        item = city.worklist.item("X03", _id(pupil.person.resident_id), here.name)
        _missing(city, item, here, pupil, "case", reason="厌学")
        _aided(city, item, here, pupil, "payment")


def _poor_without_aid(city: City) -> None:
    """Poor, and on no list; on the own district's without a payment; on another one's without a payment."""

    def planted(here: District, part: str) -> tuple[Planting, Pupil]:
        pupil = city.new.pupil(here)
        item = city.worklist.item("X04", _id(pupil.person.resident_id), here.name)
        _missing(city, item, here, pupil, part, reason="因贫", registered_poor="是")
        return item, pupil

    for here in city.districts(2):
        planted(here, "not_listed")
    for here in city.districts(2):
        item, pupil = planted(here, "not_paid")
        item.add(here, _LIST, pupil.listed(), "listed")
    for here, there in city.pairs(2):
        item, pupil = planted(here, "not_paid")
        item.add(there, _LIST, city.new.elsewhere(pupil, there).listed(), "listed")


def _two_names(city: City) -> None:
    """One ID under two names, in one form and over two, in one district and over two."""

    def planted(pupil: Pupil) -> tuple[Planting, Pupil]:
        item = city.worklist.item("X05", _id(pupil.person.resident_id))
        return item, pupil.named(city.new.misspelt(pupil.person.name))

    for here, there in city.pairs(2):
        item, misspelt = planted(pupil := city.new.pupil(here))
        item.add(here, _CASE, pupil.returned(city.new.day(*_FOUND)), "named")
        _aided(city, item, there, city.new.elsewhere(misspelt, there), "named", "named")
    for here, there in city.pairs(1):
        item, misspelt = planted(pupil := city.new.pupil(here))
        item.add(here, _CASE, pupil.returned(city.new.day(*_FOUND)), "named")
        item.add(there, _CASE, city.new.elsewhere(misspelt, there).returned(city.new.day(*_FOUND)), "named")
    for number, (here, there) in enumerate(city.pairs(2)):
        teacher = city.new.teacher(here)
        name, another = (teacher.name, city.new.misspelt(teacher.name)) if number else (WITH_DOT, WITHOUT_DOT)
        teacher = replace(teacher, name=name)
        other = replace(city.new.teacher(there), name=another, resident_id=teacher.resident_id)
        item = city.worklist.item("X05", _id(teacher.resident_id))
        item.add(here, _RECORD, teacher.trained(), "named")
        item.add(there, _RECORD, other.trained(), "named")
    for here, there in city.pairs(1):
        # A parent's ID typed for the child.
        teacher, child = city.new.teacher(here), city.new.child(there)
        child = replace(child, person=replace(child.person, resident_id=str(teacher.resident_id)))
        item = city.worklist.item("X05", _id(teacher.resident_id))
        item.add(here, _RECORD, teacher.trained(), "named")
        _aided(city, item, there, child, "named", "named")
    for here in city.districts(2):
        item, misspelt = planted(pupil := city.new.pupil(here))
        item.add(here, _LIST, pupil.listed(), "named")
        item.add(here, _PAYMENT, misspelt.paid(city.new.day(*_PAID)), "named")


def _two_ids(city: City) -> None:
    """One provisional or formal number for two pupils, in one form and over two, in one district and over two."""

    def planted(here: District, there: District, letter: str) -> tuple[Planting, Pupil, Pupil]:
        one, other = city.new.pupil(here), city.new.pupil(there)
        number = f"{letter}{one.person.resident_id}"
        item = city.worklist.item("X06", f"学籍号 {number}")
        return item, replace(one, student_no=number), replace(other, student_no=number)

    for here, there in city.pairs(2):
        item, one, other = planted(here, there, "L")
        _aided(city, item, here, one, "numbered", "numbered")
        _aided(city, item, there, other, "numbered", "numbered")
    for here, there in city.pairs(2):
        item, one, other = planted(here, there, "L")
        item.add(here, _CASE, one.returned(city.new.day(*_FOUND)), "numbered")
        _aided(city, item, there, other, "numbered", "numbered")
    for here, there in city.pairs(1):
        item, one, other = planted(here, there, "J")
        item.add(here, _CASE, one.returned(city.new.day(*_FOUND)), "numbered")
        item.add(there, _CASE, other.returned(city.new.day(*_FOUND)), "numbered")
    for here in city.districts(1):
        item, one, other = planted(here, here, "J")
        _aided(city, item, here, one, "numbered", "numbered")
        _aided(city, item, here, other, "numbered", "numbered")


def _two_sizes(city: City) -> None:
    """A school that is a tenth smaller in one report than in the other, in turns."""

    def less(*columns: str) -> Callable[[Row], Row]:
        return lambda row: {name: row[name] * 9 // 10 for name in columns}

    as_it_is: Callable[[Row], Row] = less()
    for number, here in enumerate(city.districts(6)):
        school = city.new.school(here, ALIKE)
        item = city.worklist.item("X08", f"学校标识码 {school.code}", _QUARTER)
        at_school = _at(school.code)
        in_ledger = less("expected_enrolment", "actual_enrolment") if number % 2 else as_it_is
        in_facilities = as_it_is if number % 2 else less("pupil_count")
        item.change(here, _ENROLMENT, at_school, in_ledger, "enrolment")
        item.change(here, _FACILITY, at_school, in_facilities, "facility")


def _two_teachers(city: City) -> None:
    """One number: two IDs of one name, two IDs and names, two names with one ID, two names and no ID."""
    for number, here in enumerate(city.districts(6)):
        teacher, other = city.new.teacher(here), city.new.teacher(here)
        nobody = replace(teacher, resident_id=None)
        renamed = replace(nobody, name=city.new.misspelt(teacher.name))
        kinds: tuple[tuple[str, Trainee, Trainee], ...] = (
            ("two_ids", teacher, replace(teacher, resident_id=other.resident_id)),
            ("two_ids", teacher, replace(other, number=teacher.number)),
            ("two_names", teacher, renamed),
            ("two_names", nobody, renamed),
        )
        part, *records = kinds[number % len(kinds)]
        item = city.worklist.item("X09", f"教师编号 {teacher.number}", here.name)
        for course, record in enumerate(records):
            item.add(here, _RECORD, record.trained(course), part)


RULES: Mapping[str, Callable[[City], None]] = {
    "X01": _paid_in_two,
    "X02": _open_here_paid_there,
    "X03": _open_and_paid,
    "X04": _poor_without_aid,
    "X05": _two_names,
    "X06": _two_ids,
    "X08": _two_sizes,
    "X09": _two_teachers,
}
"""A rule and what plants its items."""


def _id(resident_id: str | None) -> str:
    return f"身份证件号 {resident_id}"


def _at(school_code: str) -> Callable[[Row], bool]:
    return lambda row: bool(row["school_code"] == school_code)


def _aided(
    city: City, item: Planting, district: District, pupil: Pupil, paid: str | None, listed: str | None = None
) -> None:
    """The pupil is listed and paid there; `paid` and `listed` are the parts that these rows play."""
    item.add(district, _LIST, pupil.listed(), listed)
    item.add(district, _PAYMENT, pupil.paid(city.new.day(*_PAID)), paid)


def _missing(city: City, item: Planting, district: District, pupil: Pupil, part: str, **case: object) -> None:
    """The pupil's case is open there, and the school counts one less."""
    item.add(district, _CASE, pupil.case(city.new.day(*_FOUND)) | case, part)
    item.change(district, _ENROLMENT, _at(pupil.school.code), _one_less, None)


def _one_less(row: Row) -> Row:
    return {"actual_enrolment": row["actual_enrolment"] - 1}
