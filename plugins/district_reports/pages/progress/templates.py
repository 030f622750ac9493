"""The workbooks to fill in, as they lie in a district's folder 模板."""

from collections.abc import Callable
from typing import BinaryIO

from district_reports.errors import SystemFault
from district_reports.ledger.status import ReportStatus
from district_reports.pages.progress.query import Key
from district_reports.settings import settings
from district_reports.storage.folders import district_folders, template_name
from district_reports.storage.share import Place
from district_reports.users import Viewer


def offered(viewer: Viewer) -> Callable[[ReportStatus], bool]:
    """Whether there is a template of a report of the viewer's own district; a share that does not answer has none."""
    try:
        place = _folder(viewer.district_code)
        with place.opened() as folder:
            names = frozenset(folder.names())
    except (SystemFault, OSError):
        names = frozenset()
    return lambda one: (
        one.district.code == viewer.district_code and template_name(one.form.title, one.period.text) in names
    )


def template_of(key: Key) -> tuple[BinaryIO, str]:
    """The template of a report, and its name.

    Raises:
        SystemFault, OSError: there is none, or the share does not answer.
    """
    name = template_name(key.form.title, key.period.text)
    return (_folder(key.district.code) / name).open_file(), name


def _folder(district_code: str | None) -> Place:
    for folder in district_folders(settings().uploads):
        if folder.code == district_code:
            return folder.templates
    raise SystemFault("the district has no folder")
