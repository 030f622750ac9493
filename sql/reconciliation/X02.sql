-- A case is open in one district, and after its discovery another district paid aid to the same person.
SELECT subject, table_name, submission_id, row_number, part, rests_on, told
FROM paid_after_discovery
WHERE NOT same_district
