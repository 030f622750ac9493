"""Every cell of the hostile city's tables, against a recomputation from the workbooks by the contract alone."""

from recomputed.comparing import cells, differences, told
from recomputed.conftest import RELEASED_ON, City
from recomputed.house import House
from recomputed.tables import recomputed


def test_every_cell_is_what_the_workbooks_say(hostile_city: City) -> None:
    ours = recomputed(House(hostile_city.register, hostile_city.sent, RELEASED_ON))
    found = list(differences(hostile_city.tables, ours))
    assert not found, f"{len(found)} of {cells(ours)} cells differ:\n{told(found)}"
