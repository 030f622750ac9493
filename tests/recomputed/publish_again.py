"""Publish the warehouse that the environment names by the library that stands first on the path; pickle the tables."""

import pickle
import sys
from pathlib import Path

import district_reports
from district_reports.database.engine import Role, engine
from district_reports.publish.release import publish
from recomputed.published import published


def main() -> int:
    """Tree and file to write are the arguments."""
    tree, out = sys.argv[1:]
    if not str(district_reports.__file__).startswith(tree):
        return 9
    publish()
    Path(out).write_bytes(pickle.dumps(published(engine(Role.INSIDER))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
