-- A case is open, and after its discovery its own district paid aid to the same person. Cases 因贫 are left out: aid is
-- what brings them back.
SELECT subject, table_name, submission_id, row_number, part, rests_on, told
FROM paid_after_discovery
WHERE same_district AND reason <> '因贫'
