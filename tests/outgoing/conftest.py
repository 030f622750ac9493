"""A city of two districts, and its first release."""

import pytest
from sqlalchemy import Engine

from district_reports.publish import publish
from publish.plan import shrink_city
from submitted import JINPU, case, checked, submit


@pytest.fixture
def two_districts(loader: Engine) -> Engine:
    """A warehouse of a city with two districts and no school in its register."""
    shrink_city()
    return loader


@pytest.fixture
def first(two_districts: Engine) -> int:
    """A release of two districts' ledgers: two open cases in 中山区, and one in 金普新区."""
    submit(two_districts, "a", checked([case(1), case(2)]))
    submit(two_districts, "b", checked([case(3)], district=JINPU))
    return publish().release_id
