"""Characters that look like others and are stored otherwise, as PDF files and old fonts leave them in names.

Kangxi radicals, radicals of the supplement and compatibility ideographs become the ideographs that they show; variation
selectors, which choose a shape and are seen themselves nowhere, are taken out. Nothing else is changed: unlike NFKC,
which knows no radical of the supplement and makes ``:`` of ``：``.
"""

import unicodedata
from collections.abc import Iterable

_SUPPLEMENT = (
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇𠘨⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑𡯂⺒巳⺓幺⺔彑⺕𫜹⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬"
    "⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪𤴔⺫目⺬示⺭礻⺮𥫗⺯糹⺰纟⺱罓⺲罒⺳㓁⺴冗⺵𦉫⺶羊⺷𦍌⺸𦍋⺹耂⺺肀⺻聿⺼肉⺽𦥑⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇𧢲"
    "⻈讠⻉贝⻊𧾷⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕𨸏⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞𩙿⻟飠⻠饣⻡𩠐⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾"
    "⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
"""Each radical and its ideograph (Unicode Character Database, EquivalentUnifiedIdeograph.txt)."""
_COMPATIBILITY = (range(0x2F00, 0x2FD6), range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def _each(ranges: Iterable[range]) -> Iterable[int]:
    return (code for part in ranges for code in part)


RADICALS: dict[int, str] = {ord(_SUPPLEMENT[at]): _SUPPLEMENT[at + 1] for at in range(0, len(_SUPPLEMENT), 2)}
"""For ``str.translate``: the radicals that NFKC leaves as they are."""
IDEOGRAPHS: dict[int, str] = RADICALS | {
    code: plain for code in _each(_COMPATIBILITY) if (plain := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}
"""For ``str.translate``: each character that only looks like an ideograph → the ideograph."""
SELECTORS = frozenset(map(chr, _each(_SELECTORS)))
