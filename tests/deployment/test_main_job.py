"""The main job through the real scheduler. The tests use districts of their own, so that any order will do."""

from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

import canary
from district_reports.database.engine import Role, engine
from district_reports.forms import forms
from district_reports.local.airflow.commands import up
from district_reports.local.samples import write_sample, write_samples
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.model.period import Period
from district_reports.reference.register import Register
from running_deployment import INGEST, House, eventually, grep, lives_in, say

pytestmark = pytest.mark.timeout(900)
PERIOD = "2020-06"


@pytest.fixture(scope="module")
def sound(real_deployment: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """District → its sound sample workbook."""
    register = Register.load(real_deployment.settings.reference)
    paths = write_samples(tmp_path_factory.mktemp("sound"), register, form_keys=["dropout_control"])
    return {path.parent.name[:6]: path for path in paths}


@pytest.fixture(scope="module")
def every_form(real_deployment: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Form → the sound sample workbook of the smallest district, 花园口经济区."""
    register = Register.load(real_deployment.settings.reference)
    district = register.district("210293", SAMPLE_DAY)
    assert district is not None
    folder = tmp_path_factory.mktemp("every form")
    return {
        form.key: write_sample(
            form, Sample(register, district, Period.containing(form.period_kind, SAMPLE_DAY), SAMPLE_DAY), folder
        )
        for form in forms().values()
    }


@pytest.fixture(scope="module", autouse=True)
def first_drops(real_deployment: House, sound: dict[str, Path], every_form: dict[str, Path]) -> None:
    """What the tests begin with, dropped together: each drop of its own would wait for a look into the folders."""
    for district in ("210202", "210224", "210214", "210212"):
        real_deployment.drop(sound[district], district)
    # The workbook of another district.
    real_deployment.drop(sound["210202"], "210203")
    for form, path in every_form.items():
        real_deployment.drop(path, "210293", f"{form}.xlsx")


def test_a_sound_workbook_is_loaded_and_its_key_is_the_runs_label(real_deployment):
    (submission,) = real_deployment.answered("210202")
    assert submission.outcome == "accepted"
    (run,) = eventually(lambda: ended(real_deployment, f"210202|{PERIOD}"), "the run's end")
    assert run.state == "success"


def test_every_form_goes_its_way(real_deployment, every_form):
    found = real_deployment.answered("210293", len(every_form))
    assert {row.form: row.outcome for row in found} == dict.fromkeys(every_form, "accepted")


def ended(deployment: House, key: str) -> list:
    runs = deployment.runs(key)
    return runs if runs and all(run.ended for run in runs) else []


def test_a_rejected_workbook_is_a_successful_run(real_deployment):
    (submission,) = real_deployment.answered("210203")
    assert submission.outcome == "rejected"
    (run,) = eventually(lambda: ended(real_deployment, f"210203|{PERIOD}"), "the run's end")
    assert run.state == "success"
    path = f"/dags/{INGEST}/dagRuns/{run.run_id}/taskInstances/ingest/xcomEntries/return_value"
    assert "rejected" in str(real_deployment.airflow.call("GET", path)["value"])
    logs = real_deployment.settings.home / "airflow" / "logs"
    assert grep(logs, ["'outcome': 'rejected'"])


def test_the_nightly_dag_publishes_a_release(real_deployment):
    real_deployment.answered("210224")

    run_id = real_deployment.airflow.trigger("publish_city_tables")
    assert real_deployment.airflow.wait("publish_city_tables", run_id).state == "success"

    with engine(Role.INSIDER).begin() as connection:
        rows = connection.execute(
            text(
                "SELECT level, count(*) AS areas, sum(open_count) AS open FROM city.current_city_dropout_control"
                " WHERE period = :period AND reason = '全部' AND dropout_kind = '全部' AND registered_poor = '全部'"
                " GROUP BY level"
            ),
            {"period": PERIOD},
        )
        levels = {row.level: row for row in rows}
    assert {level: row.areas for level, row in levels.items()} == {"district": 13, "zone": 2, "city": 1}
    assert levels["district"].open == levels["zone"].open == levels["city"].open > 0


@pytest.mark.slow
def test_the_morning_dag_fills_the_templates_of_what_can_still_be_sent(real_deployment):
    real_deployment.answered("210293", len(forms()))

    run_id = real_deployment.airflow.trigger("fill_templates")
    assert real_deployment.airflow.wait("fill_templates", run_id).state == "success"

    (folder,) = real_deployment.settings.uploads.glob("210293-*/模板")
    ours = {path.name for path in folder.iterdir()}
    ledgers = {"控辍保学台账_2020-05_模板.xlsx", "控辍保学台账_2020-07_模板.xlsx"}
    assert ours == {"办学条件_2020-Q3_模板.xlsx", "教师培训_2020-Q3_模板.xlsx", *ledgers}
    facilities = load_workbook(folder / "办学条件_2020-Q3_模板.xlsx")["学校"]
    known = [
        cells for cells in facilities.iter_rows(min_row=4, max_row=8, values_only=True) if cells[7] in ("是", "否")
    ]
    assert known, [cells[:9] for cells in facilities.iter_rows(min_row=1, max_row=6, values_only=True)]
    assert grep(real_deployment.settings.home / "airflow" / "logs", ["'written': "])
    (silent,) = real_deployment.settings.uploads.glob("210204-*/模板")
    assert len(list(silent.iterdir())) == 8


def test_what_was_decided_under_other_rules_is_decided_again(real_deployment):
    """As after a change of rules: the decision names others than today's."""
    real_deployment.answered("210212")
    with engine(Role.LOADER).begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET rules_hash = 'former' WHERE district_code = '210212'"))
    conf = {"form": "dropout_control", "district": "210212", "period": PERIOD, "dry_run": False}

    run_id = real_deployment.airflow.trigger("restate_submissions", conf)
    assert real_deployment.airflow.wait("restate_submissions", run_id).state == "success"
    first, second = real_deployment.submissions("210212")
    assert (second.recheck_of, second.outcome, second.state) == (first.submission_id, first.outcome, "answered")
    assert second.rules_hash != "former"
    with engine(Role.INSIDER).begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.release WHERE note LIKE '重新判定：%'")) == 1


def test_events_lost_while_a_dag_is_paused_are_made_up_for(real_deployment, sound):
    real_deployment.airflow.call("PATCH", f"/dags/{INGEST}", {"is_paused": True})
    try:
        real_deployment.drop(sound["210281"], "210281")
        eventually(lambda: any(row.signal_count for row in real_deployment.submissions("210281")), "a signal")
    finally:
        real_deployment.airflow.call("PATCH", f"/dags/{INGEST}", {"is_paused": False})
    # The event is lost; ten minutes later, or when the nightly run sweeps, the ledger signals again.
    run_id = real_deployment.airflow.trigger("publish_city_tables")
    assert real_deployment.airflow.wait("publish_city_tables", run_id).state == "success"

    (submission,) = real_deployment.answered("210281")
    assert submission.outcome == "accepted"
    assert len(list(real_deployment.folder("210281").feedback.path.glob("控辍保学台账_*.xlsx"))) == 1


def test_a_run_without_a_key_fails_with_a_sentence(real_deployment):
    run_id = real_deployment.airflow.trigger(INGEST)
    logs = real_deployment.settings.home / "airflow" / "logs" / f"dag_id={INGEST}"

    eventually(lambda: grep(logs, ["an ingest run needs one like 210202|2020-05"]), "the sentence in the log")
    real_deployment.airflow.call("PATCH", f"/dags/{INGEST}/dagRuns/{run_id}", {"state": "failed"})


def test_a_share_that_is_offline_is_a_red_run_and_nothing_is_lost(real_deployment, sound):
    uploads = real_deployment.settings.uploads
    away = uploads.rename(uploads.with_name("away"))
    try:
        (red, *_) = eventually(lambda: real_deployment.airflow.runs("receive_uploads", "failed"), "a red run")
    finally:
        away.rename(uploads)
    tasks = real_deployment.airflow.call("GET", f"/dags/receive_uploads/dagRuns/{quote(red.run_id)}/taskInstances")
    states = {task["task_id"]: task["state"] for task in tasks["task_instances"]}
    assert (states["receive"], states["report_fault"]) == ("success", "failed")

    real_deployment.drop(sound["210291"], "210291")
    (submission,) = real_deployment.answered("210291")
    assert submission.outcome == "accepted"


@pytest.mark.slow
def test_without_a_triggerer_files_are_received_by_the_clock(real_deployment, sound):
    killed = [
        process
        for process in psutil.process_iter()
        if lives_in(process, real_deployment.settings.home) and "triggerer" in " ".join(process.cmdline())
    ]
    assert killed
    for process in killed:
        process.kill()
    try:
        real_deployment.drop(sound["210211"], "210211")
        eventually(lambda: real_deployment.submissions("210211"), "the clock's run", 500)
        (submission,) = real_deployment.answered("210211")
        assert submission.outcome == "accepted"
    finally:
        up(real_deployment.settings, say)


@pytest.mark.slow
def test_old_runs_are_cleaned_up(real_deployment):
    run_id = real_deployment.airflow.trigger("maintenance")

    assert real_deployment.airflow.wait("maintenance", run_id).state == "success"


FILE_NAME = "一封告状信某某"


def test_fifty_canaries_stay_in_their_district(real_deployment, tmp_path):
    """Invented people, each breaking a rule: received, checked before, answered, explained, published, documented."""
    register = Register.load(real_deployment.settings.reference)
    district = register.district("210283", SAMPLE_DAY)
    assert district is not None
    aid = forms()["student_aid"]
    sample = Sample(register, district, Period.containing(aid.period_kind, SAMPLE_DAY), SAMPLE_DAY)
    words = canary.add_canaries(write_sample(aid, sample, tmp_path), tmp_path / "canary.xlsx")
    folder = real_deployment.folder("210283")
    (folder.precheck.path / f"{FILE_NAME}一.xlsx").write_bytes((tmp_path / "canary.xlsx").read_bytes())
    real_deployment.drop(tmp_path / "canary.xlsx", "210283", f"{FILE_NAME}二.xlsx")
    broken = tmp_path / "broken.xlsx"
    broken.write_text(words[0])
    real_deployment.drop(broken, "210283", f"{FILE_NAME}三.xlsx")
    first = real_deployment.answered("210283", 3)
    assert [row.outcome for row in first if row.channel == "上报" and row.form] == ["accepted_with_errors"]
    (answer,) = folder.feedback.path.glob("学生资助_*.xlsx")
    assert canary.explain(answer, tmp_path / "explained.xlsx", f"{words[-1]}{words[0]}") >= canary.NUMBER // 2
    real_deployment.drop(tmp_path / "explained.xlsx", "210283", f"{FILE_NAME}四.xlsx")
    explained = real_deployment.answered("210283", 4)[-1]
    assert "已有说明" in explained.reason
    for dag in ("publish_city_tables", "maintenance"):
        assert real_deployment.airflow.wait(dag, real_deployment.airflow.trigger(dag)).state == "success"

    everything = [*words, FILE_NAME]
    # In the ledger stands the file's name, as the district gave it.
    found = {place: there for place, there in canary.outside(real_deployment, "210283", words) if there}
    assert found == {}
    assert grep(real_deployment.settings.home / "airflow", [FILE_NAME, INGEST]) == {INGEST}
    assert (real_deployment.settings.home / "data_docs").is_dir()
    # They stand where they belong, so that looking for them means something.
    assert canary.inside(real_deployment, words) == words
    assert grep(folder.place.path, everything) >= {FILE_NAME}
    page = max(folder.feedback.path.glob("学生资助_*.html"), key=lambda path: path.stat().st_mtime)
    assert canary.among(page.read_text(encoding="utf-8"), words)


def test_the_key_and_the_pages_show_in_airflows_ui(real_deployment, browser):
    from playwright.sync_api import expect

    from district_reports.local.airflow.environment import airflow_home
    from district_reports.local.airflow.keys import USER, password

    real_deployment.answered("210214")
    (run,) = eventually(lambda: ended(real_deployment, f"210214|{PERIOD}"), "the run's end")
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{real_deployment.airflow.url}/auth/login")
    page.locator("input[name=username]").fill(USER)
    page.locator("input[name=password]").fill(password(airflow_home(real_deployment.settings)))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "/auth/" not in address)
    page.goto(f"{real_deployment.airflow.url}/dags/{INGEST}/runs/{quote(run.run_id)}")
    page.get_by_text(f"210214|{PERIOD}").first.wait_for(timeout=60_000)
    for name in ("对外发布", "全市看板", "数据质量", "待核对", "上报进度"):
        page.get_by_role("link", name=name).click()
        inside = page.frame_locator(f"iframe[title={name}]")
        inside.get_by_role("heading", level=1).wait_for(timeout=60_000)
    # Light and dark follow Airflow's own choice; from the page one comes back to the run, out of the frame.
    page.evaluate("localStorage.setItem('theme', 'dark')")
    ours = f"{real_deployment.airflow.url}/plugin/district-reports-progress/district-reports/submissions"
    page.goto(f"{ours}?district=210214&form=dropout_control&period={PERIOD}")
    inside = page.frame_locator("iframe[title=上报进度]")
    expect(inside.locator("html")).to_have_attribute("data-theme", "dark", timeout=60_000)
    inside.locator("main a[href*='/submissions/']").first.click()
    inside.locator("a[data-outside][href$='/run']").first.click()
    page.wait_for_url(lambda address: f"/dags/{INGEST}/runs/" in address, timeout=60_000)
    expect(page.locator("iframe")).to_have_count(0, timeout=60_000)
    page.close()
