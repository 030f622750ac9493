"""The hash of the rules of a release is the same in every process."""

import os
import subprocess
import sys

_HASHED = """
from district_reports.publish.release import _rules_hash
from district_reports.publish.summary import summaries
from district_reports.settings import settings
print(_rules_hash(summaries(settings().summaries), "reference"))
"""


def test_it_does_not_hang_on_the_order_of_sets() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", _HASHED], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
