"""``outside``: the releases on their way outside, and the work that was asked for them."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, say

if TYPE_CHECKING:
    from district_reports.publish.outgoing.ledger import Outgoing


def add(commands: Commands) -> None:
    outside = commands.add_parser("outside", help="the releases that left the house, or are to, and where they stand")
    outside.add_argument("--json", action="store_true", help="one array, whole, with what each was prepared by")
    outside.set_defaults(run=_list)
    work = outside.add_subparsers(metavar="ACTION").add_parser(
        "work", help="work off what officers asked for on the pages, as the DAG release_outside does"
    )
    work.set_defaults(run=_work)


def _list(options: argparse.Namespace) -> int:
    from district_reports.database.engine import Role, engine
    from district_reports.printing import json_line
    from district_reports.publish.outgoing.ledger import outgoing

    with engine(Role.READER).begin() as connection:
        found = outgoing(connection)
    if options.json:
        say(json_line(json.dumps([asdict(each) for each in found], ensure_ascii=False, default=str)))
        return 0
    for each in found:
        for line in _lines(each):
            say(line)
    if not found:
        say("no release was asked for yet")
    return 0


def _lines(each: "Outgoing") -> Iterator[str]:
    named = f", {each.name}" if each.name else ""
    rule = f" ({each.refused_by})" if each.refused_by else ""
    yield f"release {each.release_id} of {each.day}{named}: {each.state}{rule}"
    yield f"  asked for by {each.drafted_by}, {each.drafted_at:%Y-%m-%d %H:%M}"
    if each.impossible:
        yield f"  {each.impossible}"
    if each.outdated:
        yield "  another release has left since: it has to be prepared again"
    if each.decision:
        why = f": {each.decision_reason}" if each.decision_reason else ""
        yield f"  {each.decision} by {each.decided_by}, {each.decided_at:%Y-%m-%d %H:%M}{why}"
    if each.notice:
        yield f"  revoke by {each.revoked_by}, {each.revocation_asked_at:%Y-%m-%d %H:%M}: {each.notice}"


def _work(options: argparse.Namespace) -> int:
    from district_reports.publish.outgoing.work import work_off

    if not work_off(say):
        say("nothing was asked for")
    return 0
