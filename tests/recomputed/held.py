"""Whether what the summaries declare for disclosure control holds in published tables, row by row."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from district_reports.publish.disclosure.declared import AREA, Bound, Factor, How, Parts, Term
from district_reports.publish.summary import Summary
from recomputed.areas import CITY_CODE
from recomputed.exact import percent
from recomputed.periods import Period
from recomputed.published import Key, Published, key_of
from recomputed.register import Register

ALL = "全部"
Row = dict[str, Any]


class Held:
    """The tables of one boundary. ``checked`` counts how often each declaration said something of a row."""

    def __init__(
        self, boundary: str, tables: Published, summaries: list[Summary], register: Register, today: date
    ) -> None:
        self._now = boundary == "now"
        self._register = register
        self._today = today
        self._summaries = {each.table: each for each in summaries}
        self._by_rest: dict[tuple[str, str], dict[Key, list[Row]]] = {}
        self.checked: Counter[str] = Counter()
        self._rows: dict[str, dict[Key, Row]] = {
            table: {key: {**dict(zip(key_of(table), key, strict=True)), **row} for key, row in rows.items()}
            for (at, table), rows in tables.items()
            if at == boundary
        }

    def broken(self) -> Iterator[str]:
        """A line for each row in which something declared does not hold."""
        for table, summary in self._summaries.items():
            protection = summary.protection
            checks: list[tuple[str, Callable[[str, Row], bool | None]]] = [
                *(
                    (f"{parts.how} over {over} {column}", self._of_parts(parts, over, column))
                    for parts in protection.parts
                    for over in parts.over
                    for column in parts.columns
                ),
                *((bound.text, self._of_bound(bound)) for bound in protection.bounds),
                *(
                    (f"{rate} = {one} of {other}", _of_ratio(rate, one, other))
                    for rate, (one, other) in protection.ratios.items()
                ),
                *(
                    (f"{amount} rests on {count}", _of_amount(amount, count))
                    for amount, count in protection.rests_on.items()
                ),
                *(
                    (f"{column} is {before} then", self._of_earlier(column, before, period))
                    for column, (before, period) in protection.earlier.items()
                ),
            ]
            for text, check in checks:
                self.checked[f"{table}: {text}"] += 0
                for key, row in self._rows[table].items():
                    holds = check(table, row)
                    if holds is not None:
                        self.checked[f"{table}: {text}"] += 1
                    if holds is False:
                        yield f"{table} {' '.join(key)}: {text}"

    def _of_parts(self, parts: Parts, over: str, column: str) -> Callable[[str, Row], bool | None]:
        def check(table: str, row: Row) -> bool | None:
            found = self._parts_of(table, row, over) if parts.where.holds(row) else None
            whole = row[column]
            if not found or whole is None:
                return None
            figures = [part[column] for part in found if part[column] is not None]
            at_least = all(figure <= whole for figure in figures)
            at_most = whole <= sum(figures)
            return {
                How.SUM: sum(figures) == whole,
                How.DISTINCT: at_least and at_most,
                How.AT_LEAST: at_least,
                How.AT_MOST: at_most,
            }[parts.how]

        return check

    def _parts_of(self, table: str, row: Row, over: str) -> list[Row]:
        if over != AREA:
            return self._each(table, row, over) if row[over] == ALL else []
        if row["level"] == "district":
            return []
        homes = self._homes(row["period"])
        inner = (
            set(homes.values())
            if row["level"] == "city"
            else {home for home, zone in homes.items() if zone == row["area_code"]}
        )
        level = "zone" if row["level"] == "city" else "district"
        return [self._at(table, {**row, "level": level, "area_code": code}) for code in inner]

    def _homes(self, period: str) -> dict[str, str]:
        """The districts of a period, in these boundaries, and their zones; of a night its own day's."""
        last = self._last(period)
        day = self._today if self._now else last
        homes = {self._register.at_home(code, day) for code in self._register.reporting(last)}
        return {home: self._register.zone(home, day) for home in homes}

    def _members(self, period: str, area_code: str) -> frozenset[str]:
        """The districts of an area, those merged into them by then among them."""
        last = self._last(period)
        day = self._today if self._now else last
        return frozenset(
            merged
            for code in self._register.reporting(last)
            for home in (self._register.at_home(code, day),)
            if area_code in (CITY_CODE, home, self._register.zone(home, day))
            for merged in self._register.spoken_for(code, last)
        )

    def _last(self, period: str) -> date:
        return date.fromisoformat(period) if period.count("-") == 2 else Period.of(period).last

    def _each(self, table: str, row: Row, name: str) -> list[Row]:
        """The rows with the same key but for `name`, which is not 全部 there."""
        by_rest = self._by_rest.get((table, name))
        if by_rest is None:
            by_rest = self._by_rest[table, name] = {}
            for each in self._rows[table].values():
                if each[name] != ALL:
                    by_rest.setdefault(self._rest(table, each, name), []).append(each)
        return by_rest.get(self._rest(table, row, name), [])

    def _rest(self, table: str, row: Row, name: str) -> Key:
        return tuple(str(row[column]) for column in key_of(table) if column != name)

    def _at(self, table: str, values: Row) -> Row | None:
        return self._rows[table].get(tuple(str(values[name]) for name in key_of(table)))

    def _of_bound(self, bound: Bound) -> Callable[[str, Row], bool | None]:
        def check(table: str, row: Row) -> bool | None:
            if not bound.where.holds(row):
                return None
            total = Decimal(0)
            for term in bound.terms:
                figure = self._figure(table, row, term)
                if figure is None:
                    return None
                total += term.coefficient * figure
            return total == 0 if bound.equal else total <= 0

        return check

    def _figure(self, table: str, row: Row, term: Term) -> Decimal | None:
        keys = dict(term.keys)
        if term.before:
            return self._before(table, {**row, **keys}, term.column)
        if term.each:
            figures = [part[term.column] for part in self._each(table, {**row, **keys}, term.each)]
            return None if None in figures else Decimal(sum(figures))
        place = self._at(term.table or table, {**row, **keys})
        figure = place and place[term.column]
        if figure is None or term.factor is None:
            return None if figure is None else Decimal(figure)
        factor = self._factor(self._summaries[table].protection.factors[term.factor], row)
        return None if factor is None else factor * Decimal(figure)

    def _factor(self, factor: Factor, row: Row) -> Decimal | None:
        first, last = Period.of(row["period"]).first.isoformat(), Period.of(row["period"]).last.isoformat()
        return max(
            (
                Decimal(each[factor.column])
                for each in self._register.rows(factor.table)
                if each["valid_from"] <= last
                and first < (each["valid_to"] or "9999")
                and all(each[name] == row[name] for name in factor.on)
            ),
            default=None,
        )

    def _before(self, table: str, row: Row, column: str) -> Decimal | None:
        periods = {each["period"] for each in self._rows[table].values()}
        earlier = sorted(each for each in periods if each[:4] == row["period"][:4] and each < row["period"])
        found = [self._at(table, {**row, "period": period}) for period in earlier]
        members = {self._members(period, row["area_code"]) for period in (*earlier, row["period"])}
        if len(members) > 1 or None in found or not _complete(row):
            return None
        last = next((each for each in reversed(found) if each and each[column] is not None), None)
        if last is None:
            return Decimal(0)
        return Decimal(last[column]) if _complete(last) else None

    def _of_earlier(self, column: str, before: str, period: str) -> Callable[[str, Row], bool | None]:
        def check(table: str, row: Row) -> bool | None:
            then = row[period] and self._at(table, {**row, "period": row[period]})
            return then and row[column] == then[before]

        return check


def _of_ratio(rate: str, numerator: str, denominator: str) -> Callable[[str, Row], bool | None]:
    def check(table: str, row: Row) -> bool | None:
        if row[numerator] is None or row[denominator] is None:
            return None if row[rate] is None else False
        return row[rate] == percent(row[numerator], row[denominator])

    return check


def _of_amount(amount: str, count: str) -> Callable[[str, Row], bool | None]:
    """Where it rests on nobody there is nothing."""

    def check(table: str, row: Row) -> bool | None:
        return not row[amount] if row[count] == 0 else None

    return check


def _complete(row: Row) -> bool:
    return row["districts_accepted"] == row["districts_expected"]
