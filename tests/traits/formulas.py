"""Formulas with and without results, and errors."""

from traits.trait import DATE_STYLE, SERIAL, Trait

ERRORS = (
    *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"),
    # Since 2018; ECMA-376 does not know them.
    *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!"),
)


def _without(name: str, content: str, attributes: str = "", place: str = "M4", *, may_refuse: bool = False) -> Trait:
    return Trait(
        name=f"no result, {name}, {place}",
        cells={place: f'<c r="{place}" {attributes}>{content}</c>'},
        findings=(f"T07 {place}",),
        spoiled=(4,),
        may_refuse=may_refuse,
    )


def _with(name: str, content: str, attributes: str = "", **told: object) -> Trait:
    return Trait(
        name=f"result, {name}",
        cells={"M4": f'<c r="M4" {attributes}>{content}</c>'},
        **{"values": {"M4": 5}, **told},  # type: ignore[arg-type]
    )


def _error(name: str, cell: str, place: str = "M4", *, may_refuse: bool = False) -> Trait:
    return Trait(
        name=f"error, {name}", cells={place: cell}, findings=(f"T06 {place}",), spoiled=(4,), may_refuse=may_refuse
    )


TRAITS = [
    _without("no v", "<f>1+1</f>"),
    _without("empty v", "<f>1+1</f><v></v>"),
    _without("v closed", "<f>1+1</f><v/>"),
    _without("no v", "<f>1+1</f>", place="R4"),
    _without("a date", "<f>TODAY()</f>", f's="{DATE_STYLE}"', "I4"),
    _without("shared", '<f t="shared" si="0"/>'),
    _without("shared, first", '<f t="shared" ref="M4:M5" si="0">1+1</f>'),
    _without("array", '<f t="array" ref="M4:M5">A1:A2</f>'),
    _without("data table", '<f t="dataTable" ref="M4:M5" dt2D="0" dtr="0" r1="A1"/>'),
    _without("truth value", "<f>1=1</f>", 't="b"'),
    _without("error", "<f>1/0</f>", 't="e"'),
    _without("shared text", "<f>A1</f>", 't="s"'),
    _without("empty text", "<f>A1</f><v></v>", 't="str"'),
    _without("empty text, single quotes", "<f>A1</f><v></v>", "t='str'"),
    _without("formula in CDATA", '<f><![CDATA[A1&"<v>1</v>"]]></f>', may_refuse=True),
    _without("value in a comment", "<f>A1</f><!-- <v>5</v> -->", may_refuse=True),
    _without("comment in the formula", "<f><!-- -->A1</f>", may_refuse=True),
    _with("number", "<f>2+3</f><v>5</v>"),
    _with("empty formula", "<f/><v>5</v>"),
    _with("shared", '<f t="shared" si="0"/><v>5</v>'),
    _with("array", '<f t="array" ref="M4:M5">A1:A2</f><v>5</v>'),
    _with("data table", '<f t="dataTable" ref="M4:M5" dt2D="0" dtr="0" r1="A1"/><v>5</v>'),
    _with("text", "<f>A1</f><v>5</v>", 't="str"', findings=("T10 M4",)),
    _with("truth value", "<f>1=1</f><v>1</v>", 't="b"', values={}, findings=("T02 M4",), spoiled=(4,)),
    _with("value before the formula", "<v>5</v><f>2+3</f>", may_refuse=True),
    Trait(
        name="result, a date",
        cells={"I4": f'<c r="I4" s="{DATE_STYLE}"><f>DATE(2020,6,3)</f><v>{SERIAL}</v></c>'},
    ),
    Trait(
        name="result, inline text",
        cells={"R4": '<c r="R4" t="inlineStr"><f>A1</f><is><t>甲</t></is></c>'},
        values={"R4": "甲"},
        may_refuse=True,
    ),
    *(_error(text, f'<c r="M4" t="e"><v>{text}</v></c>') for text in ("#REF!", "#SPILL!", "#GETTING_DATA")),
    _error("of a formula", '<c r="M4" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
    _error("in an optional cell", '<c r="R4" t="e"><v>#REF!</v></c>', "R4"),
    _error("in an identifier", '<c r="A4" t="e"><v>#N/A</v></c>', "A4"),
    _error("in a date", f'<c r="I4" s="{DATE_STYLE}" t="e"><v>#VALUE!</v></c>', "I4"),
    _error("of another language", '<c r="M4" t="e"><v>#错误!</v></c>'),
    _error("single quotes", "<c t='e' r='M4'><v>#NUM!</v></c>"),
    _error("type first", '<c t="e" s="0" r="M4"><v>#NUM!</v></c>'),
    _error("line breaks in tags", '<c\n r="M4"\n t="e"\n><v\n>#NUM!</v\n></c\n>', may_refuse=True),
    _error("blanks around =", '<c r = "M4" t = "e"><v>#NUM!</v></c>', may_refuse=True),
    _error("CDATA", '<c r="M4" t="e"><v><![CDATA[#NUM!]]></v></c>', may_refuse=True),
    _error("comment", '<c r="M4" t="e"><v><!-- -->#NUM!</v></c>', may_refuse=True),
    _error("lower-case address", '<c r="m4" t="e"><v>#NUM!</v></c>', may_refuse=True),
    _error("no address", '<c t="e"><v>#NUM!</v></c>'),
]
