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

from district_reports.settings import settings
from district_reports.stack.commands import client
from district_reports.stack.environment import HOST, airflow_home
from district_reports.stack.keys import USER, password
from district_reports.stack.ports import kept_port

HERE = Path(__file__).parent / "pictures"
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
        run = next(run for run in client(settings()).runs("ingest_dropout_control") if run.state == "success")
        page.goto(f"{url}/dags/ingest_dropout_control/runs/{quote(run.run_id)}")
        page.get_by_text("|2020-06").first.wait_for()
        page.get_by_text("validate").last.wait_for()
        page.wait_for_timeout(1000)
        page.screenshot(path=HERE / "airflow-run.png")
        reports = sorted(settings().uploads.glob("*/反馈/控辍保学台账_*_部分接收_*.html"))
        page.goto(reports[-1].as_uri())
        page.screenshot(path=HERE / "report.png")
        browser.close()
    answers = sorted(settings().uploads.glob("*/反馈/控辍保学台账_*_部分接收_*.xlsx"))
    render(answers[-1], HERE / "answer.png", page=2)


def log_in(page: Page, url: str) -> None:
    """Log in to Airflow's UI as its user."""
    page.goto(f"{url}/auth/login")
    page.locator("input[name=username]").fill(USER)
    page.locator("input[name=password]").fill(password(airflow_home(settings())))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/auth/" not in address)


def render(workbook: Path, target: Path, page: int) -> None:
    """One page of a workbook as LibreOffice prints it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "workbook.xlsx"
        shutil.copyfile(workbook, copy)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(copy)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(
            [
                *("pdftoppm", "-png", "-r", "110", "-f", str(page), "-l", str(page), "-singlefile"),
                *(str(copy.with_suffix(".pdf")), str(target.with_suffix(""))),
            ],
            check=True,
        )


if __name__ == "__main__":
    main()
