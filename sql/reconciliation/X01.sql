-- Aid to the same person in two districts in one semester.
WITH paid_twice AS (
    SELECT resident_token, period FROM paid_aid
    GROUP BY resident_token, period
    HAVING min(district_code) <> max(district_code)
)
SELECT
    jsonb_build_object('person', resident_token, 'period', period) AS subject,
    'aid_payment' AS table_name,
    submission_id,
    row_number,
    'payment' AS part,
    jsonb_build_object('programme', programme, 'paid_amount', paid_amount) AS rests_on,
    jsonb_build_object('school_code', school_code) AS told
FROM paid_aid
JOIN paid_twice USING (resident_token, period)
