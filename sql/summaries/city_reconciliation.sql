-- key: rule, period, level, area_code
-- period: night
-- counts of people where rule <> 'X08': open_count, new_count, explained_count, ruled_count, resolved_count
-- additive: none
-- first: open_count
-- protect sum over rule: open_count, new_count, explained_count, ruled_count, resolved_count
-- protect at least over area: open_count, new_count, explained_count, ruled_count, resolved_count
-- protect distinct over area where coverage = 100: open_count, new_count, explained_count, ruled_count, resolved_count
-- protect bound: new_count <= open_count + explained_count + ruled_count + resolved_count
-- protect rests: oldest_days on open_count
-- protect alike: open_count, new_count
-- trace open_count: count(distinct item_id) of item by rule where state IN ('待核对', '部分已说明')
--     for districts_accepted > 0
-- trace new_count: count(distinct item_id) of item by rule where is_new for districts_accepted > 0
-- trace explained_count: count(distinct item_id) of item by rule where state = '已说明' for districts_accepted > 0
-- trace ruled_count: count(distinct item_id) of item by rule where state = '已裁定' for districts_accepted > 0
-- trace resolved_count: count(distinct item_id) of item by rule where is_resolved for districts_accepted > 0
-- trace oldest_days: max(days) of item by rule where state IN ('待核对', '部分已说明')
--     for districts_accepted > 0
-- trace districts_accepted: count of district where compared
-- trace districts_expected: count of district
--
-- The worklist 待核对 by rule and area, on the night of the release: what accepted reports say against one another (work
-- plan, item 31). period is the release's day. An item counts once in each area that it touches, so nothing adds up, and
-- in the areas of that day in either schema: an item is of no period whose boundaries it could keep. In the first night,
-- and where oldest_days is 0, what is open is what is new: so these are protected as if anybody knew it.
--
-- new_count and resolved_count are since the ordinary release before, by its moment; without one, everything. An item
-- that came and went in between is in both. Figures are null where no report of the area was compared: nobody has an
-- accepted one, or (in a release of a former moment) nothing was ever compared by then. oldest_days is null where no item
-- is open, too.
--
-- Items of X01 to X06 and X09 are of people, those of X08 of schools.
WITH place AS (
    SELECT
        level,
        area_code,
        area_name,
        count(*)::integer AS districts_expected,
        (count(*) FILTER (WHERE compared))::integer AS districts_accepted
    FROM day_area
    JOIN district USING (district_code)
    GROUP BY level, area_code, area_name
),
touched AS (
    SELECT DISTINCT level, area_code, item_id, rule, state, days, is_new, is_resolved
    FROM item
    JOIN day_area USING (district_code)
),
counted AS (
    SELECT
        level,
        area_code,
        item_rule.rule,
        count(*) FILTER (WHERE state IN ('待核对', '部分已说明')) AS open_count,
        count(*) FILTER (WHERE is_new) AS new_count,
        count(*) FILTER (WHERE state = '已说明') AS explained_count,
        count(*) FILTER (WHERE state = '已裁定') AS ruled_count,
        count(*) FILTER (WHERE is_resolved) AS resolved_count,
        max(days) FILTER (WHERE state IN ('待核对', '部分已说明')) AS oldest_days
    FROM touched
    JOIN item_rule ON item_rule.rule IN (touched.rule, '全部')
    GROUP BY level, area_code, item_rule.rule
)
SELECT
    period,
    level,
    area_code,
    area_name,
    rule,
    CASE WHEN districts_accepted > 0 THEN coalesce(open_count, 0) END AS open_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(new_count, 0) END AS new_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(explained_count, 0) END AS explained_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(ruled_count, 0) END AS ruled_count,
    CASE WHEN districts_accepted > 0 THEN coalesce(resolved_count, 0) END AS resolved_count,
    CASE WHEN districts_accepted > 0 THEN oldest_days END AS oldest_days,
    districts_accepted,
    districts_expected,
    city.percent(districts_accepted, districts_expected) AS coverage
FROM night
CROSS JOIN place
CROSS JOIN item_rule
LEFT JOIN counted USING (level, area_code, rule)
