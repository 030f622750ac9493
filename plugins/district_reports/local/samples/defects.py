"""Workbooks with planted mistakes, and the answer key: what a check must find, where, and how grave it is."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from district_reports.checks.instructions import all_texts
from district_reports.forms._common import SCHOOLS
from district_reports.local.samples import package
from district_reports.local.samples.file_mistakes import Draft, FileMistake
from district_reports.local.samples.forms import Rows, generator, sampled_forms
from district_reports.local.samples.mistakes import Mistakes, mistakes_of
from district_reports.local.samples.planting import Book, Place
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, cover_of, district_folder
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.reference.register import District, Register
from district_reports.workbook.templates.template import write_template

DEFECTS = "defects"
"""The folder beside the sound samples' districts that the command writes to."""
ANSWER_KEY = "answer-key.json"
_EARLIER = "先报"
_SCALE_OF_SPOILT_FILES = 0.3


@dataclass(frozen=True)
class Planted:
    """One mistake: the file (relative to the folder written to), the place a finding must name, rule and severity.

    Sheet or cell None: the finding is about the whole file or sheet. ``needs`` is the file that must have been accepted
    before, while its own period was open; without it nothing is found.
    """

    file: str
    sheet: str | None
    cell: str | None
    rule: str
    severity: str
    needs: str | None = None


def defective_samples(out: Path, register: Register, *, seed: int = 1) -> list[Planted]:
    """Write workbooks with mistakes and ``answer-key.json`` into `out`, and return the key.

    For each form, in the folder of the district with the most schools, one that loads in part, with the mistakes of its
    rows gathered; and one workbook for each mistake of the whole file, dealt out over the other districts. A workbook
    holds the planted mistakes and no other that is critical or a warning. All are of the periods of
    :data:`SAMPLE_DAY`, but for those that others need.
    """
    out.mkdir(parents=True, exist_ok=True)
    day = register.districts_on(SAMPLE_DAY)
    largest = max(day, key=lambda entry: len(register.schools_open(entry.code, SAMPLE_DAY, SCHOOLS)))
    others = [entry for entry in day if entry != largest]
    planted: list[Planted] = []
    dealt = 0
    for form in sampled_forms():
        mistakes = mistakes_of(form.key)
        period = Period.containing(form.period_kind, SAMPLE_DAY)
        sample = Sample(register, largest, period, SAMPLE_DAY, seed, mistakes.scale)
        planted += _gathered(form, mistakes, sample, district_folder(out, largest))
        for mistake in mistakes.files:
            district = others[dealt % len(others)]
            dealt += 1
            one = replace(sample, district=district, scale=_SCALE_OF_SPOILT_FILES)
            planted += _spoilt(form, mistakes, mistake, one, district_folder(out, district), largest)
    key = [asdict(one) for one in planted]
    (out / ANSWER_KEY).write_text(json.dumps(key, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return planted


def _gathered(form: Form, mistakes: Mistakes, sample: Sample, folder: Path) -> Iterator[Planted]:
    """The workbook of the mistakes in rows, and the one of the period before that some of them need."""
    book = Book(form, sample, _rows(form, mistakes, sample))
    for plant in mistakes.contents:
        plant(book)
    path = folder / f"{form.title}-内容错误.xlsx"
    write_template(form, sample.register, sample.district, sample.period, path, book.rows, cover_of(sample))
    package.edit_sheets(path, form, book.edits())
    earlier = folder / f"{form.title}-内容错误-{_EARLIER}.xlsx"
    before = sample.period.previous()
    then = replace(sample, period=before, on=before.last_day, scale=sample.scale * mistakes.earlier)
    rows = _rows(form, mistakes, then)
    write_template(form, sample.register, sample.district, before, earlier, rows, cover_of(then))
    yield from _planted(path, book.places(), earlier)


def _spoilt(
    form: Form, mistakes: Mistakes, mistake: FileMistake, sample: Sample, folder: Path, other: District
) -> Iterator[Planted]:
    """The workbook of one mistake of the file."""
    path = folder / f"{form.title}-{mistake.rule}-{mistake.name}.xlsx"
    draft = Draft(form, sample, lambda sample: _rows(form, mistakes, sample), path, other)
    places = mistake.write(draft)
    earlier = path.with_stem(f"{path.stem}-{_EARLIER}")
    if mistake.earlier is not None:
        mistake.earlier(draft, earlier)
    yield from _planted(path, places, earlier)


def _rows(form: Form, mistakes: Mistakes, sample: Sample) -> Rows:
    return mistakes.mended(generator(form.key)(sample))


def _planted(path: Path, places: Sequence[Place], earlier: Path) -> Iterator[Planted]:
    severities = {text.code: text.severity.value for text in all_texts()}
    for place in places:
        needs = _relative(earlier) if place.needs_earlier else None
        yield Planted(_relative(path), place.sheet, place.cell, place.rule, severities[place.rule], needs)


def _relative(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
