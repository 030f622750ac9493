"""The rules across submissions as data: ``sql/reconciliation/<code>.sql`` beside ``<code>.json``.

The SELECT reads the relations of :mod:`.relations` and of ``sql/reconciliation/relations.sql`` and gives a row for each
row of Excel that an item is about: ``subject`` (jsonb: what tells the rule's items apart; a ``district`` in it passes
to that one's successor), ``table_name``, ``submission_id``, ``row_number``, ``part`` (what the row is in the item),
``rests_on`` (jsonb: its values that the item rests on) and ``told`` (jsonb: what else the words tell; ``school_code``
where the row has one). The words are those of a rule of the catalogue (``expectations/file_and_cell.json``), with a
variant for each part; they may name ``rests_on``, ``told``, ``period``, ``everyone`` (all districts of the item) and
``others`` (those of them that play another part than the row; where there is one part only, all but the row's own).
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from district_reports.checks.instructions import RuleText, opened
from district_reports.errors import SystemFault
from district_reports.model.finding import Severity
from district_reports.settings import settings

_CODE = re.compile(r"X[0-9]{2}")
SHARED = "relations"
"""The file of relations that several rules read; no rule."""


@dataclass(frozen=True)
class Words:
    """What a row of an item says to its district, and what to do, with placeholders."""

    message: str
    fix: str


@dataclass(frozen=True)
class CrossRule:
    """A rule across submissions; ``words`` by the part that a row plays."""

    code: str
    select: str
    severity: Severity
    title: str
    words: Mapping[str, Words]


@dataclass(frozen=True)
class CrossRules:
    """All of them in the order of their codes, the relations they share, and SHA-256 (hex) over the files."""

    rules: Sequence[CrossRule]
    shared: str
    digest: str

    def texts(self) -> Iterator[RuleText]:
        """What they say, as docs/rules.md and the templates tell what other rules say."""
        for rule in self.rules:
            for words in rule.words.values():
                yield RuleText(rule.code, rule.severity, rule.title, opened(words.message), opened(words.fix))

    def get(self, code: str) -> CrossRule | None:
        """The rule `code`; None where this deployment has it no more."""
        return next((rule for rule in self.rules if rule.code == code), None)

    def __getitem__(self, code: str) -> CrossRule:
        rule = self.get(code)
        if rule is None:
            raise KeyError(code)
        return rule


def cross_rules() -> CrossRules:
    """The rules of this deployment.

    Raises:
        SystemFault: as :func:`read_rules`.
    """
    return read_rules(settings().reconciliation)


@lru_cache(maxsize=4)
def read_rules(folder: Path) -> CrossRules:
    """The rules of `folder`.

    Raises:
        SystemFault: there is none, one lacks a file or a word, or a file is no rule's; the message names it.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.sql")):
        digest.update(f"{path.name}\0{path.read_text('utf-8')}\0".encode())
    codes = {path.stem for path in (*folder.glob("*.sql"), *folder.glob("*.json"))} - {SHARED}
    if not codes:
        raise SystemFault(f"there is no rule in {folder}")
    rules = [_rule(folder, code) for code in sorted(codes)]
    return CrossRules(rules, _text(folder / f"{SHARED}.sql"), digest.hexdigest())


def _rule(folder: Path, code: str) -> CrossRule:
    if not _CODE.fullmatch(code):
        raise SystemFault(f"{folder.name}/{code}: a rule across submissions is named X and two digits")
    select, words = _text(folder / f"{code}.sql"), _text(folder / f"{code}.json")
    try:
        said = json.loads(words)
        variants = {part: Words(each["message"], each["fix"]) for part, each in said["variants"].items()}
        if not variants:
            raise KeyError("variants")
        return CrossRule(code, select, Severity(said["severity"]), said["title"], variants)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SystemFault(f"{folder.name}/{code}.json can't be used: {type(error).__name__} {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip().rstrip(";")
    except FileNotFoundError:
        raise SystemFault(f"{path.parent.name}/{path.name} is missing") from None
