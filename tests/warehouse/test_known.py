"""What the warehouse says for a template is what was reported, and goes into the template only."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from district_reports.cli import main
from district_reports.forms import forms
from district_reports.ledger.locks import grant
from district_reports.local.samples.forms import generator, sampled_forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.typing_saved import known_from_sample
from district_reports.model.finding import Outcome
from district_reports.model.form import Form, Type
from district_reports.model.period import Period
from district_reports.model.prefill import Known
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.warehouse.known import known_from, sources_of
from district_reports.workbook.templates.prefill import prefilled
from submitted import FORM, MAY, XIGANG, ZHONGSHAN, case, checked, report, submit

JULY = Period.parse("2020-07")
SMALL = "210293"

LEDGER = forms()[FORM]


def known(loader: Engine, form: Form = LEDGER, district: str = ZHONGSHAN, period: Period = JULY) -> Known:
    register = Register.load(settings().reference)
    with loader.begin() as connection:
        return known_from(connection, form, district, sources_of(connection, register, form, district, period))


def names(found: Known) -> list[object]:
    return [row["student_name"] for each in found.reports for row in each.rows["dropout_case"]]


@pytest.mark.parametrize("form", sampled_forms(), ids=lambda form: form.key)
def test_the_warehouse_knows_what_was_reported(loader: Engine, form: Form) -> None:
    register = Register.load(settings().reference)
    last = Period.containing(form.period_kind, date(2020, 6, 30))
    district = register.district(SMALL, last.last_day)
    assert district is not None
    sample = Sample(register, district, last, last.last_day, scale=0.2)
    flags = {column.name for sheet in form.sheets for column in sheet.columns if column.type is Type.YES_NO}

    def as_loaded(row: Mapping[str, object]) -> dict[str, object]:
        return {name: value == "是" if name in flags else value for name, value in row.items()}

    rows = {table: [as_loaded(row) for row in of] for table, of in generator(form.key)(sample).items()}
    submit(loader, "a", report(form.key, rows, district=SMALL, period=last.text))

    expected = known_from_sample(form, sample)
    found = known(loader, form, SMALL, last.following())
    assert (found.filler, found.telephone) == ("王会计", "0411-88880000")
    now = (form, register, district, last.following())
    assert prefilled(*now, found).rows == prefilled(*now, expected).rows
    assert prefilled(*now, found).results == prefilled(*now, expected).results
    assert prefilled(*now, found).helpers == prefilled(*now, expected).helpers
    assert any(prefilled(*now, found).rows.values())
    assert expected.filler not in repr(expected)
    assert "王会计" not in repr(found)


def test_only_what_is_in_force_and_open_and_of_the_district(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    submit(loader, "b", checked([case(2), case(3, status="已返校")]))
    submit(loader, "c", checked([case(4)], period="2020-06", verdict=Outcome.REJECTED))
    submit(loader, "d", checked([case(5)], district=XIGANG))
    assert names(known(loader)) == ["张小2", "张小3"]
    assert known(loader, period=Period.parse(MAY)) == Known(everyone={})
    register = Register.load(settings().reference)
    district = register.district(ZHONGSHAN, JULY.last_day)
    assert district is not None
    carried = prefilled(forms()[FORM], register, district, JULY, known(loader)).rows["dropout_case"]
    assert [row["student_name"] for row in carried] == ["张小2"]
    assert {"persuasion_count", "case_status"} & carried[0].keys() == set()


def test_after_a_merger_both_districts_are_known_and_the_own_clerk(loader: Engine, reference_folder: Path) -> None:
    (reference_folder / "mergers.csv").write_text(
        f"merged_on,district_code,into_code\n2020-06-15,{XIGANG},{ZHONGSHAN}\n", encoding="utf-8"
    )
    submit(loader, "b", checked([case(2)], district=XIGANG))
    assert (names(known(loader)), known(loader).filler) == (["张小2"], "")
    submit(loader, "a", checked([case(1)]))
    assert (names(known(loader)), known(loader).filler) == (["张小2", "张小1"], "王会计")


def test_the_command_writes_what_is_known_into_the_file_and_nowhere_else(
    loader: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit(loader, "a", checked([case(7)]))
    path = tmp_path / "t.xlsx"
    command = ("template", FORM, "--district", ZHONGSHAN, "--period", "2020-07", "-o", str(path))

    assert main([*command, "--prefill"]) == 0
    book = load_workbook(path)
    assert book["疑似辍学台账"]["B4"].value == "张小7"
    assert book["封面"]["B7"].value == "王会计"
    assert book["在校人数"]["A4"].value is not None

    assert main([*command, "--prefill", "--register-only"]) == 0
    book = load_workbook(path)
    assert book["疑似辍学台账"]["B4"].value is None
    assert book["在校人数"]["A4"].value is not None

    assert main(command) == 0
    assert load_workbook(path, data_only=True)["在校人数"]["A4"].value is None
    assert main([*command, "--register-only"]) == 2
    told = capsys.readouterr()
    assert "张小7" not in told.out + told.err


def test_without_a_warehouse_the_command_says_so(
    tmp_settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", "postgresql://nobody@127.0.0.1:1/none")
    settings.cache_clear()
    command = ("template", FORM, "--district", ZHONGSHAN, "--period", "2020-07", "-o", str(tmp_path / "t.xlsx"))
    assert main([*command, "--prefill"]) == 1
    assert "--register-only" in capsys.readouterr().err
    assert not (tmp_path / "t.xlsx").exists()
    assert main([*command, "--prefill", "--register-only"]) == 0


def test_the_command_names_the_periods_that_can_still_be_sent(
    loader: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_TODAY", "2020-07-04")
    settings.cache_clear()
    with loader.begin() as connection:
        until = date(2020, 7, 4)
        grant(connection, forms()[FORM], ZHONGSHAN, Period.parse("2020-03"), until, reason="补报", by="officer")
    assert main(["template", FORM, "--district", ZHONGSHAN]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2020-07: due 2020-08-05, taken until 2020-09-19",
        "2020-06: due 2020-07-05, taken until 2020-08-19",
        "2020-05: due 2020-06-05, taken until 2020-07-20",
        "2020-03: due 2020-04-05, taken until 2020-07-04",
    ]
