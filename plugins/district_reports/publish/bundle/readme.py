"""``README.md``: what lies in the bundle and how it is read, in Chinese with English beside."""

from district_reports import clock
from district_reports.markdown import plain, table
from district_reports.publish.bundle.blanks import MEANINGS
from district_reports.publish.bundle.content import Content
from district_reports.publish.bundle.package import title
from district_reports.publish.bundle.table_file import title_of

PATH, NOTICE_PATH = "README.md", "撤回说明.txt"

_FILES = (
    (
        "datapackage.json",
        "Data Package 说明：每个 CSV 的列、类型、主键、缺失值和校验码",
        "The Data Package: fields and checksums",
    ),
    ("data/", "各表，一张一个 CSV（UTF-8，列名为英文）", "The tables, a CSV each"),
    ("data_now/", "按今天的区划汇总的表；与 data/ 相同的不列", "Those that differ in the boundaries of today"),
    ("{version}.xlsx", "全部表格，列名为中文，可直接打印", "All tables as a workbook, to read and print"),
    ("摘要.html", "两页 A4 摘要，用浏览器打开、打印", "A summary of two A4 pages"),
    ("dictionary.csv", "数据字典：定义、分子、分母、单位、覆盖情况", "The data dictionary"),
    ("CHANGES.md, changes.csv", "与上一版相比改变的数字和原因", "What changed since the version before, and why"),
    ("withheld.csv, withheld_by_table.csv", "已隐去的数字在哪里、有多少", "Which figures are withheld, and how many"),
    ("manifest.sha256", "校验码，用 sha256sum -c manifest.sha256 检查", "Checksums, for sha256sum -c manifest.sha256"),
)
_CODES = {
    "c": ("因保护个人信息不公布", "not published, to protect people"),
    "x": ("没有通过的报表，或没有可比较的更早报表", "no accepted report, or none to compare with"),
    "z": ("这一行没有这个指标，或没有可计量的对象", "the row has no such figure, or there is nothing to measure"),
}


def readme(content: Content) -> str:
    version = content.version
    known_at = f"{version.known_at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"
    left_at = f"{version.left_at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"
    files = [
        (f"`{name.format(version=file_stem(content))}`", chinese, english)
        for name, chinese, english in _FILES
        if content.now or name != "data_now/"
    ]
    codes = [(f"`{code}`", MEANINGS[code]["zh"], MEANINGS[code]["en"], *_CODES[code]) for code in MEANINGS]
    tables = [
        (
            f"`{each.folder}/{each.name}.csv`",
            plain(title_of(content, each)),
            plain(title_of(content, each, "en")),
            f"{len(each.rows):,}",
        )
        for each in content.every_table
    ]
    lines = [
        f"# {title(content)} · {title(content, 'en')}",
        "",
        f"对外发布于 {left_at}；数据截至 {known_at}（第 {version.release_id} 次发布）。时间均为北京时间。",
        "",
        f"Released outside at {left_at}; data as known at {known_at} (release {version.release_id}), Asia/Shanghai.",
        "",
        "## 文件 Files",
        "",
        *table(("文件 File", "内容", "Content"), files),
        "",
        "## 代替数字的代码 Codes in the place of a figure",
        "",
        *table(("代码 Code", "含义", "Meaning", "说明", "Explanation"), codes),
        "",
        "0 就是零。已隐去的数字不能由公布的数字推出；`withheld.csv` 列出位置，不说明原因。",
        "",
        "0 means none. `withheld.csv` says where figures are withheld, and never why.",
        "",
        "## 表 Tables",
        "",
        *table(("文件 File", "表", "Table", "行数 Rows"), tables),
        "",
        "引用时请写明报告期和版本。修订以后，以最新版本为准。",
        "",
        "Name period and version when you quote; the latest version holds.",
    ]
    return "\n".join(lines) + "\n"


def file_stem(content: Content) -> str:
    return f"{content.version.period}-{content.version.version}"
