"""Check an archived workbook once more, as it was when it came."""

from dataclasses import replace
from functools import partial

from district_reports import clock
from district_reports.checks.file import check_file
from district_reports.checks.run import filed_under
from district_reports.database.engine import Role, engine
from district_reports.forms import forms
from district_reports.ledger.latest import Latest
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.knowledge import NOTHING_KNOWN, Knowledge
from district_reports.model.lock import judged_at_receipt
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive, poison


def check_again(
    one: Latest,
    register: Register,
    knowledge: Knowledge = NOTHING_KNOWN,
) -> CheckedWorkbook:
    """The verdict on the archived workbook under today's rules, as of its own moment of receipt: neither late nor
    locked by now. Decides nothing.

    Raises:
        SystemFault: the archived file is missing or damaged, or a rule can't be evaluated.
    """
    original = archive.original(settings().archive, one.sha256)
    received_on = one.received_at.astimezone(clock.ZONE).date()
    read = partial(poison.read, engine(Role.LOADER), one.sha256)
    knowledge = replace(knowledge, taken_until=judged_at_receipt)
    checked = check_file(original, register, one.district_code, received_on, knowledge, read)
    if checked.form is None or checked.period is None:
        checked = filed_under(forms()[one.form], one.district_code, one.period, checked)
    return checked
