"""A page with hostile texts in every field, in a real browser: nothing runs, nothing is asked for."""

from pathlib import Path

import pytest

from district_reports.feedback.facts import ReportFacts
from district_reports.feedback.report import write_report
from district_reports.model.finding import Finding, Severity, SheetCount
from feedback.example_answers import a_finding, an_answer

PAYLOADS = (
    "<script>document.title='RAN'</script>",
    "</title></style><img src=http://leak.example/a onerror=\"document.title='RAN'\">",
    "\" onmouseover='document.title=1' style=\"background:url(http://leak.example/b)",
    "'><svg/onload=fetch('http://leak.example/c')>",
    "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe><base href=http://leak.example/>",
    "{{ 7 * 7 }}{% raw %}<link rel=stylesheet href=http://leak.example/d.css>",
    "javascript:alert(1)<a href='javascript:alert(1)'>点</a><form action=http://leak.example/e><button autofocus>",
    "<style>@import 'http://leak.example/f.css';*{display:none}</style><meta http-equiv=refresh content='0;url=http://leak.example/g'>",
    "甲\u202e乙\u2066丙\x00\x1b\x07\ud800丁\u200b\ufeff",
)
GOT_IN = "script, img, iframe, a, form, link, base, button, svg, [onmouseover], [style]"


def hostile_page(path: Path, text: str) -> None:
    """A page whose every text that may come from a file is `text`."""
    texts = dict.fromkeys(("rule", "message", "fix", "sheet", "cell", "column", "value"), text)
    findings = [
        a_finding(**texts),
        a_finding(**{**texts, "message": f"其他{text}", "fix": f"其他{text}"}),
        Finding(severity=Severity.WARNING, explanation=text, **texts),
    ]
    answer = an_answer(
        form_title=text,
        period=text,
        district=text,
        file_name=text,
        reason=text,
        counts=[SheetCount(text, text, 1, 1, 0, 0)],
        findings=findings,
    )
    write_report(answer, ReportFacts(), path)


def test_nothing_runs_and_nothing_is_asked_for(browser, tmp_path):
    view = browser.new_page()
    asked, opened, complaints = [], [], []
    view.on("request", lambda request: asked.append(request.url))
    view.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    view.on("console", lambda message: complaints.append(message.text))
    for number, payload in enumerate(PAYLOADS):
        path = tmp_path / f"{number}.html"
        hostile_page(path, payload)
        view.goto(path.as_uri())
        view.mouse.move(300, 300)
        view.wait_for_timeout(50)
        assert view.title().endswith("回执12")
        assert (
            view.locator("script, img, iframe, a, form, link, base, button, svg, [onmouseover], [style]").count() == 0
        )
        assert view.locator("style").count() == 1
        assert view.locator(".verdict").bounding_box()["height"] > 60
        assert view.locator(".verdict").evaluate("each => getComputedStyle(each).borderLeftWidth") == "12px"
        assert asked == [path.as_uri()]
        asked.clear()
    view.close()
    assert (opened, complaints) == ([], [])


def test_the_policy_would_stop_what_got_in(browser, tmp_path):
    """The escaping is one wall, the page's policy the other: with the first torn down the second stands."""
    path = tmp_path / "page.html"
    hostile_page(path, "无")
    torn = "".join(PAYLOADS[:2]).replace("</style>", "")
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", f"{torn}</body>"), encoding="utf-8")
    view = browser.new_page()
    asked = []
    view.on("requestfinished", lambda request: asked.append(request.url))
    view.goto(path.as_uri())
    view.wait_for_timeout(50)
    assert view.locator("script").count() == 1
    assert view.title().endswith("回执12")
    assert asked == [path.as_uri()]
    view.close()


@pytest.mark.parametrize("payload", PAYLOADS[-1:])
def test_what_is_not_seen_is_marked(tmp_path, payload):
    path = tmp_path / "page.html"
    hostile_page(path, payload)
    written = path.read_text(encoding="utf-8")
    assert "甲□乙□丙□□□□丁□□" in written
    assert not set(written) & {"\u202e", "\u2066", "\x00", "\x1b", "\u200b", "\ufeff"}


def test_long_texts_are_cut(tmp_path):
    path = tmp_path / "page.html"
    hostile_page(path, "长" * 32_000)
    assert path.stat().st_size < 60_000


def test_the_template_trusts_no_text():
    from district_reports.feedback import report

    template = Path(report.__file__).with_name("report.html.j2").read_text(encoding="utf-8")
    assert not [word for word in ("|safe", "| safe", "autoescape", "<script", "http:") if word in template]
