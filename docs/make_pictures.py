"""Make the pictures of the README from a running demo: `make demo`, then `make pictures`.

Needs Chromium (CHROMIUM names another), LibreOffice and pdftoppm.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import text

from district_reports.database.engine import Role, engine
from district_reports.local.airflow.commands import client
from district_reports.local.airflow.environment import HOST, airflow_home
from district_reports.local.airflow.keys import USER, password
from district_reports.local.airflow.ports import kept_port
from district_reports.pages import PREFIX
from district_reports.settings import settings

HERE = Path(__file__).parent / "pictures"
PAGES = {
    "page-progress": ("progress", "progress"),
    "page-submission": ("progress", "submissions/{submission}"),
    "page-quality": ("quality", "quality"),
    "page-worklist": ("worklist", "worklist"),
    "page-city": ("city", "city"),
    "page-table": ("city", "city/tables/city_student_aid"),
}
"""By the name of the picture: the entry in Airflow's navigation, and the page. The last is shown dark as well."""
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Write every picture."""
    HERE.mkdir(exist_ok=True)
    url = f"http://{HOST}:{kept_port(airflow_home(settings()))}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1366, "height": 700}, locale="zh-CN", timezone_id="Asia/Shanghai")
        log_in(page, url)
        submission = with_errors()
        for name, (entry, place) in PAGES.items():
            page.goto(f"{url}/plugin/district-reports-{entry}{PREFIX}/{place.format(submission=submission)}")
            inside = page.frame_locator("iframe")
            inside.get_by_role("heading", level=1).wait_for()
            page.wait_for_timeout(1000)
            page.screenshot(path=HERE / f"{name}.png")
        page.evaluate("localStorage.setItem('theme', 'dark')")
        page.reload()
        page.frame_locator("iframe").get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(1000)
        page.screenshot(path=HERE / "page-dark.png")
        page.evaluate("localStorage.removeItem('theme')")
        run = next(run for run in client(settings()).runs("ingest_dropout_control") if run.state == "success")
        page.goto(f"{url}/dags/ingest_dropout_control/runs/{quote(run.run_id)}")
        page.get_by_text("|2020-06").first.wait_for()
        page.get_by_text("ingest").last.wait_for()
        page.wait_for_timeout(1000)
        page.screenshot(path=HERE / "airflow-run.png")
        # The sound workbooks that the demo drops afterwards send the answer to the draft into 历史.
        answer = sorted(settings().uploads.glob("*/反馈/**/控辍保学台账_*_部分接收_*.xlsx"))[-1]
        page.goto(answer.with_suffix(".html").as_uri())
        page.screenshot(path=HERE / "report.png")
        browser.close()
    render_last_page(answer, HERE / "answer.png")


def with_errors() -> int:
    """The number of a submission that was accepted but for some rows."""
    with engine(Role.LOADER).begin() as connection:
        return connection.execute(
            text(
                "SELECT submission_id FROM ledger.submission WHERE outcome = 'accepted_with_errors'"
                " ORDER BY form = 'dropout_control' DESC, submission_id LIMIT 1"
            )
        ).scalar_one()


def log_in(page: Page, url: str) -> None:
    """Log in to Airflow's UI as its user."""
    page.goto(f"{url}/auth/login")
    page.locator("input[name=username]").fill(USER)
    page.locator("input[name=password]").fill(password(airflow_home(settings())))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "/auth/" not in address)


def render_last_page(workbook: Path, target: Path) -> None:
    """The last page of a workbook as LibreOffice prints it: of a marked copy its list."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "workbook.xlsx"
        shutil.copyfile(workbook, copy)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(copy)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        pdf = str(copy.with_suffix(".pdf"))
        told = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
        last = next(line.split()[1] for line in told.splitlines() if line.startswith("Pages:"))
        only = ("-f", last, "-l", last, "-singlefile")
        subprocess.run(["pdftoppm", "-png", "-r", "110", *only, pdf, str(target.with_suffix(""))], check=True)


if __name__ == "__main__":
    main()
