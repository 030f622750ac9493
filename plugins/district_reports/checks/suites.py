"""The content rules of a form as Great Expectations configurations, from ``expectations/``.

``any_form.json`` holds templates that apply to every column of a type or to a sheet's key; ``<form>.json`` holds the
form's own suites, one a frame (a sheet or a frame of expected rows). What a suite says alike of several things is one
template there, too, with the words of each in ``for_each``. Severity is GX's own field; rule code, marked column,
message and remedy stand in ``meta``. ``${column}`` and the other words of a template are filled when it is applied,
``{value}`` and the frame's columns when a finding is written.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

from district_reports.errors import ReferenceDataError
from district_reports.model.derived import CarriedOver, Change, PreviousNumber, RowCountChange
from district_reports.model.form import Column, Form, Sheet, Type
from district_reports.settings import settings

Expectation = dict[str, Any]
_LEFT = re.compile(r"\$\{\w*\}")


@dataclass(frozen=True)
class Suites:
    """Frame name → expectations, and the codes of the rules that need history."""

    by_frame: dict[str, tuple[Expectation, ...]]
    needs_history: tuple[str, ...]


def suites(form: Form) -> Suites:
    """The content rules of `form`.

    Raises:
        ReferenceDataError: a file is missing, no JSON, names an unknown frame, or an expectation lacks a part or a word
            of its template.
    """
    return _suites(form, settings().expectations)


@lru_cache(maxsize=16)
def _suites(form: Form, folder: Path) -> Suites:
    templates = _load(folder / "any_form.json")
    own = _load(folder / f"{form.key}.json")
    frames = {sheet.table for sheet in form.sheets}
    frames |= {frame.name for sheet in form.sheets for frame in sheet.frames}
    if strangers := set(own["suites"]) - frames:
        raise ReferenceDataError(f"{form.key}.json: no frame is called {', '.join(sorted(strangers))}")
    by_frame = {name: list(_spread(expectations)) for name, expectations in own["suites"].items()}
    for sheet in form.sheets:
        by_frame[sheet.table] = [*_applied(templates, sheet), *by_frame.get(sheet.table, [])]
    for name, expectations in by_frame.items():
        for expectation in expectations:
            _demand(expectation, f"{form.key}.json, {name}")
    return Suites({name: tuple(found) for name, found in by_frame.items()}, _needing_history(form, by_frame))


def _needing_history(form: Form, by_frame: Mapping[str, Sequence[Expectation]]) -> tuple[str, ...]:
    """The rules whose frame, or whose column, comes from the last accepted period."""
    rules = set()
    for sheet in form.sheets:
        frames = {frame.name for frame in sheet.frames if isinstance(frame, RowCountChange | CarriedOver)}
        rules |= {one["meta"]["rule"] for name in frames for one in by_frame.get(name, ())}
        previous = {kind.name for kind in sheet.derived if isinstance(kind, PreviousNumber)}
        columns = {kind.name for kind in sheet.derived if isinstance(kind, Change) and kind.previous in previous}
        rules |= {one["meta"]["rule"] for one in by_frame[sheet.table] if one["kwargs"].get("column") in columns}
    return tuple(sorted(rules))


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReferenceDataError(f"{path.name} cannot be read: {error}") from error


def _applied(templates: list[Expectation], sheet: Sheet) -> Iterator[Expectation]:
    for template in templates:
        for column in sheet.columns:
            if _applies(template["applies_to"], sheet, column):
                yield _filled(template, "applies_to", {"column": column.name})


def _spread(expectations: list[Expectation]) -> Iterator[Expectation]:
    """Each expectation, a template once for each set of words in its ``for_each``."""
    for expectation in expectations:
        if "for_each" not in expectation:
            yield expectation
        for words in expectation.get("for_each", ()):
            yield _filled(expectation, "for_each", words)


def _applies(condition: dict[str, Any], sheet: Sheet, column: Column) -> bool:
    """Whether every word of a template's ``applies_to`` is true of `column`."""
    tests = {
        "type": lambda wanted: column.type is Type(wanted),
        "may_follow_period": lambda wanted: column.may_follow_period is wanted,
        "first_key": lambda wanted: (sheet.key[:1] == (column.name,)) is wanted,
        "sheet_has": lambda wanted: wanted in sheet.by_name,
        "compared": lambda wanted: (
            any(isinstance(kind, Change) and kind.column == column.name for kind in sheet.derived) is wanted
        ),
    }
    if strangers := set(condition) - set(tests):
        raise ReferenceDataError(f"any_form.json: applies_to knows no {', '.join(sorted(strangers))}")
    return all(tests[word](wanted) for word, wanted in condition.items())


def _filled(template: Expectation, wordy: str, words: Mapping[str, str]) -> Expectation:
    """The expectation that `template` makes with `words`; its part `wordy` said where they come from."""
    filled: Expectation = _fill({key: template[key] for key in template if key != wordy}, words)
    return filled


def _fill(part: Any, words: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        return Template(part).safe_substitute(words)
    if isinstance(part, dict):
        return {key: _fill(value, words) for key, value in part.items()}
    if isinstance(part, list):
        return [_fill(value, words) for value in part]
    return part


def _demand(expectation: Expectation, where: str) -> None:
    # GX takes a missing severity for critical: a forgotten word would quarantine rows.
    missing = {"type", "kwargs", "severity", "meta"} - set(expectation)
    missing |= {"rule", "title", "message", "fix"} - set(expectation.get("meta", {}))
    if missing:
        raise ReferenceDataError(
            f"{where}: an expectation lacks {', '.join(sorted(missing))}: {expectation.get('type')}"
        )
    if left := _LEFT.search(json.dumps(expectation)):
        raise ReferenceDataError(f"{where}: nothing says what {left[0]} is: {expectation['type']}")
