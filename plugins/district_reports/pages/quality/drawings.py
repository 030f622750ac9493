"""The trends as charts: one point or bar a month."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from district_reports.ledger.quality import MONTH_AND_SEVERITY
from district_reports.model.finding import Severity
from district_reports.pages.charts import chart
from district_reports.pages.quality.figures import Counted, Figures

LABELLED, LABELS = 24, 8
"""So many months are named as months, of more the years; and so many names have room under a chart."""
_SIZE = {"width": 330, "height": 150}
_COLOURS = {Severity.CRITICAL: "var(--bad)", Severity.WARNING: "var(--chart-2)", Severity.INFO: "var(--chart-1)"}


def share_by_month(by_month: Mapping[str, Figures], months: Sequence[str], name: str) -> Markup:
    """The share that a property of the figures (``error_rate``, ``right_share``, …) is, as a line with points."""
    values = [{"month": month, "share": getattr(by_month.get(month, Figures()), name)} for month in months]
    return chart(
        {
            **_SIZE,
            "data": {"values": values},
            "mark": {"type": "line", "point": len(months) <= LABELLED},
            "encoding": {
                "x": _months(months),
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": None,
                    # No two ticks that read the same.
                    "axis": {"format": ".1~%", "tickCount": 4, "tickMinStep": 0.001},
                    "scale": {"domainMin": 0, **({"domainMax": 1} if name == "right_share" else {})},
                },
            },
        }
    )


def findings_by_month(
    counted: Counted, by_month: Mapping[str, Figures], months: Sequence[str], words: Mapping[str, str]
) -> Markup:
    """Findings per 1,000 rows as bars, one part a severity; `words` names the severities."""
    values = [
        {
            "month": row.month,
            "severity": words[row.severity],
            "rate": 1000 * row.findings / by_month[row.month].rows_read,
        }
        for row in counted.rules[MONTH_AND_SEVERITY]
        if by_month[row.month].rows_read
    ]
    present = [each for each in Severity if words[each] in {value["severity"] for value in values}]
    return chart(
        {
            **_SIZE,
            "data": {"values": values},
            "mark": {"type": "bar"},
            "encoding": {
                "x": _months(months),
                "y": {"field": "rate", "type": "quantitative", "title": None, "axis": {"tickCount": 4}},
                "color": {
                    "field": "severity",
                    "type": "nominal",
                    "title": None,
                    "legend": {"orient": "top"},
                    "scale": {
                        "domain": [words[each] for each in present],
                        "range": [_COLOURS[each] for each in present],
                    },
                },
            },
        }
    )


def _months(months: Sequence[str]) -> dict[str, Any]:
    if len(months) <= LABELLED:
        labelled, label = months[:: math.ceil(len(months) / LABELS)], "substring(datum.value, 2)"
    else:
        years = [month for month in months if month.endswith("-01")]
        labelled, label = years[:: math.ceil(len(years) / LABELS)], "substring(datum.value, 0, 4)"
    return {
        "field": "month",
        "type": "ordinal",
        "title": None,
        "scale": {"domain": list(months)},
        "axis": {"labelAngle": 0, "values": list(labelled), "labelExpr": label},
    }
