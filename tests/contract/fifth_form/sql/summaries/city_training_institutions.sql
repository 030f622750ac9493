-- form: training_institutions
-- key: period, level, area_code
-- counts of people: trainee_count
-- additive: institution_count, licensed_count, whitelisted_count, blacklisted_count, supervised_count, online_unfiled_count, inspected_count, violation_count, trainee_count, prepaid_amount
-- trace institution_count: count of training_institution
-- trace licensed_count: count of training_institution where permit_status = '有证'
-- trace whitelisted_count: count of training_institution where listing = '白名单'
-- trace blacklisted_count: count of training_institution where listing = '黑名单'
-- trace supervised_count: count of training_institution where account_supervised
-- trace supervised_rate: = round(100.0 * supervised_count / nullif(institution_count, 0), 2)
-- trace online_unfiled_count: count of training_institution where online_training AND NOT online_filed
-- trace inspected_count: count of training_institution where inspected_on IS NOT NULL
-- trace violation_count: sum(violation_count) of training_institution
-- trace trainee_count: sum(trainee_count) of training_institution
-- trace prepaid_amount: sum(prepaid_amount) of training_institution
--
-- 校外培训机构 by quarter and area: work plan, item 23. blacklisted_count and whitelisted_count are of the city's lists;
-- supervised_rate is the share of institutions with a supervised account, in percent, computed at each level.
-- online_unfiled_count are institutions that teach online and have not filed it. violation_count adds up what inspections
-- found in the quarter. Figures are null, not zero, where no district of the area has an accepted report.
WITH institution AS (
    SELECT
        period,
        district_code,
        count(*) AS institution_count,
        count(*) FILTER (WHERE permit_status = '有证') AS licensed_count,
        count(*) FILTER (WHERE listing = '白名单') AS whitelisted_count,
        count(*) FILTER (WHERE listing = '黑名单') AS blacklisted_count,
        count(*) FILTER (WHERE account_supervised) AS supervised_count,
        count(*) FILTER (WHERE online_training AND NOT online_filed) AS online_unfiled_count,
        count(inspected_on) AS inspected_count,
        sum(violation_count) AS violation_count,
        sum(trainee_count) AS trainee_count,
        sum(prepaid_amount) AS prepaid_amount
    FROM facts.training_institution
    JOIN in_force USING (submission_id, period, district_code)
    GROUP BY period, district_code
),
total AS (
    SELECT
        period,
        level,
        area_code,
        coalesce(sum(institution_count), 0)::bigint AS institution_count,
        coalesce(sum(licensed_count), 0)::bigint AS licensed_count,
        coalesce(sum(whitelisted_count), 0)::bigint AS whitelisted_count,
        coalesce(sum(blacklisted_count), 0)::bigint AS blacklisted_count,
        coalesce(sum(supervised_count), 0)::bigint AS supervised_count,
        coalesce(sum(online_unfiled_count), 0)::bigint AS online_unfiled_count,
        coalesce(sum(inspected_count), 0)::bigint AS inspected_count,
        coalesce(sum(violation_count), 0)::bigint AS violation_count,
        coalesce(sum(trainee_count), 0)::bigint AS trainee_count,
        coalesce(sum(prepaid_amount), 0)::numeric(14, 2) AS prepaid_amount
    FROM area
    JOIN in_force USING (form, period, district_code)
    LEFT JOIN institution USING (period, district_code)
    WHERE form = :form
    GROUP BY period, level, area_code
)
SELECT
    coverage.period,
    coverage.level,
    coverage.area_code,
    coverage.area_name,
    institution_count,
    licensed_count,
    whitelisted_count,
    blacklisted_count,
    supervised_count,
    round(100.0 * supervised_count / nullif(institution_count, 0), 2) AS supervised_rate,
    online_unfiled_count,
    inspected_count,
    violation_count,
    trainee_count,
    prepaid_amount,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage
FROM coverage
JOIN reporting_period USING (form, period)
LEFT JOIN total USING (period, level, area_code)
WHERE form = :form AND reported
