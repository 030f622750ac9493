"""``district-reports reference load``: what changed in the reference data, in words, and into the warehouse with it."""

from collections.abc import Callable

from district_reports import clock
from district_reports.database.engine import Role, engine
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.warehouse.migrate import ALONE, require_current
from district_reports.warehouse.reference_changes import in_words
from district_reports.warehouse.reference_tables import (
    changed_tables,
    load_table,
    loaded,
    standing_table,
    tables_without_file,
    validated,
)


def load_reference(progress: Callable[[str], None], *, dry_run: bool = False) -> Register:
    """Validate every reference CSV, tell what changed and load it in one transaction; the register that the files make.

    With `dry_run` nothing is loaded. What is told holds no personal data.

    Raises:
        ReferenceDataError: a file is wrong; nothing was loaded.
        ConfigurationError: the warehouse was not migrated by this version.
    """
    register, tables = validated(settings().reference)
    told: list[str] = []
    with engine(Role.MIGRATOR).begin() as connection:
        connection.execute(ALONE)
        require_current(connection)
        for table in changed_tables(connection, tables):
            told += in_words(standing_table(connection, table.name), table, clock.today())
            if not dry_run:
                load_table(connection, table)
                told.append(loaded(table))
        told += [
            f"{name}: there is no {name}.csv any more; the table stays"
            for name in tables_without_file(connection, tables)
        ]
    for line in told or ["reference data: no changes"]:
        progress(line)
    return register
