"""``摘要.html``: two A4 pages for the mayor, self-contained, from the rows that are in the bundle.

What it lists is cut to what two pages hold; the tables have the rest, and each list says how much that is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from district_reports import clock
from district_reports.moment.boundaries import CITY_CODE
from district_reports.publish.bundle.blanks import MEANINGS, Blank
from district_reports.publish.bundle.changes_files import causes_of
from district_reports.publish.bundle.content import OUTSIDE, Change, Content, Row, Table
from district_reports.publish.bundle.package import title
from district_reports.publish.bundle.wording import LANGUAGE, Wording
from district_reports.publish.causes import in_words
from district_reports.publish.commitment_status import BEHIND, STATUSES, latest_complete, urgency
from district_reports.publish.printed import measured, period_named, short
from district_reports.publish.tile_map import TileMap, lay_out

PATH = "摘要.html"
TABLE, KEY = "city_commitments", "commitment"
NO_TARGET = "未设目标"
_URGENT, _OTHERS, _CHANGES, _COVERED = 17, 22, 7, 7
"""How many lines the two pages have room for."""
_ATTENTION = ("bad", "warn")
"""Tones of the statuses that page one is for."""


@dataclass(frozen=True)
class Promise:
    """A commitment as it stands in the city; ``tone`` colours its status."""

    key: str
    item: int
    wording: str
    status: str
    tone: str
    actual: str
    target: str
    period: str
    coverage: str


def summary_page(content: Content) -> str:
    """The page as HTML, without a script and without anything to load."""
    wording = Wording(content)
    table = next((each for each in content.tables if each.name == TABLE), None)
    promises = [] if table is None else _promises(table, wording)
    urgent = [each for each in promises if each.tone in _ATTENTION]
    others = [each for each in promises if each.tone not in _ATTENTION]
    version = content.version
    return _environment().get_template("summary.html.j2").render(
        title=title(content),
        period=period_named(version.period, LANGUAGE),
        version=version,
        left_at=version.left_at.astimezone(clock.ZONE),
        known_at=version.known_at.astimezone(clock.ZONE),
        counts=_counts(promises),
        total=len(promises),
        urgent=urgent[:_URGENT],
        more_urgent=max(0, len(urgent) - _URGENT),
        others=others[:_OTHERS],
        more_others=max(0, len(others) - _OTHERS),
        map=None if table is None else _map(table),
        behind=BEHIND,
        withheld=MEANINGS[Blank.WITHHELD][LANGUAGE],
        coverage=_coverage(content)[:_COVERED],
        changes=[_in_words(content, wording, each) for each in _told_changes(content)[:_CHANGES]],
        changed=len(content.changes),
        causes=_causes(content.changes),
        against=content.against,
        hidden=sum(1 for each in content.every_table for _ in each.withheld()),
    )  # fmt: skip


def _promises(table: Table, wording: Wording) -> list[Promise]:
    """Each commitment in the city's latest complete period, the most urgent first."""
    found = [_promise(latest_complete(periods), wording) for periods in _by_commitment(table, CITY_CODE)]
    return sorted(found, key=lambda each: (urgency(None if each.status == NO_TARGET else each.status), each.item))


def _by_commitment(table: Table, area_code: str) -> Iterable[list[Row]]:
    of_area = (row for row in table.rows if row["area_code"] == area_code)
    for _, periods in groupby(sorted(of_area, key=lambda row: (row[KEY], row["period"])), lambda row: str(row[KEY])):
        yield list(periods)


def _promise(row: Row, wording: Wording) -> Promise:
    status = NO_TARGET if row["status"] is Blank.NOT_APPLICABLE else wording.figure(TABLE, "status", row["status"])
    return Promise(
        key=row[KEY],
        item=row["item"],
        wording=row["wording"],
        status=status,
        tone=STATUSES.get(status, ""),
        actual=_measured(row["actual"], row["unit"]),
        target="–" if isinstance(row["target"], Blank) else _measured(row["target"], row["unit"]),
        period=period_named(row["period"], LANGUAGE),
        coverage=f"{row['districts_accepted']}/{row['districts_expected']}",
    )


def _measured(value: Any, unit: str) -> str:
    if isinstance(value, Blank):
        return MEANINGS[value][LANGUAGE]
    return measured(value, unit)


def _counts(promises: Iterable[Promise]) -> list[tuple[str, str, int]]:
    """Status, tone and number, the most urgent first; those that nothing has are left out."""
    counted = Counter(each.status for each in promises)
    known = [(status or NO_TARGET, tone) for status, tone in STATUSES.items()]
    known += [(status, "calm") for status in sorted(counted) if status not in dict(known)]
    return [(status, tone, counted[status]) for status, tone in known if counted[status]]


def _map(table: Table) -> TileMap:
    """How many commitments of each district lag, as far as their status is published."""
    figures = []
    for code, name in sorted({(row["area_code"]): row["area_name"] for row in _of_districts(table)}.items()):
        told = [latest_complete(periods)["status"] for periods in _by_commitment(table, code)]
        figures.append((str(code), str(name), sum(status == BEHIND for status in told)))
    return lay_out(figures)


def _of_districts(table: Table) -> list[Row]:
    """Of the last period of each commitment: who is no district any more has no place on the map."""
    rows = [row for row in table.rows if row["level"] == "district"]
    last: dict[str, str] = {}
    for row in rows:
        last[row[KEY]] = max(last.get(row[KEY], ""), row["period"])
    return [row for row in rows if row["period"] == last[row[KEY]]]


def _coverage(content: Content) -> list[tuple[str, str, str]]:
    """Of each table of one form: the latest period that anybody reported for, and how many did."""
    found = []
    for table in content.tables:
        rows = [row for row in table.rows if row.get("area_code") == CITY_CODE and row.get("districts_accepted")]
        if table.summary.form is None or not rows:
            continue
        row = max(rows, key=lambda row: str(row["period"]))
        said = f"{row['districts_accepted']}/{row['districts_expected']} 个区县"
        if isinstance(row.get("units_expected"), int):
            unit = content.chinese.words(table.name).unit("units_expected")
            said += f"，{row['units_reported']:,}/{row['units_expected']:,} {unit}"
        found.append((content.chinese.words(table.name).title, period_named(row["period"], LANGUAGE), said))
    return found


def _told_changes(content: Content) -> Sequence[Change]:
    """The city's, statuses of commitments first, the latest period first."""
    of_city = [each for each in content.changes if (each.schema, each.area_code) == (OUTSIDE, CITY_CODE)]
    of_city.sort(key=lambda each: each.period or "", reverse=True)
    return sorted(of_city, key=lambda each: (each.column != "status", each.table != TABLE, each.column != "actual"))


def _in_words(content: Content, wording: Wording, change: Change) -> Mapping[str, str]:
    words = content.chinese.words(change.table)
    parts = wording.parts(change.table, change.key)
    return {
        "what": f"{parts}：{words.of(change.column)}" if parts else f"{words.title}：{words.of(change.column)}",
        "period": "" if change.period is None else change.period,
        "before": wording.figure(change.table, change.column, change.before),
        "after": wording.figure(change.table, change.column, change.after),
        "causes": causes_of(change),
    }


def _causes(changes: Iterable[Change]) -> str:
    counted = Counter(cause for each in changes for cause in each.causes)
    return "，".join(f"{in_words(cause, LANGUAGE)} {number:,} 个" for cause, number in counted.most_common())


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("district_reports.publish.bundle", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = short
    return environment
