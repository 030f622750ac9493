"""Items in a city of samples for :mod:`reconciling`, and nights in which they come and go."""

from sqlalchemy import Connection, text

from district_reports.forms import forms
from district_reports.model.form import Privacy
from district_reports.warehouse.named_rows import person_name
from district_reports.warehouse.tables import token_column

# One row of so many is paired with one of another district, or changed.
EACH = 250

# A student number that another child has; cases of poverty that no list knows; pupils who are counted in two ways; and
# rows that were not loaded.
_CHANGES: tuple[str, ...] = (
    f"""
    UPDATE facts.hardship_student AS t SET student_token = before.student_token
    FROM facts.hardship_student AS before
    WHERE t.submission_id = before.submission_id AND t.row_number = before.row_number + 1
        AND t.row_number % {EACH} = 9 AND t.period = (SELECT max(period) FROM facts.hardship_student)
    """,
    """
    UPDATE facts.dropout_case SET reason = '因贫', dropout_kind = '疑似辍学'
    WHERE row_number % 4 = 0 AND period = (SELECT max(period) FROM facts.dropout_case)
    """,
    """
    UPDATE facts.school_facility SET pupil_count = pupil_count + 50
    WHERE row_number % 7 = 0 AND period = (SELECT max(period) FROM facts.school_facility)
    """,
    """
    INSERT INTO quarantine.quarantined_row (submission_id, table_name, row_number, cells)
    SELECT submission_id, 'hardship_student', 1000000 + row_number, jsonb_build_object('resident_id', resident_id)
    FROM identities.hardship_student
    WHERE row_number % 50 = 0
    """,
)


def plant(connection: Connection) -> None:
    """Some thousand items for each size of the city, in its latest reports of each sheet."""
    _become(connection, "aid_payment", "aid_payment", EACH)
    _become(connection, "dropout_case", "aid_payment", 10)
    _rename(connection)
    for statement in _CHANGES:
        connection.exec_driver_sql(statement.replace("%", "%%"))
    connection.exec_driver_sql("ANALYZE")


def _become(connection: Connection, table: str, other: str, each: int) -> None:
    """Let one of `each` persons of a sheet be one that another sheet has, mostly of another district."""
    sheets = {sheet.table: sheet for form in forms().values() for sheet in form.sheets}
    shared = [
        column.name
        for column in sheets[table].columns
        if column.privacy is Privacy.IDENTIFIER and column.name in sheets[other].by_name
    ]
    tokens = [token_column(name) for name in shared]
    names = [name for name in (person_name(sheets[table]),) if name in sheets[other].by_name]
    connection.exec_driver_sql(
        f"""
        CREATE TEMP TABLE pair ON COMMIT DROP AS
        WITH one AS (
            SELECT submission_id, row_number, row_number() OVER (ORDER BY row_number, submission_id) AS place
            FROM facts.{table}
            WHERE period = (SELECT max(period) FROM facts.{table}) AND row_number % {each} = 4
        ),
        other AS (
            SELECT submission_id AS of_submission, row_number AS of_row,
                row_number() OVER (ORDER BY row_number, submission_id DESC) AS place
            FROM facts.{other}
            WHERE period = (SELECT max(period) FROM facts.{other}) AND row_number % {each} = 5
        )
        SELECT * FROM one JOIN other USING (place)
        """.replace("%", "%%")
    )
    for schema, columns in (("facts", tokens), ("identities", [*tokens, *shared, *names])):
        sets = ", ".join(f'"{name}" = i."{name}"' for name in columns)
        connection.exec_driver_sql(
            f"UPDATE {schema}.{table} AS t SET {sets} FROM pair JOIN identities.{other} AS i"
            " ON (i.submission_id, i.row_number) = (of_submission, of_row)"
            " WHERE (t.submission_id, t.row_number) = (pair.submission_id, pair.row_number)"
        )
    connection.exec_driver_sql("DROP TABLE pair")


def _rename(connection: Connection) -> None:
    """Another name for one in so many, and another ID for a teacher."""
    for form in forms().values():
        for sheet in form.sheets:
            if name := person_name(sheet):
                connection.execute(
                    text(
                        f'UPDATE identities.{sheet.table} SET "{name}" = "{name}" || \'明\''
                        f" WHERE row_number % {EACH} = 7 AND submission_id IN (SELECT submission_id"
                        " FROM ledger.submission WHERE form = :form AND period ="
                        " (SELECT max(period) FROM ledger.submission WHERE form = :form))"
                    ),
                    {"form": form.key},
                )


_NIGHT = """
WITH run AS (
    INSERT INTO reconciliation.run (run_id, known_at, day, rules_hash)
    SELECT run_id + 1, clock_timestamp(), day + 1, rules_hash FROM reconciliation.run ORDER BY run_id DESC LIMIT 1
    RETURNING run_id
),
latest AS (
    SELECT DISTINCT ON (item_id) item_id, run_id AS before, present, spell
    FROM reconciliation.observation ORDER BY item_id, run_id DESC
),
seen AS (
    INSERT INTO reconciliation.observation (item_id, run_id, present, spell)
    SELECT item_id, run.run_id, NOT present, spell + (NOT present)::integer
    FROM latest CROSS JOIN run
    WHERE item_id % 10 = run.run_id % 10
    RETURNING item_id, run_id
)
INSERT INTO reconciliation.side
SELECT item_id, seen.run_id, place, district_code, reported_by, speakers, form, period, submission_id, table_name,
    row_number, part, rests_on, told
FROM seen
JOIN latest USING (item_id)
JOIN reconciliation.side USING (item_id)
WHERE side.run_id = before
"""


def nights(connection: Connection, number: int) -> int:
    """Let a tenth of the items go or come back in each of so many nights; how many observations there are then."""
    for _ in range(number):
        connection.exec_driver_sql(_NIGHT.replace("%", "%%"))
    connection.exec_driver_sql("ANALYZE")
    count: int = connection.scalar(text("SELECT count(*) FROM reconciliation.observation"))
    return count
