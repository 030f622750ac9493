"""Texts: inline, shared and of formulas; runs, phonetic guides, escapes, blanks and marks that nobody sees."""

from collections.abc import Iterator

from traits.trait import Trait

_KEEP = 'xml:space="preserve"'
_GUIDE = '<rPh sb="0" eb="1"><t>jia</t></rPh><phoneticPr fontId="0"/>'
# What `si` and `is` alike may hold → the remark that is read, and whether it is normalised (T10).
_ITEMS: dict[str, tuple[str, str | None, bool]] = {
    "plain": ("<t>甲</t>", "甲", False),
    "runs": (f"<r><rPr><b/></rPr><t>甲</t></r><r><t {_KEEP}> 乙</t></r>", "甲 乙", False),
    "phonetic guide": (f"<t>甲</t>{_GUIDE}", "甲", False),
    "runs with phonetic guide": (f"<r><t>甲</t></r><r><t>乙</t></r>{_GUIDE}", "甲乙", False),
    "CDATA": ("<t>乙<![CDATA[甲<&>]]>丙</t>", "乙甲<&>丙", False),
    "references": ("<t>&#x7532;&#20057;&amp;&lt;&quot;</t>", '甲乙&<"', False),
    "comment": ("<!-- <t>丁</t> --><t>甲<!-- 丙 -->乙</t>", "甲乙", False),
    "processing instruction": ("<t>甲<?x y?>乙</t>", "甲乙", False),
    "outside the basic plane": ("<t>&#x20BB7;野</t>", "𠮷野", False),
    "escaped letter": ("<t>_x0041_</t>", "A", False),
    "escaped underscore": ("<t>_x005F_x0041_</t>", "_x0041_", False),
    "no escape": ("<t>_x41_ _xZZZZ_ _x0041 _X0041_</t>", "_x41_ _xZZZZ_ _x0041 _X0041_", False),
    "escape over two runs": ("<r><t>_x00</t></r><r><t>41_</t></r>", "_x0041_", False),
    "escaped line break": ("<t>甲_x000D_\n乙</t>", "甲 乙", True),
    "escaped tab": ("<t>甲_x0009_乙</t>", "甲 乙", True),
    "escaped zero width space": ("<t>甲_x200B_乙</t>", "甲乙", True),
    "escaped surrogates": ("<t>_xD842__xDFB7_野</t>", "𠮷野", False),
    "line break": ("<t>甲\r\n乙&#13;&#10;丙</t>", "甲 乙 丙", True),
    "tab": ("<t>甲\t乙</t>", "甲 乙", True),
    "blanks around, kept": (f"<t {_KEEP}> 甲 </t>", "甲", True),
    "blanks around, not kept": ("<t> 甲 </t>", "甲", False),
    "line breaks around": ("<t>\n甲\n</t>", "甲", False),
    "wide blank": ("<t>甲\u3000乙</t>", "甲 乙", True),
    "no-break space": ("<t>甲\u00a0乙</t>", "甲 乙", True),
    "zero width": ("<t>甲\u200b\ufeff乙</t>", "甲乙", True),
    "bidi marks": ("<t>\u202a甲\u200e乙\u202c</t>", "甲乙", True),
    "empty text": ("<t/>", None, False),
    "nothing": ("", None, False),
    "blanks alone": ("<t>   </t>", None, False),
    "blanks alone, kept": (f"<t {_KEEP}>   </t>", None, False),
    "zero width alone": ("<t>\u200b</t>", None, False),
}
_CONTROL = {"NUL": "_x0000_", "a control character": "_x0001_", "DEL": "_x007F_"}


def _shared(name: str, item: str, place: str = "R4", **told: object) -> Trait:
    """The item in a table where another text stands before it."""
    table = ["<si><t>别的</t></si>", f"<si>{item}</si>"]
    return Trait(name=f"shared, {name}", cells={place: f'<c r="{place}" t="s"><v>1</v></c>'}, shared=table, **told)  # type: ignore[arg-type]


def _inline(name: str, item: str, place: str = "R4", **told: object) -> Trait:
    return Trait(name=f"inline, {name}", cells={place: f'<c r="{place}" t="inlineStr"><is>{item}</is></c>'}, **told)  # type: ignore[arg-type]


def _items() -> Iterator[Trait]:
    for write in (_shared, _inline):
        for name, (item, remark, normalised) in _ITEMS.items():
            yield write(name, item, values={"R4": remark}, findings=("T10 R4",) if normalised else ())
        for name, escape in _CONTROL.items():
            yield write(name, f"<t>甲{escape}乙</t>", findings=("T08 R4",), spoiled=(4,))
        # No text holds half a character; the file that does may as well be refused.
        yield write("half a surrogate", "<t>甲_xD842_乙</t>", findings=("T08 R4",), spoiled=(4,), may_refuse=True)
        for name, item in {"nothing": "", "blanks": f"<t {_KEEP}>  </t>", "zero width": "<t>\u200b</t>"}.items():
            yield write(f"{name} where a text is required", item, "B4", findings=("T01 B4",), spoiled=(4,))
        yield write("too long", f"<t>{'甲' * 1001}</t>", findings=("T08 R4",), spoiled=(4,))


def _index(index: str, **told: object) -> Trait:
    table = ["<si><t>零</t></si>", "<si><t>一</t></si>", "<si><t>二</t></si>"]
    return Trait(name=f"index {index!r}", cells={"R4": f'<c r="R4" t="s"><v>{index}</v></c>'}, shared=table, **told)  # type: ignore[arg-type]


def _formula(name: str, value: str, remark: str | None, *findings: str, may_refuse: bool = False) -> Trait:
    return Trait(
        name=f"formula text, {name}",
        cells={"R4": f'<c r="R4" t="str"><f>A1</f>{value}</c>'},
        values={"R4": remark},
        findings=findings,
        may_refuse=may_refuse,
    )


_ELSEWHERE = '<si><t>甲</t><extLst><ext uri="{x}"><t>乙</t></ext></extLst></si>'
TRAITS = [
    Trait(name="nothing"),
    *_items(),
    _index("0", values={"R4": "零"}),
    _index("2", values={"R4": "二"}),
    # White space around a number, a sign and leading zeros are XML Schema's; no program writes them.
    *(_index(index, values={"R4": "二"}, may_refuse=True) for index in (" 2 ", "+2", "02")),
    *(_index(index, refused=True) for index in ("3", "-1", "1.0", "1e0", "x", "99999999999")),
    _index("", values={"R4": None}),
    Trait(name="no table of texts", cells={"R4": '<c r="R4" t="s"><v>0</v></c>'}, refused=True),
    Trait(
        name="extension of a shared text",
        cells={"R4": '<c r="R4" t="s"><v>0</v></c>'},
        shared=[_ELSEWHERE],
        values={"R4": "甲"},
        may_refuse=True,
    ),
    _formula("plain", "<v>甲</v>", "甲"),
    _formula("digits", "<v>123</v>", "123"),
    _formula("escaped", "<v>a_x0041_</v>", "aA"),
    _formula("references", "<v>&lt;&#x7532;</v>", "<甲"),
    _formula("blanks around", f"<v {_KEEP}> 甲 </v>", "甲", "T10 R4"),
    _formula("CDATA", "<v><![CDATA[甲]]></v>", "甲", may_refuse=True),
    _formula("empty", "<v></v>", None),
    _formula("no value", "", None),
    _formula("closed", "<v/>", None),
]
