import shutil
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from district_reports.checks.file import check_file
from district_reports.reference.register import Register
from independent import cases_sent
from independent.test_independent import CITY, OWN, compare

tmp = Path(tempfile.mkdtemp())
(tmp / "ref").mkdir()
for s in (CITY, OWN):
    for t in s.glob("*.csv"):
        shutil.copy(t, tmp / "ref" / t.name)
reg = Register.load(tmp / "ref")
bad = 0
only = sys.argv[1] if len(sys.argv) > 1 else ""
for i, case in enumerate(cases_sent.CASES):
    if only not in case.name:
        continue
    p = tmp / f"{i}.xlsx"
    try:
        case.write(p)
        compare(case, check_file(p, reg, "210283", case.received_on))
    except BaseException as e:
        if isinstance(e, KeyboardInterrupt):
            raise
        bad += 1
        print(e if type(e).__name__ == "Failed" else "".join(traceback.format_exception(e)[-3:]))
print(len(cases_sent.CASES), "cases,", bad, "bad")
