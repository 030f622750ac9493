"""What of a release has to be withheld so that it may leave, beside all that has left before it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from district_reports.moment.boundaries import Boundaries
from district_reports.moment.frame import EVERYTHING
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.column_words import words_of
from district_reports.publish.disclosure.binding import DoesNotAddUp
from district_reports.publish.disclosure.cells import Cell, Left, Place
from district_reports.publish.disclosure.inside import Inside, read_inside, reference_rows
from district_reports.publish.disclosure.protect import Unprotectable, protect
from district_reports.publish.disclosure.rule import TABLE, Rule, rule_on
from district_reports.publish.outgoing.outside_tables import OUTSIDE
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import settings

Withheld = Mapping[tuple[str, str], Mapping[tuple[str, ...], frozenset[str]]]
"""By schema and table, and by the values of the key, the columns that are withheld."""


@dataclass(frozen=True)
class Prepared:
    """``impossible`` says why the release has to stay inside; nothing is withheld then."""

    withheld: Withheld
    impossible: str | None


def prepare(connection: Connection, release_id: int, before: Collection[int] | None = None) -> Prepared:
    """Choose what to withhold of a release, by the rule of its day, beside the releases that have left before it.

    These are all that have left, or of them those in `before`.

    Raises:
        ReferenceDataError: the rule makes no sense.
        SystemFault: the solver gave up.
    """
    found = summaries(settings().summaries)
    new = read_inside(connection, release_id, found)
    left = [
        left_before(connection, each, found) for each in left_releases(connection) if before is None or each in before
    ]
    try:
        places = protect(new.tables, left, rule_of(connection, new))
    except Unprotectable as refused:
        return Prepared({}, _in_words(refused.figure))
    except DoesNotAddUp as refused:
        return Prepared({}, f"表内数字不符合它的声明，不能判断要隐去什么：{refused}")
    return Prepared(by_row(places, one_map=new.one_map), None)


def rule_of(connection: Connection, release: Inside) -> Rule:
    """The rule of the release's day, as it was known then, or first known later."""
    return rule_on(release.day, reference_rows(connection, TABLE, release.known_at))


def left_before(connection: Connection, release_id: int, found: Sequence[Summary]) -> Left:
    """A release that has left, revoked or not, as it is inside, and what is withheld of it outside."""
    inside = read_inside(connection, release_id, found)
    withheld: set[Place] = set()
    for table in inside.tables:
        names = ", ".join(f'"{name}"' for name in table.key)
        outside = OUTSIDE[table.schema]
        rows = connection.execute(
            text(
                f'SELECT {names}, withheld FROM {outside}."{table.name}"'
                f" WHERE {RELEASE} = :release_id AND withheld <> '{{}}'"
            ),
            {"release_id": release_id},
        )
        for *key, columns in rows:
            withheld.update((table.schema, table.name, tuple(key), column) for column in columns)
    return Left(inside.tables, frozenset(withheld))


def by_row(places: frozenset[Place], *, one_map: bool) -> Withheld:
    """The places by table and row; with `one_map` those of the boundaries then hold in the boundaries now, too."""
    found: dict[tuple[str, str], dict[tuple[str, ...], set[str]]] = defaultdict(lambda: defaultdict(set))
    for schema, table, key, column in places:
        for each in (Boundaries.THEN, Boundaries.NOW) if one_map else (schema,):
            found[str(each), table][key].add(column)
    return {place: {key: frozenset(columns) for key, columns in rows.items()} for place, rows in sorted(found.items())}


def left_releases(connection: Connection) -> list[int]:
    """The releases that have left, in that order: what was revoked is known all the same."""
    return list(connection.scalars(text("SELECT release_id FROM outside.release ORDER BY left_at, release_id")))


def _in_words(figure: Cell) -> str:
    """Why a release can't be protected; without the figure itself."""
    words = words_of(settings().summaries, figure.table, "zh")
    row = "、".join(words.value(name, value) for name, value in figure.subject if value != EVERYTHING)
    area = "1 个区县" if len(figure.members) == 1 else f"{len(figure.members)} 个区县合计"
    return (
        f"已经对外发布的数字会使一个小于起报人数的数字被推算出来：{words.title}，{words.of(figure.column)}"
        f"（{row or EVERYTHING}，{area}）。这一版不能对外发布。"
    )
