"""Made-up cities of any number of reporting units, all of one size, for :mod:`growth`.

One unit's workbooks are written; every other unit's are the same with its own codes and names in them. What most units
sent is put into the warehouse by SQL, as the pipeline left it for the first: thousands of submissions in a second.
"""

import csv
import io
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, text

from district_reports.local.samples.forms import sampled_forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, write_sample
from district_reports.model.period import Period
from district_reports.publish.city_tables import columns_of
from district_reports.reference.register import DISTRICT_COLUMNS, SCHOOL_COLUMNS, Register

FORMS = ("dropout_control", "facilities")
_PATTERN = ("210291", "样本0000")
"""Code and name of the unit whose workbooks are written; people there have IDs of another region, so no ID changes."""
_SCHOOLS = {"小学": (6, 2), "初中": (3, 3), "九年一贯制": (1, 3), "幼儿园": (5, 1)}
"""By type: how many a unit has, and the first digit of their codes."""


def unit(number: int) -> tuple[str, str]:
    """Code and name of a unit, numbered from 1."""
    return f"{300000 + number}", f"样本{number:04}"


def make_root(deployment: Path, root: Path, units: int) -> None:
    """A root with the deployment's rules and a register of its own."""
    reference = root / "sql" / "reference"
    shutil.copytree(deployment / "sql" / "reference", reference, ignore=shutil.ignore_patterns("mergers.csv"))
    for name in ("sql/migrations", "sql/summaries", "sql/map", "expectations"):
        (root / name).symlink_to(deployment / name)
    for name, content in _register([unit(number) for number in range(1, units + 1)]).items():
        (reference / name).write_bytes(content)


def _register(units: list[tuple[str, str]]) -> dict[str, bytes]:
    districts = [(code, name, f"片区{number // 15}", "2016-01-01", "") for number, (code, name) in enumerate(units)]
    schools = [
        (
            f"{first}{code}{10 * place + serial:03}",
            f"{name}第{serial}{kind}",
            code,
            kind,
            "城区",
            "公办",
            "2000-09-01",
            "",
        )
        for code, name in units
        for place, (kind, (count, first)) in enumerate(_SCHOOLS.items())
        for serial in range(1, count + 1)
    ]
    return {"districts.csv": _csv(DISTRICT_COLUMNS, districts), "schools.csv": _csv(SCHOOL_COLUMNS, schools)}


def _csv(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([columns, *rows])
    return written.getvalue().encode()


def write_pattern(deployment: Path, folder: Path) -> list[Path]:
    """The workbooks of the unit that all others are like."""
    files = {path.name: path.read_bytes() for path in (deployment / "sql" / "reference").glob("*.csv")}
    del files["mergers.csv"]
    register = Register.of_files(files | _register([_PATTERN]))
    (district,) = register.districts
    folder.mkdir()
    return [
        write_sample(
            form,
            Sample(register, district, Period.containing(form.period_kind, SAMPLE_DAY), SAMPLE_DAY, scale=0.2),
            folder,
        )
        for form in sampled_forms()
        if form.key in FORMS
    ]


def workbook_of(pattern: Path, number: int, path: Path) -> None:
    """The workbook `pattern` as the unit `number` would send it."""
    code, name = unit(number)
    with zipfile.ZipFile(pattern) as book, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for part in book.infolist():
            content = book.read(part)
            for old, new in zip(_PATTERN, (code, name), strict=True):
                content = content.replace(old.encode(), new.encode())
            written.writestr(part, content)


def copy_rows(connection: Connection, table: str, instead: Mapping[str, str], source: str, **values: object) -> int:
    """Append rows of `table` (alias t) to itself, with other values in some columns; how many."""
    columns = columns_of(connection, *table.split("."))
    listed = ", ".join(f'"{name}"' for name in columns)
    chosen = ", ".join(instead.get(name, f't."{name}"') for name in columns)
    statement = f"INSERT INTO {table} ({listed}) OVERRIDING SYSTEM VALUE SELECT {chosen} FROM {table} AS t {source}"
    return connection.execute(text(statement), values).rowcount


def report_all(connection: Connection, first: int, last: int) -> None:
    """Let the units from `first` to `last` have sent what the unit 1 has sent, with the same outcome."""
    values = {"code": unit(1)[0], "first": int(unit(first)[0]), "last": int(unit(last)[0])}
    others = "CROSS JOIN generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS unit"
    theirs = f"{others} WHERE t.district_code = :code"
    whose = {"district_code": "unit::text", "sha256": "encode(sha256(convert_to(t.sha256 || unit, 'UTF8')), 'hex')"}
    # Unit and number together make another number, far from those that are dealt out.
    receipt = {"receipt_id": "unit::bigint * 1000 + t.receipt_id"}
    submission = {"submission_id": "unit::bigint * 1000 + t.submission_id"}
    copy_rows(connection, "ledger.receipt", {**receipt, **whose, "folder": "unit::text"}, theirs, **values)
    copy_rows(connection, "ledger.submission", {**receipt, **submission, **whose}, theirs, **values)
    sent = f"{others} JOIN ledger.submission USING (submission_id) WHERE submission.district_code = :code"
    copy_rows(connection, "ledger.sheet_count", submission, sent, **values)
    for form in sampled_forms():
        for sheet in form.sheets if form.key in FORMS else ():
            codes = {
                name: f'replace(t."{name}", :code, unit::text)' for name in sheet.by_name if name.endswith("_code")
            }
            instead = {**submission, **codes, "district_code": "unit::text"}
            copy_rows(connection, f"facts.{sheet.table}", instead, theirs, **values)
    after_all(connection)


def after_all(connection: Connection) -> None:
    """Let the next numbers come after those that were copied, and the server know how much there is."""
    for name in ("receipt", "submission"):
        sequence, latest = f"pg_get_serial_sequence('ledger.{name}', '{name}_id')", f"max({name}_id)"
        connection.exec_driver_sql(f"SELECT setval({sequence}, {latest}) FROM ledger.{name}")
    connection.exec_driver_sql("ANALYZE")
