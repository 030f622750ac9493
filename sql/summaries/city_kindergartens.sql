-- form: facilities
-- key: period, level, area_code
-- counts of people: child_count, public_child_count, inclusive_private_child_count, other_private_child_count, inclusive_child_count
-- additive: kindergarten_count, place_count, child_count, public_child_count, inclusive_private_child_count, other_private_child_count, inclusive_child_count, new_public_kindergarten_count, new_public_place_count, township_centre_count, community_kindergarten_count, handed_over_count, not_handed_over_count, football_kindergarten_count
-- trace kindergarten_count: count of kindergarten_facility
-- trace place_count: sum(place_count) of kindergarten_facility
-- trace child_count: sum(child_count) of kindergarten_facility
-- trace public_child_count: sum(child_count) of kindergarten_facility where ownership = '公办'
-- trace inclusive_private_child_count: sum(child_count) of kindergarten_facility where ownership = '普惠性民办'
-- trace other_private_child_count: sum(child_count) of kindergarten_facility where ownership = '其他民办'
-- trace inclusive_child_count: sum(child_count) of kindergarten_facility where ownership IN ('公办', '普惠性民办')
-- trace inclusive_rate: = round(100.0 * inclusive_child_count / nullif(child_count, 0), 2)
-- trace new_public_kindergarten_count: count of kindergarten_facility where ownership = '公办' AND opened_this_year
-- trace new_public_place_count: sum(new_public_places) of kindergarten_facility
-- trace township_centre_count: count of kindergarten_facility where township_centre
-- trace community_kindergarten_count: count of kindergarten_facility where community_kindergarten IN ('已移交', '未移交')
-- trace handed_over_count: count of kindergarten_facility where community_kindergarten = '已移交'
-- trace not_handed_over_count: count of kindergarten_facility where community_kindergarten = '未移交'
-- trace handed_over_rate: = round(100.0 * handed_over_count / nullif(community_kindergarten_count, 0), 2)
-- trace football_kindergarten_count: count of kindergarten_facility where football_kindergarten
--
-- 办学条件 of kindergartens by quarter and area: work plan, items 8 and 11. Every count adds up from the districts to 全市;
-- each rate is in percent of counts that stand beside it, computed at each level.
--
-- Children by 办园性质: 公办, 普惠性民办, 其他民办. inclusive_child_count is the first two, inclusive_rate (普惠性幼儿园覆盖率) its
-- share of all children. New public kindergartens (公办, 本年新开办) and new public places run up from January.
-- community_kindergarten_count is 小区配套园, handed over (已移交) or not (未移交); handed_over_rate is of these. Dry toilets of
-- kindergartens stand in city_facilities with those of the schools.
-- Figures are null, not zero, where no district of the area has an accepted report. coverage is in percent.
WITH district AS (
    SELECT
        in_force.period,
        in_force.district_code,
        count(school_code) AS kindergarten_count,
        coalesce(sum(place_count), 0) AS place_count,
        coalesce(sum(child_count), 0) AS child_count,
        coalesce(sum(child_count) FILTER (WHERE ownership = '公办'), 0) AS public_child_count,
        coalesce(sum(child_count) FILTER (WHERE ownership = '普惠性民办'), 0) AS inclusive_private_child_count,
        coalesce(sum(child_count) FILTER (WHERE ownership = '其他民办'), 0) AS other_private_child_count,
        count(*) FILTER (WHERE ownership = '公办' AND opened_this_year) AS new_public_kindergarten_count,
        coalesce(sum(new_public_places), 0) AS new_public_place_count,
        count(*) FILTER (WHERE township_centre) AS township_centre_count,
        count(*) FILTER (WHERE community_kindergarten = '已移交') AS handed_over_count,
        count(*) FILTER (WHERE community_kindergarten = '未移交') AS not_handed_over_count,
        count(*) FILTER (WHERE football_kindergarten) AS football_kindergarten_count
    FROM in_force
    LEFT JOIN facts.kindergarten_facility USING (submission_id)
    WHERE form = :form
    GROUP BY in_force.period, in_force.district_code
),
total AS (
    SELECT
        period,
        level,
        area_code,
        sum(kindergarten_count)::bigint AS kindergarten_count,
        sum(place_count)::bigint AS place_count,
        sum(child_count)::bigint AS child_count,
        sum(public_child_count)::bigint AS public_child_count,
        sum(inclusive_private_child_count)::bigint AS inclusive_private_child_count,
        sum(other_private_child_count)::bigint AS other_private_child_count,
        sum(public_child_count + inclusive_private_child_count)::bigint AS inclusive_child_count,
        sum(new_public_kindergarten_count)::bigint AS new_public_kindergarten_count,
        sum(new_public_place_count)::bigint AS new_public_place_count,
        sum(township_centre_count)::bigint AS township_centre_count,
        sum(handed_over_count + not_handed_over_count)::bigint AS community_kindergarten_count,
        sum(handed_over_count)::bigint AS handed_over_count,
        sum(not_handed_over_count)::bigint AS not_handed_over_count,
        sum(football_kindergarten_count)::bigint AS football_kindergarten_count
    FROM area
    LEFT JOIN district USING (period, district_code)
    WHERE form = :form
    GROUP BY period, level, area_code
)
SELECT
    period,
    level,
    area_code,
    area_name,
    kindergarten_count,
    place_count,
    child_count,
    public_child_count,
    inclusive_private_child_count,
    other_private_child_count,
    inclusive_child_count,
    round(100.0 * inclusive_child_count / nullif(child_count, 0), 2) AS inclusive_rate,
    new_public_kindergarten_count,
    new_public_place_count,
    township_centre_count,
    community_kindergarten_count,
    handed_over_count,
    not_handed_over_count,
    round(100.0 * handed_over_count / nullif(community_kindergarten_count, 0), 2) AS handed_over_rate,
    football_kindergarten_count,
    districts_accepted,
    districts_expected,
    round(100.0 * districts_accepted / districts_expected, 1) AS coverage
FROM coverage
JOIN reporting_period USING (form, period)
JOIN total USING (period, level, area_code)
WHERE form = :form AND reported
