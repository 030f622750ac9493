"""Every commitment of the work plan, computed with pandas from the rows as reported, for one area and period.

Written from the wording of the work plan; the SQL and ``commitments.csv`` were not asked. A measure gives
(numerator, denominator), the denominator None where the figure is a count.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

import pandas as pd

from publish.random_reports import Reported

COMPULSORY = ("教学点", "小学", "初中", "九年一贯制", "十二年一贯制", "完全中学")
Measured = tuple[int | Fraction | None, int | Fraction | None]
NO_DATA: Measured = (None, None)


@dataclass(frozen=True)
class View:
    """What the `districts` of an area reported of a form for a period."""

    reported: Reported
    form: str
    period: str
    districts: tuple[str, ...]

    @property
    def accepted(self) -> list[str]:
        return [each for each in self.districts if (self.form, self.period, each) in self.reported.accepted]

    def rows(self, table: str, period: str | None = None, districts: Iterable[str] | None = None) -> pd.DataFrame:
        frame = self.reported.frames[table]
        of_area = frame["district_code"].isin(self.accepted if districts is None else list(districts))
        return frame[of_area & (frame["period"] == (period or self.period))]

    def quarters_so_far(self, district: str) -> list[str]:
        """The quarters of the year, up to this one, for which the district's report was accepted."""
        quarters = [f"{self.period[:4]}-Q{number}" for number in range(1, int(self.period[-1]) + 1)]
        return [quarter for quarter in quarters if (self.form, quarter, district) in self.reported.accepted]


def total(column: pd.Series) -> Fraction:
    return sum((Fraction(value) for value in column), Fraction(0))


def counted(
    table: str, choose: Callable[[pd.DataFrame], pd.Series], column: str | None = None
) -> Callable[[View], Measured]:
    """How many rows of a sheet are chosen, or the sum of a column of theirs."""

    def measure(view: View) -> Measured:
        frame = view.rows(table)
        chosen = frame[choose(frame)]
        return (len(chosen) if column is None else total(chosen[column])), None

    return measure


schools = partial(counted, "school_facility")
kindergartens = partial(counted, "kindergarten_facility")


def share(part: Callable[[View], Measured], whole: Callable[[View], Measured]) -> Callable[[View], Measured]:
    return lambda view: (part(view)[0], whole(view)[0])


def everything(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=frame.index)


def compulsory(frame: pd.DataFrame) -> pd.Series:
    return frame["school_type"].isin(COMPULSORY)


def retained_rural(frame: pd.DataFrame) -> pd.Series:
    return frame["retained"] & (frame["rural_boarding"] | frame["rural_small"])


def special(frame: pd.DataFrame) -> pd.Series:
    return frame["school_type"] == "特殊教育"


def growth_of_large_classes(of: Callable[[pd.DataFrame], pd.Series]) -> Callable[[View], Measured]:
    """By school against the same district's last accepted report; nothing to compare with is no figure."""

    def measure(view: View) -> Measured:
        grown: list[int] = []
        for district in view.accepted:
            earlier = sorted(
                period
                for form, period, each in view.reported.accepted
                if (form, each) == ("facilities", district) and period < view.period
            )
            if not earlier:
                continue
            before = view.rows("school_facility", earlier[-1], [district]).set_index("school_code")["large_class_count"]
            now = view.rows("school_facility", districts=[district])
            now = now[of(now)].set_index("school_code")["large_class_count"]
            grown.append(int((now - before.reindex(now.index).fillna(0)).clip(lower=0).sum()))
        return (sum(grown), None) if grown else NO_DATA

    return measure


def growth_since_the_first_report(of: Callable[[pd.DataFrame], pd.Series]) -> Callable[[View], Measured]:
    """By school against the same district's first accepted report of the calendar year, over schools in both."""

    def measure(view: View) -> Measured:
        grown: list[int] = []
        for district in view.accepted:
            first = view.quarters_so_far(district)[0]
            if first == view.period:
                continue
            before = view.rows("school_facility", first, [district]).set_index("school_code")["large_class_count"]
            now = view.rows("school_facility", districts=[district])
            now = now[of(now)].set_index("school_code")["large_class_count"]
            grown.append(int((now - before).dropna().clip(lower=0).sum()))
        return (sum(grown), None) if grown else NO_DATA

    return measure


def rural_public_toilets(converted_only: bool) -> Callable[[View], Measured]:
    def measure(view: View) -> Measured:
        start = converted = 0
        for table, sponsor in (("school_facility", "sponsor"), ("kindergarten_facility", "ownership")):
            frame = view.rows(table)
            frame = frame[frame["area_type"].isin(("镇区", "乡村")) & (frame[sponsor] == "公办")]
            start += int(frame["dry_toilet_start"].sum())
            converted += int(frame["dry_toilet_converted"].sum())
        return (converted if converted_only else start - converted), None

    return measure


def trained_this_year(category: str, headcount: str | None) -> Callable[[View], Measured]:
    """Distinct teachers of the year so far, by the headcount of each district's latest report that names teachers."""

    def measure(view: View) -> Measured:
        teachers: set[tuple[str, str]] = set()
        heads = 0
        for district in view.accepted:
            quarters = view.quarters_so_far(district)
            for quarter in quarters:
                records = view.rows("training_record", quarter, [district])
                records = records[(records["training_category"] == category) & (records["result"] != "不合格")]
                # Without an ID a number is the district's own.
                teachers |= {(district, number) for number in records["teacher_no"]}
            named = [each for each in quarters if (view.form, each, district) not in view.reported.nil]
            if named and headcount:
                heads += int(view.rows("teacher_headcount", named[-1], [district])[headcount].sum())
        return len(teachers), (heads if headcount else None)

    return measure


def training_score(view: View) -> Measured:
    scores = view.rows("training_record")["score"].dropna()
    return total(scores), len(scores)


def open_for_poverty(view: View) -> Measured:
    cases = view.rows("dropout_case")
    return int((cases["case_status"].isin(("未劝返", "劝返中")) & (cases["reason"] == "因贫")).sum()), None


def compulsory_aid(view: View) -> Measured:
    students, payments = view.rows("hardship_student"), view.rows("aid_payment")
    pupils = set(students.loc[students["stage"].isin(("小学", "初中")), "resident_id"])
    paid = payments[(payments["payment_status"] == "已发放") & (payments["paid_amount"] > 0)]
    paid = paid[paid["stage"].isin(("小学", "初中"))]
    return len(pupils & set(paid["resident_id"])), len(pupils)


def sound_records(view: View) -> Measured:
    """Of what came first, whatever became of it; of what was sent back as a file no row counts."""
    first = [view.reported.first.get(("student_aid", view.period, district), (0, 0)) for district in view.districts]
    return sum(sound for sound, _ in first), sum(read for _, read in first)


KEPT_UP, KEPT_DOWN, LOWER, RAISE = "keep_at_least", "keep_at_most", "lower", "raise"
SHEETS = {
    "facilities": ("school_facility",),
    "teacher_training": ("teacher_headcount",),
    "dropout_control": ("compulsory_enrolment",),
    "student_aid": (),
}
"""Those with a row a school."""


@dataclass(frozen=True)
class Commitment:
    """A commitment as the work plan has it. ``baseline`` and a target other than 0 or 100 % are the city's.

    ``sheets`` are those with a row a school or kindergarten on which the figure rests, if not the form's own.
    """

    item: int
    form: str
    unit: str
    measure: Callable[[View], Measured]
    target: int | None = None
    baseline: int | None = None
    kind: str = RAISE
    sheets: tuple[str, ...] = ()

    @property
    def owed(self) -> tuple[str, ...]:
        return self.sheets or SHEETS[self.form]

    def applies(self, level: str) -> bool:
        """Whether the target is an area's own: 100 % and nought are everybody's."""
        return level == "city" or self.target == 0 or (self.target == 100 and self.unit == "%")

    def baseline_at(self, level: str) -> int | None:
        """The plan's: the city's, but for what is counted from January and begins at 0 wherever the target holds."""
        return self.baseline if level == "city" or (self.baseline == 0 and self.applies(level)) else None


DUE, YEAR_BEGINS = date(2020, 12, 31), date(2020, 1, 1)
F, T = "facilities", "teacher_training"
K, BOTH = ("kindergarten_facility",), ("school_facility", "kindergarten_facility")
COMMITMENTS = {
    "football_schools": Commitment(8, F, "所", schools(lambda f: f["football_school"]), 181, kind=KEPT_UP),
    "football_schools_passed": Commitment(
        8, F, "所", schools(lambda f: f["football_school"] & (f["football_inspection"] == "通过")), 181
    ),
    "football_kindergartens": Commitment(
        8, F, "所", kindergartens(lambda f: f["football_kindergarten"]), 30, kind=KEPT_UP, sheets=K
    ),
    "classroom_lighting": Commitment(
        8, F, "%", share(schools(everything, "lit_classroom_count"), schools(everything, "classroom_count")), 100
    ),
    "fit_desks": Commitment(
        8, F, "%", share(schools(everything, "fit_desk_count"), schools(everything, "desk_count")), 100
    ),
    "schools_inspected": Commitment(
        8, F, "%", share(schools(lambda f: f["inspected_on"].notna()), schools(everything)), 100, baseline=0
    ),
    "counsellor_schools": Commitment(
        8, F, "%", share(schools(lambda f: f["counsellor_count"] >= 1), schools(everything))
    ),
    "inclusive_kindergartens": Commitment(
        11,
        F,
        "%",
        share(
            kindergartens(lambda f: f["ownership"].isin(("公办", "普惠性民办")), "child_count"),
            kindergartens(everything, "child_count"),
        ),
        85,
        sheets=K,
    ),
    "new_public_kindergartens": Commitment(
        11,
        F,
        "所",
        kindergartens(lambda f: f["opened_this_year"] & (f["ownership"] == "公办")),
        15,
        baseline=0,
        sheets=K,
    ),
    "new_public_places": Commitment(
        11, F, "个", kindergartens(everything, "new_public_places"), 6000, baseline=0, sheets=K
    ),
    "community_kindergartens": Commitment(
        11,
        F,
        "%",
        share(
            kindergartens(lambda f: f["community_kindergarten"] == "已移交"),
            kindergartens(lambda f: f["community_kindergarten"] != "否"),
        ),
        100,
        sheets=K,
    ),
    "township_centres": Commitment(11, F, "所", kindergartens(lambda f: f["township_centre"]), sheets=K),
    "large_classes": Commitment(12, F, "个", schools(compulsory, "large_class_count"), 0, baseline=147, kind=LOWER),
    "oversize_classes": Commitment(12, F, "个", schools(compulsory, "oversize_class_count"), 0, kind=KEPT_DOWN),
    "new_large_classes": Commitment(12, F, "个", growth_since_the_first_report(compulsory), 0, kind=KEPT_DOWN),
    "rural_school_internet": Commitment(
        12,
        F,
        "%",
        share(schools(lambda f: retained_rural(f) & (f["bandwidth_mbps"] >= 100)), schools(retained_rural)),
        100,
    ),
    "dry_toilets_converted": Commitment(
        13, F, "个", rural_public_toilets(converted_only=True), baseline=0, sheets=BOTH
    ),
    "dry_toilets_left": Commitment(13, F, "个", rural_public_toilets(converted_only=False), kind=LOWER, sheets=BOTH),
    "resource_rooms_lacking": Commitment(
        15,
        F,
        "所",
        schools(lambda f: ~special(f) & (f["inclusive_pupil_count"] >= 5) & (f["resource_room_count"] == 0)),
        0,
        baseline=23,
        kind=LOWER,
    ),
    "special_school_wireless": Commitment(
        15, F, "%", share(schools(lambda f: special(f) & (f["wireless"] == "全覆盖")), schools(special)), 100
    ),
    "special_school_learning_space": Commitment(
        15, F, "%", share(schools(lambda f: special(f) & (f["learning_space"] == "全覆盖")), schools(special)), 100
    ),
    "law_training": Commitment(20, T, "%", trained_this_year("法治教育", "backbone_teacher_count")),
    "ethics_training": Commitment(25, T, "%", trained_this_year("师德师风", "teacher_count")),
    "ideology_training": Commitment(
        27, T, "%", trained_this_year("思政课教师全员通识", "ideology_teacher_count"), 100, baseline=0
    ),
    "ideology_textbook_training": Commitment(
        27, T, "%", trained_this_year("思政统编教材教法", "ideology_teacher_count")
    ),
    "rural_teacher_training": Commitment(27, T, "%", trained_this_year("乡村教师支持", "rural_teacher_count")),
    "master_teacher_training": Commitment(27, T, "人", trained_this_year("名优教师", None)),
    "dual_teacher_training": Commitment(27, T, "%", trained_this_year("双师型教师", "dual_teacher_count")),
    "principal_training": Commitment(27, T, "%", trained_this_year("名校长骨干校长", "principal_count")),
    "training_score": Commitment(27, T, "分", training_score),
    "it_teacher_training": Commitment(30, T, "%", trained_this_year("教育信息化", "it_teacher_count")),
    "dropout_for_poverty": Commitment(31, "dropout_control", "人", open_for_poverty, 0, kind=KEPT_DOWN),
    "compulsory_aid_coverage": Commitment(31, "student_aid", "%", compulsory_aid, 100),
    "sound_aid_records": Commitment(31, "student_aid", "%", sound_records),
}
