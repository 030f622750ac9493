"""The two notes that lie in every 反馈: what is there and how long it stays, and where the district's reports stand."""

import errno
import logging

from sqlalchemy import Engine, text

from district_reports import clock
from district_reports.feedback.progress_report import for_district
from district_reports.ledger.periods import open_periods
from district_reports.ledger.status import statuses_of
from district_reports.reference.register import Register
from district_reports.storage.dropped import FILES_A_CALL, look_through
from district_reports.storage.file_state import IN_USE
from district_reports.storage.folders import DistrictFolder

log = logging.getLogger(__name__)

EXPLANATION, STANDING = "说明.txt", "上报情况.txt"
_EXPLANATION = """\
“反馈”文件夹说明

每份文件的结果是两个同名文件：
· 表格（.xlsx）：本单位原表的副本，有问题的格已标出，另有“问题清单”；原表打不开或没有可标的，只有清单。
· 网页（.html）：同样的结果，可以打印。
文件名写着报表、报告期、收到时间、结论和回执号。“迟报”是过了截止日期才报，“无数据申报”是申报本期没有数据。

“…已收到.txt”：收到通知，也用它撤回报表。
“上报情况.txt”：各报表现在的状态和截止日期，自动更新。
“历史”：同一报表、同一报告期有了新的结果，旧的移到这里；无法受理的文件的结果 30 天后移到这里。
　　“历史”里的文件 400 天后删除。市里另有存档，删除不影响已报的数据。
“预检_”开头的：预检结果，没有上报。

“预检”文件夹：只检查，不上报。文件由本单位自己保管和删除，系统不移动、不改动，检查过的内容在市里存档备查。
"""


def write_explanation(folder: DistrictFolder) -> None:
    """Put 说明.txt into 反馈, where it is missing or says something else."""
    _write(folder, EXPLANATION, _EXPLANATION.splitlines())


def write_standing(loader: Engine, register: Register, folder: DistrictFolder) -> None:
    """Put 上报情况.txt into 反馈: where each of the district's open reports stands today, and what in 上报 waits."""
    today = clock.today()
    with loader.begin() as connection:
        # One after the other, so that what was asked last is what stays.
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtext('standing of a district'), :code)"), {"code": int(folder.code)}
        )
        mine = statuses_of(connection, register, open_periods(connection, folder.code, today), today, folder.code)
        _write(folder, STANDING, [*for_district(mine, today), *_waiting(folder)])


def _waiting(folder: DistrictFolder) -> list[str]:
    dropped = look_through(folder.drop)
    lines = []
    if len(dropped.files) > FILES_A_CALL:
        lines.append(
            f"“上报”文件夹里还有 {len(dropped.files)} 个文件等待接收："
            f"各区轮流，每轮最多接收 {FILES_A_CALL} 个，先保存的先接收。"
        )
    if dropped.links:
        lines.append(
            f"“上报”文件夹里有 {dropped.links} 项是链接（快捷引用）或特殊文件，不接收。请删除，把文件本身复制进来。"
        )
    return ["", *lines] if lines else []


def _write(folder: DistrictFolder, name: str, lines: list[str]) -> None:
    try:
        with folder.feedback.opened() as feedback:
            feedback.write_whole(name, "\r\n".join([*lines, ""]).encode("utf-8-sig"))
    except OSError as error:
        if error.errno not in IN_USE | {errno.EACCES, errno.EPERM}:
            raise
        log.info("a note is open in another program; it is written the next time: %s", error.strerror)
