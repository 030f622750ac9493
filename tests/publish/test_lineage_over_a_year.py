"""Releases of a year with corrections, renamings and a merger are all traced to what they stood on."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.publish.lineage import Formula
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from publish.simulated_year import Year
from publish.test_lineage import pairs


@pytest.mark.slow
def test_every_figure_of_every_release_is_what_its_rows_give(
    loader: Engine, reference_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = [publish() for _ in Year(loader, reference_folder, monkeypatch, 2, seed=2020).play()]
    releases.append(publish(as_of=releases[0].known_at))
    with engine("publisher").connect() as connection:
        differ = [
            f"release {release.release_id}, {summary.table}.{column}: {pair}"
            for release in releases
            for summary in summaries(settings().summaries)
            for column, origin in summary.origins.items()
            if isinstance(origin, tuple | Formula)
            for pair in pairs(connection, summary, column, origin, release)
            if pair[0] != pair[1]
        ]
    assert not differ, differ[:10]
