"""What the headers of the summaries say for disclosure control: the grammar, and what of it is refused."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.publish.disclosure.declared import Bound, Factor, How, Parts, Protection, Term, Where
from district_reports.publish.summary import summaries
from district_reports.settings import Settings

HEADER = "-- key: period, level, area_code, kind\n-- additive: none\n"
EVERYWHERE = Where()


def protection(folder: Path, *lines: str, people: str = "-- counts of people: a, b") -> Protection:
    (folder / "city_x.sql").write_text(HEADER + "\n".join((people, *lines)) + "\nSELECT 1", encoding="utf-8")
    return next(each.protection for each in summaries(folder) if each.table == "city_x")


def another(folder: Path, key: str) -> None:
    """A table city_y with a figure d."""
    header = f"-- key: {key}\n-- counts of people: none\n-- additive: none\n-- trace d: = e\n"
    (folder / "city_y.sql").write_text(f"{header}SELECT 1", encoding="utf-8")


def where(text: str, folder: Path) -> Where:
    return protection(folder, people=f"-- counts of people where {text}: a").people["a"]


def test_counts_of_people_are_so_everywhere_or_where_something_holds(tmp_path: Path) -> None:
    found = protection(
        tmp_path, people="-- counts of people: a,\n--     b\n-- counts of people where kind <> 'X08': c, d"
    ).people
    assert (found["a"], found["b"]) == (EVERYWHERE, EVERYWHERE)
    assert found["c"] == found["d"] == Where((("kind", False, frozenset({"X08"})),))


def test_a_table_may_count_nobody(tmp_path: Path) -> None:
    assert not protection(tmp_path, people="-- counts of people: none").people


@pytest.mark.parametrize(
    ("text", "holds", "does_not"),
    [
        ("kind = 'a b'", {"kind": "a b"}, {"kind": "a"}),
        ("kind <> 'a'", {"kind": "b"}, {"kind": "a"}),
        ("kind <> 'a'", {"kind": "b"}, {"kind": None}),
        ("kind IN ('a', 'b')", {"kind": "b"}, {"kind": "c"}),
        ("kind NOT IN ('a','b')", {"kind": "c"}, {"kind": "b"}),
        ("n = 100", {"n": Decimal("100.00")}, {"n": Decimal("99.99")}),
        ("n <> 0", {"n": 1}, {"n": 0}),
        ("kind = 'a' AND n = 1", {"kind": "a", "n": 1}, {"kind": "a", "n": 2}),
    ],
)
def test_where_a_condition_holds(tmp_path: Path, text: str, holds: dict, does_not: dict) -> None:
    condition = where(text, tmp_path)
    assert (condition.holds(holds), condition.holds(does_not)) == (True, False)


@pytest.mark.parametrize("how", How)
def test_parts(tmp_path: Path, how: How) -> None:
    found = protection(tmp_path, f"-- protect {how} over area, kind: a,", "--     b").parts
    assert found == (Parts(how, ("area", "kind"), ("a", "b")),)


def test_parts_where_something_holds_of_the_whole(tmp_path: Path) -> None:
    (found,) = protection(tmp_path, "-- protect sum over kind where n = 1: a").parts
    assert found == Parts(How.SUM, ("kind",), ("a",), Where((("n", True, frozenset({"1"})),)))


def test_bounds_of_a_row(tmp_path: Path) -> None:
    line = "-- protect bound where kind = 'k': a - 2 * b <= c; a = 0"
    less, nothing = protection(tmp_path, line).bounds
    assert less.terms == (Term(1, "a"), Term(-2, "b"), Term(-1, "c"))
    assert (less.equal, nothing.equal) == (False, True)
    assert nothing.terms == (Term(1, "a"),)
    assert less.where == nothing.where == Where((("kind", True, frozenset({"k"})),))
    assert (less.text, nothing.text) == ("a - 2 * b <= c where kind = 'k'", "a = 0 where kind = 'k'")


def test_a_bound_names_figures_of_other_rows(tmp_path: Path) -> None:
    another(tmp_path, "form, period, level, area_code")
    line = "-- protect bound: a[each kind] + before.a <= city_y.d[form = 'f'] + b[kind = 'k']"
    (bound,) = protection(tmp_path, line).bounds
    assert bound.terms == (
        Term(1, "a", each="kind"),
        Term(1, "a", before=True),
        Term(-1, "d", table="city_y", keys=(("form", "f"),)),
        Term(-1, "b", keys=(("kind", "k"),)),
    )


def test_a_bound_multiplies_with_a_factor(tmp_path: Path) -> None:
    found = protection(
        tmp_path, "-- protect factor: most of programmes on kind, stage", "-- protect bound: a <= most * b"
    )
    assert found.factors == {"most": Factor("most", "programmes", ("kind", "stage"))}
    assert found.bounds[0].terms == (Term(1, "a"), Term(-1, "b", factor="most"))


def test_what_an_amount_rests_on(tmp_path: Path) -> None:
    found = protection(tmp_path, "-- protect rests: c, d on a; e on b")
    assert found.rests_on == {"c": "a", "d": "a", "e": "b"}


def test_what_follows_from_the_traces(tmp_path: Path) -> None:
    found = protection(
        tmp_path,
        "-- trace share: = city.percent(a, b)",
        "-- trace mean: = round(a / nullif(b, 0), 2)",
        "-- trace rest: = b - a + c",
        "-- trace word: from mean, b",
        "-- trace a, b, c: count of pupils",
        "-- trace begin: mean in kind, else reference plan on kind",
    )
    assert found.ratios == {"share": ("a", "b")}
    assert found.follows == {"mean": ("a", "b"), "word": ("mean", "b")}
    assert found.bounds == (
        Bound((Term(1, "rest"), Term(-1, "b"), Term(1, "a"), Term(-1, "c")), True, EVERYWHERE, "rest = b - a + c"),
    )
    assert found.earlier == {"begin": ("mean", "kind")}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-- protect bound a <= b", "has no `: <what is known>`"),
        ("-- protect most over area: a", "`-- protect most over area: a` makes no sense"),
        ("-- protect sum over stage: a", "stage is no column of the key"),
        ("-- protect sum over area where kind > 1: a", "`kind > 1` is no condition"),
        ("-- protect bound: a < b", "`a < b` is no bound"),
        ("-- protect bound: a b <= c", "`b` in `a b <= c` is no figure"),
        ("-- protect bound: 0 = 0", "`0 = 0` names no figure"),
        ("-- protect bound: a <= most * b", "multiplies with most, which no `-- protect factor`"),
        ("-- protect bound: a <= b[stage = 's']", "stage is no column of the key"),
        ("-- protect bound: a <= b[each stage]", "stage is no column of the key"),
        ("-- protect bound: a <= b[kind]", "`[kind]` in `a <= b[kind]` is no part of a key"),
        ("-- protect bound: a <= city_y.b", "names city_y, of which there is no summary"),
        ("-- protect bound: a <= city_x.b[kind = 'k']", "names b, which city_x does not trace"),
        ("-- protect bound: a <= city_x.coverage", "has to say the key of city_x: kind"),
        ("-- protect factor: most of programmes", "`-- protect factor: most of programmes` makes no sense"),
        ("-- protect rests: c with a", "`-- protect rests: c with a` makes no sense"),
        ("-- protect rests: c on a; c on b", "c rests on a and on b"),
        ("-- counts of people: a", "a is declared twice"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(SystemFault, match=rf"city_x\.sql: .*{re.escape(words)}"):
        protection(tmp_path, line)


@pytest.mark.parametrize(
    "line",
    [
        "-- counts of people where asked = 1: c",
        "-- protect sum over area: asked",
        "-- protect sum over area where asked = 1: a",
        "-- protect bound: asked <= a",
        "-- protect bound where asked = 1: a = 0",
        "-- protect rests: asked on a",
        "-- protect rests: c on asked",
        "-- protect factor: most of programmes on asked",
    ],
)
def test_every_column_that_it_names_is_asked_for(tmp_path: Path, line: str) -> None:
    assert "asked" in protection(tmp_path, line).columns


def test_columns_of_another_table_are_not_asked_for(tmp_path: Path) -> None:
    another(tmp_path, "period, level, area_code")
    assert set(protection(tmp_path, "-- protect bound: a <= city_y.d").columns) == {"a", "b"}


def test_the_tables_of_the_house_count_people_by_the_contract(tmp_settings: Settings) -> None:
    found = {each.table: each.protection for each in summaries(tmp_settings.summaries)}
    aid = found["city_submissions"].people["rows_loaded"]
    assert aid.holds({"form": "dropout_control"})
    assert not aid.holds({"form": "facilities"})
    items = found["city_reconciliation"].people["open_count"]
    assert [items.holds({"rule": rule}) for rule in ("全部", "X06", "X08")] == [True, True, False]
    assert found["city_student_aid"].rests_on["unpaid_amount"] == "unpaid_student_count"
    assert found["city_commitments"].earlier == {"baseline": ("actual", "baseline_period")}
    assert {"actual", "status", "baseline_kind"} <= set(found["city_commitments"].follows)


def test_figures_that_are_often_equal(tmp_path: Path) -> None:
    assert protection(tmp_path, "-- protect alike: a, b").alike == (("a", "b"),)
