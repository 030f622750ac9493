-- One resident ID with two names within a school year, over all forms. The names are compared where they stand, by a
-- role that reads nothing else.
WITH asked AS (
    SELECT
        EXISTS (SELECT FROM token_twin) AS has_twins,
        array_agg(submission_id ORDER BY submission_id) AS submissions,
        array_agg(school_year ORDER BY submission_id) AS years
    FROM compared_report
)
SELECT
    jsonb_build_object('person', coalesce(first_token, differing.token)) AS subject,
    table_name,
    submission_id,
    row_number,
    'named' AS part,
    jsonb_build_object('names', names) AS rests_on,
    jsonb_build_object('school_code', school_code) AS told
FROM asked
CROSS JOIN LATERAL reconciliation.differing_names('resident_id', asked.submissions, asked.years, has_twins) AS differing
LEFT JOIN token_twin ON token_twin.token = differing.token
JOIN identified_row USING (table_name, submission_id, row_number)
WHERE kind = 'resident_id'
