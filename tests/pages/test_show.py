"""``show``: why a file was rejected, as its page tells it, and nothing that stands in a cell."""

import re

import pytest
from sqlalchemy import text

from district_reports.cli import main
from district_reports.database.engine import Role, engine
from district_reports.processing import withdraw
from pages.conftest import change
from pages.small_city import CHILD, JUNE, LEDGER, LVSHUN, SHAHEKOU, XIGANG, ZHONGSHAN


def receipts(district: str, form: str | None = LEDGER, period: str | None = JUNE) -> list[tuple[int, int]]:
    """(receipt, submission) of a key, oldest first."""
    with engine(Role.LOADER).begin() as connection:
        found = connection.execute(
            text(
                "SELECT receipt_id, submission_id FROM ledger.submission WHERE district_code = :district"
                " AND form IS NOT DISTINCT FROM :form AND period IS NOT DISTINCT FROM :period ORDER BY receipt_id"
            ),
            {"district": district, "form": form, "period": period},
        )
        return [(row.receipt_id, row.submission_id) for row in found]


@pytest.fixture
def show(warehouse, capsys):
    """What ``show`` prints of a receipt."""

    def shown(receipt: int) -> str:
        capsys.readouterr()
        assert main(["show", str(receipt)]) == 0
        return capsys.readouterr().out

    return shown


def test_a_rejected_file_tells_what_happened_why_and_what_to_do(show, client_as):
    ((receipt, submission),) = receipts(SHAHEKOU)
    out = show(receipt)
    headings = ["what happened", "dropped into", "checked", "decided: rejected", "answer put", "findings by rule"]
    places = [
        out.index(each)
        for each in (
            *headings,
            "what to do next",
            "_退回_",
        )
    ]
    assert places == sorted(places)
    assert f"receipt {receipt} (submission {submission}): {SHAHEKOU} 沙河口区, {LEDGER} 控辍保学台账, {JUNE}" in out
    assert "in force: nothing" in out
    assert re.search(r"  critical F11 \S+: 1\n(    .+ → .+\n)+    at 在校人数\n", out)
    assert "drops the whole file into 上报 again, until 2020-08-19" in out
    page = client_as("officer").get(f"submissions/{submission}").text
    (reason,) = re.findall(r"reason: (.*)", out)
    assert reason in page
    assert set(re.findall(r"critical (F\d\d)", out)) == set(re.findall(r"<strong>(F\d\d)</strong>", page))
    assert "接下来" in page
    assert "改正，把整份表重新放进“上报”" in page


def test_no_value_of_a_cell_is_printed(show):
    with engine(Role.LOADER).begin() as connection:
        values = set(connection.scalars(text("SELECT value FROM findings.finding WHERE length(value) > 3")))
        people = set(connection.scalars(text("SELECT unnest(ARRAY[filler, telephone]) FROM ledger.submission")))
        every = connection.scalars(text("SELECT receipt_id FROM ledger.receipt")).all()
    assert any(CHILD in value for value in values)
    change("UPDATE ledger.receipt SET file_name = :name", name=f"{CHILD}.xlsx")
    change("UPDATE ledger.submission SET answered_as = replace(answered_as, '无法受理_无法识别', :name)", name=CHILD)
    out = "".join(show(receipt) for receipt in every)
    assert "T02" in out
    assert [told for told in {*values, *filter(None, people), CHILD} if told in out] == []


def test_what_came_of_it_later_is_told(show):
    (first, _), (second, _) = receipts(ZHONGSHAN)
    out = show(first)
    assert f"replaced by a newer one: receipt {second}" in out
    assert f"a later file speaks for this report; go by that one: receipt {second}" in out
    assert f"in force: receipt {second}" in out
    ((erring, _),) = receipts(XIGANG)
    assert "corrects the rows that were not loaded" in show(erring)
    withdraw.withdraw(second, "office", "wrong month", lambda _: None)
    (_, _), (_, _), (withdrawal, _) = receipts(ZHONGSHAN)
    assert f"withdrawn: receipt {withdrawal}" in show(second)
    assert "in force again after a later one was withdrawn" in show(first)
    unidentified = receipts(LVSHUN, None, None)[0][0]
    assert f"{LVSHUN} 旅顺口区, not identified" in show(unidentified)


def test_a_later_pre_check_speaks_for_no_report(show):
    (first, _), (second, _) = receipts(ZHONGSHAN)
    change("UPDATE ledger.submission SET channel = '预检' WHERE receipt_id = :id", id=second)
    assert "a later file speaks for this report" not in show(first)


def test_a_period_that_is_locked_needs_an_extension_first(show, monkeypatch):
    ((receipt, _),) = receipts(SHAHEKOU)
    change("UPDATE ledger.submission SET period = '2020-03' WHERE receipt_id = :id", id=receipt)
    assert "the period was locked after 2020-05-20: district-reports unlock comes first" in show(receipt)


def test_a_receipt_that_is_not_there(warehouse, capsys):
    assert main(["show", "999"]) == 2
    assert capsys.readouterr().err == "district-reports: there is no receipt 999\n"
