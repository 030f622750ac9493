"""A table as CSV, and as a resource of the Data Package (Frictionless Tabular Data Resource)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from district_reports.publish.bundle.blanks import Blank
from district_reports.publish.bundle.content import LEVELS, OUTSIDE_NOW, Content, Table
from district_reports.publish.lineage import Measure, Origin
from district_reports.workbook.csv_file import csv_bytes

MISSING_VALUES = ["", *Blank]
NOW = {"zh": "（今天的区划）", "en": " (boundaries now)"}
_TYPES = {
    "bigint": "integer",
    "integer": "integer",
    "smallint": "integer",
    "numeric": "number",
    "double precision": "number",
    "date": "date",
    "boolean": "boolean",
}
_COUNTED = (Measure.COUNT, Measure.DISTINCT)


@dataclass(frozen=True)
class Resource:
    """A CSV file of the package; ``fields`` are those of its Table Schema."""

    path: str
    title: str
    description: str
    fields: Sequence[Mapping[str, Any]]
    primary_key: Sequence[str]
    content: bytes

    def described(self) -> dict[str, Any]:
        """As ``datapackage.json`` describes it."""
        schema: dict[str, Any] = {"fields": list(self.fields), "missingValues": MISSING_VALUES}
        if self.primary_key:
            schema["primaryKey"] = list(self.primary_key)
        return {
            "profile": "tabular-data-resource",
            "name": self.path.removesuffix(".csv").replace("/", "-").replace("_", "-"),
            "path": self.path,
            "title": self.title,
            "description": self.description,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
            "bytes": len(self.content),
            "hash": f"sha256:{hashlib.sha256(self.content).hexdigest()}",
            "schema": schema,
        }


def of_table(content: Content, table: Table) -> Resource:
    """The whole table, under the names of its columns."""
    words = content.chinese.words(table.name)
    return Resource(
        path=f"{table.folder}/{table.name}.csv",
        title=title_of(content, table),
        description=words.definition(table.name),
        fields=[_field(content, table, name, kind) for name, kind in table.columns.items()],
        primary_key=table.summary.key,
        content=written(table.columns, ([row[name] for name in table.columns] for row in table.rows)),
    )


def title_of(content: Content, table: Table, language: str = "zh") -> str:
    """The table's title, with a word on the boundaries where they are today's."""
    known = content.chinese if language == "zh" else content.english
    return known.words(table.name).title + (NOW[language] if table.schema == OUTSIDE_NOW else "")


def written(header: Iterable[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV as Excel opens it, with a byte order mark; numbers as they were published."""
    return csv_bytes(list(header), ([_plain(value) for value in row] for row in rows))


def text_field(name: str, title: str, description: str = "") -> dict[str, Any]:
    """A field of texts."""
    return _without_empty({"name": name, "title": title, "description": description, "type": "string"})


def _field(content: Content, table: Table, name: str, kind: str) -> dict[str, Any]:
    words = content.chinese.words(table.name)
    unit = words.unit(name)
    field = {
        "name": name,
        "title": words.of(name),
        "description": words.definition(name),
        "type": field_type(kind),
        "format": "default",
        "unit": "" if unit.startswith("{") else unit,
        "constraints": _constraints(table, name),
    }
    return _without_empty(field)


def field_type(kind: str) -> str:
    """The type of Table Schema for one of PostgreSQL."""
    return _TYPES.get(kind, "string")


def _constraints(table: Table, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if name in table.summary.key else {}
    if name == "level":
        found["enum"] = list(LEVELS)
    if _is_count(table.summary.origins.get(name)):
        found["minimum"] = 0
    return found


def _is_count(origin: Origin | None) -> bool:
    return isinstance(origin, tuple) and all(rows.measure in _COUNTED for rows in origin)


def _without_empty(field: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in field.items() if value}


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Blank):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
