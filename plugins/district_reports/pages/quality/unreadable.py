"""The files that could not be taken at all, by what they were and what helps: no mistake in a cell is among them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from district_reports.checks.catalogue import rules
from district_reports.checks.instructions import opened
from district_reports.database.engine import Role, engine
from district_reports.ledger.unreadable import Declared, unreadable
from district_reports.pages.quality.filters import Filters

_PLACEHOLDER = re.compile(r"(\{[^{}]+\})")
_KIND = "{kind}"
"""What a clerk calls the file: one of our own words, wherever a message says nothing else (:mod:`.guard.file_type`)."""


@dataclass(frozen=True)
class Unreadable:
    """``message`` and ``fix`` are the rule's own words, with … for what they quoted; empty where the rule no longer
    says what it said."""

    rule: str
    message: str
    fix: str
    files: int
    district_codes: Sequence[str]


def read_unreadable(filters: Filters) -> list[Unreadable]:
    """By what was wrong, that of most files first; none where a form is asked for, which these files have not.

    Officers are not shown what findings say, since that quotes the workbook. So they are counted as the reader, of the
    districts that the viewer sees, and told in declared words only.
    """
    if filters.form:
        return []
    said = [
        (code, text["message"], text["fix"]) for code, rule in rules().items() for text in rule["variants"].values()
    ]
    codes = filters.district_codes or [each.code for each in filters.districts]
    scope = replace(filters.scope(), district_codes=tuple(codes))
    with engine(Role.READER).connect().execution_options(postgresql_readonly=True) as connection:
        found = unreadable(connection, scope, [_declared(code, message) for code, message, _ in said])
    told = []
    for row in found:
        _, message, fix = said[row.number - 1] if row.number else (row.rule, "", "")
        if row.told:
            message = message.replace(_KIND, row.told)
        told.append(Unreadable(row.rule, opened(message), opened(fix), row.files, row.district_codes))
    return told


def _declared(code: str, message: str) -> Declared:
    parts = _PLACEHOLDER.split(message)
    tells = parts[1::2] == [_KIND]
    between = "([^“”]{1,40})" if tells else ".*"
    pattern = "".join(between if number % 2 else re.escape(part) for number, part in enumerate(parts))
    return Declared(code, f"^{pattern}$", tells)
