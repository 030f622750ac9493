"""What the commands share."""

import argparse
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from district_reports.model.form import Form
    from district_reports.model.period import Period
    from district_reports.reference.register import District, Register

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""Where a command adds its parser."""


class Usage(Exception):
    """The command was called in a way that can't be meant."""


def day(text: str) -> date:
    """An argument that is a date."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2020-07-04") from error


def positive(text: str) -> float:
    """An argument that is a finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def add_key(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take the form, district and period that :func:`key_of` reads."""
    parser.add_argument("form", metavar="FORM", help="form key; a wrong one names them all")
    parser.add_argument("district", metavar="DISTRICT", help="its code")
    parser.add_argument("period", metavar="PERIOD", help="such as 2020-05, 2020-Q2 or 2020-S1")


def form_of(key: str) -> "Form":
    """The form with this key. Raises :class:`Usage`."""
    from district_reports.forms import forms

    form = forms().get(key)
    if form is None:
        raise Usage(f"no form {key!r}; there are: {', '.join(forms())}")
    return form


def period_of(form: "Form", written: str) -> "Period":
    """A period of the form's kind. Raises :class:`Usage`."""
    from district_reports.model.period import EXAMPLES, Period

    try:
        period = Period.parse(written)
    except ValueError as error:
        raise Usage(str(error)) from error
    if period.kind is not form.period_kind:
        raise Usage(f"{form.key} is reported by {form.period_kind}, such as {EXAMPLES[form.period_kind]}")
    return period


def key_of(options: argparse.Namespace, register: "Register") -> "tuple[Form, District, Period]":
    """The form, district and period that the arguments name. Raises :class:`Usage`."""
    form = form_of(options.form)
    period = period_of(form, options.period)
    district = register.district(options.district, period.last_day)
    if district is None:
        raise Usage(f"no district {options.district!r} in {period.text}")
    return form, district, period


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)
