"""Filled workbooks that no check finds a mistake in, a folder for each district."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from district_reports.local.samples.forms import Rows, generator, sampled_forms
from district_reports.local.samples.sample import Sample, person_name, telephone
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.reference.register import District, Register
from district_reports.workbook.templates.template import write_template

SAMPLE_DAY = date(2020, 6, 30)
"""The demo plays 2020-07-04: month 2020-06, quarter 2020-Q2 and semester 2020-S1 are all on time then."""

Plant = Callable[[Form, Sample, Rows, Path], None]
"""Changes the rows of the workbook that is about to be written to a path."""


def write_samples(
    out: Path,
    register: Register,
    *,
    seed: int = 1,
    districts: int = 13,
    scale: float = 1.0,
    on: date = SAMPLE_DAY,
    form_keys: Sequence[str] | None = None,
    written: Callable[[Path], None] | None = None,
    plant: Plant | None = None,
) -> list[Path]:
    """Write ``<out>/<code>-<name>/<form title>-<period>.xlsx`` and return the paths.

    For the first `districts` of the register and every form (or those of `form_keys`), each for its period that holds
    the day `on`. `scale` multiplies the people of a city of 700,000 pupils in the sheets that list people; schools and
    their sizes stay. The same seed gives the same bytes, and periods follow from one another. `written` is told of each
    workbook as soon as it is whole. `plant` may change each one's rows before.
    """
    paths = []
    for district in register.districts_on(on)[:districts]:
        folder = district_folder(out, district)
        for form in sampled_forms():
            if form_keys is None or form.key in form_keys:
                sample = Sample(register, district, Period.containing(form.period_kind, on), on, seed, scale)
                paths.append(write_sample(form, sample, folder, plant))
                if written is not None:
                    written(paths[-1])
    return paths


def district_folder(out: Path, district: District) -> Path:
    """``<out>/<code>-<name>``, made if need be."""
    folder = out / f"{district.code}-{district.name}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_sample(form: Form, sample: Sample, folder: Path, plant: Plant | None = None) -> Path:
    """Write one district's sample workbook for one form into `folder`."""
    path = folder / f"{form.title}-{sample.period.text}.xlsx"
    rows = generator(form.key)(sample)
    if plant is not None:
        plant(form, sample, rows, path)
    write_template(form, sample.register, sample.district, sample.period, path, rows, cover_of(sample))
    return path


def cover_of(sample: Sample) -> dict[str, str]:
    """Who filled it in, and when."""
    random = sample.random("cover")
    return {
        "填报人": person_name(random),
        "联系电话": telephone(random),
        "填报日期": (sample.last_day + timedelta(days=2)).isoformat(),
    }
