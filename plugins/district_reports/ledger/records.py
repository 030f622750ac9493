"""What is kept of a decision beside the facts: findings, the count of each sheet, quarantined rows."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

from district_reports.checks.declared import told_column, told_sheet
from district_reports.database.copying import as_json, copy_rows, storable
from district_reports.forms import forms
from district_reports.model.finding import Finding, Severity, SheetCount

_FINDING_COLUMNS = (
    "submission_id",
    "position",
    "rule",
    "severity",
    "message",
    "fix",
    "sheet",
    "cell",
    "column_title",
    "field",
    "row_number",
    "value",
    "warning_id",
    "explanation",
    "told_sheet",
    "told_column",
)


def store_findings(connection: Connection, submission_id: int, findings: Iterable[Finding]) -> None:
    """Keep `findings` in their order."""
    copy_rows(
        connection,
        "findings",
        "finding",
        _FINDING_COLUMNS,
        (
            (
                submission_id,
                position,
                finding.rule,
                finding.severity.value,
                storable(finding.message),
                storable(finding.fix),
                storable(finding.sheet),
                finding.cell,
                storable(finding.column),
                finding.field,
                finding.row,
                storable(finding.value),
                finding.warning_id,
                storable(finding.explanation),
                told_sheet(finding),
                told_column(finding),
            )
            for position, finding in enumerate(findings)
        ),
    )


def findings_of(connection: Connection, submission_id: int) -> tuple[Finding, ...]:
    """The findings of a decided submission, in order. They hold values: for its district only."""
    rows = connection.execute(
        text(
            "SELECT rule, severity, message, fix, sheet, cell, column_title, field, row_number, value, warning_id,"
            " explanation"
            " FROM findings.finding WHERE submission_id = :submission_id ORDER BY position"
        ),
        {"submission_id": submission_id},
    )
    return tuple(
        Finding(
            rule=row.rule,
            severity=Severity(row.severity),
            message=row.message,
            fix=row.fix,
            sheet=row.sheet,
            cell=row.cell,
            column=row.column_title,
            field=row.field,
            row=row.row_number,
            value=row.value,
            warning_id=row.warning_id,
            explanation=row.explanation,
        )
        for row in rows
    )


def store_counts(connection: Connection, submission_id: int, counts: Sequence[SheetCount]) -> None:
    """Keep what became of each sheet's rows; the database refuses a sum that does not add up."""
    if counts:
        connection.execute(
            text(
                "INSERT INTO ledger.sheet_count"
                " (submission_id, table_name, sheet, rows_read, loaded, quarantined, ignored, no_data)"
                " VALUES (:submission_id, :table, :sheet, :rows_read, :loaded, :quarantined, :ignored, :no_data)"
            ),
            [{"submission_id": submission_id, **vars(count)} for count in counts],
        )


def counts_of(connection: Connection, submission_id: int) -> tuple[SheetCount, ...]:
    """What became of the rows of a decided submission, sheet by sheet in the order of the form."""
    rows = connection.execute(
        text(
            "SELECT table_name, sheet, rows_read, loaded, quarantined, ignored, no_data"
            " FROM ledger.sheet_count WHERE submission_id = :submission_id ORDER BY table_name"
        ),
        {"submission_id": submission_id},
    )
    return in_order_of_form(SheetCount(*row) for row in rows)


def in_order_of_form(counts: Iterable[SheetCount]) -> tuple[SheetCount, ...]:
    """`counts` as the workbook has its sheets; those of sheets that no form has any more come last."""
    place = {
        sheet.table: number for number, sheet in enumerate(one for form in forms().values() for one in form.sheets)
    }
    return tuple(sorted(counts, key=lambda count: place.get(count.table, len(place))))


def store_quarantined(
    connection: Connection,
    submission_id: int,
    quarantined: Mapping[str, Sequence[tuple[int, Mapping[str, object]]]],
) -> None:
    """Keep quarantined rows as the district typed them."""
    copy_rows(
        connection,
        "quarantine",
        "quarantined_row",
        ("submission_id", "table_name", "row_number", "cells"),
        (
            (submission_id, table, row_number, as_json(dict(cells)))
            for table, rows in quarantined.items()
            for row_number, cells in rows
        ),
    )
