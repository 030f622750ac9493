-- form: student_aid
-- key: period, level, area_code, stage, programme
-- counts of people: hardship_student_count, aided_student_count, aided_hardship_student_count, unaided_student_count, compulsory_hardship_student_count, compulsory_aided_hardship_student_count
-- additive: entitled_amount, paid_amount, returned_amount, unpaid_amount
--
-- 学生资助 by semester, area, 学段 and 资助项目: work plan, items 29 and 31. Rows: each programme of each stage that is
-- valid in the semester, and 全部 for either or both; the same in every area.
--
-- Amounts are yuan and add up: entitled_amount is 资助标准; paid_amount what is 已发放; unpaid_amount the rest, so that
-- entitled = paid + unpaid; returned_amount what is 已退回, which counts as not paid and is part of the unpaid.
--
-- Students are distinct at each level and do not add up: a child whom two districts report is one child of the city.
-- aided_student_count: with a payment 已发放 above 0. The other counts stand on the rows of 全部 programmes, since a
-- hardship student is not of a programme: hardship_student_count by the stage of 困难学生认定, and of them
-- aided_hardship_student_count, with any payment 已发放 above 0 from a district of the area. aid_coverage_rate is the
-- second in percent of the first. unaided_student_count (应助未助) is the hardship students of 小学 and 初中 who are not
-- aided, null for other stages. The two compulsory_… counts are those of 小学 and 初中 together, on 全部/全部 (item 31).
-- Figures are null, not zero, where no district of the area has an accepted report. coverage is in percent.
WITH period AS (
    SELECT period, first_day, last_day FROM reporting_period WHERE form = :form AND reported
),
place AS (
    SELECT period, level, area_code, district_code FROM area JOIN period USING (period) WHERE form = :form
),
programme_row AS (
    SELECT period, coalesce(stage, '全部') AS stage, coalesce(programme, '全部') AS programme
    FROM reference.aid_programmes
    JOIN period ON valid_from <= last_day AND (valid_to IS NULL OR first_day < valid_to)
    GROUP BY period, CUBE (stage, programme)
    UNION
    SELECT period, code, '全部'
    FROM code_list CROSS JOIN period
    WHERE form = :form AND table_name = 'hardship_student' AND column_name = 'stage'
),
payment AS MATERIALIZED (
    SELECT
        period,
        district_code,
        stage,
        programme,
        resident_token,
        entitled_amount,
        paid_amount,
        payment_status
    FROM facts.aid_payment
    JOIN in_force USING (submission_id, period, district_code)
),
district_amount AS (
    SELECT
        period,
        district_code,
        coalesce(stage, '全部') AS stage,
        coalesce(programme, '全部') AS programme,
        sum(entitled_amount) AS entitled_amount,
        sum(paid_amount) FILTER (WHERE payment_status = '已发放') AS paid_amount,
        sum(paid_amount) FILTER (WHERE payment_status = '已退回') AS returned_amount
    FROM payment
    GROUP BY period, district_code, CUBE (stage, programme)
),
amount AS (
    SELECT
        period,
        level,
        area_code,
        stage,
        programme,
        sum(entitled_amount) AS entitled_amount,
        sum(paid_amount) AS paid_amount,
        sum(returned_amount) AS returned_amount
    FROM place
    JOIN district_amount USING (period, district_code)
    GROUP BY period, level, area_code, stage, programme
),
aided_student AS MATERIALIZED (
    SELECT DISTINCT period, level, area_code, stage, programme, resident_token
    FROM payment
    JOIN place USING (period, district_code)
    WHERE payment_status = '已发放' AND paid_amount > 0
),
aided AS (
    SELECT
        period,
        level,
        area_code,
        coalesce(stage, '全部') AS stage,
        coalesce(programme, '全部') AS programme,
        count(DISTINCT resident_token) AS aided_student_count
    FROM aided_student
    GROUP BY period, level, area_code, CUBE (stage, programme)
),
hardship_student AS (
    SELECT
        period,
        level,
        area_code,
        stage,
        resident_token,
        stage IN ('小学', '初中') AS compulsory,
        aided.resident_token IS NOT NULL AS aided
    FROM facts.hardship_student
    JOIN in_force USING (submission_id, period, district_code)
    JOIN place USING (period, district_code)
    LEFT JOIN (SELECT DISTINCT period, level, area_code, resident_token FROM aided_student) AS aided
        USING (period, level, area_code, resident_token)
),
hardship AS (
    SELECT
        period,
        level,
        area_code,
        coalesce(stage, '全部') AS stage,
        '全部' AS programme,
        count(DISTINCT resident_token) AS hardship_student_count,
        count(DISTINCT resident_token) FILTER (WHERE aided) AS aided_hardship_student_count,
        count(DISTINCT resident_token) FILTER (WHERE compulsory) AS compulsory_count,
        count(DISTINCT resident_token) FILTER (WHERE compulsory AND aided) AS compulsory_aided_count
    FROM hardship_student
    GROUP BY period, level, area_code, GROUPING SETS ((stage), ())
)
SELECT
    period,
    level,
    area_code,
    area_name,
    stage,
    programme,
    CASE WHEN reported AND programme = '全部' THEN coalesce(hardship_student_count, 0) END AS hardship_student_count,
    CASE WHEN reported THEN coalesce(aided_student_count, 0) END AS aided_student_count,
    CASE WHEN reported AND programme = '全部' THEN coalesce(aided_hardship_student_count, 0) END AS aided_hardship_student_count,
    round(100.0 * aided_hardship_student_count / nullif(hardship_student_count, 0), 2) AS aid_coverage_rate,
    CASE WHEN reported THEN coalesce(entitled_amount, 0) END AS entitled_amount,
    CASE WHEN reported THEN coalesce(paid_amount, 0) END AS paid_amount,
    CASE WHEN reported THEN coalesce(returned_amount, 0) END AS returned_amount,
    CASE WHEN reported THEN coalesce(entitled_amount, 0) - coalesce(paid_amount, 0) END AS unpaid_amount,
    CASE WHEN reported AND programme = '全部' AND stage IN ('全部', '小学', '初中')
        THEN coalesce(compulsory_count - compulsory_aided_count, 0) END AS unaided_student_count,
    CASE WHEN reported AND programme = '全部' AND stage = '全部'
        THEN coalesce(compulsory_count, 0) END AS compulsory_hardship_student_count,
    CASE WHEN reported AND programme = '全部' AND stage = '全部'
        THEN coalesce(compulsory_aided_count, 0) END AS compulsory_aided_hardship_student_count,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage
FROM programme_row
JOIN (SELECT coverage.*, districts_accepted > 0 AS reported FROM coverage WHERE form = :form) AS coverage USING (period)
LEFT JOIN amount USING (period, level, area_code, stage, programme)
LEFT JOIN aided USING (period, level, area_code, stage, programme)
LEFT JOIN hardship USING (period, level, area_code, stage, programme)
