-- form: student_aid
-- key: period, level, area_code, stage, programme
-- counts of people: hardship_student_count, aided_student_count, aided_hardship_student_count,
--     partly_aided_student_count, entitled_student_count, returned_student_count, unpaid_student_count,
--     compulsory_unaided_student_count, compulsory_hardship_student_count, compulsory_aided_hardship_student_count
-- additive: entitled_amount, paid_amount, returned_amount, unpaid_amount
-- first: aid_coverage_rate, paid_amount
-- protect factor: ceiling_amount of aid_programmes on stage, programme
-- protect sum over area, stage, programme: entitled_amount, paid_amount, returned_amount, unpaid_amount
-- protect distinct over area, stage, programme: aided_student_count, entitled_student_count, returned_student_count,
--     unpaid_student_count
-- protect sum over stage where districts_accepted = 1 AND programme <> '全部': aided_student_count,
--     partly_aided_student_count, entitled_student_count, returned_student_count, unpaid_student_count
-- protect at least over area, stage, programme: partly_aided_student_count
-- protect distinct over area, stage: hardship_student_count
-- protect sum over stage where districts_accepted = 1: hardship_student_count
-- protect at least over area, stage: aided_hardship_student_count
-- protect at most over area, stage: compulsory_unaided_student_count
-- protect distinct over area: compulsory_hardship_student_count
-- protect at least over area: compulsory_aided_hardship_student_count
-- protect bound: partly_aided_student_count <= aided_student_count; aided_student_count <= entitled_student_count;
--     returned_student_count <= entitled_student_count; unpaid_student_count <= entitled_student_count;
--     entitled_student_count <= aided_student_count + returned_student_count + unpaid_student_count;
--     partly_aided_student_count <= returned_student_count + unpaid_student_count;
--     aided_hardship_student_count <= hardship_student_count; aided_hardship_student_count <= aided_student_count;
--     compulsory_unaided_student_count = compulsory_hardship_student_count - compulsory_aided_hardship_student_count;
--     compulsory_hardship_student_count <= hardship_student_count;
--     hardship_student_count[stage = '小学'] <= compulsory_hardship_student_count;
--     hardship_student_count[stage = '初中'] <= compulsory_hardship_student_count;
--     compulsory_hardship_student_count <= hardship_student_count[stage = '小学'] +
--     hardship_student_count[stage = '初中']; compulsory_aided_hardship_student_count <= aided_hardship_student_count;
--     aided_hardship_student_count[stage = '小学'] <= compulsory_aided_hardship_student_count;
--     aided_hardship_student_count[stage = '初中'] <= compulsory_aided_hardship_student_count;
--     compulsory_aided_hardship_student_count <= aided_student_count[stage = '小学'] +
--     aided_student_count[stage = '初中']; entitled_student_count <= 100 * entitled_amount;
--     aided_student_count <= 100 * paid_amount; unpaid_student_count <= 100 * unpaid_amount
-- protect bound where stage IN ('小学', '初中'):
--     compulsory_unaided_student_count = hardship_student_count - aided_hardship_student_count
-- protect bound where districts_accepted = 1:
--     compulsory_hardship_student_count = hardship_student_count[stage = '小学'] + hardship_student_count[stage = '初中']
-- protect bound where programme = '全部' AND districts_accepted = 1:
--     aided_student_count[programme = '寄宿生生活补助'] + aided_student_count[programme = '非寄宿生生活补助'] <= aided_student_count;
--     entitled_student_count[programme = '寄宿生生活补助'] + entitled_student_count[programme = '非寄宿生生活补助'] <=
--     entitled_student_count
-- protect bound where stage = '全部' AND programme = '全部':
--     hardship_student_count + entitled_student_count[each programme] <=
--     city_submissions.rows_loaded[form = 'student_aid']
-- protect bound where stage = '全部' AND programme = '全部' AND districts_accepted = 1:
--     hardship_student_count + entitled_student_count[each programme] =
--     city_submissions.rows_loaded[form = 'student_aid']
-- protect bound where districts_accepted = 1 AND stage <> '全部' AND programme <> '全部':
--     entitled_amount <= ceiling_amount * entitled_student_count; paid_amount <= ceiling_amount * aided_student_count;
--     returned_amount <= ceiling_amount * returned_student_count;
--     unpaid_amount <= ceiling_amount * unpaid_student_count
-- protect rests: entitled_amount on entitled_student_count; paid_amount on aided_student_count;
--     returned_amount on returned_student_count; unpaid_amount on unpaid_student_count
-- trace hardship_student_count: count(distinct resident_token) of hardship_student by stage for programme = '全部'
-- trace aided_student_count: count(distinct resident_token) of aid_payment by stage, programme
--     where payment_status = '已发放' AND paid_amount > 0
-- trace aided_hardship_student_count: count(distinct resident_token) of hardship_student on resident_token by stage
--     with aid_payment on resident_token by stage where payment_status = '已发放' AND paid_amount > 0
--     for programme = '全部'
-- trace aid_coverage_rate: = city.percent(aided_hardship_student_count, hardship_student_count)
-- trace partly_aided_student_count: count(distinct resident_token) of aid_payment by stage, programme
--     having sum(paid_amount) FILTER (WHERE payment_status = '已发放') > 0
--     AND sum(paid_amount) FILTER (WHERE payment_status = '已发放') < sum(entitled_amount)
-- trace entitled_student_count: count(distinct resident_token) of aid_payment by stage, programme
-- trace returned_student_count: count(distinct resident_token) of aid_payment by stage, programme
--     where payment_status = '已退回'
-- trace unpaid_student_count: count(distinct resident_token) of aid_payment by stage, programme
--     where paid_amount < entitled_amount
-- trace entitled_amount: sum(entitled_amount) of aid_payment by stage, programme
-- trace paid_amount: sum(paid_amount) of aid_payment by stage, programme where payment_status = '已发放'
-- trace returned_amount: sum(paid_amount) of aid_payment by stage, programme where payment_status = '已退回'
-- trace unpaid_amount: = entitled_amount - paid_amount - returned_amount
-- trace compulsory_unaided_student_count: count(distinct resident_token) of hardship_student on resident_token by stage
--     where stage IN ('小学', '初中')
--     without aid_payment on resident_token by stage
--     where stage IN ('小学', '初中') AND payment_status = '已发放' AND paid_amount > 0
--     for programme = '全部' AND stage IN ('全部', '小学', '初中')
-- trace compulsory_hardship_student_count: count(distinct resident_token) of hardship_student where stage IN ('小学', '初中')
--     for programme = '全部' AND stage = '全部'
-- trace compulsory_aided_hardship_student_count: count(distinct resident_token) of hardship_student on resident_token
--     where stage IN ('小学', '初中')
--     with aid_payment on resident_token where stage IN ('小学', '初中') AND payment_status = '已发放' AND paid_amount > 0
--     for programme = '全部' AND stage = '全部'
--
-- 学生资助 by semester, area, 学段 and 资助项目: work plan, items 29 and 31. Rows: each programme of each stage that is
-- valid in the semester, or that a report holds, and 全部 for either or both; the same in every area.
--
-- Amounts are yuan and add up: entitled_amount is 资助标准, paid_amount what is 已发放, returned_amount what is 已退回,
-- and unpaid_amount the rest, so that entitled = paid + returned + unpaid.
--
-- Students are distinct at each level and do not add up: a child whom two districts report is one child of the city.
-- aided_student_count: with a payment 已发放 above 0. partly_aided_student_count: who got something and less than the
-- entitlement, over all rows of the student, whatever their status, in the stage, programme and area of the row.
-- entitled_student_count, returned_student_count and unpaid_student_count are those on whom these amounts rest: with a
-- row at all, with one 已退回, and with one that has less than its entitlement (未发放 has 0, A03). The other counts
-- stand on the rows of 全部 programmes, since a hardship student is not of a programme:
-- hardship_student_count by the stage of 困难学生认定, and of them aided_hardship_student_count, with a payment 已发放 above
-- 0 in that stage (of 全部: in any) from a district of the area. aid_coverage_rate is the second in percent of the first.
-- compulsory_hardship_student_count is those listed in 小学 or 初中, compulsory_aided_hardship_student_count those of them
-- paid in 小学 or 初中, both on 全部/全部 (item 31). compulsory_unaided_student_count (应助未助) is the rest, and on the rows
-- of 小学 and of 初中 the hardship students there who are not aided there; null for other stages. Figures are null, not
-- zero, where no district of the area has an accepted report. coverage is in percent.
--
-- To look at each student once, what the districts say of a student is a set, written as a bit string: a bit for each
-- district, stage and programme that paid, another for each district and stage of the hardship list. Students with equal
-- sets are counted together (combination); a combination counts in every row whose own set it meets. Of the payments
-- there is a set of what was granted, one of what was sent back and one of what is unpaid. Every row is in one of these,
-- since it entitles to something (A07). No row pays more than that (A02), so a student has less than the entitlement
-- wherever one row is in the second or the third.
WITH payment AS MATERIALIZED (
    SELECT
        in_force.period,
        in_force.district_code,
        stage,
        programme,
        resident_token,
        entitled_amount,
        paid_amount,
        payment_status,
        CASE WHEN payment_status = '已发放' THEN paid_amount ELSE 0 END AS granted_amount
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
        period, level, area_code,
        coalesce(stage, '全部') AS stage,
        coalesce(programme, '全部') AS programme,
        bit_or(bits) AS bits,
        bit_or(bits) FILTER (WHERE stage IN ('小学', '初中')) AS compulsory_bits
    FROM area
    JOIN aid_bit USING (form, period, district_code)
    GROUP BY period, level, area_code, CUBE (stage, programme)
),
stage_set AS (
    SELECT
        period, level, area_code,
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
        sum(granted_amount) AS paid_amount,
        sum(paid_amount) FILTER (WHERE payment_status = '已退回') AS returned_amount
    FROM payment
    GROUP BY period, district_code, CUBE (stage, programme)
),
amount AS (
    SELECT
        period, level, area_code, stage, programme,
        sum(entitled_amount) AS entitled_amount,
        sum(paid_amount) AS paid_amount,
        sum(returned_amount) AS returned_amount
    FROM area
    JOIN district_amount USING (period, district_code)
    WHERE form = :form
    GROUP BY period, level, area_code, stage, programme
),
student AS (
    SELECT
        period,
        bit_or(aid) AS aid,
        bit_or(returned) AS returned,
        bit_or(unpaid) AS unpaid,
        bit_or(hardship) AS hardship
    FROM (
        SELECT
            period,
            resident_token,
            CASE WHEN granted_amount > 0 THEN bits END AS aid,
            CASE WHEN payment_status = '已退回' THEN bits END AS returned,
            CASE WHEN paid_amount < entitled_amount THEN bits END AS unpaid,
            NULL AS hardship
        FROM payment
        JOIN aid_bit USING (period, district_code, stage, programme)
        UNION ALL
        SELECT period, resident_token, NULL, NULL, NULL, bits
        FROM facts.hardship_student
        JOIN stage_bit USING (submission_id, period, district_code, stage)
    ) AS mention
    GROUP BY period, resident_token
),
combination AS MATERIALIZED (
    SELECT period, aid, returned, unpaid, hardship, count(*) AS student_count
    FROM student
    GROUP BY period, aid, returned, unpaid, hardship
),
-- Without the hardship list there are far fewer, and of each set alone fewer still.
paid AS MATERIALIZED (
    SELECT
        period,
        aid,
        returned,
        unpaid,
        coalesce(returned | unpaid, returned, unpaid) AS short,
        sum(student_count) AS student_count
    FROM combination
    GROUP BY period, aid, returned, unpaid
),
paid_set AS (
    SELECT period, 'entitled' AS what, coalesce(aid | short, aid, short) AS each_bits, sum(student_count) AS student_count
    FROM paid
    GROUP BY period, each_bits
    UNION ALL
    SELECT period, 'returned', returned, sum(student_count) FROM paid GROUP BY period, returned
    UNION ALL
    SELECT period, 'unpaid', unpaid, sum(student_count) FROM paid GROUP BY period, unpaid
),
rested AS (
    SELECT
        period, level, area_code, stage, programme,
        sum(student_count) FILTER (WHERE what = 'entitled') AS entitled_student_count,
        sum(student_count) FILTER (WHERE what = 'returned') AS returned_student_count,
        sum(student_count) FILTER (WHERE what = 'unpaid') AS unpaid_student_count
    FROM paid_set
    JOIN aid_set USING (period)
    WHERE position(B'1' IN each_bits & bits) > 0
    GROUP BY period, level, area_code, stage, programme
),
aided AS (
    SELECT
        period, level, area_code, stage, programme,
        sum(student_count) AS aided_student_count,
        sum(student_count) FILTER (WHERE position(B'1' IN short & bits) > 0) AS partly_aided_student_count
    FROM (SELECT period, aid, short, sum(student_count) AS student_count FROM paid GROUP BY period, aid, short) AS paid
    JOIN aid_set USING (period)
    WHERE position(B'1' IN aid & bits) > 0
    GROUP BY period, level, area_code, stage, programme
),
hardship AS (
    SELECT
        period, level, area_code, stage, programme,
        sum(student_count) AS student_count,
        sum(student_count) FILTER (WHERE aided) AS aided_count,
        sum(student_count) FILTER (WHERE compulsory) AS compulsory_count,
        sum(student_count) FILTER (WHERE compulsory AND compulsory_aided) AS compulsory_aided_count
    FROM (SELECT period, aid, hardship, sum(student_count) AS student_count FROM combination GROUP BY period, aid, hardship)
        AS combination
    JOIN stage_set USING (period)
    JOIN aid_set USING (period, level, area_code, stage)
    CROSS JOIN LATERAL (
        SELECT
            position(B'1' IN aid & aid_set.bits) > 0 AS aided,
            position(B'1' IN hardship & stage_set.compulsory_bits) > 0 AS compulsory,
            position(B'1' IN aid & aid_set.compulsory_bits) > 0 AS compulsory_aided
    ) AS student
    WHERE programme = '全部' AND position(B'1' IN hardship & stage_set.bits) > 0
    GROUP BY period, level, area_code, stage, programme
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
    CASE WHEN by_student THEN city.percent(coalesce(aided_count, 0), student_count) END AS aid_coverage_rate,
    CASE WHEN reported THEN coalesce(partly_aided_student_count, 0) END::bigint AS partly_aided_student_count,
    CASE WHEN reported THEN coalesce(entitled_student_count, 0) END::bigint AS entitled_student_count,
    CASE WHEN reported THEN coalesce(returned_student_count, 0) END::bigint AS returned_student_count,
    CASE WHEN reported THEN coalesce(unpaid_student_count, 0) END::bigint AS unpaid_student_count,
    CASE WHEN reported THEN coalesce(entitled_amount, 0) END AS entitled_amount,
    CASE WHEN reported THEN coalesce(paid_amount, 0) END AS paid_amount,
    CASE WHEN reported THEN coalesce(returned_amount, 0) END AS returned_amount,
    CASE WHEN reported THEN coalesce(entitled_amount - paid_amount - coalesce(returned_amount, 0), 0) END AS unpaid_amount,
    CASE WHEN by_student AND stage IN ('全部', '小学', '初中')
        THEN coalesce(compulsory_count, 0) - coalesce(compulsory_aided_count, 0) END::bigint
        AS compulsory_unaided_student_count,
    CASE WHEN by_student AND stage = '全部' THEN coalesce(compulsory_count, 0) END::bigint
        AS compulsory_hardship_student_count,
    CASE WHEN by_student AND stage = '全部' THEN coalesce(compulsory_aided_count, 0) END::bigint
        AS compulsory_aided_hardship_student_count,
    districts_accepted,
    districts_expected,
    city.percent(districts_accepted, districts_expected) AS coverage
FROM coverage
JOIN programme_row USING (period)
CROSS JOIN LATERAL (
    SELECT districts_accepted > 0 AS reported, districts_accepted > 0 AND programme = '全部' AS by_student
) AS given
LEFT JOIN amount USING (period, level, area_code, stage, programme)
LEFT JOIN aided USING (period, level, area_code, stage, programme)
LEFT JOIN rested USING (period, level, area_code, stage, programme)
LEFT JOIN hardship USING (period, level, area_code, stage, programme)
WHERE form = :form
