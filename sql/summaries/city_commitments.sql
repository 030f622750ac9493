-- key: commitment, period, level, area_code
-- counts of people: none
-- additive: none
-- first: actual
-- stands on: city tables
-- trace item, wording, unit, kind, due: reference commitments on commitment
-- trace baseline: actual in baseline_period, else reference commitments on commitment
--     where :level = ANY (string_to_array(baseline_levels, ';'))
-- trace baseline_kind: from kind, target, baseline
-- trace baseline_period: from baseline_kind, baseline, due
-- trace target: reference commitments on commitment where :level = ANY (string_to_array(target_levels, ';'))
-- trace numerator: figure of commitments on commitment named in numerator_column
-- trace denominator: figure of commitments on commitment named in denominator_column
-- trace actual: = CASE WHEN unit = '%' THEN city.percent(numerator, denominator)
--     WHEN denominator IS NULL THEN round(numerator, 2) ELSE round(numerator / nullif(denominator, 0), 2) END
-- trace districts_accepted, districts_expected: figure of commitments on commitment
-- trace units_reported, units_expected: figure of commitments on commitment over units_of
-- trace pace: from kind, baseline, target, due
-- trace status: from actual, baseline, target, due, kind, districts_accepted, districts_expected, units_reported, units_expected
--
-- The measurable commitments of the work plan, one row for each of sql/reference/commitments.csv, period and area: in
-- every period of its form that shares a day with the time from baseline_on or the first day of due's year, whichever is
-- earlier, to due, reported or not; in every period where there is no due date.
--
-- numerator and denominator are columns of another city table, as the CSV says, and counts of people where these are. actual is the numerator, or numerator by
-- denominator where there is one, in percent where the unit is %. Distinct people do not add up, so neither do these.
-- Units are those of the tables under units_of; a table without them (学生资助) has none.
-- baseline and target stand on the levels for which the plan sets them: 181 schools are the city's, 100 % is each area's.
--
-- A period is complete in an area when all its districts have an accepted report and all its units a row. A first report
-- is the area's first complete period that begins in the year of due; what it measured is the baseline from that period
-- on (none, if it had nothing to measure), and the line to the target begins on its last day. baseline_period names it.
-- baseline_kind is none where the row has no baseline, or not yet.
--
-- pace is what actual should be on the period's last day: on the straight line from the baseline to the target, which it
-- does not leave again; the target where that is to be kept. Null without a target, and where there is no line.
--
-- status, judged at the period's last day with exact figures (actual is rounded), is the first of these that holds:
--    1 待报       no district of the area has an accepted report
--    2 不适用     there is nothing to measure: the denominator is 0
--    3 无上期     the figure compares with an earlier report that is not there
--    4 null       there is no target: a trend, or a target that the city has still to enter
--    5 数据不全   the period is not complete, and the word would be 已达成 or 正常推进, or for a count (no denominator) to
--                 raise or to keep at least 滞后: what is missing could change it
--    6 已达成     the target of raise or lower is reached
--    7 滞后       what is to be kept is not; 正常推进 while it is, and 已达成 from the due date on
--    8 未达标（无基期） before the due date, without a baseline
--    9 滞后       behind the straight line from the baseline to the target, or not reached on the due date or later
--   10 正常推进   else
WITH rested_on AS (
    SELECT
        commitment,
        period,
        level,
        area_code,
        coalesce(sum(reported), 0)::integer AS units_reported,
        coalesce(sum(expected), 0)::integer AS units_expected
    FROM commitment
    JOIN unit_sheet ON unit_sheet.table_name = ANY (units_of)
    JOIN area USING (form)
    LEFT JOIN unit USING (form, period, district_code, sheet)
    GROUP BY commitment, period, level, area_code
),
measured AS (
    SELECT
        commitment.*,
        coverage.period,
        first_day,
        last_day,
        coverage.level,
        coverage.area_code,
        area_name,
        districts_accepted,
        districts_expected,
        units_reported,
        units_expected,
        districts_accepted = districts_expected AND coalesce(units_reported = units_expected, true) AS complete,
        (figures ->> numerator_column)::numeric AS numerator,
        (figures ->> denominator_column)::numeric AS denominator,
        CASE WHEN coverage.level = ANY (baseline_levels) THEN baseline END AS plans_baseline,
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
    LEFT JOIN rested_on
        ON rested_on.commitment = commitment.commitment
        AND rested_on.period = coverage.period
        AND rested_on.level = coverage.level
        AND rested_on.area_code = coverage.area_code
    WHERE due IS NULL OR (first_day <= due AND least(begun_on, date_trunc('year', due)::date) <= last_day)
),
valued AS (
    SELECT
        *,
        CASE
            WHEN plans_baseline IS NOT NULL THEN 'plan'
            WHEN baseline_kind <> 'none' AND own_target IS NOT NULL THEN 'first_report'
            ELSE 'none'
        END AS own_baseline_kind,
        CASE
            WHEN denominator_column IS NULL THEN numerator
            WHEN unit = '%' THEN 100 * numerator / nullif(denominator, 0)
            ELSE numerator / nullif(denominator, 0)
        END AS exact,
        CASE
            WHEN unit = '%' THEN city.percent(numerator, denominator)
            WHEN denominator_column IS NULL THEN round(numerator, 2)
            ELSE round(numerator / nullif(denominator, 0), 2)
        END AS actual
    FROM measured
),
first_report AS (
    SELECT DISTINCT ON (commitment, level, area_code)
        commitment,
        level,
        area_code,
        period AS baseline_period,
        first_day AS known_from,
        last_day AS measured_on,
        exact AS exact_then,
        actual AS actual_then
    FROM valued
    WHERE own_baseline_kind = 'first_report' AND complete AND date_trunc('year', first_day) = date_trunc('year', due)
    ORDER BY commitment, level, area_code, first_day
),
on_its_line AS (
    SELECT
        valued.*,
        baseline_period,
        coalesce(plans_baseline, exact_then) AS exact_baseline,
        coalesce(plans_baseline, actual_then) AS own_baseline,
        coalesce(measured_on, begun_on) AS line_begins
    FROM valued
    LEFT JOIN first_report
        ON first_report.commitment = valued.commitment
        AND first_report.level = valued.level
        AND first_report.area_code = valued.area_code
        AND own_baseline_kind = 'first_report'
        AND known_from <= first_day
),
worded AS (
    SELECT
        *,
        CASE
            WHEN kind = 'raise' AND exact >= own_target OR kind = 'lower' AND exact <= own_target THEN '已达成'
            WHEN kind = 'keep_at_least' AND exact < own_target OR kind = 'keep_at_most' AND exact > own_target
                THEN '滞后'
            WHEN kind IN ('keep_at_least', 'keep_at_most')
                THEN CASE WHEN last_day < due THEN '正常推进' ELSE '已达成' END
            WHEN last_day >= due THEN '滞后'
            WHEN exact_baseline IS NULL THEN '未达标（无基期）'
            -- Behind the line: what is done is less than its share of the days. Without a division, which would round.
            WHEN CASE kind WHEN 'raise' THEN 1 ELSE -1 END * (exact - exact_baseline) * (due - line_begins)
                < CASE kind WHEN 'raise' THEN 1 ELSE -1 END * (own_target - exact_baseline)
                * greatest(last_day - line_begins, 0)
                THEN '滞后'
            ELSE '正常推进'
        END AS word
    FROM on_its_line
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
    kind,
    own_baseline AS baseline,
    CASE WHEN own_baseline IS NULL THEN 'none' ELSE own_baseline_kind END AS baseline_kind,
    CASE WHEN own_baseline IS NOT NULL THEN baseline_period END AS baseline_period,
    own_target AS target,
    due,
    actual,
    CASE
        WHEN kind IN ('keep_at_least', 'keep_at_most') OR last_day >= due THEN own_target
        -- From the baseline as it is published, so that a reader comes to the same.
        ELSE round(
            own_baseline + (own_target - own_baseline) * greatest(last_day - line_begins, 0) / (due - line_begins), 2
        )
    END AS pace,
    numerator,
    denominator,
    districts_accepted,
    districts_expected,
    city.percent(districts_accepted, districts_expected) AS coverage,
    units_reported,
    units_expected,
    CASE
        WHEN districts_accepted = 0 THEN '待报'
        WHEN denominator = 0 THEN '不适用'
        WHEN exact IS NULL THEN '无上期'
        WHEN own_target IS NULL THEN NULL
        WHEN NOT complete AND word IN ('已达成', '正常推进') THEN '数据不全'
        WHEN NOT complete AND word = '滞后' AND denominator_column IS NULL AND kind IN ('raise', 'keep_at_least')
            THEN '数据不全'
        ELSE word
    END AS status
FROM worded
