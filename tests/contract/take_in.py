"""Drop workbooks into district folders, receive them and take each through its three steps. A process of its own.

``take_in.py FORM PERIOD DISTRICT=WORKBOOK …``, on the warehouse and in the folders that the environment names. Prints
what the answers' log lines say, as JSON by district.
"""

import json
import shutil
import sys
from pathlib import Path

from district_reports.intake import ingest
from district_reports.intake.drop import WarehouseLedger
from district_reports.intake.folders import lay_out
from district_reports.intake.receive import receive
from district_reports.intake.settle import settled
from district_reports.reference import Register
from district_reports.settings import settings
from district_reports.warehouse.engine import Role, engine

form, period, *dropped = sys.argv[1:]
workbooks = {district: Path(path) for district, _, path in (one.partition("=") for one in dropped)}
register = Register.load(settings().reference)
folders = {folder.code: folder for folder in lay_out(settings().uploads, register.districts)}
for district, path in workbooks.items():
    shutil.copyfile(path, folders[district].drop / path.name)
receive(
    WarehouseLedger(engine(Role.LOADER)),
    register,
    settle=lambda paths: settled(paths, sleep=lambda _: None),
)
told = {}
for district in workbooks:
    step = ingest.validate(form, f"{district}|{period}", "the test")
    if step is None:
        sys.exit(f"there is no submission of {form} by {district} for {period}")
    ingest.load(step)
    told[district] = ingest.answer(step)
sys.stdout.write(json.dumps(told))
