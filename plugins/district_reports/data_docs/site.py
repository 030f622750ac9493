"""The site of the data docs: built whole beside the old one, and put in its place."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from district_reports import clock
from district_reports.checks.suites import suites
from district_reports.data_docs.sources import PERIODS, Source, sources
from district_reports.database.engine import Role, engine
from district_reports.errors import ConfigurationError
from district_reports.forms import forms
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.settings import settings

_MARK = ".data_docs"
"""An empty file that says that a folder is a site of ours, and may be replaced."""


@dataclass(frozen=True)
class Page:
    """The page of one frame; ``path`` is relative to the site."""

    path: str
    frame: str
    failed: int
    evaluated: int


@dataclass(frozen=True)
class Row:
    """A submission on the index."""

    source: Source
    district: str
    decided_at: str
    pages: list[Page]


@dataclass(frozen=True)
class Listed:
    """A form on the index; ``suites`` are the names of its frames."""

    key: str
    title: str
    suites: list[str]
    rows: list[Row]


def build(folder: Path | None = None) -> int:
    """Write the site into `folder` (else the deployment's own), for its owner only; how many pages of validations.

    It takes the place of an earlier site whole, for an instant there is none.

    Raises:
        ConfigurationError: `folder` holds something else.
        OSError: the disk refused; an earlier site is left as it was.
    """
    target = folder or settings().data_docs
    if target.exists() and not (target / _MARK).exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigurationError(f"{target.name} is there and no site of data docs; name another folder")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}-{os.getpid()}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        with engine(Role.LOADER).begin() as connection:
            pages = _write(draft, sources(connection, settings().archive))
        old = target.with_name(f".{target.name}-{os.getpid()}-old.tmp")
        if target.exists():
            target.rename(old)
        draft.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return pages


def _write(site: Path, every: Iterable[Source]) -> int:
    # GX takes seconds to import, and only this needs it.
    from district_reports.data_docs.pages import suite_page

    register = Register.load(settings().reference)
    listed = []
    for key, of_form in groupby(every, key=lambda source: source.form):
        form = forms().get(key)
        if form is None:
            continue
        by_frame = suites(form).by_frame
        rows = [_row(site, source, register) for source in of_form]
        listed.append(Listed(key, form.title, sorted(by_frame), rows))
        for frame, expectations in by_frame.items():
            _put(site / "expectations" / f"{frame}.html", suite_page(frame, expectations))
    _put(site / "index.html", _index(listed))
    (site / _MARK).touch()
    return sum(len(row.pages) for form in listed for row in form.rows)


def _row(site: Path, source: Source, register: Register) -> Row:
    from district_reports.data_docs.pages import validation_page

    district = register.district(source.district_code, Period.parse(source.period).last_day)
    name = f"{source.district_code} {district.name}" if district else source.district_code
    pages = []
    for frame in source.frames:
        if not frame.results:
            continue
        # Four levels down: GX's pages lead to their suite from there.
        path = (
            f"validations/{source.form}/{source.period}/{source.district_code}/{source.receipt_id}-{frame.frame}.html"
        )
        _put(site / path, validation_page(source, frame, f"{name} {source.period}"))
        failed = sum(each.unexpected > 0 for each in frame.results)
        pages.append(Page(path, frame.frame, failed, len(frame.results)))
    return Row(source, name, f"{source.decided_at:%Y-%m-%d %H:%M}", pages)


def _index(listed: list[Listed]) -> str:
    from district_reports.data_docs.pages import TEMPLATES

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("index.html.j2").render(
        forms=listed, periods=PERIODS, built_at=f"{clock.now():%Y-%m-%d %H:%M}"
    )


def _put(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
