"""The reports of the months before the samples', as districts sent them: fewer mistakes each month, some of them late.

What was wrong is sent again some days later, without its mistakes. So each period is whole in the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from district_reports.checks.instructions import all_texts
from district_reports.local.samples import package
from district_reports.local.samples.file_mistakes import Draft, FileMistake, csv_called_xlsx, encrypted
from district_reports.local.samples.forms import generator, sampled_forms
from district_reports.local.samples.mistakes import mistakes_of
from district_reports.local.samples.planting import Book
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, cover_of, district_folder, write_sample
from district_reports.model.finding import Severity
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.reference.register import District, Register
from district_reports.workbook.templates.template import write_template

FIRST_DAY = date(2020, 1, 1)
"""No period that began before this day is among them."""
_FILE_IN, _LATE_IN = 3, 8
"""One mistaken workbook in so many is spoilt as a whole, and one report in so many comes after its due date."""
_EARLY, _LATE = timedelta(days=-3), timedelta(days=2)
_UNREADABLE = (csv_called_xlsx(), encrypted())


@dataclass(frozen=True)
class Sent:
    """A workbook that `district` sends on the day `on`; ``mistakes`` is how many it has, 0 for a sound one."""

    on: date
    form: Form
    period: Period
    district: District
    mistakes: int
    seed: int

    def write(self, out: Path, register: Register) -> Path:
        """Write it into the district's folder below `out`."""
        sample = Sample(register, self.district, self.period, self.period.last_day, self.seed)
        folder = district_folder(out, self.district)
        if not self.mistakes:
            return write_sample(self.form, sample, folder)
        path = folder / f"{self.form.title}-{self.period.text}-初稿.xlsx"
        random = sample.random("earlier", self.form.key, self.period.text)
        if random.randrange(_FILE_IN) == 0:
            other = random.choice([each for each in register.districts_on(self.on) if each != self.district])
            rows = generator(self.form.key)
            random.choice(_of_the_file(self.form)).write(Draft(self.form, sample, rows, path, other))
        else:
            self._write_contents(sample, path, random)
        return path

    def _write_contents(self, sample: Sample, path: Path, random: Random) -> None:
        book = Book(self.form, sample, generator(self.form.key)(sample))
        contents = list(mistakes_of(self.form.key).contents)
        # In the same order for all districts: some mistakes are made by many.
        Random(f"{self.seed}/{self.form.key}").shuffle(contents)
        weights = [1 / place for place in range(1, len(contents) + 1)]
        critical = {text.code for text in all_texts() if text.severity is Severity.CRITICAL}
        # One at least that keeps rows out: of warnings alone nothing has to be sent again.
        while len(book.places()) < self.mistakes or critical.isdisjoint(place.rule for place in book.places()):
            try:
                random.choices(contents, weights)[0](book)
            except LookupError:
                continue  # No row of this month's suits it.
        write_template(self.form, sample.register, sample.district, sample.period, path, book.rows, cover_of(sample))
        package.edit_sheets(path, self.form, book.edits())


def earlier_reports(register: Register, seed: int = 1) -> list[Sent]:
    """What all districts sent for the periods of the year before those of :data:`SAMPLE_DAY`, day by day."""
    sent: list[Sent] = []
    for form in sampled_forms():
        period = Period.containing(form.period_kind, SAMPLE_DAY).previous()
        while period.first_day >= FIRST_DAY:
            sent += _of_period(form, period, register.districts_on(period.last_day), seed)
            period = period.previous()
    return sorted(sent, key=lambda one: one.on)


def _of_period(form: Form, period: Period, districts: Sequence[District], seed: int) -> Iterator[Sent]:
    random = Random(f"{seed}/earlier/{form.key}/{period.text}")
    months_ago = (SAMPLE_DAY.year - period.last_day.year) * 12 + SAMPLE_DAY.month - period.last_day.month
    mistaken = random.sample(districts, round(len(districts) * (0.1 + 0.1 * months_ago)))
    mended_after = timedelta(days=random.randint(1, 3))
    for district in districts:
        on = form.due_on(period) + (_LATE if random.randrange(_LATE_IN) == 0 else _EARLY)
        if district in mistaken:
            yield Sent(on, form, period, district, random.randint(1, 1 + 2 * months_ago), seed)
            on += mended_after
        yield Sent(on, form, period, district, 0, seed)


def _of_the_file(form: Form) -> list[FileMistake]:
    """Those that need no other workbook, and are of the period itself."""
    return [one for one in mistakes_of(form.key).files if one.earlier is None and one.rule != "F19"] + [*_UNREADABLE]
