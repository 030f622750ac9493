"""预检: files that a district wants to have checked before it reports them. They stay where they lie.

Each saved state is checked once. It is known again by what the receipts say of it: the same size and time of change,
under the same name or, renamed, with the same inode. So a restart checks nothing twice, nor does a share whose inodes
are not the same after it was mounted anew.
"""

from collections.abc import Sequence

from sqlalchemy import Engine

from district_reports.ledger.receipts import prechecked
from district_reports.storage.dropped import look_through
from district_reports.storage.file_state import FileState
from district_reports.storage.folders import DistrictFolder, shown_name


def not_checked_yet(folder: DistrictFolder, loader: Engine) -> Sequence[FileState]:
    """The files in the district's 预检 whose present state has not been received yet.

    Raises:
        Unsafe: the folder is a link, or a file.
        OSError: the share does not answer.
    """
    try:
        looks = look_through(folder.precheck).files
    except FileNotFoundError:
        return ()
    if not looks:
        return ()
    with loader.begin() as connection:
        known = prechecked(connection, folder.name, sorted({look.size for look in looks}))
    names = {(drop.size_bytes, drop.modified_ns, drop.file_name) for drop in known}
    inodes = {(drop.size_bytes, drop.modified_ns, drop.inode) for drop in known}

    def is_known(look: FileState) -> bool:
        name = shown_name(look.place.relative_to(folder.precheck))
        return (look.size, look.modified_ns, name) in names or (look.size, look.modified_ns, look.inode) in inodes

    return [look for look in looks if not is_known(look)]
