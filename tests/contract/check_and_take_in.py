"""Check workbooks, drop them into district folders, receive them and take each through its three steps.

``check_and_take_in.py FORM PERIOD DISTRICT=WORKBOOK …``, on the warehouse and in the folders that the environment
names. Prints what ``district-reports check --json`` says, a line a workbook, and then what the log says of the answers,
by district. One process, since each imports Great Expectations anew.
"""

import json
import shutil
import sys
from pathlib import Path

from district_reports.cli import main
from district_reports.database.engine import Role, engine
from district_reports.processing import ingest
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import stable_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import lay_out

form, period, *dropped = sys.argv[1:]
workbooks = {district: Path(path) for district, _, path in (one.partition("=") for one in dropped)}
if main(["check", "--json", *map(str, workbooks.values())]):
    sys.exit("a workbook would be rejected")

register = Register.load(settings().reference)
folders = {folder.code: folder for folder in lay_out(settings().uploads, register.districts)}
for district, path in workbooks.items():
    shutil.copyfile(path, folders[district].drop.path / path.name)
receive(
    engine(Role.LOADER),
    register,
    stable_files=lambda paths: stable_files(paths, sleep=lambda _: None),
)
told = {}
for district in workbooks:
    step = ingest.validate(form, f"{district}|{period}", "the test")
    if step is None:
        sys.exit(f"there is no submission of {form} by {district} for {period}")
    ingest.load(step)
    told[district] = ingest.answer(step)
sys.stdout.write(json.dumps(told))
