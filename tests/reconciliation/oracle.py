"""X01–X06, X08 and X09 once more, by the contract's words alone: from the rows that were sent and the register.

Nothing here is shared with the library. A person is an ID, a name is what is left of it after NFKC without white space
and with one kind of middle dot, and each rule is a few lines over pandas frames.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from independent.book import CASES, ENROLMENT, FIRST_ROW, HARDSHIP, HEADERS, PAYMENT, RECORD, SCHOOL
from recomputed.periods import Period
from recomputed.plan import Report
from recomputed.register import Register
from reconciliation.draft import Side

RULES = ("X01", "X02", "X03", "X04", "X05", "X06", "X08", "X09")
OPEN = ("未劝返", "劝返中")
COMPARED_SCHOOLS = ("小学", "初中", "九年一贯制")
DOTS = dict.fromkeys(map(ord, "·•‧∙⋅・"), "·")
IDENTITY = ["form", "period", "district", "sheet", "row"]


@dataclass(frozen=True)
class Item:
    """A rule and its subject, the districts that it touches today, and the rows that raise it."""

    rule: str
    subject: tuple[str, ...]
    districts: frozenset[str]
    sides: frozenset[Side]


def identifier(text: object) -> str | None:
    """As T10 normalises it."""
    if text is None:
        return None
    return "".join(unicodedata.normalize("NFKC", str(text)).split()).upper()


def name(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(DOTS)


def semester_of(day: date) -> str:
    """2020-S1 from February to July; January belongs to the autumn before."""
    if 2 <= day.month <= 7:
        return f"{day.year}-S1"
    return f"{day.year if day.month >= 8 else day.year - 1}-S2"


def school_year(last: date) -> int:
    """The calendar year in which it began, on 1 August."""
    return last.year if last.month >= 8 else last.year - 1


def reports_in_force(reports: Iterable[Report], night: date) -> list[Report]:
    """The last accepted of each key in the order of the days, without those that somebody took back."""
    found: dict[tuple[str, str, str], Report] = {}
    for report in reports:
        gone = report.taken_back is not None and report.taken_back <= night
        if report.day <= night and report.judged != "rejected" and not gone:
            found[report.key] = report
    return list(found.values())


class Oracle:
    """The items of a night, of the reports in force then."""

    def __init__(self, in_force: Iterable[Report], register: Register, today: date) -> None:
        self.register, self.today = register, today
        self.reports = [r for r in in_force if r.district in register.reporting(Period.of(r.period).last)]
        self._frames = {sheet: self._frame(sheet) for sheet in (HARDSHIP, PAYMENT, CASES, ENROLMENT, SCHOOL, RECORD)}

    def items(self) -> set[Item]:
        rules: tuple[Callable[[], Iterator[Item]], ...] = (
            *(self._paid_twice, self._aided_dropouts, self._poor_unaided, self._names),
            *(self._numbers, self._pupils, self._teachers),
        )
        return {item for rule in rules for item in rule()}

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _frame(self, sheet: str) -> pd.DataFrame:
        """Every row of the sheet that was read and is no total; `sound` says whether it was loaded."""
        lines = []
        for report in self.reports:
            part = report.book.sheets.get(sheet)
            period = Period.of(report.period)
            for number, cells in enumerate(part.rows if part else (), FIRST_ROW):
                if number in report.totals.get(sheet, ()):
                    continue
                lines.append(
                    {
                        **{title: cells.get(title) for title in part.headers},
                        "身份证件号": identifier(cells.get("身份证件号")),
                        "学籍号": identifier(cells.get("学籍号")),
                        "教师编号": identifier(cells.get("教师编号")),
                        **dict(
                            zip(IDENTITY, (report.form, report.period, report.district, sheet, number), strict=True)
                        ),
                        "last": period.last,
                        "year": school_year(period.last),
                        "sound": number not in report.wrong.get(sheet, ()),
                    }
                )
        titles = dict.fromkeys([*HEADERS[sheet].split(), "身份证件号", "学籍号", "教师编号"])
        return pd.DataFrame(lines, columns=[*titles, *IDENTITY, "last", "year", "sound"], dtype=object)

    def _sound(self, sheet: str) -> pd.DataFrame:
        frame = self._frames[sheet]
        return frame[frame["sound"].astype(bool)]

    def _aid(self) -> pd.DataFrame:
        rows = self._sound(PAYMENT)
        return rows[(rows["发放状态"] == "已发放") & (rows["发放金额"] > 0)]

    def _item(self, rule: str, subject: tuple[str, ...], rows: pd.DataFrame) -> Item:
        homes = frozenset(self._home(district) for district in rows["district"])
        sides = frozenset(Side(*values) for values in rows[IDENTITY].itertuples(index=False))
        return Item(rule, subject, homes, sides)

    # -- districts ----------------------------------------------------------------------------------------------------

    def _home(self, district: str) -> str:
        return self.register.at_home(district, self.today)

    def _one(self, first: str, first_last: date, other: str, other_last: date) -> bool:
        """Whether two districts count as one, by the later of the two periods compared."""
        then = max(first_last, other_last)
        return self.register.at_home(first, then) == self.register.at_home(other, then)

    def _latest_cases(self) -> pd.DataFrame:
        """Open cases of each district's latest ledger; what a successor has reported for both is past."""
        ledgers = [(r.district, Period.of(r.period)) for r in self.reports if r.form == "dropout_control"]
        latest = {}
        for district, period in sorted(ledgers, key=lambda one: one[1].last):
            latest[district] = period
        standing = {
            (district, period.text)
            for district, period in latest.items()
            if not any(
                other == self.register.at_home(district, later.last) and other != district for other, later in ledgers
            )
        }
        cases = self._sound(CASES)
        mine = [key in standing for key in zip(cases["district"], cases["period"], strict=True)]
        return cases[pd.Series(mine, index=cases.index, dtype=bool) & cases["劝返状态"].isin(OPEN)]

    # -- rules --------------------------------------------------------------------------------------------------------

    def _paid_twice(self) -> Iterator[Item]:
        for (person, *_), rows in self._aid().groupby(["身份证件号", "period"]):
            semester, last = rows["period"].iloc[0], rows["last"].iloc[0]
            if len({self.register.at_home(district, last) for district in rows["district"]}) > 1:
                yield self._item("X01", (person, semester), rows)

    def _aided_dropouts(self) -> Iterator[Item]:
        """X02, and X03 within the district."""
        aid = dict(iter(self._aid().groupby("身份证件号")))
        found: dict[tuple[str, str, str], list[pd.DataFrame]] = {}
        for _, case in self._latest_cases().iterrows():
            paid = aid.get(case["身份证件号"])
            if paid is None:
                continue
            after = paid[paid["发放日期"] > case["发现日期"]]
            here = [
                self._one(case["district"], case["last"], district, last)
                for district, last in zip(after["district"], after["last"], strict=True)
            ]
            within = pd.Series(here, index=after.index, dtype=bool)
            for rule, rows in (("X02", after[~within]), ("X03", after[within])):
                if len(rows) and (rule == "X02" or case["主要原因"] != "因贫"):
                    subject = (rule, case["身份证件号"], self._home(case["district"]))
                    found.setdefault(subject, []).extend([case.to_frame().T, rows])
        for (rule, *case_of), parts in found.items():
            yield self._item(rule, tuple(case_of), pd.concat(parts))

    def _poor_unaided(self) -> Iterator[Item]:
        listed, paid = self._frames[HARDSHIP], self._frames[PAYMENT]
        helped = paid[(paid["发放状态"] == "已发放") & (paid["发放金额"] > 0)]
        cases = self._latest_cases()
        for _, case in cases[(cases["主要原因"] == "因贫") & (cases["辍学类别"] != "失学")].iterrows():
            person, semester = case["身份证件号"], semester_of(case["发现日期"])
            last = Period.of(semester).last
            asked = any(
                (report.form, report.period) == ("student_aid", semester)
                and self._one(case["district"], case["last"], report.district, last)
                for report in self.reports
            )
            on_list = listed[(listed["身份证件号"] == person) & (listed["period"] == semester)]
            got = ((helped["身份证件号"] == person) & (helped["period"] == semester)).any()
            if asked and (on_list.empty or not got):
                sides = pd.concat([case.to_frame().T, on_list[on_list["sound"].astype(bool)]])
                yield self._item("X04", (person, self._home(case["district"])), sides)

    def _named(self) -> pd.DataFrame:
        """Everybody of the four forms who has an ID and a name."""
        frames = [self._sound(sheet) for sheet in (HARDSHIP, PAYMENT, CASES, RECORD)]
        columns = [*IDENTITY, "year", "身份证件号", "姓名", "学籍号"]
        rows = pd.concat([frame.reindex(columns=columns) for frame in frames], ignore_index=True)
        return rows.assign(名=rows["姓名"].map(name))

    def _names(self) -> Iterator[Item]:
        yield from self._differing("X05", "身份证件号", "名", self._named())

    def _numbers(self) -> Iterator[Item]:
        yield from self._differing("X06", "学籍号", "身份证件号", self._named())

    def _differing(self, rule: str, same: str, differs: str, rows: pd.DataFrame) -> Iterator[Item]:
        """Two of what differs at one of the same, in a school year."""
        known = rows[rows[same].notna()]
        years = known.groupby([same, "year"])[differs].transform("nunique")
        for subject, sides in known[years > 1].groupby(same):
            yield self._item(rule, (str(subject),), sides)

    def _pupils(self) -> Iterator[Item]:
        ledgers, facilities = self._sound(ENROLMENT), self._sound(SCHOOL)
        for _, school in facilities[facilities["办学类型"].isin(COMPARED_SCHOOLS)].iterrows():
            same = ledgers[(ledgers["学校标识码"] == school["学校标识码"]) & (ledgers["last"] == school["last"])]
            for _, ledger in same.iterrows():
                one, other = school["在校生数"], ledger["实际在校人数"]
                difference = abs(one - other)
                if difference >= 3 and 20 * difference > max(one, other):
                    rows = pd.concat([school.to_frame().T, ledger.to_frame().T])
                    yield self._item("X08", (school["学校标识码"], school["period"]), rows)

    def _teachers(self) -> Iterator[Item]:
        """A number is its district's who gave it: before a merger those of two districts are two."""
        rows = self._sound(RECORD).assign(名=lambda frame: frame["姓名"].map(name))
        found: dict[tuple[str, str], list[pd.DataFrame]] = {}
        for (district, number, _), group in rows.groupby(["district", "教师编号", "year"]):
            two_ids = group["身份证件号"].nunique() > 1
            if two_ids or (group["身份证件号"].isna().any() and group["名"].nunique() > 1):
                found.setdefault((self._home(str(district)), str(number)), []).append(group)
        for subject, parts in found.items():
            yield self._item("X09", subject, pd.concat(parts))
