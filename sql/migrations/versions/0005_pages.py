"""The pages read as a role of their own, which sees the districts that a request names, and no others.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
LOADER = "district_reports_loader"
PUBLISHER = "district_reports_publisher"
PAGES = "district_reports_pages"

# Neither set means that nothing is shown: whoever forgets to say for whom a page is gets an empty page.
SHOWN = f"""
CREATE FUNCTION ledger.shown(district_code text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('district_reports.sees', true) IN ('*', district_code), false)
$$;
COMMENT ON FUNCTION ledger.shown IS 'Whether the viewer of a page sees this district; district_reports.sees says whom';
CREATE FUNCTION findings.values_shown() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('district_reports.values', true) = 'shown', false)
$$;
GRANT USAGE ON SCHEMA ledger, findings TO {PAGES};
GRANT SELECT ON ledger.receipt, ledger.submission, ledger.sheet_count, ledger.lock_exception TO {PAGES};
"""

# Only the pages are held to the rows of their viewer; owners are exempt, and so are the views that they own.
ROWS = "".join(
    f"""
ALTER TABLE ledger.{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON ledger.{table} TO {LOADER}, {PUBLISHER} USING (true) WITH CHECK (true);
CREATE POLICY viewer ON ledger.{table} FOR SELECT TO {PAGES} USING (ledger.shown(district_code));
"""
    for table in ("receipt", "submission", "lock_exception")
)

# Findings come by COPY, which row security forbids, so the pages see them through views. A message quotes cells.
FINDINGS = f"""
CREATE TABLE findings.rule_count (
    submission_id bigint NOT NULL REFERENCES ledger.submission,
    rule text NOT NULL,
    severity text NOT NULL,
    findings integer NOT NULL CHECK (findings > 0),
    explained integer NOT NULL CHECK (explained BETWEEN 0 AND findings),
    PRIMARY KEY (submission_id, rule, severity)
);
COMMENT ON TABLE findings.rule_count IS
    'How many findings of each rule a submission has, kept by a trigger: years of them are counted at every page';
INSERT INTO findings.rule_count
SELECT submission_id, rule, severity, count(*), count(explanation) FROM findings.finding GROUP BY 1, 2, 3;

CREATE FUNCTION findings.count_rules() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO findings.rule_count AS kept
    SELECT submission_id, rule, severity, count(*), count(explanation) FROM added GROUP BY 1, 2, 3
    ON CONFLICT (submission_id, rule, severity) DO UPDATE
    SET findings = kept.findings + excluded.findings, explained = kept.explained + excluded.explained;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION findings.count_rules FROM PUBLIC;
CREATE TRIGGER count_rules AFTER INSERT ON findings.finding
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION findings.count_rules();

CREATE VIEW findings.shown_finding AS
SELECT
    submission_id, position, rule, finding.severity, sheet, cell, column_title, field, row_number,
    warning_id IS NOT NULL AND finding.explanation IS NOT NULL AS explained,
    CASE WHEN findings.values_shown() THEN message END AS message,
    CASE WHEN findings.values_shown() THEN fix END AS fix,
    CASE WHEN findings.values_shown() THEN value END AS value,
    CASE WHEN findings.values_shown() THEN explanation END AS explanation
FROM findings.finding
WHERE EXISTS (
    SELECT FROM ledger.submission
    WHERE submission.submission_id = finding.submission_id AND ledger.shown(submission.district_code)
);
COMMENT ON VIEW findings.shown_finding IS
    'The findings of the districts that the viewer sees; null for what quotes a cell, unless values are shown';
CREATE VIEW findings.shown_rule_count AS
SELECT rule_count.*, form, district_code, period, receipt_id, lane, outcome, received_at
FROM findings.rule_count
JOIN ledger.submission USING (submission_id)
WHERE ledger.shown(district_code);
GRANT SELECT ON findings.shown_finding, findings.shown_rule_count TO {PAGES};
"""

UNDO = "".join(
    [
        "DROP VIEW findings.shown_rule_count, findings.shown_finding;\nDROP TRIGGER count_rules ON findings.finding;\n"
        "DROP FUNCTION findings.count_rules;\nDROP TABLE findings.rule_count;\n",
        *(
            f"DROP POLICY viewer ON ledger.{table};\nDROP POLICY everyone ON ledger.{table};\n"
            f"ALTER TABLE ledger.{table} DISABLE ROW LEVEL SECURITY;\n"
            for table in ("receipt", "submission", "lock_exception")
        ),
        f"REVOKE ALL ON ALL TABLES IN SCHEMA ledger, findings FROM {PAGES};\n"
        f"REVOKE ALL ON SCHEMA ledger, findings FROM {PAGES};\n"
        "DROP FUNCTION findings.values_shown, ledger.shown;\n",
    ]
)


def upgrade() -> None:
    _as_owner(SHOWN + ROWS + FINDINGS)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
