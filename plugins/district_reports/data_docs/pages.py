"""Great Expectations' own Data Docs pages, made from what is kept of its results, to be read without a network.

The content of a page is what GX's renderers and its templates of sections make; only the page around it is ours, since
GX's loads styles and scripts from outside.
"""

import html
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from great_expectations import __version__ as gx_version
from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.render import RenderedDocumentContent
from great_expectations.render.renderer.page_renderer import (
    ExpectationSuitePageRenderer,
    ValidationResultsPageRenderer,
)
from great_expectations.render.view import DefaultJinjaPageView

from district_reports.checks.suites import Expectation
from district_reports.data_docs.sources import Source
from district_reports.model.validation import ExpectationResult, FrameResult

TEMPLATES = Path(__file__).parent / "templates"


class OfflinePageView(DefaultJinjaPageView):  # type: ignore[misc]
    """GX's view of a document within a page that loads nothing and runs nothing."""

    _template = "offline_page.j2"

    def __init__(self) -> None:
        super().__init__(custom_styles_directory=str(TEMPLATES), custom_views_directory=str(TEMPLATES))


def validation_page(source: Source, frame: FrameResult, name: str) -> str:
    """The page of a suite's results over one frame of a submission; `name` says which submission."""
    document = _renderers()[0].render(validation_result(source, frame, name))
    return _page(document, f"{name} · {frame.sheet} · {frame.frame}", depth=4)


def suite_page(frame: str, expectations: Sequence[Expectation]) -> str:
    """The page of a suite as it is now."""
    configured = [
        ExpectationConfiguration(
            type=each["type"],
            kwargs=each["kwargs"],
            severity=each["severity"],
            description=_described(each["meta"]["rule"], each["meta"]["title"], each["type"], each["kwargs"]),
        )
        for each in expectations
    ]
    document = _renderers()[1].render(ExpectationSuite(name=frame, expectations=configured))
    return _page(document, frame, depth=1)


def validation_result(source: Source, frame: FrameResult, name: str) -> ExpectationSuiteValidationResult:
    """GX's result object, with the counts that are kept and no value."""
    results = [_result(each) for each in frame.results]
    successful = sum(not each.unexpected for each in frame.results)
    return ExpectationSuiteValidationResult(
        success=successful == len(results),
        results=results,
        suite_name=frame.frame,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": successful,
            "unsuccessful_expectations": len(results) - successful,
            "success_percent": 100 * successful / len(results) if results else None,
        },
        meta={
            "run_id": RunIdentifier(run_name=f"receipt {source.receipt_id}", run_time=source.decided_at),
            "batch_spec": {"data_asset_name": html.escape(f"{name} · {frame.sheet}")},
            "great_expectations_version": gx_version,
        },
    )


def _result(each: ExpectationResult) -> ExpectationValidationResult:
    present = each.elements - (each.missing or 0)
    counts: dict[str, Any] = {
        "element_count": each.elements,
        "unexpected_count": each.unexpected,
        "unexpected_percent": 100 * each.unexpected / present if present else None,
    }
    if each.missing is not None:
        counts["missing_count"] = each.missing
        counts["missing_percent"] = 100 * each.missing / each.elements if each.elements else None
    return ExpectationValidationResult(
        success=not each.unexpected,
        result=counts,
        expectation_config=ExpectationConfiguration(
            type=each.type,
            kwargs=dict(each.kwargs),
            severity=each.severity,
            description=_described(each.rule, each.title, each.type, each.kwargs) + _rows(each),
        ),
    )


def _described(rule: str, title: str, kind: str, kwargs: Mapping[str, Any]) -> str:
    """What GX puts in place of its own sentence: the rule, and what exactly is asked. GX does not escape it."""
    asked = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in kwargs.items())
    return html.escape(f"{rule} {title}\n{kind}({asked})").replace("$", "&#36;")


def _rows(each: ExpectationResult) -> str:
    if not each.rows:
        return ""
    more = f" and {each.unexpected - len(each.rows)} more" if each.unexpected > len(each.rows) else ""
    return f"\nExcel rows {', '.join(map(str, each.rows))}{more}"


@lru_cache(maxsize=1)
def _renderers() -> tuple[ValidationResultsPageRenderer, ExpectationSuitePageRenderer, OfflinePageView]:
    return ValidationResultsPageRenderer(run_info_at_end=True), ExpectationSuitePageRenderer(), OfflinePageView()


def _page(document: RenderedDocumentContent, title: str, depth: int) -> str:
    page: str = _renderers()[2].render(document, title=title, home="../" * depth + "index.html")
    return page
