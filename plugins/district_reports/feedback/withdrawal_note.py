"""The notice of a receipt that a clerk drops back, with 是 instead of 否, to take the report back.

It is known by its content, whatever its name: Notepad and WPS save it in one of several encodings, and people add
spaces and colons of either width. The receipt's number and the beginning of the file's hash tell what it takes back.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from district_reports.checks.catalogue import finding
from district_reports.forms import forms
from district_reports.ledger.receipts import Identity
from district_reports.ledger.withdrawals import Reported
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.finding import Finding
from district_reports.model.lock import TakenUntil
from district_reports.model.period import Period

RECEIPT, ANSWER, PROOF = "回执号", "撤回", "识别码"
YES, NO = "是", "否"
_LONGEST = 64 * 1024
"""Bytes; a notice has less than one hundredth of that."""
_PROOF_DIGITS = 12
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class Note:
    """The three entries as they stand; None for one that is missing, or that stands twice with two values."""

    receipt: str | None
    answer: str | None
    proof: str | None


def proof_of(sha256: str) -> str:
    """What a note must carry to speak of the file with this hash."""
    return sha256[:_PROOF_DIGITS]


def read_note(path: Path) -> Note | None:
    """The note in the file at `path`; None for anything else."""
    if path.stat().st_size > _LONGEST:
        return None
    entries: dict[str, set[str]] = {label: set() for label in (RECEIPT, ANSWER, PROOF)}
    for line in _decoded(path.read_bytes()).splitlines():
        label, colon, value = unicodedata.normalize("NFKC", line).partition(":")
        label = "".join(label.split())
        if colon and label in entries:
            entries[label].add("".join(value.split()).strip("。.,;\"'“”"))
    if sum(bool(values) for values in entries.values()) < 2:
        return None
    return Note(*(values.pop() if len(values) == 1 else None for values in entries.values()))


def _decoded(content: bytes) -> str:
    for mark, code in _MARKS.items():
        if content.startswith(mark):
            return content.decode(code, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def number_of(note: Note) -> int | None:
    """The receipt's number, if there is one."""
    return int(note.receipt) if note.receipt and re.fullmatch(r"[0-9]{1,18}", note.receipt) else None


def identified(
    note: Note, district_code: str, reported: Reported | None, received_on: date, taken_until: TakenUntil
) -> Identity | Finding:
    """What the note takes back for the district in whose folder it lay, or why it does not.

    `reported` is what the ledger has under the note's receipt. Whether that is still in force is decided in its turn.
    `taken_until` knows of exceptions to the lock. The message is told to others than the district, too: of the note it
    quotes nothing but the number of a receipt that there is.
    """
    number = number_of(note)
    missing = [
        label for label, value in ((RECEIPT, number), (ANSWER, note.answer), (PROOF, note.proof)) if value is None
    ]
    if missing:
        return finding("F01", "withdrawal_damaged", label=missing[0])
    if reported is None or reported.district_code != district_code:
        return finding("F01", "withdrawal_unknown", value=str(number))
    if note.proof != proof_of(reported.sha256):
        return finding("F01", "withdrawal_damaged", label=PROOF)
    form = forms().get(reported.form or "")
    if form is None or reported.period is None or reported.withdraws is not None or reported.channel != UPLOAD_CHANNEL:
        return finding("F01", "withdrawal_of_nothing", receipt=number)
    if note.answer != YES:
        return finding("F01", "withdrawal_unchanged", receipt=number, value=note.answer)
    last = taken_until(form, district_code, Period.parse(reported.period))
    if received_on > last:
        return finding("F01", "withdrawal_locked", receipt=number, locked_on=last.isoformat())
    return Identity(form=form.key, period=reported.period, withdraws=reported.submission_id)
