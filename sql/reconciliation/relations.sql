-- What several rules read, beside the relations of plugins/district_reports/reconciliation/relations.py.
--
-- open_case: a case that is open in its district's latest accepted ledger; a merged district's ledger is its successor's
-- until that has sent one of its own. paid_aid: aid as the bureau counts it, paid out and above zero.
open_case AS (
    SELECT * FROM dropout_case JOIN latest_report USING (submission_id) WHERE case_status IN ('未劝返', '劝返中')
),
paid_aid AS NOT MATERIALIZED (
    SELECT * FROM aid_payment WHERE payment_status = '已发放' AND paid_amount > 0
),
-- A case and the aid that the same person was paid on a day after its discovery, a row for either of the two; same_district
-- as districts stand in the later of the two periods.
paid_after_discovery AS (
    SELECT
        jsonb_build_object('person', resident_token, 'district', open_case.district_code) AS subject,
        reason,
        EXISTS (
            SELECT FROM one_district
            WHERE one_district.district_code = open_case.district_code AND other_code = paid_aid.district_code
                AND since <= greatest(open_case.last_day, paid_aid.last_day)
        ) AS same_district,
        side.*
    FROM open_case
    JOIN paid_aid USING (resident_token)
    CROSS JOIN LATERAL (
        VALUES
            (
                'dropout_case', open_case.submission_id, open_case.row_number, 'case',
                jsonb_build_object('discovered_on', discovered_on),
                jsonb_build_object('school_code', open_case.school_code)
            ),
            (
                'aid_payment', paid_aid.submission_id, paid_aid.row_number, 'payment',
                jsonb_build_object('programme', programme, 'paid_amount', paid_amount, 'paid_on', paid_on),
                jsonb_build_object('school_code', paid_aid.school_code)
            )
    ) AS side (table_name, submission_id, row_number, part, rests_on, told)
    WHERE paid_on > discovered_on
)
