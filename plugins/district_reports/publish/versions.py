"""Which version of its definition a city table is made by: ``sql/summaries/versions.csv``, and the hash beside it.

``table,version,zh,en``: what changed in a version of a table, in words for people. The latest row of a table is its
version; a table without a row is at version 1. Whoever changes what a figure means adds a row, and then figures before
it can be told from those after. The hash also tells of a change that nobody gave a version.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection, text

from district_reports.errors import SystemFault
from district_reports.publish.reaches import item_columns
from district_reports.publish.summary import Summary
from district_reports.reconciliation.rules import cross_rules
from district_reports.reference.csv_files import read_table

FILE = "versions.csv"
HEADER = ["table", "version", "zh", "en"]
FIRST_VERSION = 1


@dataclass(frozen=True)
class Version:
    """A version of a table's definition; ``words`` (by language) say what it changed, and the first has none."""

    number: int
    words: Mapping[str, str]


@dataclass(frozen=True)
class Definition:
    """By what a release makes a table: the version, and SHA-256 (hex) over key, SELECT and origins."""

    version: int
    sha256: str


def versions(folder: Path, tables: Collection[str]) -> Mapping[str, tuple[Version, ...]]:
    """The versions of each of `tables` that are told of in `folder`, the latest last; none where it has the first.

    Raises:
        SystemFault: the file makes no sense, names an unknown table, or the versions of a table do not rise.
    """
    path = folder / FILE
    if not path.exists():
        return MappingProxyType({})
    try:
        header, rows = read_table({FILE: path.read_bytes()}, FILE)
    except OSError as error:
        raise SystemFault(f"{FILE} cannot be read: {error}") from error
    if header != HEADER:
        raise SystemFault(f"{FILE}: its header must be {','.join(HEADER)}")
    found: dict[str, tuple[Version, ...]] = {}
    for line, (table, version, zh, en) in rows:
        if table not in tables:
            raise SystemFault(f"{FILE}, line {line}: there is no city table {table!r}")
        former = found[table][-1].number if table in found else FIRST_VERSION
        if not version.isdecimal() or int(version) <= former:
            raise SystemFault(f"{FILE}, line {line}: version {version!r} of {table} does not come after {former}")
        if not zh.strip() or not en.strip():
            raise SystemFault(f"{FILE}, line {line}: say in both languages what version {version} changed")
        words = MappingProxyType({"zh": zh, "en": en})
        found[table] = (*found.get(table, ()), Version(int(version), words))
    return MappingProxyType(found)


def definitions(folder: Path, found: Sequence[Summary]) -> Mapping[str, Definition]:
    """The definition of each of the summaries `found` in `folder`, by table.

    Raises:
        SystemFault: as :func:`versions`.
    """
    told = versions(folder, [summary.table for summary in found])
    return {
        each.table: Definition(told[each.table][-1].number if each.table in told else FIRST_VERSION, _hash(each))
        for each in found
    }


def _hash(summary: Summary) -> str:
    """Words of the header that are for people, and where it stands, change no figure; a rule of the worklist does."""
    origins = {
        column: [rows.text for rows in origin] if isinstance(origin, tuple) else origin.text
        for column, origin in summary.origins.items()
    }
    parts = [summary.form, summary.key, summary.select, origins]
    if any(item_columns(summary)):
        parts.append(cross_rules().digest)
    told = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def record_definitions(connection: Connection, release_id: int, made_by: Mapping[str, Definition]) -> None:
    """Keep them with the release, in its transaction."""
    connection.execute(
        text("INSERT INTO city.release_definition VALUES (:release_id, :table, :version, :sha256)"),
        [
            {"release_id": release_id, "table": table, "version": each.version, "sha256": each.sha256}
            for table, each in made_by.items()
        ],
    )


def recorded_definitions(connection: Connection, release_id: int) -> Mapping[str, Definition]:
    """By table; empty for a release that was made before definitions were kept."""
    rows = connection.execute(
        text("SELECT table_name, version, sha256 FROM city.release_definition WHERE release_id = :release_id"),
        {"release_id": release_id},
    )
    return {row.table_name: Definition(row.version, row.sha256) for row in rows}


def held_since(connection: Connection, release_id: int, table: str) -> tuple[int, int] | None:
    """The version by which the release made the table, and the first of the releases up to it that have had it since.

    None for a release that was made before definitions were kept.
    """
    row = connection.execute(
        text(
            """
            WITH made AS (
                SELECT release_id, version FROM city.release_definition
                JOIN city.release USING (release_id)
                WHERE table_name = :table AND release_id <= :release_id
                    AND (as_of IS NULL OR release_id = :release_id)
            ),
            own AS (SELECT version FROM made WHERE release_id = :release_id)
            SELECT own.version, min(release_id) AS since
            FROM own
            JOIN made ON release_id > coalesce((SELECT max(release_id) FROM made WHERE version <> own.version), 0)
            GROUP BY own.version
            """
        ),
        {"release_id": release_id, "table": table},
    ).one_or_none()
    return None if row is None else (row.version, row.since)
