"""What a district is told of a worklist that it dropped: what was taken in and what not, and why, by the numbers."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from district_reports.feedback.notices import worklist_notice
from district_reports.ledger.receipts import Filed
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.explanations import LONGEST
from district_reports.reconciliation.returned import excel_row
from district_reports.reconciliation.taking_in import Verdict

LISTED = 200
"""Numbers that are named behind one sentence."""
_TOLD = {
    Verdict.TAKEN: ("收下", "会收下"),
    Verdict.CUT: (f"收下，但太长，只记前 {LONGEST} 字", f"会收下，但太长，只记前 {LONGEST} 字"),
    Verdict.SAME: ("与已有的说明相同，没有变化", "与已有的说明相同，不会有变化"),
}
_WHY_NOT = {
    Verdict.NO_REASON: "没有说明原因，请写明原因",
    Verdict.NO_RESULT: "“情况说明”里是公式或错误值，请直接写文字",
    Verdict.CHANGED: "做这份文件以后，报表里的数据又变了，请在“反馈”里最新的“待核对.xlsx”里重新说明",
    Verdict.RULED: "市教育局已有结论，不用再说明",
    Verdict.GONE: "数据里已经没有这一项，不用再说明",
    Verdict.FOREIGN: "这份清单是别的区县的，请填写本单位“反馈”里的“待核对.xlsx”",
    Verdict.UNKNOWN: "本单位没有这个编号，请照“待核对.xlsx”核对编号",
}
_FOR_CHECKED = "这份文件放在“预检”里，只检查，没有收下。要收下的，把文件放进“上报”文件夹。"
_NOTHING_SAID = "“待核对”工作表里没有填写“情况说明”，这次没有收下说明。请在“情况说明”一列写明，保存后放进“上报”文件夹。"


def notice(connection: Connection, filed: Filed) -> bytes:
    """The notice about a worklist that came back, from what the ledger holds of it."""
    rows = connection.execute(
        text(
            "SELECT position, item_id, verdict FROM reconciliation.returned_row"
            " WHERE receipt_id = :id ORDER BY position"
        ),
        {"id": filed.receipt_id},
    )
    found: dict[Verdict, list[int]] = {}
    for row in rows:
        verdict = Verdict(row.verdict)
        found.setdefault(verdict, []).append(excel_row(row.position) if verdict is Verdict.NO_NUMBER else row.item_id)
    return worklist_notice(filed, _lines(found, reported=filed.drop.channel == UPLOAD_CHANNEL))


def _lines(found: dict[Verdict, list[int]], *, reported: bool) -> list[str]:
    lines = ["内容：待核对的情况说明（不是报表）", ""]
    if not reported:
        lines += [_FOR_CHECKED, ""]
    if found.keys() <= {Verdict.EMPTY}:
        return [*lines, _NOTHING_SAID]
    for verdict, words in _TOLD.items():
        if numbers := found.get(verdict):
            lines.append(f"{words[not reported]}：{len(numbers)} 项，编号 {_listed(numbers)}。")
    left = [(words, found[verdict]) for verdict, words in _WHY_NOT.items() if verdict in found]
    without_number = found.get(Verdict.NO_NUMBER)
    if left or without_number:
        lines.append("没有收下：" if reported else "不会收下：")
    lines += [f"· 编号 {_listed(numbers)}：{words}。" for words, numbers in left]
    if without_number:
        lines.append(f"· 第 {_listed(without_number)} 行：看不出编号，请照“待核对.xlsx”补上。")
    if empty := found.get(Verdict.EMPTY):
        lines.append(f"没有填写“情况说明”的 {len(empty)} 项，以前的说明不变。")
    if reported and any(verdict.is_taken for verdict in found):
        lines += ["", "新的说明第二天早上写进“反馈”里的“待核对.xlsx”。"]
    return lines


def _listed(numbers: Sequence[int]) -> str:
    some = "、".join(map(str, numbers[:LISTED]))
    return some if len(numbers) <= LISTED else f"{some} 等 {len(numbers)} 项"
