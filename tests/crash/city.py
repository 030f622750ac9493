"""A small city for the crash tests: two districts, four schools, five files, a server and a database to copy.

The files say all that can become of a drop: accepted with errors, its correction, the same again (a duplicate), a
letter that is no report (rejected when it is received), and a worklist that comes back. The first one also lies there
to be checked only.
"""

import os
import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from openpyxl import Workbook
from psycopg import sql
from sqlalchemy import make_url

import ledger_book
from district_reports.database.bootstrap import rights_in_warehouse
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import dispose_engines
from district_reports.settings import load_settings, settings
from district_reports.warehouse.migrate import migrate
from embedded_server import make_database, warehouse_on

TODAY = "2020-07-04"
FOLDER = "210202-中山区"
KEY = "210202|2020-06"
TEMPLATE = "crash_city"
FIRST = "1 初报.xlsx"
_DISTRICTS = """district_code,name,zone,valid_from,valid_to
210202,中山区,市内五区,2000-01-01,
210203,西岗区,市内五区,2000-01-01,
"""
_SCHOOLS = """school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on
2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,
2102020002,中山第二初中,210202,初中,城区,公办,1990-09-01,
2102030001,西岗第一小学,210203,小学,城区,公办,1990-09-01,
2102030002,西岗第二初中,210203,初中,城区,公办,1990-09-01,
"""
_numbers = count(1)


@dataclass(frozen=True)
class City:
    """What trials copy: files of one key, in the order of their names, and where houses are built."""

    folder: Path
    server: EmbeddedServer

    @property
    def books(self) -> Path:
        return self.folder / "books"

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def template_home(self) -> Path:
        return self.folder / "template"


def found(folder: Path, server: EmbeddedServer) -> City:
    """A new city in `folder`, on `server`, which runs."""
    city = City(folder, server)
    reference = city.root / "sql" / "reference"
    reference.mkdir(parents=True)
    ours = load_settings({})
    for path in ours.reference.glob("*.csv"):
        shutil.copyfile(path, reference / path.name)
    (reference / "districts.csv").write_text(_DISTRICTS, encoding="utf-8")
    (reference / "schools.csv").write_text(_SCHOOLS, encoding="utf-8")
    for path in (ours.migrations, ours.summaries, ours.reconciliation, ours.expectations):
        (city.root / path.relative_to(ours.root)).symlink_to(path)
    city.books.mkdir()
    _write_books(city.books)
    _make_template(city)
    return city


def elsewhere(city: City, folder: Path, server: EmbeddedServer) -> City:
    """The same city with the same files and keys, in `folder` and on another server."""
    folder.mkdir()
    for path in (city.books, city.root, city.template_home):
        (folder / path.name).symlink_to(path)
    moved = City(folder, server)
    _make_template(moved)
    return moved


def _make_template(city: City) -> None:
    before = dict(os.environ)
    make_database(city.server, TEMPLATE)
    live_in(city, city.template_home, TEMPLATE)
    migrate()
    dispose_engines()
    os.environ.clear()
    os.environ.update(before)
    settings.cache_clear()


def live_in(city: City, home: Path, database: str) -> None:
    """Point this process at a deployment; it is forked for one trial, or puts its environment back itself."""
    for name in ("ENV", "TOKEN_KEY_FILE"):
        os.environ.pop(f"DISTRICT_REPORTS_{name}", None)
    os.environ |= {
        "DISTRICT_REPORTS_ROOT": str(city.root),
        "DISTRICT_REPORTS_HOME": str(home / "home"),
        "DISTRICT_REPORTS_UPLOADS": str(home / "uploads"),
        "DISTRICT_REPORTS_TODAY": TODAY,
        **warehouse_on(city.server, database),
    }
    settings.cache_clear()


def build(city: City, home: Path) -> str:
    """A deployment in `home`, its files dropped and its own database; this process lives in it. The database's name."""
    name = f"trial_{os.getpid()}_{next(_numbers)}"
    on(city.server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}", *rights_in_warehouse(name))
    live_in(city, home, name)
    shutil.copytree(city.template_home / "home" / "keys", settings().keys)
    drop, precheck = (settings().uploads / FOLDER / channel for channel in ("上报", "预检"))
    for folder in (drop, precheck):
        folder.mkdir(parents=True)
    for book in sorted(city.books.iterdir()):
        shutil.copyfile(book, drop / book.name)
    shutil.copyfile(city.books / FIRST, precheck / "试填.xlsx")
    return name


def pull_down(city: City, home: Path, database: str) -> None:
    """Remove what :func:`build` made."""
    dispose_engines()
    on(city.server, f"DROP DATABASE {database} WITH (FORCE)")
    shutil.rmtree(home)


def on(server: EmbeddedServer, *statements: str | sql.Composed) -> None:
    """Run statements on the server's own database, outside a transaction."""
    url = make_url(server.url("postgres", "postgresql")).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _write_books(folder: Path) -> None:
    sound = [ledger_book.case(number) for number in (1, 2)]
    ledger_book.write_book(folder / FIRST, cases=[*sound, ledger_book.case(3, 性别="不详")])
    ledger_book.write_book(folder / "2 更正.xlsx", cases=[*sound, ledger_book.case(3)])
    shutil.copyfile(folder / "2 更正.xlsx", folder / "3 再报.xlsx")
    # The largest: where there is no room for a workbook, it is not received first.
    (folder / "4 来信.xlsx").write_text("尊敬的领导：报表随后寄出。" * 500, encoding="utf-8")
    write_worklist(folder / "5 待核对.xlsx", "已核实，学生已转学")


def write_worklist(path: Path, explanation: str) -> None:
    """A worklist as it comes back: the item 1 is explained."""
    worklist = Workbook()
    worklist.active.title = "待核对"
    for line in (("编号", "情况说明"), (1, explanation)):
        worklist.active.append(line)
    worklist.save(path)
