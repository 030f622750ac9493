"""Numbers and truth values, and identifiers stored as such."""

from traits.trait import Trait


def _number(value: str, *findings: str, place: str = "M4", type_: str = "", **told: object) -> Trait:
    kind = f't="{type_}"' if type_ else ""
    told.setdefault("spoiled", (4,) if findings and not all(one.startswith("T10") for one in findings) else ())
    return Trait(
        name=f"{type_ or 'number'} {value!r} in {place}",
        cells={place: f'<c r="{place}" {kind}><v>{value}</v></c>'},
        findings=findings,
        **told,  # type: ignore[arg-type]
    )


def _remark(value: str, text: str) -> Trait:
    return _number(value, "T10 R4", place="R4", values={"R4": text})


_NOT_TRIED = {"N4": '<c r="N4" t="inlineStr"><is><t>未劝返</t></is></c>'}
TRAITS = [
    *(_number(value, values={"M4": 12}) for value in ("12", "12.0", "1.2E1", "1.2e+1", "12.000000000000002")),
    _number("+12", values={"M4": 12}, may_refuse=True),
    *(_number(value, "T02 M4") for value in ("1.5", "NaN")),
    *(_number(value, "T02 M4", type_="n", may_refuse=True) for value in ("1,5", "甲", "1e", "--5", "0x10", "1_000")),
    *(_number(value, "T13 M4") for value in ("INF", "-INF", "1e400", "1E+17", "-1", "3000000000")),
    Trait(
        name="minus zero",
        cells={"M4": '<c r="M4"><v>-0</v></c>', **_NOT_TRIED},
        values={"M4": 0, "N4": "未劝返"},
    ),
    _number("", "T01 M4"),
    _number("", place="R4", values={"R4": None}),
    Trait(name="v closed", cells={"M4": '<c r="M4"><v/></c>'}, findings=("T01 M4",), spoiled=(4,)),
    Trait(name="cell closed", cells={"M4": '<c r="M4" s="0"/>'}, findings=("T01 M4",), spoiled=(4,)),
    Trait(name="two values", cells={"M4": '<c r="M4"><v>2</v><v>3</v></c>'}, refused=True),
    Trait(
        name="two inline texts",
        cells={"R4": '<c r="R4" t="inlineStr"><is><t>甲</t></is><is><t>乙</t></is></c>'},
        refused=True,
    ),
    Trait(
        name="value within a text",
        cells={"R4": '<c r="R4" t="inlineStr"><is><t>甲<v>7</v>乙</t></is></c>'},
        refused=True,
    ),
    Trait(
        name="value with a comment",
        cells={"M4": '<c r="M4"><v>5<!-- --></v></c>'},
        values={"M4": 5},
        may_refuse=True,
    ),
    Trait(
        name="value on both sides of a comment",
        cells={"M4": '<c r="M4"><v>5<!-- -->6</v></c>'},
        values={"M4": 56},
        may_refuse=True,
    ),
    Trait(
        name="value in CDATA",
        cells={"M4": '<c r="M4"><v><![CDATA[12]]></v></c>'},
        values={"M4": 12},
        may_refuse=True,
    ),
    Trait(name="value of references", cells={"M4": '<c r="M4"><v>&#49;2</v></c>'}, values={"M4": 12}, may_refuse=True),
    Trait(
        name="text without its type",
        cells={"R4": '<c r="R4"><is><t>甲</t></is></c>'},
        values={"R4": "甲"},
        may_refuse=True,
    ),
    Trait(name="inline text with a value", cells={"R4": '<c r="R4" t="inlineStr"><v>0</v></c>'}, values={"R4": "0"}),
    *(_number("2", "T10 M4", type_=type_, spoiled=()) for type_ in ("z", "STR", "inlinestr")),
    # Identifiers: a double keeps 15 digits.
    *(_number(value, "T05 A4", place="A4") for value in ("210202200805061234", "2.10202200805061E+17", "1E+15")),
    _number("123456789012345", "T10 A4", "C01 A4", place="A4"),
    _number("210202200805061234", "T05 C4", place="C4"),
    _number("2102020002", "T10 F4", place="F4"),
    _number("2.102020002E9", "T10 F4", place="F4"),
    _number("1234567890123456", "T05 F4", place="F4"),
    # A number, a truth value and a date in a column of texts.
    _remark("1E+17", "100000000000000000"),
    _remark("0.1", "0.1"),
    _remark("-0", "0"),
    Trait(
        name="truth value in a remark",
        cells={"R4": '<c r="R4" t="b"><v>1</v></c>'},
        findings=("T10 R4",),
        values={"R4": "TRUE"},
    ),
    *(_number(value, "T02 M4", type_="b") for value in ("1", "0", "true", "false")),
    _number("1", "T04 H4", place="H4", type_="b"),
    _number("2", "T10 M4", type_="b", may_refuse=True),
    _number("", "T01 M4", type_="b"),
]
