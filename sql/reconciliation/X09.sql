-- One teacher number of a district with two resident IDs within a school year, or with two names where an ID is missing.
WITH teacher AS NOT MATERIALIZED (SELECT * FROM identified_row WHERE kind = 'teacher_no' AND token IS NOT NULL),
asked AS (
    SELECT
        EXISTS (SELECT FROM token_twin) AS has_twins,
        array_agg(submission_id ORDER BY submission_id) AS submissions,
        array_agg(school_year || ' ' || district_code ORDER BY submission_id) AS groups
    FROM compared_report
),
differing AS (
    SELECT found.submission_id, found.row_number, found.table_name, names
    FROM asked
    CROSS JOIN LATERAL reconciliation.differing_names('teacher_no', asked.submissions, asked.groups, has_twins) AS found
),
judged AS (
    SELECT
        school_year, district_code, token,
        min(resident_token) <> max(resident_token) AS two_ids,
        bool_or(resident_token IS NULL) AND bool_or(names IS NOT NULL) AS two_names
    FROM teacher
    LEFT JOIN differing USING (table_name, submission_id, row_number)
    GROUP BY school_year, district_code, token
)
SELECT
    jsonb_build_object('teacher_no', token, 'district', district_code) AS subject,
    table_name,
    submission_id,
    row_number,
    CASE WHEN two_ids THEN 'two_ids' ELSE 'two_names' END AS part,
    jsonb_build_object('person', resident_token, 'names', CASE WHEN two_names THEN names END) AS rests_on,
    jsonb_build_object('school_code', school_code) AS told
FROM teacher
JOIN judged USING (school_year, district_code, token)
LEFT JOIN differing USING (table_name, submission_id, row_number)
WHERE two_ids OR two_names
