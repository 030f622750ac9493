"""The plants, a module a rule."""

from reconciliation.planted import x01, x02, x03, x04, x05, x06, x08, x09
from reconciliation.planter import Planter

PLANTS = (x01.plant, x02.plant, x03.plant, x04.plant, x05.plant, x06.plant, x08.plant, x09.plant)


def planted(p: Planter) -> Planter:
    for plant in PLANTS:
        plant(p)
    return p
