"""A small deployment whose rules change, for the tests of restating."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.processing import ingest
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import stable_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import DistrictFolder, lay_out
from ledger_book import SCHOOLS, case, write_book

FORM = "dropout_control"
MAY, JUNE, JULY = "2020-05", "2020-06", "2020-07"
ZHONGSHAN, XIGANG = "210202", "210203"
DISTRICTS_CSV = """district_code,name,zone,valid_from,valid_to
210202,中山区,市内五区,2000-01-01,
210203,西岗区,市内五区,2000-01-01,
210212,旅顺口区,涉农地区,2000-01-01,
"""
SCHOOLS_CSV = """school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on
2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,
2102020002,中山第二初级中学,210202,初中,城区,公办,1990-09-01,
2102030001,西岗第一初级中学,210203,初中,城区,公办,1990-09-01,
"""
SCHOOL = {ZHONGSHAN: "2102020002", XIGANG: "2102030001"}
POOR = {"主要原因": "因贫"}


class House:
    """A small city whose rules can be changed: each change is a root of its own, since rules are read once."""

    def __init__(self, root: Path, tmp_path: Path, loader: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.tmp_path, self.loader, self.monkeypatch = root, tmp_path, loader, monkeypatch
        register = Register.load(settings().reference)
        self.folders: dict[str, DistrictFolder] = {
            folder.code: folder for folder in lay_out(settings().uploads, register.districts)
        }

    def drop(
        self,
        period: str,
        numbers: range,
        poor: int = 0,
        district: str = ZHONGSHAN,
        *,
        work: bool = True,
        change: Callable[[Workbook], None] = lambda book: None,
    ) -> None:
        """Report the children `numbers` as open cases, the first `poor` for poverty; take it through its steps."""
        rows = [
            case(n, 学校标识码=SCHOOL[district], 发现日期=date(2020, 5, 6), **(POOR if index < poor else {}))
            for index, n in enumerate(numbers)
        ]
        schools = SCHOOLS if district == ZHONGSHAN else [{**SCHOOLS[0], "学校标识码": SCHOOL[district]}]
        cover = {"填报单位代码": district, "填报单位": None, "报告期": period}
        path = write_book(self.tmp_path / "book.xlsx", cases=rows, enrolment=schools, cover=cover, change=change)
        shutil.copyfile(path, self.folders[district].drop.path / "台账.xlsx")
        receive(
            self.loader,
            Register.load(settings().reference),
            stable_files=lambda paths: stable_files(paths, sleep=lambda _: None),
        )
        if work:
            step = ingest.validate(FORM, f"{district}|{period}", "run")
            assert step is not None
            ingest.load(step)
            ingest.answer(step)

    def change_rule(self, rule: str = "D06", severity: str = "critical") -> None:
        """From now on `rule` has that severity."""
        changed = self.tmp_path / f"{rule} {severity}"
        shutil.copytree(self.root / "sql", changed / "sql", symlinks=True)
        shutil.copytree(self.root / "expectations", changed / "expectations")
        path = changed / "expectations" / f"{FORM}.json"
        suites = json.loads(path.read_text("utf-8"))
        found = [each for suite in suites["suites"].values() for each in suite if each["meta"]["rule"] == rule]
        assert found
        for each in found:
            each["severity"] = severity
        path.write_text(json.dumps(suites, ensure_ascii=False), "utf-8")
        self.monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(changed))
        settings.cache_clear()

    def submissions(self, period: str = MAY, district: str = ZHONGSHAN) -> list[tuple[object, ...]]:
        """(outcome, is it a re-check, state, was it answered) in the order of receipt."""
        with self.loader.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT outcome, recheck_of IS NOT NULL, state, answered_as IS NOT NULL FROM ledger.submission"
                    " WHERE period = :period AND district_code = :district ORDER BY receipt_id"
                ),
                {"period": period, "district": district},
            )
            return [tuple(row) for row in rows]

    def poor_cases(self, period: str = MAY, district: str = ZHONGSHAN) -> int:
        """Rows in force of children who dropped out for poverty."""
        with self.loader.begin() as connection:
            return connection.execute(
                text(
                    "SELECT count(*) FROM facts.dropout_case WHERE period = :period AND district_code = :district"
                    " AND known_until IS NULL AND reason = '因贫'"
                ),
                {"period": period, "district": district},
            ).scalar_one()

    def answers(self, district: str = ZHONGSHAN) -> list[Path]:
        """Oldest first."""
        found = self.folders[district].feedback.path.rglob("*.xlsx")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def released() -> dict[str, dict[str, set[tuple[object, ...]]]]:
    """The rows of every current city table, by table and area."""
    found: dict[str, dict[str, set[tuple[object, ...]]]] = {}
    with engine("insider").begin() as connection:
        tables = connection.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'city'")).all()
        for table in tables:
            rows = connection.execute(text(f'SELECT * FROM city."{table}"')).mappings()
            for row in rows:
                values = tuple(sorted((name, repr(value)) for name, value in row.items() if name != "release_id"))
                found.setdefault(table, {}).setdefault(str(row.get("area_code")), set()).add(values)
    return found


def everything(deployment: House) -> tuple[object, ...]:
    """All that a dry run must leave as it is: the ledger, the facts and the files."""
    with engine("migrator").begin() as connection:
        tables = connection.scalars(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN"
                " ('ledger', 'findings', 'quarantine', 'facts', 'identities') ORDER BY 1"
            )
        ).all()
        rows = {table: connection.scalars(text(f"SELECT t::text FROM {table} t ORDER BY 1")).all() for table in tables}
        releases = connection.scalar(text("SELECT count(*) FROM pg_stat_user_tables WHERE schemaname = 'city'"))
    files = {
        path: (path.stat().st_mtime_ns, path.stat().st_size)
        for folder in (settings().archive, settings().uploads)
        for path in folder.rglob("*")
    }
    return rows, releases, files
