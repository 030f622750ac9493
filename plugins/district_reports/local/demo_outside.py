"""What the demo shows of 对外发布: its release prepared by one officer, approved by another, and the bundle."""

from sqlalchemy import text

from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.ledger.viewing import writing
from district_reports.local.airflow.api import Client
from district_reports.moment.boundaries import Boundaries
from district_reports.printing import Display
from district_reports.publish.outgoing.ledger import Outgoing, State, outgoing, outgoing_of
from district_reports.publish.outgoing.requests import What, ask
from district_reports.settings import settings
from district_reports.users import Viewer

_DAG = "release_outside"


def let_out(officer: Viewer, approver: Viewer, airflow: Client, patience: float, display: Display) -> None:
    """Let the current release leave, as the two would on the page; where one has left before, tell of that.

    Raises:
        SystemFault: the job failed, or the release can't be protected.
    """
    with engine(Role.READER).begin() as connection:
        left = [each for each in outgoing(connection) if each.state is State.LEFT]
        release_id = connection.scalar(text("SELECT max(release_id) FROM city.release WHERE as_of IS NULL"))
    if not left:
        display.now("Preparing the release for outside: what has to be withheld of it")
        with writing(officer) as connection:
            request = ask(connection, What.PREPARE, asked_by=officer.name, release_id=release_id)
        prepared = _worked_off(request, State.READY, airflow, patience)
        display.now("Letting it leave: the tables outside, and the bundle")
        with writing(approver) as connection:
            ask(connection, What.APPROVE, asked_by=approver.name, prepared_id=prepared.prepared_id)
        left = [_worked_off(request, State.LEFT, airflow, patience)]
    _say(left[0], display)


def _worked_off(request: int, expected: State, airflow: Client, patience: float) -> Outgoing:
    ended = airflow.wait(_DAG, airflow.trigger(_DAG), patience)
    with engine(Role.READER).begin() as connection:
        found = outgoing_of(connection, request)
    if found is None or found.state is not expected:
        why = "" if found is None else found.impossible or found.state
        raise SystemFault(f"the release is not {expected} after {_DAG}, which ended as {ended.state}: {why}")
    return found


def _say(left: Outgoing, display: Display) -> None:
    held = [] if left.checklist is None else [one for one in left.checklist.withheld if one.schema == Boundaries.THEN]
    people, of_people, others = (sum(getattr(one, name) for one in held) for name in ("people", "of_people", "others"))
    display.say(f"Outside is {left.name}, prepared by {left.drafted_by} and approved by {left.decided_by}:")
    display.say(f"  withheld: {people} of {of_people} counts of people that are not 0, and {others} other figures")
    display.say(f"  bundle:   {settings().bundles / str(left.period) / str(left.version)}")
