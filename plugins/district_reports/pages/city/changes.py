"""What a release changed against the one before: a panel on the board, and a page with every figure.

Outside, the one before is the one that was outside before; no withheld figure was ever written there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection, text
from starlette.responses import Response

from district_reports.ledger.viewing import reading
from district_reports.pages.access import viewer_of
from district_reports.pages.city.columns import TableWords, words_of
from district_reports.pages.city.face import SEES_OUTSIDE, CityTables, SeesFace
from district_reports.pages.city.releases import Releases, select_release
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows_nothing
from district_reports.pages.submissions.listing import page_number
from district_reports.publish.causes import in_words
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.printed import period_named, short
from district_reports.publish.recorded_changes import (
    Compared,
    FigureChange,
    NothingRecorded,
    TableCount,
    changed_figures,
    compared,
    counts,
)

PAGE = 50
_IN_PANEL = 60
_JUDGED = ("actual", "status")
"""What a board shows of a commitment."""

router = APIRouter(prefix="/city", route_class=Declared, dependencies=[SEES_OUTSIDE])


@dataclass(frozen=True)
class Line:
    """A change in words: ``causes`` by their names, ``receipts`` as (number, submission, if the viewer sees it)."""

    title: str
    column: str
    where: str
    period: str | None
    key: str
    before: str
    after: str
    causes: str
    receipts: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class Changes:
    """``lines`` are a part of what changed; ``tables`` how much changed in each table, of every area."""

    told: Compared
    tables: tuple[tuple[TableWords, TableCount], ...]
    lines: tuple[Line, ...]

    def pages(self, table: str) -> int:
        """How many pages there are of `table`, or of all."""
        number = sum(count.figures for words, count in self.tables if table in ("", words.table))
        return max(1, -(-number // PAGE))


def panel(tables: CityTables, releases: Releases, table: str, area: str, language: str) -> Changes | None:
    """What the release changed in the actual figures and statuses of `area` in `table`, the board's, up to a few dozen.

    None where nothing was recorded: it is the first release, or one that was made later or too long ago.
    """
    told = _compared(tables, releases)
    if told is None:
        return None
    found = changed_figures(
        tables.connection,
        told,
        schema=tables.look.schema,
        table=table,
        area=area,
        columns=_JUDGED,
        limit=_IN_PANEL,
    )
    return _in_words(tables, told, found, language)


@router.get("/changes")
@shows_nothing
def show_changes(request: Request, look: SeesFace) -> Response:
    """Every figure that a release changed, of one table or of all."""
    view = View.of(request)
    table, number = view.query.get("table", ""), page_number(view.query)
    changes = None
    with reading(viewer_of(request)) as connection:
        releases, tables = select_release(connection, look, view.query), CityTables(connection, look)
        told = _compared(tables, releases)
        if told is not None:
            found = changed_figures(
                connection,
                told,
                schema=look.schema,
                table=table or None,
                limit=PAGE,
                offset=PAGE * (number - 1),
            )
            changes = _in_words(tables, told, found, view.language)
    return page(
        request,
        "city/changes.html.j2",
        look=look,
        releases=releases,
        changes=changes,
        table=table,
        number=number,
        kept={"table": table},
    )


def _compared(tables: CityTables, releases: Releases) -> Compared | None:
    """The release and the one that it was compared with; None where there is none, or it was revoked since."""
    this, before = releases.selected, releases.before
    if this is None:
        return None
    if tables.look.inside:
        try:
            return compared(tables.connection, this.release_id)
        except NothingRecorded:
            return None
    if before is None or _revoked_between(tables.connection, before.release_id, this.release_id):
        return None
    return Compared(this.release_id, this.known_at, before.release_id, this.note)


def _revoked_between(connection: Connection, before: int, this: int) -> bool:
    statement = "SELECT EXISTS (SELECT FROM outside.revoked WHERE release_id > :before AND release_id < :this)"
    return bool(connection.scalar(text(statement), {"before": before, "this": this}))


def _in_words(tables: CityTables, told: Compared, found: Iterable[FigureChange], language: str) -> Changes:
    figures, connection = list(found), tables.connection
    words = {each.table: words_of(each.table, language) for each in figures}
    names = _Names(tables, told, words)
    submissions = _submissions(connection, {number for each in figures for number in each.receipts})
    comma = "、" if language == "zh" else ", "
    lines = [
        Line(
            title=words[each.table].title,
            column=words[each.table].of(each.column),
            where=each.area_name or "",
            period=each.period,
            key=comma.join(names.of(each.table, column, value) for column, value in each.broken_down.items()),
            before=_figure(words[each.table], each.column, each.before),
            after=_figure(words[each.table], each.column, each.after),
            causes=comma.join(in_words(cause, language) for cause in each.causes),
            receipts=tuple((number, submissions.get(number)) for number in each.receipts),
        )
        for each in figures
    ]
    counted = counts(connection, told.release_id, tables.look.schema)
    return Changes(told, tuple((words_of(count.table, language), count) for count in counted), tuple(lines))


def _figure(words: TableWords, column: str, value: Any) -> str:
    """As the tables print it: JSON has no decimals of its own."""
    if isinstance(value, str):
        return period_named(words.value(column, value), words.language)
    return short(Decimal(str(value)) if isinstance(value, float) else value)


def _submissions(connection: Connection, receipts: set[int]) -> Mapping[int, int]:
    """By receipt, as far as the viewer sees them."""
    rows = connection.execute(
        text("SELECT receipt_id, submission_id FROM ledger.report WHERE receipt_id = ANY (:receipts)"),
        {"receipts": list(receipts)},
    )
    return {row.receipt_id: row.submission_id for row in rows}


class _Names:
    """What values of keys mean, where another column of the table tells; each is looked up once."""

    def __init__(self, tables: CityTables, told: Compared, words: Mapping[str, TableWords]) -> None:
        self._tables, self._told, self._words = tables, told, words
        self._known: dict[tuple[str, str, object], str] = {}

    def of(self, table: str, column: str, value: object) -> str:
        if (table, column, value) not in self._known:
            self._known[table, column, value] = self._look_up(table, column, value)
        return self._known[table, column, value]

    def _look_up(self, table: str, column: str, value: object) -> str:
        words = self._words[table]
        teller = words.named_by(column)
        if teller not in self._tables.columns(table):
            return words.value(column, str(value))
        found = self._tables.connection.scalar(
            text(
                f'SELECT "{teller}" FROM {self._tables.relation(table)} WHERE {RELEASE} IN (:latter, :former)'
                f' AND "{column}" = :value ORDER BY {RELEASE} DESC LIMIT 1'
            ),
            {"latter": self._told.release_id, "former": self._told.against, "value": value},
        )
        return str(found or value)
