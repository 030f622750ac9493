"""What happens before and after each of thirty nights, and what must be read then.

`EXPECTED` is typed by hand, from the contract: the state of an item after a night, and `then` after what was said and
ruled on the day that followed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from reconciliation.story import (
    BECAME_ONE,
    ELSEWHERE,
    HERE,
    LEDGERS,
    MERGED,
    NAMES,
    PASSED,
    POOR,
    SCHOOL_CODE,
    SPRING,
    STUDENT_NO,
    SUCCESSOR,
    TWICE,
    A,
    B,
    C,
    Story,
)
from reconciliation.worklist_model import EXPLAINED, OPEN, PARTLY, RESOLVED, RULED, Subject

FIRST_NIGHT = date(2020, 9, 20)
"""So the second merger of the register comes before the nineteenth night."""
SUBJECTS: dict[str, Subject] = {
    "paid twice": ("X01", (TWICE.id, SPRING)),
    "paid twice, one merges": ("X01", (PASSED.id, SPRING)),
    "aided elsewhere": ("X02", (ELSEWHERE.id, C)),
    "aided in what became one": ("X02", (BECAME_ONE.id, SUCCESSOR)),
    "aided in one": ("X03", (BECAME_ONE.id, SUCCESSOR)),
    "aided here": ("X03", (HERE.id, SUCCESSOR)),
    "poor": ("X04", (POOR.id, A)),
    "names": ("X05", (NAMES.id,)),
    "names in ledgers": ("X05", (LEDGERS.id,)),
    "student number": ("X06", (STUDENT_NO,)),
    "pupils": ("X08", (SCHOOL_CODE, "2020-Q3")),
    "teacher number": ("X09", (B, "T77")),
}
"""The items, by what they are called here; of districts as they are after the merger."""


@dataclass(frozen=True)
class Said:
    """A district explains an item."""

    item: str
    district: str


@dataclass(frozen=True)
class Ruled:
    """An officer closes an item, or opens it again."""

    item: str
    closes: bool = True


DAYS: Mapping[int, Callable[[Story], None]] = {
    1: Story.begin,
    3: Story.other_columns,
    5: Story.amount_and_case_columns,
    6: Story.payment_gone,
    7: Story.late_report,
    8: Story.payment_back_and_a_space,
    9: Story.another_name,
    10: Story.amount_taken_back,
    11: Story.one_name,
    12: Story.another_late_report_and_course_columns,
    13: Story.two_names_again,
    14: Story.next_ledgers,
    15: Story.pupils_differ,
    16: Story.discovered_earlier,
    17: Story.bandwidth,
    18: Story.more_pupils,
    20: Story.third_teacher,
    21: Story.as_many_pupils,
    22: Story.case_closed_and_one_teacher,
    23: Story.row_quarantined,
    24: Story.closing_taken_back,
    25: Story.first_ledger_of_the_successor,
    27: Story.sent_back_and_a_case_gone,
    28: Story.number_corrected_and_a_third_district,
    29: Story.row_mended,
}
"""What is sent and taken back before a night; in the nights between, and in the nineteenth, nothing is."""

SAYINGS: Mapping[int, tuple[Said | Ruled, ...]] = {
    1: (Said("paid twice", A),),
    2: (
        Said("paid twice", B),
        Said("aided elsewhere", C),
        Said("aided elsewhere", SUCCESSOR),
        Said("aided here", MERGED),
        Said("poor", A),
        Ruled("teacher number"),
    ),
    3: (Said("aided in what became one", SUCCESSOR), Said("aided in what became one", MERGED)),
    4: (
        Ruled("paid twice"),
        Said("paid twice, one merges", MERGED),
        Said("names in ledgers", A),
        Said("names in ledgers", C),
    ),
    6: (Said("names", B),),
    9: (Said("paid twice", A),),
    10: (Said("poor", A),),
    15: (Said("pupils", B),),
    17: (Ruled("aided elsewhere"),),
    20: (Ruled("aided elsewhere", closes=False), Said("paid twice, one merges", A)),
    21: (Said("aided elsewhere", C),),
    26: (Ruled("paid twice, one merges"),),
}
"""What districts and officers say on the day after a night."""


@dataclass(frozen=True)
class At:
    """In a night; `then` is the state after the day that follows, where it is another."""

    night: int
    state: str
    then: str = ""


EXPECTED: Mapping[str, tuple[At, ...]] = {
    "paid twice": (
        At(1, OPEN, PARTLY),
        At(2, PARTLY, EXPLAINED),
        # Other columns, another row.
        At(3, EXPLAINED),
        At(4, EXPLAINED, RULED),
        # Another amount.
        At(5, OPEN),
        At(6, RESOLVED),
        At(7, RESOLVED),
        # The same payment is back: what was said of it and ruled then does not hold.
        At(8, OPEN),
        At(9, OPEN, PARTLY),
        # The amount of before, when both had explained: that was then.
        At(10, OPEN),
        At(22, OPEN),
        # Its row is quarantined.
        At(23, RESOLVED),
        # What is sent back mends nothing, and breaks nothing.
        At(27, RESOLVED),
        At(29, OPEN),
    ),
    "paid twice, one merges": (
        At(1, OPEN),
        At(4, OPEN, PARTLY),
        At(18, PARTLY),
        # The successor need not say what the merged one said.
        At(19, PARTLY),
        At(20, PARTLY, EXPLAINED),
        At(26, EXPLAINED, RULED),
        At(27, RULED),
        # A third district has paid, too.
        At(28, OPEN),
    ),
    "aided elsewhere": (
        At(1, OPEN),
        At(2, OPEN, EXPLAINED),
        At(5, EXPLAINED),
        # Next month's ledger repeats the case.
        At(14, EXPLAINED),
        At(16, OPEN),
        At(17, OPEN, RULED),
        At(19, RULED),
        At(20, RULED, OPEN),
        At(21, OPEN, PARTLY),
        At(22, RESOLVED),
        At(24, OPEN),
        At(30, OPEN),
    ),
    "aided in what became one": (
        At(1, OPEN),
        At(3, OPEN, EXPLAINED),
        # Both are one now; what each said holds.
        At(19, EXPLAINED),
        # The successor's own ledger is of a period in which they are one.
        At(25, RESOLVED),
    ),
    "aided in one": (At(25, OPEN), At(27, OPEN), At(30, OPEN)),
    "aided here": (
        At(1, OPEN),
        At(2, OPEN, EXPLAINED),
        At(14, EXPLAINED),
        At(19, EXPLAINED),
        At(25, EXPLAINED),
        At(27, RESOLVED),
    ),
    "poor": (
        At(1, OPEN),
        At(2, OPEN, EXPLAINED),
        # Another district lists and pays the child, and takes the report back.
        At(7, RESOLVED),
        At(9, OPEN),
        At(10, OPEN, EXPLAINED),
        # One report fewer is missing.
        At(12, EXPLAINED),
        At(30, EXPLAINED),
    ),
    "names": (
        At(1, OPEN),
        At(6, OPEN, PARTLY),
        # White space makes no other name.
        At(8, PARTLY),
        At(9, OPEN),
        At(11, RESOLVED),
        At(13, OPEN),
    ),
    "names in ledgers": (
        At(1, OPEN),
        At(4, OPEN, EXPLAINED),
        # A third ledger with one of the two names; the same with other dots.
        At(14, EXPLAINED),
        At(16, EXPLAINED),
        # And the closing of another case in it is taken back.
        At(24, EXPLAINED),
        At(30, EXPLAINED),
    ),
    "student number": (At(1, OPEN), At(19, OPEN), At(28, RESOLVED)),
    "pupils": (
        At(15, OPEN, EXPLAINED),
        At(17, EXPLAINED),
        At(18, OPEN),
        At(21, RESOLVED),
    ),
    "teacher number": (
        At(1, OPEN),
        At(2, OPEN, RULED),
        At(12, RULED),
        At(20, OPEN),
        At(22, RESOLVED),
    ),
}
