"""Charts of hostile texts: the process that draws them lives on."""

import pytest

from district_reports.pages.charts import chart


@pytest.mark.parametrize("hostile", ["\x00", "\x1b", "\x0b", "\ufffe", "\uffff", "\ud800", "\x7f", "\u202e", "<b>&\"'"])
def test_a_chart_of_a_text_that_xml_cannot_hold(hostile):
    # Without cleaning this ends in an abort of the whole process, tests and all.
    svg = chart(
        {
            "title": f"标题{hostile}",
            "data": {"values": [{"area": f"甲{hostile}乙", "figure": 1}]},
            "mark": "bar",
            "encoding": {"y": {"field": "area"}, "x": {"field": "figure"}},
        }
    )
    assert svg.startswith("<svg")
    assert "甲" in svg
    assert "<b>" not in svg
