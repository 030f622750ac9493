"""What the city's figures stand on besides: a rate that does not round up to 100, units of the register, first reports.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PUBLISHER, READER, ANALYST = (f"district_reports_{name}" for name in ("publisher", "reader", "analyst"))

# One home for what a rate is, since summaries, traces and whoever checks them by hand must round alike.
PERCENT = f"""
CREATE FUNCTION city.percent(part numeric, whole numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN part < whole THEN least(round(100 * part / nullif(whole, 0), 2), 99.99)
    ELSE round(100 * part / nullif(whole, 0), 2)
END;
COMMENT ON FUNCTION city.percent(numeric, numeric) IS
    'In percent, two decimals, half up; 100 only where all of it is; null of nothing';
REVOKE EXECUTE ON FUNCTION city.percent(numeric, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.percent(numeric, numeric) TO {PUBLISHER}, {READER}, {ANALYST};
"""
SOURCES = """
ALTER TABLE city.release_source
    ADD COLUMN first_of_year bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN spoken_for text[] NOT NULL DEFAULT '{}',
    ADD COLUMN units jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN city.release_source.first_of_year IS
    'The first report of the calendar year, of the district and of each that it speaks for; empty in the first itself';
COMMENT ON COLUMN city.release_source.spoken_for IS
    'The district, and those merged into it by the end of the period: their earlier reports are looked back on';
COMMENT ON COLUMN city.release_source.units IS
    'By sheet, units of the register that owe a row of it (expected), and those that have one (reported)';
"""


def upgrade() -> None:
    _as_owner(PERCENT + SOURCES)


def downgrade() -> None:
    _as_owner(
        "ALTER TABLE city.release_source DROP COLUMN first_of_year, DROP COLUMN spoken_for, DROP COLUMN units;"
        "DROP FUNCTION city.percent(numeric, numeric);"
    )


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
