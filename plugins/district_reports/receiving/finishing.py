"""What follows once the ledger knows a drop: answer or notice, the move of the original, the mark that all is done.

Every step does no harm when it is done again. A file that is only to be checked stays where it lies.
"""

from collections.abc import Mapping
from pathlib import PurePath

from sqlalchemy import Engine

from district_reports import clock
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.feedback.delivery import put_answer
from district_reports.feedback.folder_notes import write_standing
from district_reports.feedback.notices import notice_name, notice_text, receipt_text, worklist_notice_name
from district_reports.ledger.receipts import Filed, Rejection, answered_at_once, settle_receipt
from district_reports.model.channel import PRECHECK_CHANNEL, UPLOAD_CHANNEL
from district_reports.model.finding import Outcome
from district_reports.reconciliation import reply
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.storage.dropped import look_through
from district_reports.storage.file_state import file_state, state_from
from district_reports.storage.folders import FEEDBACK, DistrictFolder, free_name, labelled
from district_reports.workbook.marking.answer import Answer


def finish(receipt: Filed, folders: Mapping[str, DistrictFolder], register: Register, loader: Engine) -> None:
    """Do what is left to do for `receipt`.

    Raises:
        SystemFault: the district's folder is not there, or its archived file is damaged.
        OSError: the share or the disk refused.
    """
    folder = folders.get(receipt.drop.folder)
    if folder is None:
        raise SystemFault(f"the folder of district {receipt.drop.district_code} is not there")
    folder.mend()
    drop = receipt.drop
    reported = drop.channel == UPLOAD_CHANNEL
    notice = _notice(receipt, loader)
    if receipt.rejection is not None:
        _answer(folder, receipt, receipt.rejection, register, loader)
    elif reported or receipt.is_worklist:
        name = (
            worklist_notice_name(drop.file_name, receipt.receipt_id, drop.channel)
            if receipt.is_worklist
            else notice_name(drop.file_name, receipt.receipt_id)
        )
        with folder.feedback.opened() as feedback:
            feedback.write_whole(name, notice)
        failpoint("receive: noticed")
    if reported:
        _move(folder, receipt, notice)
    if reported and receipt.is_worklist:
        write_standing(loader, register, folder)
    with loader.begin() as connection:
        settle_receipt(connection, receipt.receipt_id)
    failpoint("receive: settled")


def _notice(receipt: Filed, loader: Engine) -> bytes:
    if not receipt.is_worklist:
        return notice_text(receipt)
    with loader.begin() as connection:
        return reply.notice(connection, receipt)


def _answer(folder: DistrictFolder, receipt: Filed, rejection: Rejection, register: Register, loader: Engine) -> None:
    from district_reports.feedback.facts import ReportFacts

    drop = receipt.drop
    assert receipt.submission_id is not None
    district = register.district(folder.code, drop.received_at.date())
    answer = Answer(
        form_title=None,
        period=None,
        district=f"{folder.code} {district.name}" if district else folder.code,
        file_name=drop.file_name,
        received_at=drop.received_at.astimezone(clock.ZONE),
        decided_at=clock.now(),
        outcome=Outcome.REJECTED,
        reason=rejection.reason,
        receipt_no=receipt.receipt_id,
        counts=(),
        findings=rejection.findings,
        precheck=drop.channel == PRECHECK_CHANNEL,
    )
    original = archive.original(settings().archive, drop.sha256)
    name = put_answer(answer, original, ReportFacts(), folder)
    with loader.begin() as connection:
        answered_at_once(connection, receipt.submission_id, f"{folder.name}/{FEEDBACK}/{name}")
    failpoint("receive: answer noted")


def _move(folder: DistrictFolder, receipt: Filed, notice: bytes) -> None:
    """Move the original, wherever in the folder it lies now: a clerk may have renamed it meanwhile.

    One that is gone was moved before this call was cut off, or taken back; the archive has it. One that has changed
    is another drop, and is received as such.
    """
    look = file_state(folder.drop.join(receipt.drop.file_name))
    if look is None or look.state != receipt.drop.state:
        look = next((look for look in look_through(folder.drop).files if look.state == receipt.drop.state), None)
    if look is None:
        return
    with look.place.parent.opened() as source, folder.received.opened() as received:
        name = free_name(received, receipt.drop.file_name, receipt.drop.received_at)
        # The text first: once the original has moved, nothing leads back to it.
        note = labelled(PurePath(name).stem, f"_回执{receipt.receipt_id}.txt")
        received.write_whole(note, receipt_text(notice, receipt, name))
        failpoint("receive: note written")
        source.move(look.place.name, received, name)
        failpoint("receive: moved")
        moved = state_from(look.place, received.status(name))
        # Not by its number, which some servers make of its name.
        if moved is None or (moved.size, moved.modified_ns) != (look.size, look.modified_ns):
            # Saved once more, or exchanged, between the look and the move: that has not been received yet.
            received.move(name, source, free_name(source, look.place.name, receipt.drop.received_at))
            received.remove(note)
