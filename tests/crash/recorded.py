"""What the limited child and Great Expectations said of the trials' files, said again.

Both are pure, and most of the time of a trial. A worker that is killed between steps, and the one that goes on after
any kill, hear it from here; everything around, the records of broken contents too, is real.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from district_reports.checks import content
from district_reports.workbook.reading import child

_runs: dict[str, Any] = {}
_validated: dict[str, Any] = {}


@contextmanager
def recorded() -> Iterator[None]:
    """In this block, what was asked before is answered from memory, and what is asked is kept."""
    run, validate = child._run, content.validate

    def remembered_run(request: bytes, limits: child.ChildLimits) -> Any:
        asked = json.loads(request)
        asked["path"] = hashlib.sha256(Path(asked["path"]).read_bytes()).hexdigest()
        del asked["parent"]
        key = json.dumps(asked, sort_keys=True)
        if key not in _runs:
            done = run(request, limits)
            _runs[key] = replace(done, sent=bytearray(done.sent), stderr=bytearray(done.stderr))
        known = _runs[key]
        # The library clears what was sent once it has read it.
        return replace(known, sent=bytearray(known.sent), stderr=bytearray(known.stderr))

    def remembered_validated(name: str, frame: Any, expectations: Any, parameters: Any) -> Any:
        key = f"{name} {dict(frame.dtypes)} {parameters}\n{frame.to_csv()}"
        if key not in _validated:
            _validated[key] = validate(name, frame, expectations, parameters)
        return _validated[key]

    child._run, content.validate = remembered_run, remembered_validated
    try:
        yield
    finally:
        child._run, content.validate = run, validate
