-- A case 因贫 that is open, of a child who was in school: is the child on a hardship list of the semester of discovery, and
-- was aid paid? Asked once the case's own district has reported that semester; the missing districts are counted.
WITH poor_case AS (
    SELECT
        *,
        CASE
            WHEN extract(month FROM discovered_on) BETWEEN 2 AND 7 THEN extract(year FROM discovered_on) || '-S1'
            ELSE extract(year FROM discovered_on - interval '1 month') || '-S2'
        END AS semester
    FROM open_case
    WHERE reason = '因贫' AND dropout_kind <> '失学'
),
asked AS (
    SELECT poor_case.*
    FROM poor_case
    WHERE EXISTS (
        SELECT FROM compared_report AS aid
        JOIN one_district ON other_code = aid.district_code
        WHERE form = 'student_aid' AND aid.period = semester
            AND one_district.district_code = poor_case.district_code
            AND since <= greatest(poor_case.last_day, aid.last_day)
    )
),
-- Arrays of one order, for the functions that look where identifiers stand.
listed AS (
    SELECT
        array_agg(submission_id ORDER BY submission_id, row_number) AS submissions,
        array_agg(row_number ORDER BY submission_id, row_number) AS rows
    FROM asked
),
aid_reports AS (SELECT array_agg(submission_id) AS submissions FROM compared_report WHERE form = 'student_aid'),
quarantined AS (
    SELECT 'hardship_student' AS sheet, found.*
    FROM listed
    CROSS JOIN aid_reports
    CROSS JOIN LATERAL reconciliation.quarantined_persons(
        'dropout_case', listed.submissions, listed.rows, 'hardship_student', aid_reports.submissions, '{}', NULL
    ) AS found
    UNION ALL
    SELECT 'aid_payment', found.*
    FROM listed
    CROSS JOIN aid_reports
    CROSS JOIN LATERAL reconciliation.quarantined_persons(
        'dropout_case', listed.submissions, listed.rows, 'aid_payment', aid_reports.submissions,
        '{"payment_status": "已发放"}', 'paid_amount'
    ) AS found
),
-- Set against the city's lists once, not case by case: they have a hundred times as many rows. By the person first, which
-- IS NOT DISTINCT FROM sees to: a semester alone joins each case with all of its rows.
sought AS (SELECT DISTINCT resident_token, semester FROM asked),
known AS (
    SELECT 'hardship_student' AS sheet, resident_token, semester
    FROM sought
    JOIN hardship_student USING (resident_token)
    WHERE period IS NOT DISTINCT FROM semester
    UNION
    SELECT 'aid_payment', resident_token, semester
    FROM sought
    JOIN paid_aid USING (resident_token)
    WHERE period IS NOT DISTINCT FROM semester
    UNION
    SELECT sheet, resident_token, semester
    FROM quarantined
    JOIN compared_report AS aid ON aid.submission_id = quarantined.submission_id
    JOIN asked ON (asked.submission_id, asked.row_number) = (person_submission, person_row) AND semester = aid.period
),
judged AS (
    SELECT
        asked.*,
        EXISTS (
            SELECT FROM known
            WHERE known.resident_token = asked.resident_token AND known.semester = asked.semester
                AND sheet = 'hardship_student'
        ) AS is_listed,
        EXISTS (
            SELECT FROM known
            WHERE known.resident_token = asked.resident_token AND known.semester = asked.semester
                AND sheet = 'aid_payment'
        ) AS is_paid,
        (
            SELECT count(*)
            FROM reporting_district
            LEFT JOIN compared_report AS aid USING (form, period, district_code)
            WHERE form = 'student_aid' AND reporting_district.period = semester AND aid.submission_id IS NULL
        ) AS missing
    FROM asked
),
doubtful AS (SELECT * FROM judged WHERE NOT (is_listed AND is_paid))
SELECT
    jsonb_build_object('person', resident_token, 'district', district_code) AS subject,
    'dropout_case' AS table_name,
    submission_id,
    row_number,
    CASE WHEN is_listed THEN 'not_paid' ELSE 'not_listed' END || CASE WHEN missing > 0 THEN '_so_far' ELSE '' END AS part,
    jsonb_build_object('discovered_on', discovered_on, 'is_listed', is_listed) AS rests_on,
    jsonb_build_object('semester', semester, 'missing', missing, 'school_code', school_code) AS told
FROM doubtful
UNION ALL
SELECT
    jsonb_build_object('person', resident_token, 'district', doubtful.district_code),
    'hardship_student',
    student.submission_id,
    student.row_number,
    'listed',
    jsonb_build_object('is_listed', true),
    jsonb_build_object('semester', semester, 'school_code', student.school_code)
FROM doubtful
JOIN hardship_student AS student USING (resident_token)
WHERE student.period IS NOT DISTINCT FROM semester
