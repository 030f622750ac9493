-- form: student_aid
-- key: period, level, area_code, stage, programme
-- counts of people: hardship_student_count, aided_student_count, aided_hardship_student_count, unaided_student_count, compulsory_hardship_student_count, compulsory_aided_hardship_student_count
-- additive: entitled_amount, paid_amount, returned_amount, unpaid_amount
-- trace hardship_student_count: count(distinct resident_token) of hardship_student by stage for programme = '全部'
-- trace aided_student_count: count(distinct resident_token) of aid_payment by stage, programme
--     where payment_status = '已发放' AND paid_amount > 0
-- trace aided_hardship_student_count: count(distinct resident_token) of hardship_student on resident_token by stage
--     with aid_payment on resident_token where payment_status = '已发放' AND paid_amount > 0
--     for programme = '全部'
-- trace aid_coverage_rate: = round(100.0 * aided_hardship_student_count / nullif(hardship_student_count, 0), 2)
-- trace entitled_amount: sum(entitled_amount) of aid_payment by stage, programme
-- trace paid_amount: sum(paid_amount) of aid_payment by stage, programme where payment_status = '已发放'
-- trace returned_amount: sum(paid_amount) of aid_payment by stage, programme where payment_status = '已退回'
-- trace unpaid_amount: = entitled_amount - paid_amount
-- trace unaided_student_count: count(distinct resident_token) of hardship_student on resident_token by stage where stage IN ('小学', '初中')
--     without aid_payment on resident_token where payment_status = '已发放' AND paid_amount > 0
--     for programme = '全部' AND stage IN ('全部', '小学', '初中')
-- trace compulsory_hardship_student_count: count(distinct resident_token) of hardship_student where stage IN ('小学', '初中')
--     for programme = '全部' AND stage = '全部'
-- trace compulsory_aided_hardship_student_count: count(distinct resident_token) of hardship_student on resident_token where stage IN ('小学', '初中')
--     with aid_payment on resident_token where payment_status = '已发放' AND paid_amount > 0
--     for programme = '全部' AND stage = '全部'
--
-- 学生资助 by semester, area, 学段 and 资助项目: work plan, items 29 and 31. Rows: each programme of each stage that is
-- valid in the semester, or that a report holds, and 全部 for either or both; the same in every area.
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
--
-- To look at each student once, what the districts say of a student is a set, written as a bit string: a bit for each
-- district, stage and programme that paid, another for each district and stage of the hardship list. Students with equal
-- sets are counted together (combination); a combination counts in every row whose own set it meets.
WITH payment AS MATERIALIZED (
    SELECT
        in_force.period,
        in_force.district_code,
        stage,
        programme,
        resident_token,
        entitled_amount,
        paid_amount,
        payment_status
    FROM facts.aid_payment
    JOIN in_force USING (submission_id)
),
programme AS (
    SELECT period, stage, programme
    FROM aid_programmes
    JOIN reporting_period ON valid_from <= last_day AND (valid_to IS NULL OR first_day < valid_to)
    WHERE form = :form AND reported
    UNION
    SELECT period, stage, programme FROM payment
),
aid_bit AS (
    SELECT
        *,
        set_bit(
            repeat('0', (count(*) OVER of_period)::integer)::bit varying, (row_number() OVER of_period)::integer - 1, 1
        ) AS bits
    FROM programme
    JOIN in_force USING (period)
    WHERE form = :form
    WINDOW of_period AS (PARTITION BY period)
),
stage_bit AS (
    SELECT
        *,
        set_bit(
            repeat('0', (count(*) OVER of_period)::integer)::bit varying, (row_number() OVER of_period)::integer - 1, 1
        ) AS bits
    FROM (
        SELECT code AS stage FROM code_list
        WHERE form = :form AND table_name = 'hardship_student' AND column_name = 'stage' AND position > 0
    ) AS stage
    CROSS JOIN in_force
    WHERE form = :form
    WINDOW of_period AS (PARTITION BY period)
),
programme_row AS (
    SELECT period, coalesce(stage, '全部') AS stage, coalesce(programme, '全部') AS programme
    FROM programme
    GROUP BY period, CUBE (stage, programme)
),
aid_set AS (
    SELECT
        period,
        level,
        area_code,
        coalesce(stage, '全部') AS stage,
        coalesce(programme, '全部') AS programme,
        bit_or(bits) AS bits
    FROM area
    JOIN aid_bit USING (form, period, district_code)
    GROUP BY period, level, area_code, CUBE (stage, programme)
),
stage_set AS (
    SELECT
        period,
        level,
        area_code,
        coalesce(stage, '全部') AS stage,
        bit_or(bits) AS bits,
        bit_or(bits) FILTER (WHERE stage IN ('小学', '初中')) AS compulsory_bits
    FROM area
    JOIN stage_bit USING (form, period, district_code)
    GROUP BY period, level, area_code, GROUPING SETS ((stage), ())
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
    FROM area
    JOIN district_amount USING (period, district_code)
    WHERE form = :form
    GROUP BY period, level, area_code, stage, programme
),
student AS (
    SELECT period, bit_or(aid) AS aid, bit_or(hardship) AS hardship
    FROM (
        SELECT period, resident_token, bits AS aid, NULL AS hardship
        FROM payment
        JOIN aid_bit USING (period, district_code, stage, programme)
        WHERE payment_status = '已发放' AND paid_amount > 0
        UNION ALL
        SELECT period, resident_token, NULL, bits
        FROM facts.hardship_student
        JOIN stage_bit USING (submission_id, period, district_code, stage)
    ) AS mention
    GROUP BY period, resident_token
),
combination AS MATERIALIZED (
    SELECT period, aid, hardship, count(*) AS student_count FROM student GROUP BY period, aid, hardship
),
aided AS (
    SELECT period, level, area_code, stage, programme, sum(student_count) AS aided_student_count
    FROM combination
    JOIN aid_set USING (period)
    WHERE position(B'1' IN aid & bits) > 0
    GROUP BY period, level, area_code, stage, programme
),
hardship AS (
    SELECT
        period,
        level,
        area_code,
        stage_set.stage,
        '全部' AS programme,
        sum(student_count) AS student_count,
        sum(student_count) FILTER (WHERE aided) AS aided_count,
        sum(student_count) FILTER (WHERE compulsory) AS compulsory_count,
        sum(student_count) FILTER (WHERE compulsory AND aided) AS compulsory_aided_count
    FROM combination
    JOIN stage_set USING (period)
    JOIN aid_set USING (period, level, area_code)
    CROSS JOIN LATERAL (
        SELECT
            position(B'1' IN aid & aid_set.bits) > 0 AS aided,
            position(B'1' IN hardship & compulsory_bits) > 0 AS compulsory
    ) AS student
    WHERE aid_set.stage = '全部' AND aid_set.programme = '全部' AND position(B'1' IN hardship & stage_set.bits) > 0
    GROUP BY period, level, area_code, stage_set.stage
)
SELECT
    period,
    level,
    area_code,
    area_name,
    stage,
    programme,
    CASE WHEN by_student THEN coalesce(student_count, 0) END::bigint AS hardship_student_count,
    CASE WHEN reported THEN coalesce(aided_student_count, 0) END::bigint AS aided_student_count,
    CASE WHEN by_student THEN coalesce(aided_count, 0) END::bigint AS aided_hardship_student_count,
    CASE WHEN by_student THEN round(100 * coalesce(aided_count, 0) / student_count, 2) END AS aid_coverage_rate,
    CASE WHEN reported THEN coalesce(entitled_amount, 0) END AS entitled_amount,
    CASE WHEN reported THEN coalesce(paid_amount, 0) END AS paid_amount,
    CASE WHEN reported THEN coalesce(returned_amount, 0) END AS returned_amount,
    CASE WHEN reported THEN coalesce(entitled_amount, 0) - coalesce(paid_amount, 0) END AS unpaid_amount,
    CASE WHEN by_student AND stage IN ('全部', '小学', '初中')
        THEN coalesce(compulsory_count, 0) - coalesce(compulsory_aided_count, 0) END::bigint AS unaided_student_count,
    CASE WHEN by_student AND stage = '全部' THEN coalesce(compulsory_count, 0) END::bigint
        AS compulsory_hardship_student_count,
    CASE WHEN by_student AND stage = '全部' THEN coalesce(compulsory_aided_count, 0) END::bigint
        AS compulsory_aided_hardship_student_count,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage
FROM coverage
JOIN programme_row USING (period)
CROSS JOIN LATERAL (
    SELECT districts_accepted > 0 AS reported, districts_accepted > 0 AND programme = '全部' AS by_student
) AS given
LEFT JOIN amount USING (period, level, area_code, stage, programme)
LEFT JOIN aided USING (period, level, area_code, stage, programme)
LEFT JOIN hardship USING (period, level, area_code, stage, programme)
WHERE form = :form
