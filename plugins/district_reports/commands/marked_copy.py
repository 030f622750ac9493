"""``check --marked-copy``: what a district would find in its 反馈, for files that nobody dropped."""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from district_reports.commands.common import Usage
from district_reports.printing import printable

if TYPE_CHECKING:
    from district_reports.model.checked import CheckedWorkbook
    from district_reports.reference.register import Register


def targets_of(files: Sequence[Path], out: Path, named: Sequence[Path]) -> Mapping[Path, Path]:
    """Where the copy of each of `files` goes: `out` itself for the one that was `named`, else a name in that folder.

    Raises:
        Usage: a copy, or the page beside it, would take the place of one of the files, or of a folder.
    """
    if out.is_dir() or len(files) > 1 or any(path.is_dir() for path in named):
        targets = _within(out, files)
    elif out.suffix.lower() != ".xlsx":
        raise Usage(f"{printable(str(out))}: the marked copy's name ends in .xlsx")
    else:
        targets = {files[0]: out}
    originals = {(status.st_dev, status.st_ino) for path in files if (status := _status(path))}
    for target in targets.values():
        for path in (target, target.with_suffix(".html")):
            status = _status(path)
            if status is not None and (status.st_dev, status.st_ino) in originals:
                raise Usage(f"{printable(str(path))} is a file to be checked; it is not written over")
            if path.is_dir():
                raise Usage(f"{printable(str(path))} is a folder")
    if out.exists() and not out.is_dir() and out not in targets.values():
        raise Usage(f"{printable(str(out))} is no folder, and there are several files")
    return targets


def put_copy(
    path: Path, checked: "CheckedWorkbook", register: "Register", folder_district: str | None, target: Path
) -> None:
    """Write the answer to the file at `path` to `target`, and its page beside it; each appears whole.

    Raises:
        OSError: the disk refused.
    """
    from district_reports import clock
    from district_reports.checks.verdict import foreseen_reason
    from district_reports.feedback.delivery import write_page, write_workbook
    from district_reports.feedback.facts import ReportFacts
    from district_reports.forms import forms
    from district_reports.workbook.marking.answer import Answer

    form = forms().get(checked.form or "")
    code = folder_district or checked.district
    district = register.district(code, checked.received_on) if code else None
    now = clock.now()
    answer = Answer(
        form_title=form.title if form else None,
        period=checked.period,
        district=f"{district.code} {district.name}" if district else code or "无法识别",
        file_name=printable(path.name),
        received_at=now,
        decided_at=now,
        outcome=checked.verdict,
        reason=foreseen_reason(checked.verdict, checked.findings, checked.counts),
        receipt_no=None,
        counts=checked.counts,
        findings=checked.findings,
        precheck=True,
        nil_return=checked.nil_return,
        who=checked.who,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    page = target.with_suffix(".html")
    drafts = [target.with_name(f".{secrets.token_hex(8)}.tmp") for _ in (page, target)]
    try:
        write_page(answer, ReportFacts(), drafts[0])
        write_workbook(answer, path, drafts[1])
        for draft, place in zip(drafts, (page, target), strict=True):
            if draft.exists():
                draft.replace(place)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def _within(folder: Path, files: Sequence[Path]) -> dict[Path, Path]:
    """A name in `folder` for each: its own, with a number behind it where two have the same."""
    from district_reports.storage.folders import safe_name, with_mark

    taken: set[str] = set()
    targets = {}
    for path in files:
        number = 1
        name = safe_name(f"{path.stem}.xlsx")
        while name.casefold() in taken:
            number += 1
            name = with_mark(f"{path.stem}.xlsx", f"_{number}")
        taken.add(name.casefold())
        targets[path] = folder / name
    return targets


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
