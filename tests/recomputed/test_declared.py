"""What the summaries declare for disclosure control holds in every row of the hostile city, and of some it speaks."""

import pytest

from district_reports.publish.summary import summaries
from recomputed.conftest import RELEASED_ON, City
from recomputed.held import Held


@pytest.mark.parametrize("boundary", ["then", "now"])
def test_what_is_declared_holds(hostile_city: City, boundary: str) -> None:
    found = summaries(hostile_city.root / "sql" / "summaries")
    held = Held(boundary, hostile_city.tables, found, hostile_city.register, RELEASED_ON)
    broken = list(held.broken())
    assert not broken, f"{len(broken)}:\n" + "\n".join(broken[:40])
    assert [text for text, count in held.checked.items() if not count] == []
