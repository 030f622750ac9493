"""The tables of the page as CSV; shares are written as 0 to 1, times in hours."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from starlette.responses import Response

from district_reports.forms import forms
from district_reports.pages.attachments import CSV, attachment
from district_reports.pages.quality.figures import Figures
from district_reports.pages.quality.filters import Filters, month_text
from district_reports.pages.quality.overview import Overview, read_overview
from district_reports.pages.words import say
from district_reports.workbook.csv_file import csv_bytes

TABLES = ("district", "form", "month", "rule")
FIGURES: dict[str, Callable[[Figures], float | None]] = {
    "files": lambda one: one.files,
    "rejected": lambda one: one.rejected,
    "rejected_share": lambda one: _rounded(one.rejected_share),
    "rows_read": lambda one: one.rows_read,
    "quarantined": lambda one: one.quarantined,
    "error_rate": lambda one: _rounded(one.error_rate),
    "findings": lambda one: one.findings,
    "per_thousand": lambda one: _rounded(one.per_thousand),
    "tries": lambda one: one.tries,
    "right": lambda one: one.right_at_once,
    "right_share": lambda one: _rounded(one.right_share),
    "corrected": lambda one: one.corrected,
    "median_hours": lambda one: _rounded(one.median_hours),
    "late_hours": lambda one: _rounded(one.late_hours),
    "open": lambda one: one.open,
    "settled": lambda one: one.settled,
}
_RULE = ("rule", "severity", "problem", "fix", "findings", "explained", "per_thousand", "files_with", "share", "before")


def answer(connection: Connection, filters: Filters, table: str, language: str) -> Response:
    """One of :data:`TABLES` for these filters, as CSV."""
    overview = read_overview(connection, filters)
    header, rows = _rules(overview, language) if table == "rule" else _figures(overview, filters, table, language)
    name = f"quality-{table}-{month_text(filters.span.first)}-{month_text(filters.span.last)}.csv"
    return attachment(csv_bytes(header, rows), CSV, name, name)


def _figures(
    overview: Overview, filters: Filters, table: str, language: str
) -> tuple[list[str], list[Sequence[object]]]:
    names = {each.code: each.name for each in filters.districts}
    titles = {key: form.title for key, form in forms().items()}
    of: list[tuple[list[object], Figures]]
    match table:
        case "district":
            of = [([code, names[code]], one) for code, one in overview.districts]
        case "form":
            of = [
                ([key, titles[key]] if key else ["", say(language, "quality.no_form")], one)
                for key, one in overview.forms
            ]
        case _:
            of = [([month], overview.by_month.get(month, Figures())) for month in overview.months]
    first = [f"csv.{table}"] if table == "month" else ["csv.code", f"csv.{table}"]
    header = [say(language, f"quality.{key}") for key in (*first, *(f"csv.{name}" for name in FIGURES))]
    return header, [[*head, *(figure(one) for figure in FIGURES.values())] for head, one in of]


def _rules(overview: Overview, language: str) -> tuple[list[str], list[Sequence[object]]]:
    rows: list[Sequence[object]] = [
        [
            one.rule,
            one.severity.label if language == "zh" else str(one.severity),
            one.words.title,
            " / ".join(one.words.fixes),
            one.findings,
            one.explained,
            _rounded(one.per_thousand),
            one.files,
            _rounded(one.share),
            _rounded(one.before),
        ]
        for one in overview.rules
    ]
    return [say(language, f"quality.csv.{name}") for name in _RULE], rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
