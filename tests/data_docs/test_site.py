"""The data docs: GX's own pages from counts, readable without a network, and nobody's name or ID in them."""

import re
from base64 import b64encode
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.checks.run import check_workbook
from district_reports.cli import main
from district_reports.clock import ZONE
from district_reports.data_docs.pages import suite_page, validation_page, validation_result
from district_reports.data_docs.policy import content_security_policy
from district_reports.data_docs.site import build
from district_reports.data_docs.sources import Source, sources
from district_reports.errors import ConfigurationError
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome
from district_reports.model.validation import ExpectationResult, FrameResult
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.checked_snapshot import save_checked
from district_reports.workbook.reading.reader import read_sheets
from ledger_book import RECEIVED_ON, case, resident_id, write_book
from submitted import checked, receive, submit

NAMES = [f"欧阳金丝雀{number}" for number in range(1, 31)]
OUTSIDE = re.compile(r"(?:src|href)=[\"']?(?![\"'#]|[\w./-]+\.html)|https?:|<script|<link|@import|url\(")


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> CheckedWorkbook:
    """A ledger whose every row breaks several rules, under names that occur nowhere else."""
    rows = [
        case(
            number,
            姓名=NAMES[number - 1],
            户籍地=f"金丝雀巷{number}号",
            劝返责任人=f"金丝雀老师{number}",
            备注=f"金丝雀备注{number}",
            性别="女" if number % 2 else "男",
            学籍号=f"G{resident_id(number + 100)}",
            年级=12,
            发现日期=date(2019, 1, number % 27 + 1) if number % 2 else date(2020, 7, 3),
            学校标识码="2102990001",
            主要原因="因贫",
            劝返次数=0,
        )
        for number in range(1, 31)
    ]
    path = write_book(tmp_path_factory.mktemp("book") / "book.xlsx", cases=rows)
    register = Register.load(Path(__file__).parents[1] / "checks" / "reference")
    return check_workbook(read_sheets(path), register, "210202", RECEIVED_ON)


def kept(loader: Engine, workbook: CheckedWorkbook, submission_id: int) -> None:
    """Keep `workbook` as the snapshot of a submission."""
    save_checked(settings().archive / f"checked-{submission_id}", workbook)
    with loader.begin() as connection:
        connection.execute(
            text("UPDATE ledger.submission SET checked_as = :name WHERE submission_id = :id"),
            {"name": f"checked-{submission_id}", "id": submission_id},
        )


def pages_of(site: Path) -> dict[str, str]:
    return {str(path.relative_to(site)): path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}


def test_counts_rules_and_rows_and_nobodys_name(loader: Engine, spoilt: CheckedWorkbook) -> None:
    submit(loader, "a", checked(verdict=Outcome.REJECTED, period="2020-06"))
    kept(loader, spoilt, 1)
    assert build() == 3
    site = settings().data_docs
    assert site.stat().st_mode & 0o077 == 0
    written = pages_of(site)
    page = written["validations/dropout_control/2020-06/210202/1-dropout_case.html"]
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "D05 年级不在 1 至 9 expect_column_values_to_be_between(column=&quot;grade&quot;" in told
    assert "Excel rows 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 and 10 more" in told
    assert "30 unexpected values found. 100% of 30 total rows." in told
    assert "1-dropout_case.html" in written["index.html"]
    assert "中山区" in written["index.html"]

    everything = "".join(written.values())
    assert not [word for word in ("金丝雀", "21020220080506", "2102990001", "2019-01") if word in everything]
    stored = (settings().archive / "checked-1" / "validation.json").read_text(encoding="utf-8")
    assert not [word for word in ("金丝雀", "21020220080506", "2102990001", "2019-01") if word in stored]
    assert "金丝雀" in (settings().archive / "checked-1" / "checked.json").read_text(encoding="utf-8")


def test_every_page_can_be_read_without_a_network(loader: Engine, spoilt: CheckedWorkbook) -> None:
    submit(loader, "a", checked(verdict=Outcome.REJECTED, period="2020-06"))
    kept(loader, spoilt, 1)
    build()
    site = settings().data_docs
    for name, page in pages_of(site).items():
        assert OUTSIDE.search(page) is None, name
        for link in re.findall(r'href="([\w./-]+\.html)"', page):
            assert (site / name).parent.joinpath(link).resolve().is_file(), (name, link)


def test_the_served_policy_lets_in_every_style_of_the_pages_and_no_other(
    loader: Engine, spoilt: CheckedWorkbook
) -> None:
    submit(loader, "a", checked(verdict=Outcome.REJECTED, period="2020-06"))
    kept(loader, spoilt, 1)
    build()
    pages = "".join(pages_of(settings().data_docs).values())
    styles = {*re.findall(r"<style>(.*?)</style>", pages, re.DOTALL), *re.findall(r'style="([^"]*)"', pages)}
    hashes = {f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in styles}
    policy = content_security_policy()
    assert hashes == set(re.findall(r"'sha256-[^']+'", policy))
    assert "unsafe-inline" not in policy
    assert policy.startswith("default-src 'none'; style-src ")


def test_the_latest_decided_files_of_the_last_periods(loader: Engine, spoilt: CheckedWorkbook, tmp_path: Path) -> None:
    for number, period in enumerate(("2020-03", "2020-04", "2020-04", "2020-05"), 1):
        submit(loader, f"{number}", checked([], enrolment=(1000 + number, 990), period=period))
        kept(loader, spoilt, number)
    receive(loader, "undecided", period="2020-05")
    with loader.begin() as connection:
        found = list(sources(connection, settings().archive, periods=2))
    assert [(each.period, each.receipt_id) for each in found] == [("2020-05", 4), ("2020-04", 3)]
    assert all(each.frames == spoilt.validation for each in found)


def test_the_command_replaces_a_site_and_nothing_else(
    loader: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit(loader, "a", checked())
    kept(loader, checked(), 1)
    for _ in range(2):
        assert main(["data-docs", "-o", str(tmp_path / "site")]) == 0
    assert "0 pages of validations" in capsys.readouterr().out
    assert [path.name for path in sorted(tmp_path.glob("*site*"))] == ["site"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").touch()
    with pytest.raises(ConfigurationError, match="other is there"):
        build(other)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]


def test_results_are_gx_objects_and_texts_are_escaped() -> None:
    result = ExpectationResult(
        "expect_column_values_to_match_regex",
        {"column": "grade", "regex": "^<b>$"},
        "C99",
        "标题<script>",
        "critical",
        200,
        100,
        1,
        (7,),
    )
    frame = FrameResult("frame", "表<i>", 200, (result,))
    at = datetime(2020, 7, 4, tzinfo=ZONE)
    source = Source("form", "2020-06", "210202", 5, Outcome.ACCEPTED, at, (frame,))
    made = validation_result(source, frame, "区<u>")
    assert (made.success, made.statistics["unsuccessful_expectations"]) == (False, 1)
    assert made.results[0].result == {
        "element_count": 200,
        "unexpected_count": 1,
        "unexpected_percent": 1.0,
        "missing_count": 100,
        "missing_percent": 50.0,
    }
    for page in (validation_page(source, frame, "区<u>"), suite_page("frame", [_declared(result)])):
        assert not [tag for tag in ("<script", "<b>", "<i>", "<u>") if tag in page]
        assert "C99 标题&lt;script&gt;" in page
        assert "^&lt;b&gt;&#36;" in page


def _declared(result: ExpectationResult) -> dict:
    meta = {"rule": result.rule, "title": result.title}
    return {"type": result.type, "kwargs": dict(result.kwargs), "severity": result.severity, "meta": meta}
