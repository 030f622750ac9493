"""Charts of hostile texts, and of a process that draws no more: the pages' own process lives on."""

import sys

import pytest

from district_reports.pages import charts
from district_reports.pages.chart_renderer import ChartFault, ChartRenderer
from district_reports.pages.charts import chart


def bars(text: str) -> dict:
    return {
        "title": f"标题{text}",
        "data": {"values": [{"area": f"甲{text}乙", "figure": 1}]},
        "mark": "bar",
        "encoding": {"y": {"field": "area"}, "x": {"field": "figure"}},
    }


@pytest.mark.parametrize("hostile", ["\x00", "\x1b", "\x0b", "\ufffe", "\uffff", "\ud800", "\x7f", "\u202e", "<b>&\"'"])
def test_a_chart_of_a_text_that_xml_cannot_hold(hostile):
    svg = chart(bars(hostile))
    assert svg.startswith("<svg")
    assert "甲" in svg
    assert "<b>" not in svg


def test_the_next_chart_is_drawn_after_the_process_has_ended():
    renderer = ChartRenderer()
    # A control character within: vl-convert panics, and takes its process with it.
    panics = '{"data": {"values": [{"a": "\\u001b"}]}, "mark": "bar", "encoding": {"y": {"field": "a"}}}'
    with pytest.raises(ChartFault, match="has failed"):
        renderer.render(panics)
    with pytest.raises(ChartFault, match="does not understand") as refused:
        renderer.render('{"mark": "张小明"}')
    assert "张小明" not in str(refused.value)
    assert renderer.render('{"data": {"values": []}, "mark": "bar"}').startswith("<svg")
    renderer._dismiss()


@pytest.mark.parametrize("program", ["import time; time.sleep(60)", "print('no JSON')", "raise SystemExit(1)"])
def test_a_page_is_without_its_chart_where_it_cannot_be_drawn(program, monkeypatch):
    monkeypatch.setattr("district_reports.pages.chart_renderer.RENDER_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(charts, "_renderer", ChartRenderer((sys.executable, "-c", program)))
    assert chart(bars(program)) == ""
    charts._renderer._dismiss()
