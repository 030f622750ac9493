"""What a release changed against the one before: each figure that differs, why, and by which receipts.

It is written in the release's transaction and read ever after (:mod:`.recorded_changes`); a release that was made later
to tell of a former moment changes nothing. A figure rests on the reports that its declared origin reaches
(:mod:`.reaches`), or on items of the worklist (:mod:`.item_changes`). What none of them explains has come or gone with
its period, by the register, or by another definition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, bindparam, text

from district_reports import __version__
from district_reports.moment.frame import EVERYTHING
from district_reports.publish.causes import OF_REPORTS, ChangeCause, in_words
from district_reports.publish.changed_cells import find_changed_cells
from district_reports.publish.city_tables import columns_of
from district_reports.publish.item_changes import find_item_changes
from district_reports.publish.reaches import Reach, reaches
from district_reports.publish.source_changes import find_source_changes
from district_reports.publish.summary import Summary
from district_reports.publish.versions import Definition, recorded_definitions
from district_reports.publish.worklist import Night

_MOST_RECEIPTS = 20
FIRST_NOTE = "首次发布。"
_REACH = """
CREATE TEMP TABLE reach (
    table_name text, column_name text, form text, scope text, files boolean, about text
) ON COMMIT DROP;

CREATE TEMP TABLE redefined (table_name text, column_name text, about text) ON COMMIT DROP;
"""
# By the number of a figure, and with statistics: by its seven columns a mass change would be joined for half a minute.
_CAUSED = """
CREATE TEMP TABLE figure_changed ON COMMIT DROP AS
SELECT row_number() OVER () AS number, *
FROM (
    SELECT DISTINCT schema_name, table_name, column_name, coalesce(of_about.form, changed_cell.form) AS form,
        changed_cell.form AS own_form, about, period, area_code
    FROM changed_cell
    LEFT JOIN (SELECT DISTINCT ON (table_name, about) table_name, about, form FROM reach WHERE about IS NOT NULL)
        AS of_about USING (table_name, about)
) AS figure;

ANALYZE figure_changed;

CREATE TEMP TABLE caused ON COMMIT DROP AS
WITH found AS (
    SELECT number, cause, receipt_id
    FROM figure_changed AS figure
    JOIN reach USING (table_name, column_name)
    JOIN touch USING (schema_name, scope, period, area_code)
    WHERE touch.form = coalesce(reach.form, figure.form)
        AND (reach.about IS NULL OR reach.about = figure.about) AND (reach.files OR NOT touch.files)
    UNION
    SELECT number, cause, receipt_id
    FROM figure_changed AS figure
    JOIN item_change USING (schema_name, table_name, column_name, area_code)
    WHERE figure.about IN (item_change.about, '{everything}')
    UNION
    SELECT number, 'register', NULL FROM figure_changed JOIN moved USING (schema_name, form, period, area_code)
    UNION
    SELECT number, 'definition', NULL
    FROM figure_changed
    JOIN redefined USING (table_name)
    WHERE redefined.column_name IS NULL
    UNION
    SELECT number, 'definition', NULL
    FROM figure_changed AS figure
    JOIN redefined USING (table_name, column_name)
    WHERE coalesce(redefined.about = figure.about, true)
)
SELECT figure_changed.*, coalesce(causes, '{}') AS causes, coalesce(receipts, '{}') AS receipts
FROM figure_changed
LEFT JOIN (
    SELECT number, array_agg(DISTINCT cause) AS causes, array_remove(array_agg(DISTINCT receipt_id), NULL) AS receipts
    FROM found
    GROUP BY number
) AS told USING (number);

ANALYZE caused;
"""
# What its own reports do not explain. Rows and counts of what is owed are there as soon as anybody reports the period,
# in every area; and a breakdown has a row wherever anybody of the city has one.
_RECORDED = """
CREATE TEMP TABLE change ON COMMIT DROP AS
WITH anybody AS (
    SELECT form, period, array_agg(DISTINCT cause) AS causes, array_agg(DISTINCT receipt_id) AS receipts
    FROM source_change
    WHERE receipt_id IS NOT NULL
    GROUP BY form, period
)
SELECT
    cell.schema_name, cell.table_name, nullif(cell.period, '') AS period, nullif(cell.level, '') AS level,
    nullif(cell.area_code, '') AS area_code, cell.key, cell.column_name, cell.before, cell.after,
    CASE
        WHEN caused.causes <> '{}' THEN caused.causes
        WHEN because = 'anybody' THEN anybody.causes
        ELSE ARRAY[because]
    END AS causes,
    CASE WHEN caused.causes = '{}' AND because = 'anybody' THEN anybody.receipts ELSE caused.receipts END AS receipts
FROM changed_cell AS cell
JOIN caused
    ON (caused.schema_name, caused.table_name, caused.column_name, caused.period, caused.area_code)
        = (cell.schema_name, cell.table_name, cell.column_name, cell.period, cell.area_code)
    AND (caused.about, caused.own_form) = (cell.about, cell.form)
LEFT JOIN told ON (told.form, told.period) = (caused.form, cell.period)
LEFT JOIN anybody ON (anybody.form, anybody.period) = (caused.form, cell.period)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN NOT told.in_both THEN 'period'
        WHEN anybody.form IS NOT NULL AND NOT told.reported_before AND before_or_after_is_empty THEN 'anybody'
        WHEN :register THEN 'register'
        WHEN anybody.form IS NOT NULL AND before_or_after_is_empty THEN 'anybody'
        WHEN :library THEN 'definition'
        ELSE 'unknown'
    END AS because
    FROM (SELECT cell.before IS NULL OR cell.after IS NULL AS before_or_after_is_empty) AS known
) AS fallback
"""
_REGISTER_DIFFERS = """
WITH known AS (
    SELECT moment, table_name, sha256
    FROM (VALUES ('before', CAST(:former_known_at AS timestamptz)), ('after', :known_at)) AS two (moment, known_at)
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (table_name) table_name, sha256
        FROM reference.version
        WHERE known_from <= two.known_at
        ORDER BY table_name, version_id DESC
    ) AS version
)
SELECT EXISTS (SELECT FROM known GROUP BY table_name, sha256 HAVING count(*) = 1)
"""


@dataclass(frozen=True)
class Former:
    """The ordinary release before."""

    release_id: int
    known_at: datetime
    library_version: str


def former_release(connection: Connection, before: int | None = None) -> Former | None:
    """The ordinary release before the one with the number `before`, or the current one; None before the first."""
    row = connection.execute(
        text(
            "SELECT release_id, known_at, library_version FROM city.release"
            " WHERE as_of IS NULL AND coalesce(release_id < :before, true) ORDER BY release_id DESC LIMIT 1"
        ).bindparams(bindparam("before", type_=BigInteger)),
        {"before": before},
    ).one_or_none()
    return None if row is None else Former(*row)


def find_changes(
    connection: Connection,
    former: Former,
    release_id: int,
    night: Night,
    made_by: Sequence[tuple[Summary, Definition]],
) -> None:
    """Make ``change``, what is to be recorded, from the tables of both releases and ``source`` of the latter."""
    tables = [summary for summary, _ in made_by]
    find_changed_cells(connection, tables, former.release_id, release_id)
    find_source_changes(connection, former.release_id, former.known_at)
    find_item_changes(connection, tables, former.release_id, night)
    before = recorded_definitions(connection, former.release_id)
    _declare(connection, tables, {each.table for each, now in made_by if before.get(each.table) != now})
    connection.exec_driver_sql(_CAUSED.replace("{everything}", EVERYTHING))
    moments = {"former_known_at": former.known_at, "known_at": night.known_at}
    told = {
        "register": connection.scalar(text(_REGISTER_DIFFERS), moments),
        "library": former.library_version != __version__,
    }
    connection.execute(text(_RECORDED), told)


def _declare(connection: Connection, tables: Sequence[Summary], redefined: set[str]) -> None:
    """Make ``reach`` and ``redefined``, by the origins of the columns that changed."""
    connection.exec_driver_sql(_REACH)
    by_name = {summary.table: summary for summary in tables}
    rows = []
    again = [{"table": table, "column": None, "about": None} for table in redefined]
    for summary in tables:
        columns = list(columns_of(connection, "city", summary.table))
        for column, reach in reaches(connection, by_name, summary, columns):
            rows.append(_as_row(summary.table, column, reach))
            if reach.table in redefined:
                again.append({"table": summary.table, "column": column, "about": reach.about})
    if rows:
        connection.execute(text("INSERT INTO reach VALUES (:table, :column, :form, :scope, :files, :about)"), rows)
    if again:
        connection.execute(text("INSERT INTO redefined VALUES (:table, :column, :about)"), again)
    connection.exec_driver_sql("ANALYZE reach, redefined")


def _as_row(table: str, column: str, reach: Reach) -> dict[str, object]:
    return {
        "table": table,
        "column": column,
        "form": reach.form,
        "scope": reach.scope,
        "files": reach.files,
        "about": reach.about,
    }


def record_changes(connection: Connection, release_id: int) -> None:
    """Keep ``change`` with its release."""
    connection.execute(
        text(
            "INSERT INTO city.release_change SELECT :release_id, * FROM change"
            " ORDER BY schema_name, table_name, period, area_code"
        ),
        {"release_id": release_id},
    )


def note_of(connection: Connection, former: Former) -> str:
    """What changed since `former`, in a sentence; figures are counted in the boundaries of their time.

    That a night has passed is no revision: what no more than that changed is recorded, and not counted.
    """
    revised, added = connection.execute(
        text(
            "SELECT count(*) FILTER (WHERE before IS NOT NULL), count(*) FILTER (WHERE before IS NULL)"
            " FROM change WHERE schema_name = 'city' AND causes <> ARRAY[:time]"
        ),
        {"time": ChangeCause.TIME},
    ).one()
    if not revised and not added:
        return f"与第 {former.release_id} 次发布相比，没有数值变化。"
    counts = [f"修订 {revised:,} 个数值"] if revised else []
    counts += [f"新增 {added:,} 个数值"] if added else []
    return f"与第 {former.release_id} 次发布相比，{'，'.join(counts)}：{_why(connection)}。"


def _why(connection: Connection) -> str:
    receipts = connection.execute(
        text(
            "SELECT cause, array_agg(DISTINCT receipt_id) AS receipts FROM source_change"
            " WHERE NOT files AND receipt_id IN (SELECT unnest(receipts) FROM change) GROUP BY cause"
        )
    )
    by_cause: Mapping[str, list[int]] = {row.cause: row.receipts for row in receipts}
    told = [f"{in_words(cause, 'zh')} {len(by_cause[cause])} 份" for cause in OF_REPORTS if cause in by_cause]
    numbers = sorted({number for listed in by_cause.values() for number in listed})
    named = "、".join(map(str, numbers[:_MOST_RECEIPTS]))
    more = "等" if len(numbers) > _MOST_RECEIPTS else ""
    reports = f"{'、'.join(told)}（回执 {named}{more}）" if told else ""
    others = set(connection.scalars(text("SELECT DISTINCT unnest(causes) FROM change")))
    others -= {*OF_REPORTS, ChangeCause.TIME}
    words = [in_words(cause, "zh") for cause in ChangeCause if cause in others]
    return "；".join(part for part in (reports, "、".join(words)) if part)
