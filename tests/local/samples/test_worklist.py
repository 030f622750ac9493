"""The sound samples hold no item of the worklist unless they are asked for, and then exactly those of the key."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from district_reports.cli import main
from district_reports.local.samples import WORKLIST_KEY, planted_worklist, write_samples
from district_reports.local.samples.worklist import Item
from district_reports.local.samples.worklist.rules import RULES
from district_reports.model.finding import Outcome
from district_reports.settings import load_settings

SCALE = 0.03
RECEIVED = date(2020, 7, 4)
SHEETS = ("疑似辍学台账", "在校人数", "困难学生认定", "资助发放", "学校", "培训记录")
PLACE = ["file", "sheet", "row"]
IMPLIED = {"D06", "A05"}
"""Warnings of a case for poverty itself, and of a pupil on a list without a payment: what X04 is about."""
TRUE_OF_THE_CITY = {"B04", "B07"}
Sides = frozenset[tuple[str, str, int]]


@pytest.fixture(scope="module")
def planted(city_register, tmp_path_factory) -> tuple[Path, list[Item]]:
    """A city with planted items, and the key."""
    out = tmp_path_factory.mktemp("planted")
    worklist = planted_worklist(city_register)
    write_samples(out, city_register, scale=SCALE, plant=worklist.plant)
    return out, worklist.write_key(out)


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    """The city as the command writes it without `--defects`."""
    out = tmp_path_factory.mktemp("plain")
    assert main(["sample", "--out", str(out), "--scale", str(SCALE)]) == 0
    return out


def read(out: Path) -> dict[str, pd.DataFrame]:
    """The sheets of all districts by title, their columns by header, each row with its place."""
    found: dict[str, list[pd.DataFrame]] = {title: [] for title in SHEETS}
    for path in sorted(out.glob("*/*.xlsx")):
        book = CalamineWorkbook.from_path(path)
        for title in set(SHEETS) & set(book.sheet_names):
            _, _, header, *rows = book.get_sheet_by_name(title).to_python()
            frame = pd.DataFrame(rows, columns=header).replace("", None)
            file = f"{path.parent.name}/{path.name}"
            found[title].append(
                frame.assign(file=file, sheet=title, row=range(4, 4 + len(rows)), district=path.parent.name[:6])
            )
    return {title: pd.concat(frames, ignore_index=True) for title, frames in found.items()}


def one_item_each(rows: pd.DataFrame, by: list[str]) -> Iterator[Sides]:
    for _, group in rows.groupby(by):
        yield frozenset(group[PLACE].itertuples(index=False, name=None))


def of_several(rows: pd.DataFrame, by: str, differs: str) -> Iterator[Sides]:
    """Of the rows that agree in `by`, those that differ in a column."""
    rows = rows.dropna(subset=[by, differs])
    return one_item_each(rows[rows.groupby(by)[differs].transform("nunique") > 1], [by])


def cases_and_payments(case: pd.DataFrame, paid: pd.DataFrame, *, same_district: bool) -> Iterator[Sides]:
    both = case.merge(paid, on="身份证件号", suffixes=("_case", "_paid"))
    both = both[both["发放日期"] > both["发现日期"]]
    both = both[(both["district_case"] == both["district_paid"]) == same_district]
    sides = [
        both[["身份证件号", "district_case", *(f"{name}_{which}" for name in PLACE)]].set_axis(
            ["id", "of", *PLACE], axis="columns"
        )
        for which in ("case", "paid")
    ]
    return one_item_each(pd.concat(sides), ["id", "of"])


def poor_without_aid(case: pd.DataFrame, listed: pd.DataFrame, paid: pd.DataFrame) -> Iterator[Sides]:
    asked = case[(case["主要原因"] == "因贫") & (case["辍学类别"] != "失学") & (case["发现日期"] >= date(2020, 2, 1))]
    provided = set(listed["身份证件号"]) & set(paid["身份证件号"])
    for _, one in asked[~asked["身份证件号"].isin(provided)].iterrows():
        sides = pd.concat([one.to_frame().T, listed[listed["身份证件号"] == one["身份证件号"]]])
        yield frozenset(sides[PLACE].itertuples(index=False, name=None))


def two_sizes(ledger: pd.DataFrame, facilities: pd.DataFrame) -> Iterator[Sides]:
    asked = facilities[facilities["办学类型"].isin(["小学", "初中", "九年一贯制"])]
    both = ledger.merge(asked, on="学校标识码", suffixes=("_a", "_p"))
    apart = (both["实际在校人数"] - both["在校生数"]).abs()
    for _, one in both[(apart >= 3) & (apart > 0.05 * both[["实际在校人数", "在校生数"]].max(axis=1))].iterrows():
        yield frozenset(tuple(one[f"{name}_{which}"] for name in PLACE) for which in "ap")


def two_teachers(training: pd.DataFrame) -> Iterator[Sides]:
    for _, rows in training.groupby(["district", "教师编号"]):
        ids, names = rows["身份证件号"], rows["姓名"].map(bare)
        if ids.nunique() > 1 or (ids.isna().any() and names.nunique() > 1):
            yield frozenset(rows[PLACE].itertuples(index=False, name=None))


def bare(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).translate(dict.fromkeys(map(ord, "•・‧"), "·"))


def items_of(out: Path) -> set[tuple[str, Sides]]:
    """What the contract asks of the rules, read off the workbooks."""
    sheets = read(out)
    ledger, listed, aid = (sheets[title] for title in ("疑似辍学台账", "困难学生认定", "资助发放"))
    training = sheets["培训记录"]
    case = ledger[ledger["劝返状态"].isin(["未劝返", "劝返中"])]
    paid = aid[(aid["发放状态"] == "已发放") & (aid["发放金额"] > 0)]
    pupils = pd.concat([ledger, listed, aid], ignore_index=True)
    people = pd.concat([pupils, training], ignore_index=True).assign(name=lambda rows: rows["姓名"].map(bare))
    found = {
        "X01": of_several(paid, "身份证件号", "district"),
        "X02": cases_and_payments(case, paid, same_district=False),
        "X03": cases_and_payments(case[case["主要原因"] != "因贫"], paid, same_district=True),
        "X04": poor_without_aid(case, listed, paid),
        "X05": of_several(people, "身份证件号", "name"),
        "X06": of_several(pupils, "学籍号", "身份证件号"),
        "X08": two_sizes(sheets["在校人数"], sheets["学校"]),
        "X09": two_teachers(training),
    }
    return {(rule, sides) for rule, items in found.items() for sides in items}


def of_key(items: list[Item]) -> set[tuple[str, Sides]]:
    return {(item.rule, frozenset((side.file, side.sheet, side.row) for side in item.sides)) for item in items}


def test_a_city_that_is_asked_for_none_holds_none(plain):
    assert items_of(plain) == set()


def test_the_rules_find_the_planted_items_and_no_other(planted):
    out, items = planted
    assert items_of(out) == of_key(items)
    assert len(of_key(items)) == len(items) == len({(item.rule, item.subject) for item in items})


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_whole_city_holds_them_by_any_seed(city_register, tmp_path, seed):
    write_samples(tmp_path / "plain", city_register, seed=seed)
    assert items_of(tmp_path / "plain") == set()
    worklist = planted_worklist(city_register, seed=seed)
    write_samples(tmp_path / "planted", city_register, seed=seed, plant=worklist.plant)
    assert items_of(tmp_path / "planted") == of_key(worklist.items())


def test_the_workbooks_beside_the_planted_ones_are_as_ever(planted, plain):
    out, items = planted
    written = {str(path.relative_to(plain)) for path in plain.glob("*/*.xlsx")}
    assert written == {str(path.relative_to(out)) for path in out.glob("*/*.xlsx")}
    beside = written - {side.file for item in items for side in item.sides}
    assert len(beside) >= 5
    assert all((plain / file).read_bytes() == (out / file).read_bytes() for file in beside)


def test_five_of_each_rule_over_all_districts_and_many_pairs(planted):
    _, items = planted
    counted = Counter(item.rule for item in items)
    assert set(counted) == set(RULES)
    assert min(counted.values()) >= 5
    touched = [{side.district for side in item.sides} for item in items]
    assert len(set.union(*touched)) == 13
    pairs = {pair for districts in touched for pair in combinations(sorted(districts), 2)}
    assert len(pairs) >= 20


def test_every_part_is_played_that_a_rule_has_words_for(planted):
    """But for those of a city in which reports are missing."""
    _, items = planted
    worded = {
        (path.stem, part)
        for path in load_settings({}).reconciliation.glob("*.json")
        for part in json.loads(path.read_text(encoding="utf-8"))["variants"]
        if not part.endswith("_so_far")
    }
    assert {(item.rule, side.part) for item in items for side in item.sides} == worded


def test_a_case_for_poverty_in_its_kinds(planted):
    _, items = planted
    kinds = set()
    for item in items:
        if item.rule == "X04":
            case, *listed = sorted(item.sides, key=lambda side: side.part == "listed")
            kinds.add(tuple("own" if side.district == case.district else "another's" for side in listed))
    assert kinds == {(), ("own",), ("another's",)}


@pytest.mark.parametrize("of_a_rule", [1, pytest.param(None, marks=pytest.mark.slow)], ids=["first items", "all"])
def test_a_planted_workbook_is_right_by_itself(planted, check, of_a_rule):
    out, items = planted
    by_rule = [[item for item in items if item.rule == rule][:of_a_rule] for rule in RULES]
    for file in sorted({side.file for found in by_rule for item in found for side in item.sides}):
        checked = check(out / file, RECEIVED)
        assert checked.verdict is Outcome.ACCEPTED, file
        assert {finding.rule for finding in checked.findings} <= TRUE_OF_THE_CITY | IMPLIED, file


def test_one_district_alone_has_the_items_that_lie_within_it(folder):
    items = json.loads((folder / WORKLIST_KEY).read_text(encoding="utf-8"))
    assert list(items[0]) == ["rule", "subject", "sides"]
    assert list(items[0]["sides"][0]) == ["file", "sheet", "row", "district", "part"]
    assert {item["rule"] for item in items} == {"X03", "X04", "X05", "X06", "X08", "X09"}
    assert {side["district"] for item in items for side in item["sides"]} == {"210202"}
    assert all((folder.parent / side["file"]).is_file() for item in items for side in item["sides"])


def test_the_key_is_of_what_is_written(city_register, tmp_path):
    worklist = planted_worklist(city_register)
    write_samples(tmp_path, city_register, districts=1, scale=0.01, plant=worklist.plant)
    with pytest.raises(LookupError, match="210203"):
        worklist.items()
