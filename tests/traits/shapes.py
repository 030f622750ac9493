"""Hidden rows and columns, merged cells."""

from traits.trait import Trait


def _row(attributes: str, *findings: str, **told: object) -> Trait:
    return Trait(name=f"row {attributes}", row_attributes={5: attributes}, findings=findings, **told)  # type: ignore[arg-type]


def _columns(attributes: str, *findings: str, first: int = 5, last: int = 5, may_refuse: bool = False) -> Trait:
    return Trait(
        name=f"columns {first} to {last} {attributes}",
        before=f'<cols><col min="{first}" max="{last}" {attributes}/></cols>',
        findings=findings,
        may_refuse=may_refuse,
    )


def _merge(name: str, merges: str, *findings: str, spoiled: tuple[int, ...] = (4, 5), **told: object) -> Trait:
    return Trait(name=f"merged, {name}", merges=merges, findings=findings, spoiled=spoiled, **told)  # type: ignore[arg-type]


def _merged(range_: str) -> str:
    return f'<mergeCell ref="{range_}"/>'


_FILTERED = '<filterColumn colId="1"><filters><filter val="学生1"/></filters></filterColumn>'
_FILTER = f'<autoFilter ref="A3:R7">{_FILTERED}</autoFilter>'
TRAITS = [
    *(
        _row(attributes, "T11 A5")
        for attributes in (
            'hidden="1"',
            'hidden="true"',
            "hidden='1'",
            'ht="0" customHeight="1"',
            'ht="0"',
            'outlineLevel="1" hidden="1"',
        )
    ),
    _row('hidden = "1"', "T11 A5", may_refuse=True),
    _row('hidden=" 1 "', "T11 A5", may_refuse=True),
    *(_row(attributes) for attributes in ('hidden="0"', 'hidden="false"', 'collapsed="1"', 'outlineLevel="1"')),
    Trait(
        name="rows filtered out",
        row_attributes=dict.fromkeys((5, 6, 7), 'hidden="1"'),
        after=_FILTER,
        findings=("T11 A3",),
    ),
    Trait(
        name="hidden rows without numbers",
        rewrite=lambda xml: xml.replace('<row r="6" >', '<row hidden="1">'),
        findings=("T11 A6",),
    ),
    Trait(
        name="a blank hidden row",
        rewrite=lambda xml: xml.replace("</sheetData>", '<row r="800" hidden="1"><c r="A800"/></row></sheetData>'),
    ),
    Trait(
        name="rows not used are hidden",
        before='<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>',
    ),
    *(
        _columns(attributes, "T11 E3")
        for attributes in (
            'hidden="1"',
            'hidden="true"',
            "hidden='1'",
            'width="0"',
            'width="0.0" customWidth="1"',
            'outlineLevel="1" hidden="1"',
        )
    ),
    _columns('hidden = "1"', "T11 E3", may_refuse=True),
    _columns('width="0.00E0"', "T11 E3", may_refuse=True),
    *(_columns(attributes) for attributes in ('hidden="0"', 'width="0.5" customWidth="1"', 'collapsed="1"')),
    _columns('hidden="1"', "T11 D3", "T11 E3", "T11 F3", first=4, last=6),
    # The columns behind M hold nothing but the status in N.
    _columns('hidden="1"', "T11 N3", first=14, last=16384),
    _columns('hidden="1"', first=18, last=18),
    _merge("down", _merged("E4:E5"), "T12 E4"),
    _merge("down, empty below", _merged("E4:E5"), "T12 E4", cells={"E5": ""}),
    _merge("across", _merged("E4:F4"), "T12 E4", spoiled=(4,)),
    _merge("across, empty beside", _merged("E4:F4"), "T12 E4", spoiled=(4,), cells={"F4": ""}),
    _merge("block", _merged("D4:F5"), "T12 D4"),
    _merge("header and data", _merged("E3:E4"), "T12 E3", spoiled=(4,)),
    _merge("corners reversed", _merged("E5:E4"), "T12 E4"),
    _merge("block, corners crossed", _merged("D5:F4"), "T12 D4"),
    _merge("lower case", _merged("e4:e5"), "T12 E4"),
    _merge("two", _merged("E4:E5") + _merged("G4:G5"), "T12 E4", "T12 G4"),
    _merge("two that overlap", _merged("E4:E5") + _merged("D5:E5"), "T12 D5", "T12 E4", may_refuse=True),
    _merge("the same twice", _merged("E4:E5") * 2, "T12 E4", may_refuse=True),
    _merge("open and close", '<mergeCell ref="E4:E5"></mergeCell>', "T12 E4"),
    _merge("single quotes", "<mergeCell ref='E4:E5'/>", "T12 E4"),
    _merge("line break", '<mergeCell\n ref="E4:E5"\n/>', "T12 E4"),
    _merge("blanks around =", '<mergeCell ref = "E4:E5"/>', "T12 E4", may_refuse=True),
    _merge("reference in the range", '<mergeCell ref="&#69;4:E5"/>', "T12 E4", may_refuse=True),
    # A range of one cell covers nothing.
    _merge("one cell", _merged("E4"), spoiled=()),
    _merge("one cell, twice named", _merged("E4:E4"), spoiled=()),
    _merge("beside the columns", _merged("T4:U5"), spoiled=()),
    _merge("below the data", _merged("A900:C930"), spoiled=()),
    _merge("in a comment", f"<!-- {_merged('E4:E5')} -->", spoiled=()),
]
