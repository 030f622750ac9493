"""The worklist of the hostile city, against a computation from the reports by the contract alone."""

import secrets
from collections import Counter

import pytest

from conftest import copy_database, live_on, point_settings_at, run_on
from district_reports.database.engine import Role, dispose_engines, engine
from district_reports.reconciliation.reconcile import reconcile
from district_reports.settings import settings
from recomputed.conftest import RELEASED_ON, City
from recomputed.play import on_day
from reconciliation.oracle import Oracle, reports_in_force
from reconciliation.product import Found, items


def test_every_item_is_what_the_reports_say(hostile_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Counter(_found(hostile_city, monkeypatch).values())
    reports = reports_in_force((one.report for one in hostile_city.sent), RELEASED_ON)
    ours = Oracle(reports, hostile_city.register, RELEASED_ON).items()
    # Its people have one name and one number each.
    assert {item.rule for item in ours} == {"X01", "X02", "X03", "X04", "X08"}
    expected = Counter((item.rule, item.districts, item.sides) for item in ours)
    assert sorted(map(str, found - expected)) == []
    assert sorted(map(str, expected - found)) == []


def _found(city: City, monkeypatch: pytest.MonkeyPatch) -> dict[int, Found]:
    server, name = city.template.server, f"reconciled_{secrets.token_hex(4)}"
    point_settings_at(city.template.keys.parent.parent, monkeypatch)
    copy_database(server, name, city.template.name)
    try:
        live_on(server, name, monkeypatch)
        monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(city.root))
        on_day(RELEASED_ON, monkeypatch)
        reconcile()
        return items(engine(Role.PUBLISHER))
    finally:
        dispose_engines()
        settings.cache_clear()
        run_on(server, f"DROP DATABASE {name} WITH (FORCE)")
