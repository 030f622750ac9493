-- One student number with two resident IDs within a school year.
WITH numbered AS NOT MATERIALIZED (
    SELECT * FROM identified_row WHERE kind = 'student_no' AND token IS NOT NULL AND resident_token IS NOT NULL
),
shared AS (
    SELECT school_year, token FROM numbered
    GROUP BY school_year, token
    HAVING min(resident_token) <> max(resident_token)
)
SELECT
    jsonb_build_object('student_no', token) AS subject,
    table_name,
    submission_id,
    row_number,
    'numbered' AS part,
    jsonb_build_object('person', resident_token) AS rests_on,
    jsonb_build_object('school_code', school_code) AS told
FROM numbered
JOIN shared USING (school_year, token)
