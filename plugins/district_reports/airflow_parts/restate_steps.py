"""What the tasks of ``restate_submissions`` call; as :mod:`.steps`, with ids, counts and codes in XCom and logs."""

import logging
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from district_reports.airflow_parts.steps import redact_errors, warehouse

log = logging.getLogger(__name__)
ALL = "all"


@redact_errors
def plan(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The report series (a form and district, with its periods) that the run's params name; one mapped task each."""
    warehouse()
    from district_reports.errors import SystemFault
    from district_reports.processing.restate import report_series

    chosen = {name: None if params[name] == ALL else params[name] for name in ("form", "district", "period")}
    found = report_series(chosen["form"], chosen["district"], chosen["period"])
    if not found:
        raise SystemFault(f"the archive has no report of {chosen}")
    return [{"form": each.form, "district_code": each.district_code, "periods": list(each.periods)} for each in found]


@redact_errors
def restate(series: dict[str, Any], dry_run: bool) -> dict[str, Any]:
    """Decide a report series again, or with `dry_run` say what that would come to.

    Counts, what turned, and faults in words.
    """
    warehouse()
    from district_reports.processing import restate as library
    from district_reports.processing.restate_report import key_lines, summary_lines

    work = library.rehearse if dry_run else library.restate
    done = work(library.ReportSeries(series["form"], series["district_code"], tuple(series["periods"])))
    for words in (*(words for one in done for words in key_lines(one)), *summary_lines(done, dry_run=dry_run)):
        log.info("%s", words)
    return {
        "series": f"{series['district_code']} {series['form']}",
        "reports": len(done),
        "decided_again": sum(one.difference is not None for one in done),
        "turned": [
            f"{one.title}: {one.difference.before} -> {one.difference.after}"
            for one in done
            if one.difference is not None and one.difference.turned
        ],
        "decided_at": [one.decided_at.isoformat() for one in done if one.decided_at is not None],
        "faults": [f"{one.title}: {one.fault}" for one in done if one.fault is not None],
    }


@redact_errors
def publish(done: list[dict[str, Any]], wanted: bool) -> dict[str, Any]:
    """Publish a release with what was decided again, and log which figures differ from the one before.

    Raises:
        AirflowSkipException: none is wanted, or the current one tells of everything.
    """
    warehouse()
    from district_reports.publish.rebuild import rebuild

    moments = [datetime.fromisoformat(moment) for each in done for moment in each["decided_at"]]
    release = rebuild(moments, log.info) if wanted else None
    if release is None:
        raise AirflowSkipException("the city tables stay as they are")
    return {"release_id": release.release_id, "rows": dict(release.rows)}


@redact_errors
def report(done: list[dict[str, Any]]) -> dict[str, Any]:
    """What came of all report series.

    Raises:
        SystemFault: some reports could not be decided again; the others were.
    """
    from district_reports.errors import SystemFault

    turned = [words for each in done for words in each["turned"]]
    for words in turned:
        log.info("%s", words)
    if faults := [words for each in done for words in each["faults"]]:
        raise SystemFault(f"{len(faults)} could not be decided again: {'; '.join(faults)}")
    return {name: sum(each[name] for each in done) for name in ("reports", "decided_again")} | {"turned": len(turned)}
