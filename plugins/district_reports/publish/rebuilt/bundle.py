"""Whether the folders of the bundles hold what is to lie there, byte for byte."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from district_reports import __version__
from district_reports.publish.bundle.content import version_of
from district_reports.publish.bundle.files import MANIFEST, manifest
from district_reports.publish.bundle.write import bundle_folder, standing_files, unlike
from district_reports.publish.outgoing.requests import What
from district_reports.publish.rebuilt.found import Found
from district_reports.settings import settings

_WORDS = {"missing": "is missing", "more": "should not be there", "other": "has other bytes"}
# A request that is not worked off: the job was killed, or runs just now.
_UNDER_WAY = text(f"""
SELECT EXISTS (
    SELECT FROM outgoing.request JOIN outgoing.prepared USING (prepared_id)
    WHERE prepared.release_id = :release_id AND what IN ('{What.APPROVE}', '{What.REVOKE}')
        AND request.request_id NOT IN (SELECT worked_off.request_id FROM outgoing.worked_off)
)
""")


def bundle_faults(connection: Connection, release_id: int) -> Found:
    """Of a release that has left; of a revoked one the notice alone is to lie in its folder.

    Raises:
        OSError: the folder can't be read.
    """
    found = Found()
    if connection.scalar(_UNDER_WAY, {"release_id": release_id}):
        found.notes.append("its bundle is not finished: a request waits for the job")
        return found
    version = version_of(connection, release_id)
    folder, files = bundle_folder(version), standing_files(connection, release_id)
    named = folder.relative_to(settings().bundles)
    wrong = list(unlike(folder, files))
    made_by = connection.scalar(
        text("SELECT library_version FROM city.release WHERE release_id = :id"), {"id": release_id}
    )
    if wrong and made_by != __version__ and _is_whole(connection, release_id):
        found.notes.append(f"{named}: {made_by} wrote it in other words; it is whole by its manifest")
        return found
    found.problems += [f"bundle {named}/{path} {_WORDS[what]}" for path, what in wrong]
    return found


def unknown_folders(connection: Connection) -> Iterator[str]:
    """What lies beside the bundles, under the name of no version that left."""
    versions = connection.execute(text("SELECT period, version FROM outside.release")).all()
    known = {f"{period}/{version}" for period, version in versions}
    bundles = settings().bundles
    for path in sorted(bundles.glob("*/*")):
        if path.relative_to(bundles).as_posix() not in known and not path.name.startswith("."):
            yield f"bundle {path.relative_to(bundles)}: no release left as that"


def _is_whole(connection: Connection, release_id: int) -> bool:
    """Whether the folder holds what its own manifest says."""
    folder = bundle_folder(version_of(connection, release_id))
    lying = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    told = lying.pop(MANIFEST, None)
    return told is not None and told.read_bytes() == manifest({path: at.read_bytes() for path, at in lying.items()})
