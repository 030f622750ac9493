"""Which formulas reach out of their workbook: when they are computed, or when somebody clicks on what they show.

A formula is judged as it stands in the file (ECMA-376 part 1, 18.17): newer functions have prefixes such as ``_xlfn.``.
"""

import re
from collections.abc import Collection

_TEXT_OR_NAME = re.compile(r"""("[^"]*")|'[^']*'""")
_NAME = re.compile(r"'([^']*)'[!#]")
_BAR = re.compile(r"[\w.']\s*\|")
_LIVE = re.compile(r"\b(?:RTD|WEBSERVICE|IMAGE)\s*\(", re.IGNORECASE)
# Excel's, those of its old macros, LibreOffice's DDE, and Google's, which hide in __xludf.DUMMYFUNCTION.
_FUNCTIONS = (
    r"(?:CALL|COPILOT|CUBE\w+|DDE|DETECTLANGUAGE|EXEC|EXECUTE|FILES|FILTERXML|FOPEN|HYPERLINK|IMAGE|INITIATE|POKE|PY"
    r"|IMPORT(?:DATA|FEED|HTML|RANGE|XML)|REGISTER(?:\.ID)?|REQUEST|RTD|SQL\.REQUEST|STOCKHISTORY|TRANSLATE|WEBSERVICE)"
)
# A function that is handed to another one has no bracket. Those of add-ins may do anything.
_REACHING = re.compile(rf"\b{_FUNCTIONS}\s*\(|_xleta\.{_FUNCTIONS}\b|_xll\.|_xludf\.", re.IGNORECASE)
_OTHER_BOOK = re.compile(r"\[\d+\][\w.]*!")
_WORD = re.compile(r"[\w.\\?]+")


def calls_a_program(formula: str) -> bool:
    """Whether a formula has DDE, ``app|topic!item``; a bar within quotes is text."""
    return _has_dde(_without_texts(formula))


def is_live(formula: str) -> bool:
    """Whether a formula fetches from the web or from another program as soon as it is computed."""
    return _LIVE.search(_without_texts(formula)) is not None


def reaches_out(formula: str, names: Collection[str] = ()) -> bool:
    """Whether a formula may lead out of its workbook; `names` are the defined names that do, in lower case."""
    bare = _without_texts(formula)
    return (
        _REACHING.search(bare) is not None
        or _has_dde(bare)
        or _OTHER_BOOK.search(bare) is not None
        # No sheet may have these in its name: it is a path.
        or any(set(name) & set(r"\/[]") for name in _NAME.findall(bare))
        or (bool(names) and any(word.casefold() in names for word in _WORD.findall(bare)))
    )


def _without_texts(formula: str) -> str:
    """`formula` without what stands in double quotes; a quote within the name of a sheet begins no text."""
    return _TEXT_OR_NAME.sub(lambda found: "" if found[1] else found[0], formula)


def _has_dde(bare: str) -> bool:
    bar = _BAR.search(bare)
    return bar is not None and bare.rfind("!") > bar.end()
