"""Names of files on a terminal and in JSON lines: any bytes but ``/`` may be in one."""

import re
import unicodedata

_UNDECODED = re.compile("[\udc80-\udcff]")
# Surrogates can't be encoded; the others are line ends to many programs, within a string as well.
_ENDS_OR_BREAKS_A_LINE = re.compile("[\ud800-\udfff\x7f-\x9f\u2028\u2029]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def printable(name: str) -> str:
    """`name` on one line, with escapes for bytes that are no UTF-8, controls, and marks that turn the text around."""
    whole = _UNDECODED.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", name)
    return "".join(
        one.encode("unicode_escape", "surrogatepass").decode() if unicodedata.category(one) in _INVISIBLE else one
        for one in whole
    )


def json_line(text: str) -> str:
    """The JSON `text` on one line that can be encoded. It means the same.

    A byte of a file's name that is no UTF-8 is written as Python has it (PEP 383), ``\\udcXX``: a reader that keeps
    lone surrogates gets the name back whole.
    """
    return _ENDS_OR_BREAKS_A_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
