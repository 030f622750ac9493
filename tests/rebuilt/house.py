"""A small city whose releases were let out by the job itself, and how officers ask it."""

from typing import NamedTuple

from district_reports.database.engine import Role, engine
from district_reports.publish import publish
from district_reports.publish.outgoing.ledger import outgoing
from district_reports.publish.outgoing.requests import What
from district_reports.publish.outgoing.work import work_off
from outgoing.house import FIRST, SECOND, asked
from publish.plan import shrink_city
from submitted import JINPU, case, checked, submit


class Releases(NamedTuple):
    """``left`` is outside as v1.0, ``revoked`` left as v1.1 and was taken back, ``inside`` never left, and ``then`` was
    made later to tell of the moment of ``left``."""

    left: int
    revoked: int
    inside: int
    then: int


def releases_of_a_small_city() -> Releases:
    """Two districts' ledgers, of which one is corrected twice."""
    shrink_city()
    loader = engine(Role.LOADER)
    few = [case(number, reason="外出务工") for number in (41, 42)]
    submit(loader, "a", checked([*(case(number) for number in range(1, 13)), *few]))
    submit(loader, "b", checked([case(number) for number in range(21, 30)], district=JINPU))
    first = publish()
    let_out(first.release_id)
    submit(loader, "c", checked([*(case(number) for number in range(1, 20)), *few]))
    second = publish().release_id
    prepared_id = let_out(second)
    asked(What.REVOKE, prepared_id=prepared_id, reason="数字有误")
    work_off()
    submit(loader, "d", checked([case(number) for number in range(1, 4)]))
    inside = publish().release_id
    then = publish(as_of=first.known_at).release_id
    return Releases(first.release_id, second, inside, then)


def prepare(release_id: int) -> int:
    """Have it prepared by the job; the number of what was prepared."""
    request_id = asked(What.PREPARE, release_id=release_id)
    work_off()
    with engine(Role.READER).begin() as connection:
        (made,) = (each for each in outgoing(connection) if each.request_id == request_id)
    assert made.prepared_id is not None
    return made.prepared_id


def let_out(release_id: int) -> int:
    """Prepared, approved by another officer, left; the number of what was prepared."""
    prepared_id = prepare(release_id)
    asked(What.APPROVE, SECOND, prepared_id=prepared_id)
    work_off()
    assert FIRST != SECOND
    return prepared_id
