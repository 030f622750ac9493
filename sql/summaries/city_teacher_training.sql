-- form: teacher_training
-- key: period, level, area_code, training_category
-- counts of people: trained_count, trained_year_count, headcount, headcount_year
-- additive: training_count, hours, assessed_count, passed_count, scored_count, score_sum, headcount, headcount_year
-- trace training_count: count of training_record by training_category
-- trace trained_count: count(distinct teacher_token) of training_record by training_category
-- trace trained_year_count: count(distinct teacher_token) of training_record in year_to_date by training_category
-- trace hours: sum(hours) of training_record by training_category
-- trace assessed_count: count of training_record by training_category where result <> '未考核'
-- trace passed_count: count of training_record by training_category where result IN ('优秀', '合格')
-- trace pass_rate: = round(100.0 * passed_count / nullif(assessed_count, 0), 2)
-- trace scored_count: count of training_record by training_category where score IS NOT NULL
-- trace score_sum: sum(score) of training_record by training_category where score IS NOT NULL
-- trace mean_score: = round(score_sum / nullif(scored_count, 0), 2)
-- trace headcount: sum(CASE :training_category
--     WHEN '全部' THEN teacher_count WHEN '师德师风' THEN teacher_count
--     WHEN '思政课教师全员通识' THEN ideology_teacher_count WHEN '思政统编教材教法' THEN ideology_teacher_count
--     WHEN '乡村教师支持' THEN rural_teacher_count WHEN '名校长骨干校长' THEN principal_count
--     WHEN '双师型教师' THEN dual_teacher_count WHEN '教育信息化' THEN it_teacher_count
--     WHEN '法治教育' THEN backbone_teacher_count END) of teacher_headcount
--     for training_category NOT IN ('名优教师', '其他')
-- trace coverage_rate: = round(100.0 * trained_count / nullif(headcount, 0), 2)
-- trace headcount_year: sum(CASE :training_category
--     WHEN '全部' THEN teacher_count WHEN '师德师风' THEN teacher_count
--     WHEN '思政课教师全员通识' THEN ideology_teacher_count WHEN '思政统编教材教法' THEN ideology_teacher_count
--     WHEN '乡村教师支持' THEN rural_teacher_count WHEN '名校长骨干校长' THEN principal_count
--     WHEN '双师型教师' THEN dual_teacher_count WHEN '教育信息化' THEN it_teacher_count
--     WHEN '法治教育' THEN backbone_teacher_count END) of teacher_headcount in latest_of_year
--     for training_category NOT IN ('名优教师', '其他')
-- trace coverage_year_rate: = round(100.0 * trained_year_count / nullif(headcount_year, 0), 2)
--
-- 教师培训 by quarter, area and 培训类别 (全部, and each category): work plan, items 20, 25, 27 and 30.
--
-- training_count is the records, one a teacher and course; hours their 学时. Of the records, assessed_count are not 未考核
-- and passed_count 优秀 or 合格, pass_rate in percent; mean_score is score_sum by scored_count, over the records with a
-- score. These add up; the rate and the mean are computed at each level.
--
-- trained_count is the distinct teachers of the quarter's records; trained_year_count those of the calendar year up to
-- the quarter, since a teacher trained in Q1 stays trained in Q2 and the plan speaks of the year. Distinct at each level:
-- they do not add up. Only districts with an accepted report for the quarter count, in both.
-- headcount is the column of 教师队伍 that the category is meant for (headcount_column below), null for a category without
-- one; headcount_year is that of each district's latest report of the year that is not nil, since a
-- nil return names no teachers; of a district that was merged, until its successor names them. coverage_rate and coverage_year_rate are the trained in percent of these.
-- Figures are null, not zero, where no district of the area has an accepted report. coverage is in percent.
--
-- To look at each teacher once, the categories that the districts trained a teacher in are a set, written as a bit string
-- with a bit for each district and category; teachers with equal sets are counted together (combination).
WITH category AS (
    SELECT code AS training_category, position
    FROM code_list
    WHERE form = :form AND table_name = 'training_record' AND column_name = 'training_category'
),
category_bit AS (
    SELECT
        period,
        district_code,
        training_category,
        set_bit(
            repeat('0', (count(*) OVER of_period)::integer)::bit varying, (row_number() OVER of_period)::integer - 1, 1
        ) AS bits
    FROM in_force
    CROSS JOIN category
    WHERE form = :form AND position > 0
    WINDOW of_period AS (PARTITION BY period)
),
category_set AS (
    SELECT period, level, area_code, coalesce(training_category, '全部') AS training_category, bit_or(bits) AS bits
    FROM area
    JOIN category_bit USING (period, district_code)
    WHERE form = :form
    GROUP BY period, level, area_code, GROUPING SETS ((training_category), ())
),
teacher AS (
    SELECT
        category_bit.period,
        bit_or(bits) FILTER (WHERE reported_period = category_bit.period) AS this_quarter,
        bit_or(bits) AS this_year
    FROM year_to_date
    JOIN facts.training_record USING (submission_id)
    JOIN category_bit
        ON category_bit.period = year_to_date.period
        AND category_bit.district_code = year_to_date.district_code
        AND category_bit.training_category = training_record.training_category
    GROUP BY category_bit.period, teacher_token
),
combination AS (
    SELECT period, this_quarter, this_year, count(*) AS teacher_count
    FROM teacher
    GROUP BY period, this_quarter, this_year
),
trained AS (
    SELECT
        period,
        level,
        area_code,
        training_category,
        sum(teacher_count) FILTER (WHERE position(B'1' IN this_quarter & bits) > 0) AS trained_count,
        sum(teacher_count) FILTER (WHERE position(B'1' IN this_year & bits) > 0) AS trained_year_count
    FROM combination
    JOIN category_set USING (period)
    GROUP BY period, level, area_code, training_category
),
district_record AS (
    SELECT
        in_force.period,
        in_force.district_code,
        coalesce(training_category, '全部') AS training_category,
        count(*) AS training_count,
        sum(hours) AS hours,
        count(*) FILTER (WHERE result <> '未考核') AS assessed_count,
        count(*) FILTER (WHERE result IN ('优秀', '合格')) AS passed_count,
        count(score) AS scored_count,
        coalesce(sum(score), 0) AS score_sum
    FROM in_force
    JOIN facts.training_record USING (submission_id)
    GROUP BY in_force.period, in_force.district_code, GROUPING SETS ((training_category), ())
),
record AS (
    SELECT
        period,
        level,
        area_code,
        training_category,
        sum(training_count) AS training_count,
        sum(hours) AS hours,
        sum(assessed_count) AS assessed_count,
        sum(passed_count) AS passed_count,
        sum(scored_count) AS scored_count,
        sum(score_sum) AS score_sum
    FROM area
    JOIN district_record USING (period, district_code)
    WHERE form = :form
    GROUP BY period, level, area_code, training_category
),
latest AS (
    SELECT DISTINCT ON (period, district_code, reported_by) *
    FROM year_to_date
    WHERE form = :form AND NOT nil_return
    ORDER BY period, district_code, reported_by, reported_period DESC
),
latest_headcount AS (
    SELECT period, district_code, submission_id, reported_period = period AS current
    FROM latest
    WHERE NOT EXISTS (
        SELECT FROM latest AS heir
        JOIN successor ON successor.into_code = heir.reported_by AND since <= heir.reported_until
        WHERE heir.period = latest.period
            AND heir.district_code = latest.district_code
            AND successor.district_code = latest.reported_by
    )
),
headcount_column (training_category, name) AS (
    VALUES
        ('全部', 'teacher_count'),
        ('思政课教师全员通识', 'ideology_teacher_count'),
        ('思政统编教材教法', 'ideology_teacher_count'),
        ('乡村教师支持', 'rural_teacher_count'),
        ('名校长骨干校长', 'principal_count'),
        ('双师型教师', 'dual_teacher_count'),
        ('教育信息化', 'it_teacher_count'),
        ('法治教育', 'backbone_teacher_count'),
        ('师德师风', 'teacher_count')
),
headcount AS (
    SELECT
        area.period,
        level,
        area_code,
        training_category,
        sum((to_jsonb(school) ->> name)::bigint) FILTER (WHERE current) AS headcount,
        sum((to_jsonb(school) ->> name)::bigint) AS headcount_year
    FROM area
    JOIN latest_headcount USING (period, district_code)
    JOIN facts.teacher_headcount AS school USING (submission_id)
    CROSS JOIN headcount_column
    WHERE form = :form
    GROUP BY area.period, level, area_code, training_category
),
figure AS (
    SELECT
        coverage.*,
        category.training_category,
        CASE WHEN counted THEN coalesce(training_count, 0) END::bigint AS training_count,
        CASE WHEN counted THEN coalesce(trained_count, 0) END::bigint AS trained_count,
        CASE WHEN counted THEN coalesce(trained_year_count, 0) END::bigint AS trained_year_count,
        CASE WHEN counted THEN coalesce(hours, 0) END AS hours,
        CASE WHEN counted THEN coalesce(assessed_count, 0) END::bigint AS assessed_count,
        CASE WHEN counted THEN coalesce(passed_count, 0) END::bigint AS passed_count,
        CASE WHEN counted THEN coalesce(scored_count, 0) END::bigint AS scored_count,
        CASE WHEN counted THEN coalesce(score_sum, 0) END AS score_sum,
        CASE WHEN counted AND name IS NOT NULL THEN coalesce(headcount, 0) END::bigint AS headcount,
        CASE WHEN counted AND name IS NOT NULL THEN coalesce(headcount_year, 0) END::bigint AS headcount_year
    FROM coverage
    JOIN reporting_period USING (form, period)
    CROSS JOIN LATERAL (SELECT districts_accepted > 0 AS counted) AS given
    CROSS JOIN category
    LEFT JOIN headcount_column USING (training_category)
    LEFT JOIN record USING (period, level, area_code, training_category)
    LEFT JOIN trained USING (period, level, area_code, training_category)
    LEFT JOIN headcount USING (period, level, area_code, training_category)
    WHERE form = :form AND reported
)
SELECT
    period,
    level,
    area_code,
    area_name,
    training_category,
    training_count,
    trained_count,
    trained_year_count,
    hours,
    assessed_count,
    passed_count,
    round(100.0 * passed_count / nullif(assessed_count, 0), 2) AS pass_rate,
    scored_count,
    score_sum,
    round(score_sum / nullif(scored_count, 0), 2) AS mean_score,
    headcount,
    round(100.0 * trained_count / nullif(headcount, 0), 2) AS coverage_rate,
    headcount_year,
    round(100.0 * trained_year_count / nullif(headcount_year, 0), 2) AS coverage_year_rate,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage
FROM figure
