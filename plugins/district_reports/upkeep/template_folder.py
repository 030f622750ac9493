"""The folder 模板 of each district: prefilled workbooks of every report that it can still send, kept up to date.

A report's template is there from the period's first day until the report is accepted or locked, and again while an
exception reopens it. One that the clerk has changed is hers: it is neither written over nor taken away.
"""

import fnmatch
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from district_reports.checks.instructions import rules_of
from district_reports.checks.rules_hash import rules_hash
from district_reports.errors import SystemFault
from district_reports.ledger.periods import open_periods
from district_reports.ledger.submissions import in_force_of_district
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.reference.register import District, Register
from district_reports.storage.folders import DistrictFolder, district_folders, template_name
from district_reports.storage.share import Folder, Place, is_linked, is_regular, open_local
from district_reports.warehouse.known import known_from, sources_of
from district_reports.workbook.templates.prefill import write_prefilled

_WRITTEN, _RENDERING = "written.json", "rendering.xlsx"


@dataclass(frozen=True)
class Filled:
    """What became of the templates: written (new or anew), left as they are, the clerk's own by now, taken away."""

    written: int = 0
    left: int = 0
    edited: int = 0
    removed: int = 0

    def plus(self, what: str) -> "Filled":
        return replace(self, **{what: getattr(self, what) + 1})


@dataclass(frozen=True)
class _Entry:
    """A template that was written: its content's hash ("" for one that is not ours) and a hash of all it is made of."""

    form: str
    period: str
    sha256: str
    made_of: str


@dataclass
class _Memory:
    """What was written, by district and file name; kept in a file below the deployment's home."""

    path: Path
    entries: dict[str, dict[str, _Entry]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "_Memory":
        if not path.is_file():
            return cls(path)
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(path, {code: {name: _Entry(**entry) for name, entry in of.items()} for code, of in stored.items()})

    def save(self) -> None:
        stored = {code: {name: asdict(entry) for name, entry in of.items()} for code, of in self.entries.items()}
        with open_local(self.path.parent) as folder:
            folder.write_whole(self.path.name, json.dumps(stored, ensure_ascii=False, indent=1).encode())


def fill_templates(loader: Engine, register: Register, uploads: Path, state: Path, today: date) -> Filled:
    """Bring the folders 模板 below `uploads` up to date; `state` is a folder below its home. Safe to run again.

    Raises:
        SystemFault: a folder could not be written; the message names it, and the others were done.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    memory = _Memory.load(state / _WRITTEN)
    filled, faults = Filled(), []
    for folder in district_folders(uploads):
        entries = memory.entries.setdefault(folder.code, {})
        with loader.begin() as connection:
            work = _Folder(connection, register, folder, entries, state / _RENDERING, today, filled)
            work.bring_up_to_date()
        filled = work.filled
        faults += work.faults
        memory.save()
    if faults:
        raise SystemFault(f"templates could not be written: {'; '.join(faults)}")
    return filled


@dataclass
class _Folder:
    """One district's folder, and what is known to have been written there."""

    connection: Connection
    register: Register
    folder: DistrictFolder
    entries: dict[str, _Entry]
    rendering: Path
    today: date
    filled: Filled
    faults: list[str] = field(default_factory=list)

    def bring_up_to_date(self) -> None:
        place = self.folder.templates
        with self._telling(place):
            place.make()
            with place.opened() as templates:
                for left_behind in fnmatch.filter(templates.names(), ".*.tmp"):
                    templates.remove(left_behind)
                self._fill(templates)

    def _fill(self, templates: Folder) -> None:
        place = self.folder.templates
        reported = in_force_of_district(self.connection, self.folder.code)
        wanted = {
            template_name(form.title, period.text): (form, district, period)
            for form, period in open_periods(self.connection, self.folder.code, self.today)
            if (form.key, period.text) not in reported
            and (district := self.register.district(self.folder.code, period.last_day)) is not None
        }
        for name in [name for name in self.entries if name not in wanted]:
            with self._telling(place / name):
                self._take_away(templates, name)
        for name, report in wanted.items():
            with self._telling(place / name):
                self._offer(templates, name, *report)

    @contextmanager
    def _telling(self, place: Place) -> Iterator[None]:
        """Note what the share refuses, and go on with the next."""
        try:
            yield
        except OSError as error:
            self.faults.append(f"{'/'.join(place.parts)}: {error.strerror}")
        except SystemFault as fault:
            self.faults.append(str(fault))

    def _take_away(self, templates: Folder, name: str) -> None:
        """Remove a template that is of no use any more, if the clerk has left it as it was."""
        entry = self.entries[name]
        if entry.sha256 and _sha256(templates, name) == entry.sha256:
            templates.remove(name)
            self.filled = self.filled.plus("removed")
        del self.entries[name]

    def _offer(self, templates: Folder, name: str, form: Form, district: District, period: Period) -> None:
        """Write the template if it is missing, or ours and made of what has changed since."""
        entry = self.entries.get(name)
        sources = sources_of(self.connection, self.register, form, district.code, period)
        # What is no part of the rules' hash, but of the template.
        declared = [
            (sheet.prefill, sheet.follows, [(each.between, each.above_zero) for each in sheet.columns])
            for sheet in form.sheets
        ]
        made_of = _digest(repr((rules_hash(self.register), declared, district, period.text, sources)).encode())
        there = _sha256(templates, name)
        if there is not None and entry is not None and (entry.sha256 != there or entry.made_of == made_of):
            self.filled = self.filled.plus("left" if entry.sha256 == there else "edited")
            return
        try:
            known = known_from(self.connection, form, district.code, sources)
            write_prefilled(form, self.register, district, period, self.rendering, known, rules_of(form))
            content = self.rendering.read_bytes()
        finally:
            self.rendering.unlink(missing_ok=True)
        made = _digest(content)
        # Without an entry it may still be ours: a run was killed before it could remember. The same input is the same
        # file. And the clerk may have saved hers while this one was made.
        if there is not None and (_sha256(templates, name) != there or (entry is None and there != made)):
            self.entries[name] = _Entry(form.key, period.text, "", made_of)
            self.filled = self.filled.plus("edited")
            return
        templates.write_whole(name, content)
        self.entries[name] = _Entry(form.key, period.text, made, made_of)
        self.filled = self.filled.plus("written")


def _sha256(templates: Folder, name: str) -> str | None:
    """The hash of the file's content; None if nothing is there, "" if it is no file, or has another name elsewhere."""
    if not templates.has(name):
        return None
    status = templates.status(name)
    if not is_regular(status) or is_linked(status):
        return ""
    with templates.open_file(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
