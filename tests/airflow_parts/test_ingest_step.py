"""One run of ingest: how many submissions of its key it takes."""

import pytest

from district_reports.airflow_parts import steps
from district_reports.processing import ingest


@pytest.mark.parametrize(("seconds", "taken"), [(60, 3), (0, 1)])
def test_a_run_leaves_the_rest_of_its_key_to_the_next_after_some_seconds(
    monkeypatch: pytest.MonkeyPatch, seconds: float, taken: int
) -> None:
    waiting = iter([ingest.Step(1, 1), ingest.Step(2, 2), ingest.Step(3, 3), None])
    monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", "postgresql://nobody@nowhere/asked")
    monkeypatch.setattr(ingest, "validate", lambda *_: next(waiting))
    monkeypatch.setattr(ingest, "load", lambda step: {"submission_id": step.submission_id})
    monkeypatch.setattr(ingest, "answer", lambda _: {})
    monkeypatch.setattr(steps, "INGEST_SECONDS", seconds)
    done = steps.ingest("dropout_control", "210202|2020-05", "run")
    assert [one["submission_id"] for one in done] == list(range(1, taken + 1))
