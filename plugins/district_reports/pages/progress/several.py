"""What an officer's form does to several reports at once: which it names, what is wrong, what is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from fastapi import HTTPException

from district_reports.forms import forms
from district_reports.ledger.locks import typed
from district_reports.ledger.reminders import NOTE_LENGTH, ReportKey, remind
from district_reports.ledger.status import ReportStatus
from district_reports.ledger.viewing import writing
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.pages.progress.extensions import extend
from district_reports.pages.progress.overview import Overview
from district_reports.pages.progress.query import Key, key_of
from district_reports.reference.register import Register
from district_reports.users import Viewer

What = Literal["extend", "remind"]
AT_MOST = 200
"""Reports in one form: more than any page of ours shows in a group."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What was filled in for a group; ``errors`` by field: keys of the page's words. ``ticked``: see :func:`ticked`."""

    group: str
    what: What
    ticked: frozenset[str]
    until: str = ""
    reason: str = ""
    note: str = ""
    errors: Mapping[str, str]


def ticked(key: ReportKey) -> str:
    """A report as a form and an address name it."""
    return ".".join(key)


def key_of_status(status: ReportStatus) -> ReportKey:
    return status.form.key, status.district.code, status.period.text


def keys_of(written: Sequence[str], viewer: Viewer, register: Register) -> list[Key]:
    """The reports that a form names.

    Raises:
        HTTPException: 400, one of them is none, or there are too many; 404, a district is not the viewer's.
    """
    parts = [each.split(".") for each in dict.fromkeys(written)]
    if len(parts) > AT_MOST or any(len(each) != 3 for each in parts):
        raise HTTPException(400)
    return [key_of(form, district, period, viewer, register) for form, district, period in parts]


def extend_ticked(keys: Sequence[Key], until: str, reason: str, viewer: Viewer, today: date) -> Mapping[str, str]:
    """Extend all of these reports or none; what is wrong by field, empty when it is done."""
    if not keys:
        return {"ticked": "none_ticked"}
    refused = extend(keys, until, reason, viewer, today)
    return refused.errors if refused else {}


def remind_ticked(keys: Sequence[Key], note: str, viewer: Viewer) -> Mapping[str, str]:
    """Record that the viewer has called about these reports; what is wrong by field, empty when it is done."""
    said = typed(note)
    if not keys:
        return {"ticked": "none_ticked"}
    if len(said) > NOTE_LENGTH:
        return {"note": "long_note"}
    with writing(viewer) as connection:
        remind(connection, [key.report for key in keys], note=said, by=viewer.name)
    return {}


@dataclass(frozen=True)
class Done:
    """What became of reports of one form and period: extended until a day, or (None) somebody has called about them."""

    form: Form
    period: Period
    until: date | None
    districts: Sequence[str]
    """Their names."""


def done(told: Overview, extended: str, reminded: str) -> list[Done]:
    """What an address says was done, as far as the ledger says so, too."""
    asked = set(extended.split(","))
    found: dict[tuple[str, str, date | None], list[str]] = {}
    for each in told.exceptions:
        if ticked(each.key) in asked:
            found.setdefault((each.form, each.period, each.until), []).append(told.district_name(each.district_code))
    asked = set(reminded.split(","))
    for key in told.reminders:
        if ticked(key) in asked and told.has_district(key[1]):
            found.setdefault((key[0], key[2], None), []).append(told.district_name(key[1]))
    return [Done(forms()[form], Period.parse(period), until, names) for (form, period, until), names in found.items()]
