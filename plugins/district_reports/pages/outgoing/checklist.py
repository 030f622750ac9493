"""What an officer looks at before a release leaves, in words: coverage, open items, changes, what is withheld."""

from dataclasses import dataclass

from district_reports.moment.boundaries import Boundaries
from district_reports.pages.city.columns import words_of
from district_reports.publish.causes import in_words
from district_reports.publish.outgoing.checklist import Checklist, Coverage
from district_reports.reconciliation.rules import cross_rules


@dataclass(frozen=True)
class FormCoverage:
    """How much of a form is in; ``unit`` is what its units are called."""

    title: str
    unit: str
    told: Coverage

    @property
    def complete(self) -> bool:
        told = self.told
        return (told.districts_accepted, told.units_reported) == (told.districts_expected, told.units_expected)


@dataclass(frozen=True)
class OpenItems:
    """How many items of a rule are open; ``title`` is empty for a rule that there is no more."""

    rule: str
    title: str
    number: int


@dataclass(frozen=True)
class TableLine:
    """Of a city table in the boundaries of the time: ``changes`` are (cause, figures) against the version outside
    before; ``people`` of ``of_people`` counts of people that are not 0 are withheld, and ``others`` beside them."""

    title: str
    changes: tuple[tuple[str, int], ...]
    people: int
    of_people: int
    others: int

    @property
    def share(self) -> float | None:
        return self.people / self.of_people if self.of_people else None


@dataclass(frozen=True)
class ChecklistInWords:
    """``against`` is the release outside that it is compared with; None for the first."""

    coverage: tuple[FormCoverage, ...]
    items: tuple[OpenItems, ...]
    against: int | None
    tables: tuple[TableLine, ...]


def checklist_in_words(told: Checklist, language: str) -> ChecklistInWords:
    """The checklist as it was kept when the release was prepared."""
    rules = {rule.code: rule.title for rule in cross_rules().rules}
    return ChecklistInWords(
        coverage=tuple(
            FormCoverage(words.title, words.unit("units_reported"), each)
            for each in told.coverage
            for words in [words_of(each.table, language)]
        ),
        items=tuple(OpenItems(rule, rules.get(rule, ""), number) for rule, number in told.items.items()),
        against=told.against,
        tables=tuple(
            TableLine(
                title=words_of(each.table, language).title,
                changes=tuple(
                    (in_words(change.cause, language), change.figures)
                    for change in told.changed
                    if (change.schema, change.table) == (each.schema, each.table)
                ),
                people=each.people,
                of_people=each.of_people,
                others=each.others,
            )
            for each in told.withheld
            if each.schema == Boundaries.THEN
        ),
    )
