-- A case is open in one district, and after its discovery another district paid aid to the same person.
WITH elsewhere AS (SELECT * FROM paid_after_discovery WHERE NOT same_district)
SELECT
    jsonb_build_object('person', resident_token, 'district', district_code) AS subject,
    side.*
FROM elsewhere
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
