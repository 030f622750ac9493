"""Every file of a bundle as bytes: nothing but the release decides over them."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

from sqlalchemy import Connection

from district_reports.publish.bundle.book import workbook
from district_reports.publish.bundle.changes_files import TEXT_PATH, changes, changes_text
from district_reports.publish.bundle.content import Content, read_content
from district_reports.publish.bundle.dictionary import dictionary
from district_reports.publish.bundle.package import PATH as PACKAGE_PATH
from district_reports.publish.bundle.package import datapackage
from district_reports.publish.bundle.readme import PATH as README_PATH
from district_reports.publish.bundle.readme import file_stem, readme
from district_reports.publish.bundle.summary_page import PATH as SUMMARY_PATH
from district_reports.publish.bundle.summary_page import summary_page
from district_reports.publish.bundle.table_file import of_table
from district_reports.publish.bundle.withheld_files import withheld, withheld_by_table

MANIFEST = "manifest.sha256"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP can say."""
_READABLE = 0o100644 << 16


def bundle_files(connection: Connection, release_id: int) -> Mapping[str, bytes]:
    """The files of the release by their path in the bundle, in the order of the paths.

    `connection` has to see the release and the version that it was compared with: a bundle stays as it left, also when
    that version is taken back later.

    Raises:
        SystemFault: the release never left.
        sqlalchemy.exc.DBAPIError: the reader may not read what is outside.
    """
    return _files(read_content(connection, release_id))


def zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """The files below `folder` in one ZIP; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{path}", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE
            entry.create_system = 3
            archive.writestr(entry, files[path])
    return out.getvalue()


def _files(content: Content) -> Mapping[str, bytes]:
    resources = [of_table(content, table) for table in content.every_table]
    resources += [dictionary(content), changes(content), withheld(content), withheld_by_table(content)]
    files = {resource.path: resource.content for resource in resources}
    files[PACKAGE_PATH] = datapackage(content, resources)
    files[f"{file_stem(content)}.xlsx"] = workbook(content)
    files[SUMMARY_PATH] = summary_page(content).encode()
    files[TEXT_PATH] = changes_text(content).encode()
    files[README_PATH] = readme(content).encode()
    files[MANIFEST] = manifest(files)
    return dict(sorted(files.items()))


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The checksums of `files`, as ``sha256sum -c`` takes them."""
    return "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)).encode()
