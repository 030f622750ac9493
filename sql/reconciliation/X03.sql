-- A case is open, and after its discovery its own district paid aid to the same person. Cases 因贫 are left out: aid is
-- what brings them back.
WITH here AS (SELECT * FROM paid_after_discovery WHERE same_district AND reason <> '因贫')
SELECT
    jsonb_build_object('person', resident_token, 'district', district_code) AS subject,
    side.*
FROM here
CROSS JOIN LATERAL (
    VALUES
        (
            'dropout_case', case_submission, case_row, 'case',
            jsonb_build_object('discovered_on', discovered_on),
            jsonb_build_object('school_code', case_school)
        ),
        (
            'aid_payment', submission_id, row_number, 'payment',
            jsonb_build_object('programme', programme, 'paid_amount', paid_amount, 'paid_on', paid_on),
            jsonb_build_object('school_code', school_code)
        )
) AS side (table_name, submission_id, row_number, part, rests_on, told)
