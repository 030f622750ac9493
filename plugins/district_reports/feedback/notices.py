"""The short texts that a clerk finds beside the files: UTF-8 with a mark and CR LF, so that Notepad shows them."""

from collections.abc import Sequence

from district_reports.feedback.withdrawal_note import ANSWER, NO, PROOF, RECEIPT, proof_of
from district_reports.forms import forms
from district_reports.ledger.receipts import Filed
from district_reports.model.channel import PRECHECK_CHANNEL, UPLOAD_CHANNEL
from district_reports.storage.folders import labelled, safe_name

_RETURNED = "文件无法受理，已退回。原因和改法见“反馈”文件夹中的结果。"
_CHECKED = "系统将自动检查，结果稍后放在“反馈”文件夹，请留意查看。"
_WITHDRAWN = "系统将处理撤回，结果稍后放在“反馈”文件夹，请留意查看。"
_HOW_TO_WITHDRAW = "报错了文件、要撤回这一份的，把上面“撤回”后面的“否”改成“是”，保存后把这个文本文件放进“上报”文件夹。"


def notice_text(receipt: Filed) -> bytes:
    """What was received, when, as what, what happens next, and how the district takes it back."""
    drop, identity = receipt.drop, receipt.identity
    lines = _received(receipt)
    if identity is not None:
        form = forms().get(identity.form)
        lines += [f"报表：{form.title if form else identity.form}", f"报告期：{identity.period}"]
    lines.append(f"下一步：{_next_step(receipt)}")
    if identity is not None and identity.withdraws is None:
        lines += ["", f"{ANSWER}：{NO}", f"{PROOF}：{proof_of(drop.sha256)}", _HOW_TO_WITHDRAW]
    return _text(lines)


def worklist_notice(receipt: Filed, lines: Sequence[str]) -> bytes:
    """The notice about a worklist that came back: what was received, when, and `lines` of what became of it."""
    return _text([*_received(receipt), *lines])


def _received(receipt: Filed) -> list[str]:
    drop = receipt.drop
    return [
        f"已收到：{drop.file_name}",
        f"收到时间：{drop.received_at:%Y-%m-%d %H:%M:%S}",
        f"{RECEIPT}：{receipt.receipt_id}",
    ]


def _text(lines: Sequence[str]) -> bytes:
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")


def worklist_notice_name(file_name: str, receipt_id: int, channel: str) -> str:
    """As :func:`notice_name`; of one that was only to be checked it begins with 预检, like an answer."""
    name = notice_name(file_name, receipt_id)
    return name if channel == UPLOAD_CHANNEL else safe_name(f"{PRECHECK_CHANNEL}_{name}")


def notice_name(file_name: str, receipt_id: int) -> str:
    """The name in 反馈 of the notice that `file_name` was received."""
    stem = safe_name(file_name).rpartition(".")[0] or "文件"
    return labelled(stem, f"_回执{receipt_id}_已收到.txt")


def _next_step(receipt: Filed) -> str:
    if receipt.identity is None:
        return _RETURNED
    return _CHECKED if receipt.identity.withdraws is None else _WITHDRAWN


def receipt_text(notice: bytes, receipt: Filed, moved_as: str) -> bytes:
    """What lies beside the original in 已接收: the notice, the name it has now, and the hash of its content."""
    more = f"存放为：{moved_as}\r\nSHA-256：{receipt.drop.sha256}\r\n"
    return notice + more.encode()
