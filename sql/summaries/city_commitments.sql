-- key: commitment, period, level, area_code
-- counts of people: numerator, denominator
-- additive: none
-- stands on: city tables
-- trace item, wording, unit, due: reference commitments on commitment
-- trace baseline: reference commitments on commitment where :level = ANY (string_to_array(baseline_levels, ';'))
-- trace target: reference commitments on commitment where :level = ANY (string_to_array(target_levels, ';'))
-- trace numerator: figure of commitments on commitment named in numerator_column
-- trace denominator: figure of commitments on commitment named in denominator_column
-- trace actual: = round(CASE WHEN unit = '%' THEN 100 * numerator / nullif(denominator, 0)
--     WHEN denominator IS NULL THEN numerator ELSE numerator / nullif(denominator, 0) END, 2)
-- trace districts_accepted, districts_expected: figure of commitments on commitment
-- trace status: from actual, baseline, target, due
--
-- The measurable commitments of the work plan, one row for each of sql/reference/commitments.csv, period and area: in
-- every period of its form that shares a day with the time from baseline_on (by default the first day of due's year) to
-- due, reported or not; in every period where there is no due date.
--
-- numerator and denominator are columns of another city table, as the CSV says. actual is the numerator, or numerator by
-- denominator where there is one, in percent where the unit is %. Distinct people do not add up, so neither do these.
-- baseline and target stand on the levels for which the plan sets them: 181 schools are the city's, 100 % is each area's.
--
-- status, judged at the period's last day on what the districts under coverage reported:
--   无数据  there is no actual: no district of the area has an accepted report, or there is nothing to measure
--   已达成  actual has reached the target, upwards or downwards by direction
--   滞后    not reached by the due date; before it, behind the straight line from the baseline to the target
--   推进中  neither; without a baseline there is no line to be behind
-- It is null where there are data and no target: a trend, or a target that the city has still to enter.
WITH measured AS (
    SELECT
        commitment.*,
        coverage.period,
        last_day,
        coverage.level,
        coverage.area_code,
        area_name,
        districts_accepted,
        districts_expected,
        (figures ->> numerator_column)::numeric AS numerator,
        (figures ->> denominator_column)::numeric AS denominator,
        CASE WHEN coverage.level = ANY (baseline_levels) THEN baseline END AS own_baseline,
        CASE WHEN coverage.level = ANY (target_levels) THEN target END AS own_target
    FROM commitment
    JOIN reporting_period USING (form)
    JOIN coverage USING (form, period)
    LEFT JOIN figure
        ON figure.table_name = commitment.table_name
        AND figure.period = coverage.period
        AND figure.level = coverage.level
        AND figure.area_code = coverage.area_code
        AND figure.figures @> commitment.filter
    WHERE due IS NULL OR (first_day <= due AND begun_on <= last_day)
),
judged AS (
    SELECT
        *,
        CASE
            WHEN denominator_column IS NULL THEN numerator
            WHEN unit = '%' THEN 100 * numerator / nullif(denominator, 0)
            ELSE numerator / nullif(denominator, 0)
        END AS actual,
        own_baseline + (own_target - own_baseline) * greatest(last_day - begun_on, 0) / (due - begun_on) AS on_the_line
    FROM measured
)
SELECT
    commitment,
    period,
    level,
    area_code,
    area_name,
    item,
    wording,
    unit,
    own_baseline AS baseline,
    own_target AS target,
    due,
    round(actual, 2) AS actual,
    numerator,
    denominator,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage,
    CASE
        WHEN actual IS NULL THEN '无数据'
        WHEN own_target IS NULL THEN NULL
        WHEN direction = 'up' AND actual >= own_target OR direction = 'down' AND actual <= own_target THEN '已达成'
        WHEN last_day >= due THEN '滞后'
        WHEN direction = 'up' AND actual < on_the_line OR direction = 'down' AND actual > on_the_line THEN '滞后'
        ELSE '推进中'
    END AS status
FROM judged
