-- key: form, period, level, area_code
-- counts of people where form IN ('student_aid', 'dropout_control'): first_rows_read, first_rows_sound, rows_read,
--     rows_loaded, rows_quarantined
-- additive: expected, received, on_time, late, accepted, accepted_with_errors, rejected, undecided, nil, missing, submissions, first_count, first_accepted_count, first_refused_count, first_rows_read, first_rows_sound, rows_read, rows_loaded, rows_quarantined
-- first: first_sound_rate, received
-- protect sum over area: first_rows_read, first_rows_sound, rows_read, rows_loaded, rows_quarantined
-- protect bound: rows_loaded + rows_quarantined <= rows_read; first_rows_sound <= first_rows_read
-- protect bound where districts_accepted = 1 AND nil = 1: rows_loaded = 0
-- protect bound where districts_accepted = 1 AND submissions = 1: first_rows_sound = rows_loaded;
--     first_rows_read = rows_loaded + rows_quarantined
-- trace expected: count of report
-- trace received: count of report where came
-- trace on_time: count of report where on_time
-- trace late: count of report where outcome IS NOT NULL AND NOT on_time
-- trace accepted: count of report where outcome = 'accepted'
-- trace accepted_with_errors: count of report where outcome = 'accepted_with_errors'
-- trace rejected: count of report where outcome IS NULL AND decided
-- trace undecided: count of report where outcome IS NULL AND came AND NOT decided
-- trace nil: count of report where nil_return
-- trace missing: count of report where NOT came
-- trace submissions: count of drop where recheck_of IS NULL AND withdraws IS NULL
-- trace first_count: count of first_submission
-- trace first_accepted_count: count of first_submission where outcome = 'accepted'
-- trace first_refused_count: count of first_submission where refused
-- trace first_rows_read: sum(rows_judged) of first_submission where NOT refused
--     for districts_accepted > 0 OR first_refused_count < first_count
-- trace first_rows_sound: sum(rows_sound) of first_submission where NOT refused
--     for districts_accepted > 0 OR first_refused_count < first_count
-- trace first_sound_rate: = city.percent(first_rows_sound, first_rows_read)
-- trace rows_read: sum(rows_read) of sheet_count
-- trace rows_loaded: sum(loaded) of sheet_count
-- trace rows_quarantined: sum(quarantined) of sheet_count
--
-- What came in, by form, period and area. Each district counts once, for where its report stands, so that every column
-- adds up: expected = received + missing, and received = accepted + accepted_with_errors + rejected + undecided.
--
-- received: a file of this form and period came, whatever became of it. on_time: a report that was accepted came by
-- 24:00 of the due date, Asia/Shanghai. late: a version is in force, and none that was accepted came on time. accepted,
-- accepted_with_errors: the version in force. rejected: nothing is in force and all that was decided was sent back. nil:
-- the version in force declares that there is nothing to report (counted under accepted as well). missing: nothing came,
-- or the district took back all that it had sent; what was taken back is neither received nor on time. Files without an
-- identity belong to no form and period, and what was only to be checked was not sent: they are not counted here.
-- submissions counts every file, also one taken back, and no re-check, which the system makes by itself when the
-- register has changed. rows_read, rows_loaded and rows_quarantined are those of the version in force.
--
-- first_…: how sound the reports are as districts send them, before anything comes back. Of each key the earliest
-- submission that is decided and no duplicate, also one taken back since: first_accepted_count those accepted at once
-- without an error, first_refused_count those that F01 to F15 sent back. What these hold nobody judged; of the others
-- first_rows_read leaves out rows that hold no data, and first_rows_sound are those without a critical finding, whether
-- or not they were loaded. Both are null where nobody has an accepted report, unless a first submission was judged.
WITH emptied AS (
    -- Up to this withdrawal everything was taken back.
    SELECT form, period, district_code, max(receipt_id) AS emptied_at
    FROM known_submission
    WHERE withdraws IS NOT NULL AND restores IS NULL AND outcome = 'accepted'
    GROUP BY form, period, district_code
),
file AS (
    SELECT
        form, period, district_code, outcome, received_at, recheck_of,
        receipt_id > coalesce(emptied_at, 0) AS stands
    FROM known_submission
    LEFT JOIN emptied USING (form, period, district_code)
    WHERE withdraws IS NULL
),
drop AS (
    SELECT
        form,
        period,
        district_code,
        count(*) FILTER (WHERE recheck_of IS NULL) AS submissions,
        bool_or(stands) AS came,
        bool_or(
            stands
            AND outcome IN ('accepted', 'accepted_with_errors')
            AND (received_at AT TIME ZONE 'Asia/Shanghai')::date <= due_on
        ) AS on_time,
        bool_or(stands AND outcome IS NOT NULL) AS decided
    FROM file
    JOIN reporting_period USING (form, period)
    GROUP BY form, period, district_code
),
row_count AS (
    SELECT
        submission_id,
        sum(rows_read) AS rows_read,
        sum(loaded) AS loaded,
        sum(quarantined) AS quarantined
    FROM ledger.sheet_count
    JOIN in_force USING (submission_id)
    GROUP BY submission_id
),
first AS (
    SELECT
        form,
        period,
        district_code,
        outcome AS first_outcome,
        refused,
        CASE WHEN NOT refused THEN rows_judged END AS first_judged,
        CASE WHEN NOT refused THEN rows_sound END AS first_sound
    FROM first_submission
)
SELECT
    form,
    period,
    level,
    area_code,
    area_name,
    count(*) AS expected,
    count(*) FILTER (WHERE came) AS received,
    count(*) FILTER (WHERE on_time) AS on_time,
    count(*) FILTER (WHERE outcome IS NOT NULL AND on_time IS NOT TRUE) AS late,
    count(*) FILTER (WHERE outcome = 'accepted') AS accepted,
    count(*) FILTER (WHERE outcome = 'accepted_with_errors') AS accepted_with_errors,
    count(*) FILTER (WHERE outcome IS NULL AND decided) AS rejected,
    count(*) FILTER (WHERE outcome IS NULL AND came AND NOT decided) AS undecided,
    count(*) FILTER (WHERE nil_return) AS nil,
    count(*) FILTER (WHERE came IS NOT TRUE) AS missing,
    coalesce(sum(submissions), 0)::bigint AS submissions,
    count(first_outcome) AS first_count,
    count(*) FILTER (WHERE first_outcome = 'accepted') AS first_accepted_count,
    count(*) FILTER (WHERE refused) AS first_refused_count,
    CASE WHEN count(outcome) + count(first_judged) > 0 THEN coalesce(sum(first_judged), 0) END::bigint AS first_rows_read,
    CASE WHEN count(outcome) + count(first_judged) > 0 THEN coalesce(sum(first_sound), 0) END::bigint
        AS first_rows_sound,
    city.percent(sum(first_sound), sum(first_judged)) AS first_sound_rate,
    CASE WHEN count(outcome) > 0 THEN coalesce(sum(rows_read), 0) END::bigint AS rows_read,
    CASE WHEN count(outcome) > 0 THEN coalesce(sum(loaded), 0) END::bigint AS rows_loaded,
    CASE WHEN count(outcome) > 0 THEN coalesce(sum(quarantined), 0) END::bigint AS rows_quarantined,
    count(outcome)::integer AS districts_accepted,
    count(*)::integer AS districts_expected,
    city.percent(count(outcome), count(*)) AS coverage
FROM area
LEFT JOIN drop USING (form, period, district_code)
LEFT JOIN in_force USING (form, period, district_code)
LEFT JOIN row_count USING (submission_id)
LEFT JOIN first USING (form, period, district_code)
GROUP BY form, period, level, area_code, area_name
