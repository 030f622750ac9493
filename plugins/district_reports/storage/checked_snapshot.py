"""The checked snapshot on disk, between ``validate`` and ``load``: Parquet with Excel row numbers, the rest as JSON.

A folder appears whole or not at all: it is written under another name, forced to disk and renamed. It holds personal
data and is for its owner only.
"""

import json
import os
import secrets
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path

from district_reports.database.copying import as_json
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.model.checked import CheckedWorkbook, Who
from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.model.validation import ExpectationResult, FrameResult

_VERSION = 2
_REPORT, _VALIDATION, _WHO = "checked.json", "validation.json", "who.json"


def save_checked(folder: Path, checked: CheckedWorkbook) -> None:
    """Write `checked` as `folder`, in place of an earlier attempt's.

    Raises:
        OSError: the disk refused; an earlier snapshot may be gone, half of one is never seen.
    """
    import pyarrow.parquet as parquet

    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}-{os.getpid()}-{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700)
    try:
        for table, rows in checked.rows.items():
            parquet.write_table(rows, draft / f"{table}.parquet", compression="zstd")
        (draft / _REPORT).write_text(_report(checked), encoding="utf-8")
        validation = [asdict(frame) for frame in checked.validation]
        (draft / _VALIDATION).write_text(json.dumps(validation, ensure_ascii=False), encoding="utf-8")
        (draft / _WHO).write_text(as_json(checked.who), encoding="utf-8")
        for path in [*draft.iterdir(), draft]:
            _sync(path)
        failpoint("snapshot: drafted")
        if folder.exists():
            # rename() puts nothing over a folder that holds files.
            old = folder.with_name(f"{draft.name}-old")
            folder.rename(old)
            shutil.rmtree(old)
        draft.rename(folder)
        failpoint("snapshot: named")
        _sync(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def load_checked(folder: Path) -> CheckedWorkbook:
    """What :func:`save_checked` wrote.

    Raises:
        SystemFault: there is no snapshot, or one of another version of the program; check the workbook again.
    """
    import pyarrow.parquet as parquet

    try:
        report = json.loads((folder / _REPORT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SystemFault(f"there is no checked snapshot at {folder}; check the workbook again") from None
    if report.pop("version") != _VERSION:
        raise SystemFault(f"{folder} was written by another version of the program; check the workbook again")
    tables = report.pop("tables")
    return CheckedWorkbook(
        **{
            **report,
            "received_on": date.fromisoformat(report["received_on"]),
            "verdict": Outcome(report["verdict"]),
            "findings": tuple(
                Finding(**{**each, "severity": Severity(each["severity"]), "rows": tuple(each["rows"])})
                for each in report["findings"]
            ),
            "counts": tuple(SheetCount(**each) for each in report["counts"]),
            "not_checked": tuple(report["not_checked"]),
            "quarantined": {
                table: [(row, cells) for row, cells in rows] for table, rows in report["quarantined"].items()
            },
            "rows": {table: parquet.read_table(folder / f"{table}.parquet") for table in tables},
            "validation": load_validation(folder),
            "who": load_who(folder),
        }
    )


def load_validation(folder: Path) -> tuple[FrameResult, ...]:
    """What Great Expectations found, the only part of the snapshot without personal data.

    Nothing where the snapshot is gone, or was made before there was such a part.
    """
    try:
        frames = json.loads((folder / _VALIDATION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(
        FrameResult(
            **{
                **frame,
                "results": tuple(
                    ExpectationResult(**{**each, "rows": tuple(each["rows"])}) for each in frame["results"]
                ),
            }
        )
        for frame in frames
    )


def load_who(folder: Path) -> Who:
    """Whom the findings are about; nothing where the snapshot is gone, or was made before there was such a part."""
    try:
        sheets = json.loads((folder / _WHO).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {title: {int(row): name for row, name in rows.items()} for title, rows in sheets.items()}


def _report(checked: CheckedWorkbook) -> str:
    """Everything but the rows to load. Cells become what the quarantine would hold."""
    plain = {name: value for name, value in vars(checked).items() if name not in ("rows", "validation", "who")}
    return as_json(
        {
            "version": _VERSION,
            "tables": list(checked.rows),
            **plain,
            "findings": [asdict(finding) for finding in checked.findings],
            "counts": [asdict(count) for count in checked.counts],
            "quarantined": {
                table: [[row, dict(cells)] for row, cells in rows] for table, rows in checked.quarantined.items()
            },
        }
    )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
