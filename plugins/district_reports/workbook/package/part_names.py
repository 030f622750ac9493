"""Names of parts that mean something to a file system, or that two programs would understand differently."""

import re
import unicodedata
from collections.abc import Sequence

from district_reports.workbook.limits import MAX_PART_NAME
from district_reports.workbook.package.zip_layout import DEFLATED, STORED, Entry
from district_reports.workbook.problem import Refused

# ":" also leads to the streams of NTFS; an encoded slash or point becomes one when it is decoded.
_PATH_MARKS = re.compile(r'[\\:*?"<>|\x00-\x1f\x7f]|%(?:2e|2f|5c|00)', re.IGNORECASE)
_WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)", re.IGNORECASE)


def check_names(entries: Sequence[Entry]) -> None:
    """Refuse names with path marks or of devices, links, and names that are equal without regard to case.

    Raises:
        Refused: F03, one variant for each; F01 for backslashes where slashes belong, as old .NET writers left them.
    """
    names = [entry.name for entry in entries]
    backslashes = any("\\" in name for name in names) and not any("/" in name for name in names)
    if backslashes and not any(_leads_elsewhere(name.replace("\\", "/")) for name in names):
        raise Refused("F01", "backslashes")
    seen: set[str] = set()
    for entry in entries:
        name = entry.name
        if len(name) > MAX_PART_NAME or _leads_elsewhere(name):
            raise Refused("F03", "path")
        if entry.is_special:
            raise Refused("F03", "link")
        # Part names are compared without regard to case (ECMA-376 part 2, 6.2.2.3).
        folded = unicodedata.normalize("NFC", name).casefold().removesuffix("/")
        if folded in seen:
            raise Refused("F03", "duplicate")
        seen.add(folded)
        if entry.method not in (STORED, DEFLATED) and not entry.encrypted:
            raise Refused("F03", "method")
    folders = {name[:at] for name in seen for at in (match.start() for match in re.finditer("/", name))}
    if any(entry.name.casefold() in folders for entry in entries if not entry.is_folder):
        raise Refused("F03", "path")


def _leads_elsewhere(name: str) -> bool:
    segments = name.removesuffix("/").split("/")
    return bool(
        _PATH_MARKS.search(name)
        or any(unicodedata.category(char) in ("Cf", "Cc") for char in name)
        or any(not one.rstrip(" .") or one != one.rstrip(" .") or _WINDOWS_DEVICE.match(one) for one in segments)
    )
