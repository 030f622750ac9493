"""As known then is what was published then: every table, in both boundaries, on every night of a simulated year."""

import os
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from publish.simulated_year import ENTERED_ON, Year

NIGHTS = int(os.environ.get("DISTRICT_REPORTS_NIGHTS", "12"))
SCHEMAS = ("city", "city_now")
Digests = dict[str, tuple[int, str]]


def told(source: str, **values: object) -> Digests:
    """Number of rows and MD5 of each table of both schemas, as an insider reads `source` with its name in it."""
    found = {}
    with engine("insider").begin() as connection:
        for table in (f"{schema}.{summary.table}" for schema in SCHEMAS for summary in summaries(settings().summaries)):
            schema, _, name = table.partition(".")
            row = connection.execute(
                text(
                    "SELECT count(*), md5(string_agg(told, chr(10) ORDER BY told)) FROM"
                    " (SELECT (to_jsonb(given) - 'release_id')::text AS told"
                    f" FROM {source.format(schema=schema, table=name)} AS given) AS each"
                ),
                values,
            ).one()
            found[table] = (row[0], row[1])
    return found


@pytest.mark.slow
def test_as_known_then_is_what_was_published_then(
    loader: Engine, reference_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: dict[date, tuple] = {}
    for night in Year(loader, reference_folder, monkeypatch, NIGHTS, seed=2020).play():
        release = publish()
        assert release.day == night
        published[night] = (release.known_at, told("{schema}.current_{table}"))
    last = told("{schema}.current_{table}")

    for night, (known_at, then) in published.items():
        again = publish(as_of=known_at)
        assert again.day == night
        recomputed = told("(SELECT * FROM {schema}.{table} WHERE release_id = :id)", id=again.release_id)
        assert {table for table in then if then[table] != recomputed[table]} == set(), night
        assert told("{schema}.{table}_as_known(:moment)", moment=known_at) == then
    assert told("{schema}.current_{table}") == last

    # The year had something to tell, and the boundaries differ once the merger and the new zone are known.
    for table in last:
        assert len({then[table] for _, then in published.values()}) >= 5, table
    for night, (_, then) in published.items():
        if night > ENTERED_ON:
            assert then["city.city_dropout_control"] != then["city_now.city_dropout_control"], night
    first = min(published)
    assert published[first][1]["city.city_facilities"] == published[first][1]["city_now.city_facilities"]
