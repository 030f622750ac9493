-- The pupils of a school in the ledger of a quarter's last month, and in 办学条件 of the quarter. Only schools that are of
-- compulsory education as a whole: of the others the ledger counts a part.
WITH compared AS (
    SELECT
        school_code, facility.period,
        enrolment.submission_id AS enrolment_submission, enrolment.row_number AS enrolment_row, actual_enrolment,
        facility.submission_id, facility.row_number, pupil_count,
        enrolment.district_code = facility.district_code AS of_one_district
    FROM compulsory_enrolment AS enrolment
    JOIN school_facility AS facility USING (school_code, last_day)
    WHERE school_type IN ('小学', '初中', '九年一贯制')
        AND abs(actual_enrolment - pupil_count) >= 3
        AND abs(actual_enrolment - pupil_count) * 100 > 5 * greatest(actual_enrolment, pupil_count)
)
SELECT
    jsonb_build_object('school', school_code, 'period', compared.period) AS subject,
    side.*
FROM compared
CROSS JOIN LATERAL (
    VALUES
        (
            'compulsory_enrolment', enrolment_submission, enrolment_row, 'enrolment',
            jsonb_build_object('actual_enrolment', actual_enrolment),
            jsonb_build_object(
                'school_code', school_code, 'pupil_count', CASE WHEN of_one_district THEN pupil_count END
            )
        ),
        (
            'school_facility', submission_id, row_number, 'facility',
            jsonb_build_object('pupil_count', pupil_count),
            jsonb_build_object(
                'school_code', school_code, 'actual_enrolment', CASE WHEN of_one_district THEN actual_enrolment END
            )
        )
) AS side (table_name, submission_id, row_number, part, rests_on, told)
