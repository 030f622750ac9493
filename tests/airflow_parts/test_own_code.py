"""A task forked from a worker that has imported the library: it takes the library as it is now."""

import subprocess
import sys

LOOK = """
import sys
from airflow.listeners import hookimpl
import district_reports.forms as imported
from district_reports.airflow_parts import own_code
if {changed}:
    own_code._when_imported = frozenset()
own_code.on_starting(component=None)
print("district_reports.forms" in sys.modules)
import district_reports.forms as now
print(now is imported)
"""


def _look(changed: bool) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(changed=changed)], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.split()


def test_what_has_not_changed_is_kept():
    assert _look(changed=False) == ["True", "True"]


def test_what_has_changed_is_imported_anew():
    assert _look(changed=True) == ["False", "False"]
