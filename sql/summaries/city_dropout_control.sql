-- form: dropout_control
-- key: period, level, area_code, reason
-- counts of people: open_count, new_count, returned_count, placed_count, written_off_count, poverty_count
-- additive: open_count, new_count, returned_count, placed_count, written_off_count, poverty_count, expected_enrolment, actual_enrolment
-- trace open_count: count of dropout_case by reason where case_status IN ('未劝返', '劝返中')
-- trace new_count: count of dropout_case by reason where date_trunc('month', discovered_on) = to_date(:period, 'YYYY-MM')
-- trace returned_count: count of dropout_case by reason where case_status = '已返校'
-- trace placed_count: count of dropout_case by reason where case_status = '已安置'
-- trace written_off_count: count of dropout_case by reason where case_status = '已核销'
-- trace poverty_count: count of dropout_case by reason where case_status IN ('未劝返', '劝返中') AND reason = '因贫'
-- trace expected_enrolment: sum(expected_enrolment) of compulsory_enrolment for reason = '全部'
-- trace actual_enrolment: sum(actual_enrolment) of compulsory_enrolment for reason = '全部'
-- trace enrolment_rate: = round(100.0 * actual_enrolment / nullif(expected_enrolment, 0), 2)
--
-- 控辍保学 by month, area and 主要原因 (全部, and each reason): work plan, item 31.
--
-- A case is open while it is 未劝返 or 劝返中; new if it was discovered in the period. Returned, placed and written off
-- count the cases that this month's ledger lists as such; closed ones may leave the ledger the month after.
-- poverty_count is the open cases for 因贫. Enrolment stands on the rows of 全部 only, since a school is not reported by
-- reason; enrolment_rate (在校率) is in percent, of the districts that reported, computed at each level.
-- Figures are null, not zero, where no district of the area has an accepted report. All counts add up from the
-- districts to 全市; only enrolment_rate does not. coverage is in percent.
WITH period AS (
    SELECT period, first_day, last_day FROM reporting_period WHERE form = :form AND reported
),
case_count AS (
    SELECT
        in_force.period,
        in_force.district_code,
        coalesce(reason, '全部') AS reason,
        count(*) FILTER (WHERE case_status IN ('未劝返', '劝返中')) AS open_count,
        count(*) FILTER (WHERE discovered_on BETWEEN first_day AND last_day) AS new_count,
        count(*) FILTER (WHERE case_status = '已返校') AS returned_count,
        count(*) FILTER (WHERE case_status = '已安置') AS placed_count,
        count(*) FILTER (WHERE case_status = '已核销') AS written_off_count,
        count(*) FILTER (WHERE case_status IN ('未劝返', '劝返中') AND reason = '因贫') AS poverty_count
    FROM facts.dropout_case
    JOIN in_force USING (submission_id)
    JOIN period ON period.period = in_force.period
    GROUP BY in_force.period, in_force.district_code, GROUPING SETS ((reason), ())
),
enrolment AS (
    SELECT
        in_force.period,
        in_force.district_code,
        '全部' AS reason,
        sum(expected_enrolment) AS expected_enrolment,
        sum(actual_enrolment) AS actual_enrolment
    FROM facts.compulsory_enrolment
    JOIN in_force USING (submission_id)
    GROUP BY in_force.period, in_force.district_code
),
total AS (
    SELECT
        area.period,
        level,
        area_code,
        code AS reason,
        sum(open_count) AS open_count,
        sum(new_count) AS new_count,
        sum(returned_count) AS returned_count,
        sum(placed_count) AS placed_count,
        sum(written_off_count) AS written_off_count,
        sum(poverty_count) AS poverty_count,
        sum(expected_enrolment) AS expected_enrolment,
        sum(actual_enrolment) AS actual_enrolment
    FROM area
    JOIN code_list USING (form)
    LEFT JOIN case_count
        ON case_count.period = area.period
        AND case_count.district_code = area.district_code
        AND case_count.reason = code_list.code
    LEFT JOIN enrolment
        ON enrolment.period = area.period
        AND enrolment.district_code = area.district_code
        AND enrolment.reason = code_list.code
    WHERE area.form = :form AND table_name = 'dropout_case' AND column_name = 'reason'
    GROUP BY area.period, level, area_code, code
)
SELECT
    coverage.period,
    coverage.level,
    coverage.area_code,
    coverage.area_name,
    total.reason,
    CASE WHEN districts_accepted > 0 THEN coalesce(open_count, 0) END::bigint AS open_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(new_count, 0) END::bigint AS new_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(returned_count, 0) END::bigint AS returned_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(placed_count, 0) END::bigint AS placed_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(written_off_count, 0) END::bigint AS written_off_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(poverty_count, 0) END::bigint AS poverty_count,
    CASE WHEN districts_accepted > 0 AND reason = '全部' THEN coalesce(expected_enrolment, 0) END::bigint AS expected_enrolment,
    CASE WHEN districts_accepted > 0 AND reason = '全部' THEN coalesce(actual_enrolment, 0) END::bigint AS actual_enrolment,
    round(100 * actual_enrolment / nullif(expected_enrolment, 0), 2) AS enrolment_rate,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage
FROM coverage
JOIN period USING (period)
JOIN total USING (period, level, area_code)
WHERE coverage.form = :form
