"""A rule that changed: what was decided is decided again from the archive, and only what depends on it changes."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import answer_book
from district_reports.cli import main
from district_reports.processing import ingest, restate
from district_reports.processing.restate import ReportSeries, State
from district_reports.publish import publish
from district_reports.settings import settings
from district_reports.storage import archive
from killed import Killed
from restating import DISTRICTS_CSV, FORM, JULY, JUNE, MAY, SCHOOLS_CSV, XIGANG, ZHONGSHAN, House, everything, released


@pytest.fixture
def deployment(
    reference_folder: Path, loader: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> House:
    (reference_folder / "districts.csv").write_text(DISTRICTS_CSV, encoding="utf-8")
    (reference_folder / "schools.csv").write_text(SCHOOLS_CSV, encoding="utf-8")
    assert main(["reference", "load"]) == 0
    capsys.readouterr()
    return House(settings().root, tmp_path, loader, monkeypatch)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """What `restate` says."""

    def said(*arguments: str, code: int = 0) -> list[str]:
        assert main(["restate", *arguments]) == code
        return capsys.readouterr().out.splitlines()

    return said


def test_one_verdict_turns_and_only_what_depends_on_it_changes(deployment, told):
    deployment.drop(MAY, range(1, 43), poor=2)
    deployment.drop(MAY, range(1, 43), poor=2, district=XIGANG)
    publish()
    before = released()
    deployment.change_rule()

    lines = told(FORM, ZHONGSHAN, MAY)
    assert lines[:5] == [
        f"210202 {FORM} 2020-05 (receipt 1): accepted -> accepted_with_errors",
        "  疑似辍学台账: read 42, loaded 42 -> 40, quarantined 0 -> 2, ignored 0",
        "  findings: D06c 0 -> 2, D06w 2 -> 0",
        "  dropout_case: 2 rows out, 0 in",
        "1 report: 1 decided again, 1 with another result",
    ]
    assert "  accepted -> accepted_with_errors: 1" in lines
    assert f"    210202 {FORM} 2020-05 (receipt 1)" in lines
    assert "findings by rule: D06c 0 -> 2, D06w 2 -> 0, F19w 1 as before" in lines
    (shown,) = (line for line in lines if line.startswith("city_dropout_control: "))
    assert shown.endswith("differ from release 1")
    assert lines[lines.index(shown) + 1] == "  2020-05 city 全市 全部 全部 全部: open_count 84 -> 82"

    assert deployment.submissions() == [
        ("accepted", False, "answered", True),
        ("accepted_with_errors", True, "answered", True),
    ]
    assert (deployment.poor_cases(), deployment.poor_cases(district=XIGANG)) == (0, 2)
    after = released()
    changed = {
        (table, area)
        for table, areas in (before | after).items()
        for area in areas
        if before[table].get(area) != after[table].get(area)
    }
    assert {area for _, area in changed} == {"210202", "市内五区", "全市"}
    assert {table for table, _ in changed} <= {
        "current_city_dropout_control",
        "current_city_submissions",
        "current_city_commitments",
    }
    assert ("current_city_dropout_control", "210202") in changed

    # The district hears of it once, as a check of its own file.
    _, second = deployment.answers()
    note = answer_book.facts(second)
    assert "检查规则" in note["说明"]
    assert "（回执 1）自动重新检查" in note["说明"]
    # Again: nothing to do, no release.
    assert told(FORM, ZHONGSHAN, MAY) == [
        "1 report: 0 decided again, 0 with another result",
        "  1 already decided under these rules",
        "0 verdicts turned",
        "the city tables stay as they are",
    ]
    assert len(deployment.submissions()) == 2


def test_a_dry_run_over_the_archive_says_which_verdicts_would_turn(deployment, told):
    deployment.drop(MAY, range(1, 43), poor=2)
    deployment.drop(MAY, range(1, 43), poor=8, district=XIGANG)
    deployment.drop(JUNE, range(1, 43))
    deployment.change_rule()
    before = everything(deployment)

    lines = told("all", "--dry-run")
    assert everything(deployment) == before
    summary = lines[lines.index("3 reports: 3 would be decided again, 2 with another result") :]
    assert summary[1:6] == [
        "2 verdicts would turn",
        "  accepted -> accepted_with_errors: 1",
        f"    210202 {FORM} 2020-05 (receipt 1)",
        "  accepted -> rejected: 1",
        f"    210203 {FORM} 2020-05 (receipt 2)",
    ]
    assert "findings by rule: D06c 0 -> 10, D06w 10 -> 0, F16c 0 -> 1, F19w 2 as before" in summary
    assert summary[-1] == "dry run: nothing was changed"

    # What is done is what was foreseen.
    done = told("all", "--no-publish")
    assert done[done.index("2 verdicts turned") + 1 :][:4] == summary[2:6]
    # What was accepted stays in force until the district sends a mended file.
    assert deployment.submissions(district=XIGANG)[-1][0] == "rejected"
    assert deployment.poor_cases(district=XIGANG) == 8
    assert "  what was accepted before stays in force until the district sends it anew" in done


def test_a_result_that_is_the_same_is_recorded_and_not_told_to_the_district(deployment, told):
    deployment.drop(MAY, range(1, 43))
    deployment.change_rule()
    lines = told(FORM, ZHONGSHAN, MAY, "--no-publish")
    assert lines[0] == f"210202 {FORM} 2020-05 (receipt 1): accepted, as before; nothing changes"
    assert deployment.submissions() == [("accepted", False, "answered", True), ("accepted", True, "answered", False)]
    assert len(deployment.answers()) == 1
    assert told(FORM, ZHONGSHAN, MAY, "--no-publish")[1] == "  1 already decided under these rules"
    # Once more: it is still the district's own file.
    deployment.change_rule("D06", "warning")
    assert told(FORM, ZHONGSHAN, MAY, "--no-publish")[0] == lines[0]
    assert len(deployment.submissions()) == 3


def test_later_periods_are_compared_anew_as_far_as_something_changes(deployment, told):
    """In June a child of May, open for poverty, is missing (D07); without that row in May, nothing is."""
    deployment.drop(MAY, range(1, 43), poor=1)
    deployment.drop(JUNE, range(2, 43))
    deployment.drop(JULY, range(2, 43))
    deployment.change_rule()

    lines = told(FORM, ZHONGSHAN, MAY, "--no-publish")
    assert f"210202 {FORM} 2020-06 (receipt 2): accepted, as before (compared with 2020-05, which has changed)" in lines
    assert "  findings: D07w 1 -> 0" in lines
    # June's rows are as before: July stays as it was decided, under the former rules.
    assert not any("2020-07" in line for line in lines)
    assert [len(deployment.submissions(period)) for period in (MAY, JUNE, JULY)] == [2, 2, 1]


def test_cut_off_between_a_period_and_the_next_it_goes_on(deployment, told, monkeypatch):
    deployment.drop(MAY, range(1, 43), poor=1)
    deployment.drop(JUNE, range(2, 43))
    deployment.change_rule()
    real = restate._restate

    def cut_off(form: str, district: str, period: str):
        if period == JUNE:
            raise Killed
        return real(form, district, period)

    monkeypatch.setattr(restate, "_restate", cut_off)
    with pytest.raises(Killed):
        main(["restate", FORM, ZHONGSHAN, MAY])
    monkeypatch.setattr(restate, "_restate", real)
    lines = told(FORM, ZHONGSHAN, MAY)
    assert "  findings: D07w 1 -> 0" in lines
    assert any(line.startswith("release 1, known at ") for line in lines)
    assert [len(deployment.submissions(period)) for period in (MAY, JUNE)] == [2, 2]


@pytest.mark.parametrize(
    ("step", "done"),
    [("validate", False), ("load", True)],
    ids=["recorded", "decided"],
)
def test_cut_off_in_a_step_it_goes_on(deployment, told, monkeypatch, step, done):
    deployment.drop(MAY, range(1, 43), poor=2)
    deployment.change_rule()
    real = getattr(ingest, step)

    def cut_off(*arguments: object) -> None:
        if done:
            real(*arguments)
        raise Killed

    monkeypatch.setattr(ingest, step, cut_off)
    with pytest.raises(Killed):
        main(["restate", FORM, ZHONGSHAN, MAY])
    monkeypatch.setattr(ingest, step, real)
    told(FORM, ZHONGSHAN, MAY)
    assert deployment.submissions() == [
        ("accepted", False, "answered", True),
        ("accepted_with_errors", True, "answered", True),
    ]
    assert len(deployment.answers()) == 2
    assert deployment.poor_cases() == 0
    assert released()["current_city_dropout_control"]


@pytest.mark.slow
def test_two_at_once_decide_once(deployment):
    deployment.drop(MAY, range(1, 43), poor=2)
    deployment.change_rule()
    line = ReportSeries(FORM, ZHONGSHAN, (MAY,))
    with ThreadPoolExecutor(2) as threads:
        states = {one.state for done in threads.map(restate.restate, [line, line]) for one in done}
    assert states == {State.RESTATED, State.SAME_RULES}
    assert len(deployment.submissions()) == 2


def test_a_file_under_way_is_decided_under_todays_rules(deployment, told, monkeypatch):
    deployment.drop(MAY, range(1, 43))
    deployment.drop(MAY, range(1, 43), poor=2, work=False)
    # Checked under the former rules, and left there.
    assert ingest.validate(FORM, f"{ZHONGSHAN}|{MAY}", "a run") is not None
    deployment.change_rule()
    monkeypatch.setattr(restate, "WORKER_TIMEOUT_SECONDS", 0.0)
    words = "another worker is at it; restate it again when that has come to an end"
    assert told(FORM, ZHONGSHAN, MAY, code=1)[0].endswith(words)
    with deployment.loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET lease_until = now() WHERE lease_until IS NOT NULL"))
    assert told(FORM, ZHONGSHAN, MAY, "--dry-run")[0] == (
        f"210202 {FORM} 2020-05 (receipt 2): under way, and decided under these rules"
    )
    assert told(FORM, ZHONGSHAN, MAY, "--no-publish")[0].endswith(
        "under way, and decided under these rules: accepted_with_errors"
    )
    assert [row[:2] for row in deployment.submissions()] == [("accepted", False), ("accepted_with_errors", False)]


def test_what_was_taken_back_is_not_decided_again_and_what_it_brought_back_is(deployment, told):
    deployment.drop(MAY, range(1, 43), poor=2)
    deployment.drop(MAY, range(1, 3))
    deployment.drop(MAY, range(1, 3), district=XIGANG)
    for receipt in ("2", "3"):
        assert main(["withdraw", receipt, "--reason", "发错了", "--by", "王科长"]) == 0
    deployment.change_rule()
    lines = told("all", "--no-publish")
    assert f"210202 {FORM} 2020-05 (receipt 1): accepted -> accepted_with_errors" in lines
    assert "  dropout_case: 2 rows out, 0 in" in lines
    assert f"210203 {FORM} 2020-05 (receipt 5): taken back by the district; there is nothing to decide" in lines
    assert "2 reports: 1 decided again, 1 with another result" in lines
    assert deployment.poor_cases() == 0


def test_a_file_that_is_gone_is_named_and_stops_no_other(deployment, told):
    deployment.drop(MAY, range(1, 43), poor=2)
    deployment.drop(MAY, range(1, 43), poor=2, district=XIGANG)
    deployment.change_rule()
    with deployment.loader.begin() as connection:
        lost = connection.scalar(text("SELECT sha256 FROM ledger.receipt WHERE district_code = '210202'"))
    path = archive.folder_of(settings().archive, lost) / archive.ORIGINAL
    os.chmod(path, 0o600)
    path.write_bytes(b"damaged")

    for options in (("--dry-run",), ("--no-publish",)):
        lines = told("all", *options, code=1)
        assert lines[0].startswith(
            f"210202 {FORM} 2020-05 (receipt 1): could not be decided again: the archived original"
        )
        assert "  1 could not be decided again" in lines
        assert f"    210203 {FORM} 2020-05 (receipt 2)" in lines
    # Nothing is left behind that would hold up the district's next file.
    assert len(deployment.submissions()) == 1
    assert len(deployment.submissions(district=XIGANG)) == 2


@pytest.mark.slow
@pytest.mark.slow
def test_side_by_side_comes_to_the_same(deployment, told):
    """Under rules that did not change, so that the two processes need not import Great Expectations."""
    deployment.drop(MAY, range(1, 3))
    deployment.drop(MAY, range(1, 3), district=XIGANG)
    lines = told("all", "--no-publish")
    assert lines[1] == "  2 already decided under these rules"
    assert told("all", "--jobs", "2", "--no-publish") == lines


def test_what_can_not_be_meant(deployment, capsys):
    nothing = "the archive has no report of that form, district and period"
    for arguments, words in {
        ("ledger",): "no form 'ledger'; there are: ",
        (FORM, ZHONGSHAN, "2020-Q2"): "is reported by month",
        ("all", "all", "2020-13"): "not a period: '2020-13'",
        (FORM, "210299"): nothing,
        ("all",): nothing,
    }.items():
        assert main(["restate", *arguments]) == 2
        assert words in capsys.readouterr().err
