-- form: facilities
-- key: period, level, area_code
-- counts of people: counsellor_count
-- additive: school_count, class_count, large_class_count, oversize_class_count, new_large_class_count, compulsory_large_class_count, compulsory_oversize_class_count, compulsory_new_large_class_count, retained_rural_school_count, retained_rural_fast_count, rural_dry_toilet_start_count, rural_dry_toilet_converted_count, rural_dry_toilet_left_count, classroom_count, lit_classroom_count, desk_count, fit_desk_count, inspected_school_count, resource_room_needed_count, resource_room_lacking_count, special_school_count, special_wireless_count, special_learning_space_count, football_school_count, football_school_passed_count, counsellor_count, counsellor_school_count
-- trace school_count: count of school_facility
-- trace class_count: sum(class_count) of school_facility
-- trace large_class_count: sum(large_class_count) of school_facility
-- trace oversize_class_count: sum(oversize_class_count) of school_facility
-- trace new_large_class_count: sum(school_facility.large_class_count - coalesce(previous.large_class_count, 0))
--     of school_facility against previous on school_code where school_facility.large_class_count > coalesce(previous.large_class_count, 0)
-- trace compulsory_large_class_count: sum(large_class_count) of school_facility
--     where school_type IN ('教学点', '小学', '初中', '九年一贯制', '十二年一贯制', '完全中学')
-- trace compulsory_oversize_class_count: sum(oversize_class_count) of school_facility
--     where school_type IN ('教学点', '小学', '初中', '九年一贯制', '十二年一贯制', '完全中学')
-- trace compulsory_new_large_class_count: sum(school_facility.large_class_count - coalesce(previous.large_class_count, 0))
--     of school_facility against previous on school_code
--     where school_facility.large_class_count > coalesce(previous.large_class_count, 0)
--     AND school_facility.school_type IN ('教学点', '小学', '初中', '九年一贯制', '十二年一贯制', '完全中学')
-- trace retained_rural_school_count: count of school_facility where retained AND (rural_boarding OR rural_small)
-- trace retained_rural_fast_count: count of school_facility where retained AND (rural_boarding OR rural_small) AND bandwidth_mbps >= 100
-- trace retained_rural_fast_rate: = round(100.0 * retained_rural_fast_count / nullif(retained_rural_school_count, 0), 2)
-- trace rural_dry_toilet_start_count: sum(dry_toilet_start) of school_facility where area_type = '乡村' AND sponsor = '公办'
-- trace rural_dry_toilet_start_count: sum(dry_toilet_start) of kindergarten_facility where area_type = '乡村' AND ownership = '公办'
-- trace rural_dry_toilet_converted_count: sum(dry_toilet_converted) of school_facility where area_type = '乡村' AND sponsor = '公办'
-- trace rural_dry_toilet_converted_count: sum(dry_toilet_converted) of kindergarten_facility where area_type = '乡村' AND ownership = '公办'
-- trace rural_dry_toilet_left_count: sum(dry_toilet_start - dry_toilet_converted) of school_facility where area_type = '乡村' AND sponsor = '公办'
-- trace rural_dry_toilet_left_count: sum(dry_toilet_start - dry_toilet_converted) of kindergarten_facility where area_type = '乡村' AND ownership = '公办'
-- trace classroom_count: sum(classroom_count) of school_facility
-- trace lit_classroom_count: sum(lit_classroom_count) of school_facility
-- trace lit_classroom_rate: = round(100.0 * lit_classroom_count / nullif(classroom_count, 0), 2)
-- trace desk_count: sum(desk_count) of school_facility
-- trace fit_desk_count: sum(fit_desk_count) of school_facility
-- trace fit_desk_rate: = round(100.0 * fit_desk_count / nullif(desk_count, 0), 2)
-- trace inspected_school_count: count of school_facility where inspected_on IS NOT NULL
-- trace inspected_school_rate: = round(100.0 * inspected_school_count / nullif(school_count, 0), 2)
-- trace resource_room_needed_count: count of school_facility where inclusive_pupil_count >= 5
-- trace resource_room_lacking_count: count of school_facility where inclusive_pupil_count >= 5 AND resource_room_count = 0
-- trace special_school_count: count of school_facility where school_type = '特殊教育'
-- trace special_wireless_count: count of school_facility where school_type = '特殊教育' AND wireless = '全覆盖'
-- trace special_wireless_rate: = round(100.0 * special_wireless_count / nullif(special_school_count, 0), 2)
-- trace special_learning_space_count: count of school_facility where school_type = '特殊教育' AND learning_space = '全覆盖'
-- trace special_learning_space_rate: = round(100.0 * special_learning_space_count / nullif(special_school_count, 0), 2)
-- trace football_school_count: count of school_facility where football_school
-- trace football_school_passed_count: count of school_facility where football_school AND football_inspection = '通过'
-- trace counsellor_count: sum(counsellor_count) of school_facility
-- trace counsellor_school_count: count of school_facility where counsellor_count > 0
-- trace counsellor_school_rate: = round(100.0 * counsellor_school_count / nullif(school_count, 0), 2)
--
-- 办学条件 of schools by quarter and area: work plan, items 8, 12, 13 and 15. Every count adds up from the districts to
-- 全市; each rate is in percent of counts that stand beside it, computed at each level.
--
-- Item 12: large classes have 56 pupils or more; oversize ones 66 or more and are among the large. compulsory_… are those
-- of 教学点, 小学, 初中, 九年一贯制, 十二年一贯制 and 完全中学. new_… is the growth of each school that has more large classes
-- than in the district's last accepted period before this one (a school that had no row then had none; after a merger,
-- the last of each district that was merged); what other schools mended does not count against it. It is null where there
-- is no earlier period. retained_rural: 规划保留 and 乡村寄宿制 or 乡村小规模; fast: at 100 Mbps or more.
-- Item 13, schools and kindergartens together: rural_dry_toilet_… are those of 公办 ones in 乡村; left = start - converted.
-- Item 8: lit classrooms and fit desks are up to standard; inspected: has a date of inspection, which the form leaves empty
-- where there was none this year; football schools passed: kept as such and 通过 in the re-inspection; counsellors are
-- full-time, counsellor_school_count the schools with one or more.
-- Item 15: a resource room is needed by 5 or more inclusive pupils, lacking where there is none; special schools are
-- 特殊教育, with wireless network and learning space 全覆盖.
-- Figures are null, not zero, where no district of the area has an accepted report. coverage is in percent.
WITH previous_school AS (
    SELECT DISTINCT ON (previous.submission_id, school_code) previous.submission_id, school_code, large_class_count
    FROM previous
    JOIN facts.school_facility AS school ON school.submission_id = previous_submission_id
    WHERE form = :form
    ORDER BY previous.submission_id, school_code, previous_period DESC
),
school AS (
    SELECT
        school.*,
        school.school_type IN ('教学点', '小学', '初中', '九年一贯制', '十二年一贯制', '完全中学') AS compulsory,
        school.retained AND (school.rural_boarding OR school.rural_small) AS retained_rural,
        school.school_type = '特殊教育' AS special,
        CASE WHEN submission_id IN (SELECT submission_id FROM previous)
            THEN greatest(school.large_class_count - coalesce(previous_school.large_class_count, 0), 0)
        END AS new_large_class_count
    FROM in_force
    JOIN facts.school_facility AS school USING (submission_id)
    LEFT JOIN previous_school USING (submission_id, school_code)
),
rural_toilet AS (
    SELECT submission_id, dry_toilet_start, dry_toilet_converted
    FROM facts.school_facility
    WHERE area_type = '乡村' AND sponsor = '公办'
    UNION ALL
    SELECT submission_id, dry_toilet_start, dry_toilet_converted
    FROM facts.kindergarten_facility
    WHERE area_type = '乡村' AND ownership = '公办'
),
district_school AS (
    SELECT
        in_force.period,
        in_force.district_code,
        count(school_code) AS school_count,
        coalesce(sum(class_count), 0) AS class_count,
        coalesce(sum(large_class_count), 0) AS large_class_count,
        coalesce(sum(oversize_class_count), 0) AS oversize_class_count,
        sum(new_large_class_count) AS new_large_class_count,
        coalesce(sum(large_class_count) FILTER (WHERE compulsory), 0) AS compulsory_large_class_count,
        coalesce(sum(oversize_class_count) FILTER (WHERE compulsory), 0) AS compulsory_oversize_class_count,
        sum(new_large_class_count * compulsory::integer) AS compulsory_new_large_class_count,
        count(*) FILTER (WHERE retained_rural) AS retained_rural_school_count,
        count(*) FILTER (WHERE retained_rural AND bandwidth_mbps >= 100) AS retained_rural_fast_count,
        coalesce(sum(classroom_count), 0) AS classroom_count,
        coalesce(sum(lit_classroom_count), 0) AS lit_classroom_count,
        coalesce(sum(desk_count), 0) AS desk_count,
        coalesce(sum(fit_desk_count), 0) AS fit_desk_count,
        count(inspected_on) AS inspected_school_count,
        count(*) FILTER (WHERE inclusive_pupil_count >= 5) AS resource_room_needed_count,
        count(*) FILTER (WHERE inclusive_pupil_count >= 5 AND resource_room_count = 0) AS resource_room_lacking_count,
        count(*) FILTER (WHERE special) AS special_school_count,
        count(*) FILTER (WHERE special AND wireless = '全覆盖') AS special_wireless_count,
        count(*) FILTER (WHERE special AND learning_space = '全覆盖') AS special_learning_space_count,
        count(*) FILTER (WHERE football_school) AS football_school_count,
        count(*) FILTER (WHERE football_school AND football_inspection = '通过') AS football_school_passed_count,
        coalesce(sum(counsellor_count), 0) AS counsellor_count,
        count(*) FILTER (WHERE counsellor_count > 0) AS counsellor_school_count
    FROM in_force
    LEFT JOIN school USING (submission_id)
    WHERE form = :form
    GROUP BY in_force.period, in_force.district_code
),
district_toilet AS (
    SELECT
        period,
        district_code,
        coalesce(sum(dry_toilet_start), 0) AS rural_dry_toilet_start_count,
        coalesce(sum(dry_toilet_converted), 0) AS rural_dry_toilet_converted_count,
        coalesce(sum(dry_toilet_start - dry_toilet_converted), 0) AS rural_dry_toilet_left_count
    FROM in_force
    LEFT JOIN rural_toilet USING (submission_id)
    WHERE form = :form
    GROUP BY period, district_code
),
total AS (
    SELECT
        period,
        level,
        area_code,
        sum(school_count)::bigint AS school_count,
        sum(class_count)::bigint AS class_count,
        sum(large_class_count)::bigint AS large_class_count,
        sum(oversize_class_count)::bigint AS oversize_class_count,
        sum(new_large_class_count)::bigint AS new_large_class_count,
        sum(compulsory_large_class_count)::bigint AS compulsory_large_class_count,
        sum(compulsory_oversize_class_count)::bigint AS compulsory_oversize_class_count,
        sum(compulsory_new_large_class_count)::bigint AS compulsory_new_large_class_count,
        sum(retained_rural_school_count)::bigint AS retained_rural_school_count,
        sum(retained_rural_fast_count)::bigint AS retained_rural_fast_count,
        sum(rural_dry_toilet_start_count)::bigint AS rural_dry_toilet_start_count,
        sum(rural_dry_toilet_converted_count)::bigint AS rural_dry_toilet_converted_count,
        sum(rural_dry_toilet_left_count)::bigint AS rural_dry_toilet_left_count,
        sum(classroom_count)::bigint AS classroom_count,
        sum(lit_classroom_count)::bigint AS lit_classroom_count,
        sum(desk_count)::bigint AS desk_count,
        sum(fit_desk_count)::bigint AS fit_desk_count,
        sum(inspected_school_count)::bigint AS inspected_school_count,
        sum(resource_room_needed_count)::bigint AS resource_room_needed_count,
        sum(resource_room_lacking_count)::bigint AS resource_room_lacking_count,
        sum(special_school_count)::bigint AS special_school_count,
        sum(special_wireless_count)::bigint AS special_wireless_count,
        sum(special_learning_space_count)::bigint AS special_learning_space_count,
        sum(football_school_count)::bigint AS football_school_count,
        sum(football_school_passed_count)::bigint AS football_school_passed_count,
        sum(counsellor_count)::bigint AS counsellor_count,
        sum(counsellor_school_count)::bigint AS counsellor_school_count
    FROM area
    LEFT JOIN district_school USING (period, district_code)
    LEFT JOIN district_toilet USING (period, district_code)
    WHERE form = :form
    GROUP BY period, level, area_code
)
SELECT
    period,
    level,
    area_code,
    area_name,
    school_count,
    class_count,
    large_class_count,
    oversize_class_count,
    new_large_class_count,
    compulsory_large_class_count,
    compulsory_oversize_class_count,
    compulsory_new_large_class_count,
    retained_rural_school_count,
    retained_rural_fast_count,
    round(100.0 * retained_rural_fast_count / nullif(retained_rural_school_count, 0), 2) AS retained_rural_fast_rate,
    rural_dry_toilet_start_count,
    rural_dry_toilet_converted_count,
    rural_dry_toilet_left_count,
    classroom_count,
    lit_classroom_count,
    round(100.0 * lit_classroom_count / nullif(classroom_count, 0), 2) AS lit_classroom_rate,
    desk_count,
    fit_desk_count,
    round(100.0 * fit_desk_count / nullif(desk_count, 0), 2) AS fit_desk_rate,
    inspected_school_count,
    round(100.0 * inspected_school_count / nullif(school_count, 0), 2) AS inspected_school_rate,
    resource_room_needed_count,
    resource_room_lacking_count,
    special_school_count,
    special_wireless_count,
    round(100.0 * special_wireless_count / nullif(special_school_count, 0), 2) AS special_wireless_rate,
    special_learning_space_count,
    round(100.0 * special_learning_space_count / nullif(special_school_count, 0), 2) AS special_learning_space_rate,
    football_school_count,
    football_school_passed_count,
    counsellor_count,
    counsellor_school_count,
    round(100.0 * counsellor_school_count / nullif(school_count, 0), 2) AS counsellor_school_rate,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage
FROM coverage
JOIN reporting_period USING (form, period)
JOIN total USING (period, level, area_code)
WHERE form = :form AND reported
