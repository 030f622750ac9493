"""The files that no form could be told of, by what their districts were told that is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.ledger.first_tries import OWN_TRY
from district_reports.ledger.quality import Scope


@dataclass(frozen=True)
class Declared:
    """A message as a rule declares it: a regular expression that fits every finding made of it.

    Its one group, where it has one (``tells``), is a word of our own.
    """

    rule: str
    pattern: str
    tells: bool


# A message quotes the workbook: of one that fits, only which it is and its word of our own leave the database.
_BY_MESSAGE = text(
    f"""
    SELECT rule, number, told, count(DISTINCT submission_id) AS files,
        array_agg(DISTINCT district_code) AS district_codes
    FROM (
        SELECT submission_id, finding.rule, district_code, number,
            CASE WHEN tells THEN (regexp_match(message, pattern))[1] END AS told
        FROM ledger.submission JOIN findings.finding USING (submission_id)
        LEFT JOIN LATERAL (
            SELECT number, pattern, tells
            FROM unnest(CAST(:rules AS text[]), CAST(:patterns AS text[]), CAST(:tells AS boolean[]))
                WITH ORDINALITY AS declared (rule, pattern, tells, number)
            WHERE declared.rule = finding.rule AND message ~ pattern
            ORDER BY length(pattern) DESC LIMIT 1
        ) AS declared ON true
        WHERE {OWN_TRY} AND form IS NULL AND outcome = 'rejected' AND channel = '上报'
            AND received_at >= :since AND received_at < :until
            AND district_code = ANY(CAST(:district_codes AS text[]))
    ) AS found
    GROUP BY rule, number, told
    ORDER BY files DESC, rule, number, told
    """
)


def unreadable(connection: Connection, scope: Scope, declared: Sequence[Declared]) -> Sequence[Row[Any]]:
    """Files of the scope by what was wrong: rule, number (the place in `declared`, from 1; None for none that fits),
    told (its word), files, district_codes.

    The scope names every district that may be told of; `connection` sees findings whole, as the reader does.
    """
    given = {
        "rules": [each.rule for each in declared],
        "patterns": [each.pattern for each in declared],
        "tells": [each.tells for each in declared],
    }
    return connection.execute(_BY_MESSAGE, scope.parameters() | given).all()
