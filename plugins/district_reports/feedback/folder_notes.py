"""The two notes that lie in every 反馈: what is there and how long it stays, and where the district's reports stand."""

import errno
import logging
from datetime import date

from sqlalchemy import Engine, text

from district_reports import clock
from district_reports.feedback.progress_report import for_district, for_worklist
from district_reports.ledger.periods import open_periods
from district_reports.ledger.status import statuses_of
from district_reports.ledger.worklist import open_items
from district_reports.reference.register import Register
from district_reports.storage.dropped import FILES_A_CALL, look_through
from district_reports.storage.file_state import IN_USE
from district_reports.storage.folders import DistrictFolder

log = logging.getLogger(__name__)

EXPLANATION, STANDING = "说明.txt", "上报情况.txt"
WORKLIST_FILE = "待核对.xlsx"
"""What the district is to look into (:mod:`district_reports.reconciliation`)."""
_EXPLANATION = """\
“反馈”文件夹说明

每份文件的结果是两个同名文件：
· 表格（.xlsx）：本单位原表的副本，有问题的格已标出，另有“问题清单”；原表打不开或没有可标的，只有清单。
· 网页（.html）：同样的结果，可以打印。
文件名写着报表、报告期、收到时间、结论和回执号。“迟报”是过了截止日期才报，“无数据申报”是申报本期没有数据。

“…已收到.txt”：收到通知，也用它撤回报表。
“上报情况.txt”：各报表现在的状态和截止日期，自动更新。
“待核对.xlsx”：与其他报表、其他区县对不上的地方；有变化的，每天早上更新，旧的移到“历史”。
　　写好“情况说明”，放进“上报”文件夹；收下了哪些，看“…已收到.txt”。
“历史”：同一报表、同一报告期有了新的结果，旧的移到这里；无法受理的文件的结果 30 天后移到这里。
　　“历史”里的文件 400 天后删除。市里另有存档，删除不影响已报的数据。
“预检_”开头的：预检结果，没有上报。

“预检”文件夹：只检查，不上报。文件由本单位自己保管和删除，系统不移动、不改动，检查过的内容在市里存档备查。
"""


def former_worklist(made_on: date, number: int) -> str:
    """What the `number`-th list of a day is called in 历史."""
    return f"待核对_{made_on}{f'-{number}' if number > 1 else ''}.xlsx"


def write_explanation(folder: DistrictFolder) -> None:
    """Put 说明.txt into 反馈, where it is missing or says something else."""
    _write(folder, EXPLANATION, _EXPLANATION.splitlines())


def write_standing(loader: Engine, register: Register, folder: DistrictFolder) -> None:
    """Put 上报情况.txt into 反馈: where each of the district's open reports stands today, how many items are open, and
    what in 上报 waits."""
    today = clock.today()
    with loader.begin() as connection:
        # One after the other, so that what was asked last is what stays.
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtext('standing of a district'), :code)"), {"code": int(folder.code)}
        )
        mine = statuses_of(connection, register, open_periods(connection, folder.code, today), today, folder.code)
        worklist = for_worklist(open_items(connection, folder.code))
        _write(folder, STANDING, [*for_district(mine, today), *worklist, *_waiting(folder)])


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
