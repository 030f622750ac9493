"""Dates: number formats, the two date systems, ISO dates, times of day."""

from traits.raw_book import STYLES, Parts, number
from traits.trait import DATE_STYLE, FIRST_STYLE, SERIAL, Trait

SERIAL_1904 = SERIAL - 1462
# Excel and WPS in Chinese use 31, 57 and 58 for 年月日, and write custom codes for the rest.
DATE_FORMATS: tuple[int | str, ...] = (
    *range(14, 18),
    22,
    *(27, 28, 29, 30, 31, 36),
    *(50, 51, 52, 53, 54, 57, 58),
    "yyyy-mm-dd",
    "YYYY-MM-DD",
    "yyyy\\-mm\\-dd",
    "yyyy/m/d;@",
    "m/d;@",
    'yyyy"年"m"月"d"日"',
    'yyyy"年"m"月"d"日";@',
    "yyyy年m月d日",
    'yyyy"年"m"月"',
    '[$-804]yyyy"年"m"月"d"日"',
    '[$-804]yyyy"年"m"月"d"日";@',
    '[DBNum1][$-804]yyyy"年"m"月"',
    '[DBNum1][$-804]yyyy"年"m"月"d"日";@',
    "[$-F800]dddd, mmmm dd, yyyy",
    "[$-409]d-mmm-yy;@",
    "[$-804]aaaa;@",
    '"填于 "yyyy-mm-dd',
    "[Red]yyyy-mm-dd",
    "yyyy-mm-dd hh:mm",
)
NUMBER_FORMATS: tuple[int | str, ...] = (
    *(0, 1, 2, 3, 4, 9, 10, 11, 12, 13),
    *(37, 38, 39, 40, 41, 42, 43, 44, 48, 49),
    "General",
    "@",
    '0"日"',
    '0"年"',
    'General"天"',
    "G/通用格式",
    'G/通用格式"天"',
    "General\\d",
    "0\\d",
    '0"day"',
    '"d"0',
    "\\y\\y0",
    "0_d",
    "0*d",
    "[Red]0",
    "[Red]General",
    "[Yellow]0",
    "[Magenta]0;[Cyan]0",
    "[Color10]0",
    "#,##0.00_);[Red]",
    "#,##0.00_);[Red](#,##0.00)",
    "[$￥-804]#,##0.00",
    "[$-804]0",
    "[DBNum2][$-804]General",
    "0.00E+00",
    "# ?/?",
    '[>100]0;[<=100]"m"',
    ";;;",
)


def _dated(name: str, cell: str, *findings: str, **told: object) -> Trait:
    return Trait(
        name=f"date, {name}",
        cells={"I4": cell},
        findings=findings,
        spoiled=(4,) if findings else (),
        **told,  # type: ignore[arg-type]
    )


def _serial(value: str, *findings: str) -> Trait:
    return _dated(value, f'<c r="I4" s="{DATE_STYLE}"><v>{value}</v></c>', *findings)


def _as(code: int | str, *findings: str) -> Trait:
    return _dated(f"as {code}", number("I4", SERIAL, FIRST_STYLE), *findings, formats=(code,))


def _iso(value: str, *findings: str) -> Trait:
    return _dated(f"ISO {value}", f'<c r="I4" t="d"><v>{value}</v></c>', *findings)


def _system(properties: str, serial: int, *, may_refuse: bool = False) -> Trait:
    return Trait(
        name=properties,
        workbook_properties=properties,
        rewrite=lambda xml: xml.replace(f"<v>{SERIAL}</v>", f"<v>{serial}</v>"),
        may_refuse=may_refuse,
    )


def _styles(name: str, old: str, new: str, *, may_refuse: bool = False) -> Trait:
    """The styles part rewritten, with all dates as they were."""

    def change(parts: Parts) -> None:
        assert old.encode() in parts[STYLES]
        parts[STYLES] = parts[STYLES].replace(old.encode(), new.encode(), 1)

    return Trait(name=f"styles, {name}", change=change, may_refuse=may_refuse)


_XF = ' fontId="0" fillId="0" borderId="0" xfId="0"/>'
TRAITS = [
    *(_as(code) for code in (31, 58, 'yyyy"年"m"月"d"日"', "m/d;@")),
    *(_as(code, "T03 I4") for code in (0, 49, '0"日"', "[h]:mm")),
    _serial("4.3985E4"),
    _serial("43985.0"),
    # What sums of times leave; half a second and more is a time of day.
    _serial("43985.000000001"),
    _serial("43984.9999999999"),
    _serial("43985.5", "T03 I4"),
    _serial("43985.3541666667", "T03 I4"),
    *(_serial(value, "T03 I4") for value in ("0", "0.5", "-1", "2958466", "1E+17", "NaN")),
    _iso("2020-06-03"),
    _iso("2020-06-03T00:00:00"),
    _iso("2020-06-03T00:00:00.000"),
    *(_iso(value, "T03 I4") for value in ("2020-06-03T08:30:00", "08:30:00", "2020-06", "2020-02-30")),
    _iso("无", "T01 I4"),
    Trait(
        name="date, text of a formula in a date format",
        cells={"I4": f'<c r="I4" s="{DATE_STYLE}" t="str"><f>A1</f><v>2020-06-03</v></c>'},
        findings=("T10 I4",),
    ),
    _dated("truth value in a date format", f'<c r="I4" s="{DATE_STYLE}" t="b"><v>1</v></c>', "T03 I4"),
    _dated("no such format", f'<c r="I4" s="99"><v>{SERIAL}</v></c>', "T03 I4", may_refuse=True),
    # The format of a row is that of its empty cells.
    _dated(
        "format of the row", f'<c r="I4"><v>{SERIAL}</v></c>', "T03 I4", row_attributes={4: 's="1" customFormat="1"'}
    ),
    _system('<workbookPr date1904="1"/>', SERIAL_1904),
    _system('<workbookPr date1904="true"/>', SERIAL_1904),
    _system("<workbookPr defaultThemeVersion='1' date1904='1'></workbookPr>", SERIAL_1904),
    _system('<workbookPr date1904=" 1 "/>', SERIAL_1904, may_refuse=True),
    _system('<workbookPr date1904="0"/>', SERIAL),
    _system('<workbookPr date1904="false"/>', SERIAL),
    _styles("cell styles are no cell formats", '<xf numFmtId="0" fontId', '<xf numFmtId="14" fontId'),
    _styles("a format without a number", f'<xf numFmtId="0"{_XF}', f"<xf{_XF}"),
    _styles(
        "a format with children",
        f'<xf numFmtId="14"{_XF}',
        f'<xf numFmtId="14"{_XF[:-2]}><alignment horizontal="left"/><protection locked="0"/></xf>',
    ),
    _styles("a format not applied", '<xf numFmtId="14"', '<xf applyNumberFormat="0" numFmtId="14"'),
    _styles(
        "formats of the conditional kind",
        "<fonts",
        '<dxfs count="1"><dxf><numFmt numFmtId="14" formatCode="0"/></dxf></dxfs><fonts',
        may_refuse=True,
    ),
]
