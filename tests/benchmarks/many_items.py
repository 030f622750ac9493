"""A worklist as it looks after bad months: items of every rule between two districts, and what was said of them."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import text

from district_reports.clock import ZONE
from district_reports.database.copying import copy_rows
from district_reports.database.engine import engine
from district_reports.reconciliation.rules import CrossRule, cross_rules

NIGHTS = 700


def fill_items(items: int, today: date) -> dict[str, int]:
    """Add so many items to a warehouse with submissions in it; how many rows of what."""
    random = Random(2)
    with engine("migrator").begin() as connection:
        reports = connection.execute(
            text(
                "SELECT submission_id, receipt_id, form, period, district_code FROM ledger.submission"
                " WHERE form IN ('student_aid', 'dropout_control') AND outcome = 'accepted'"
                " ORDER BY submission_id DESC LIMIT 400"
            )
        ).all()
        districts = sorted({report.district_code for report in reports})
        first = datetime.combine(today - timedelta(days=NIGHTS - 1), datetime.min.time(), ZONE)
        nights = [first + timedelta(days=night, hours=2) for night in range(NIGHTS)]
        before = connection.scalar(text("SELECT coalesce(max(run_id), 0) FROM reconciliation.run"))
        runs = [(before + number, night, night.date(), "r") for number, night in enumerate(nights, 1)]
        rules = cross_rules().rules
        named, observed, sides, persons, said = [], [], [], [], []
        for item in range(1, items + 1):
            rule, run = rules[item % len(rules)], random.choice(runs)[0]
            named.append((item, rule.code, json.dumps({"person": f"v1:{item:064x}"}), run))
            spells = [(run, True, 1)]
            if run < runs[-1][0] and random.random() < 0.3:
                spells.append((random.randint(run + 1, runs[-1][0]), random.random() < 0.5, 1))
            observed += [(item, *spell) for spell in spells]
            for number, place in enumerate(random.sample(districts, 2), 1):
                report = random.choice([each for each in reports if each.district_code == place])
                table = "aid_payment" if report.form == "student_aid" else "dropout_case"
                sides += [(item, spell[0], number, *_side(rule, report, table, item)) for spell in spells]
                persons.append((report.submission_id, item + 3, table))
                if random.random() < 0.25:
                    said.append((item, 1, place, "核实过，学期中转学。", report.receipt_id, nights[-1]))
        for table, columns, rows in (
            ("run", ("run_id", "known_at", "day", "rules_hash"), runs),
            ("item", ("item_id", "rule", "subject", "first_run"), named),
            ("observation", ("item_id", "run_id", "present", "spell"), observed),
            ("side", _SIDE, sides),
            ("explanation", ("item_id", "spell", "district_code", "explanation", "receipt_id", "said_at"), said),
        ):
            copy_rows(connection, "reconciliation", table, columns, rows)
        for table in ("aid_payment", "dropout_case"):
            rows = sorted({(submission, row) for submission, row, of in persons if of == table})
            copy_rows(connection, "identities", table, ("submission_id", "row_number", "student_name", "resident_id"),
                      [(*row, "某某某", "210202201001010011") for row in rows])  # fmt: skip
        connection.exec_driver_sql("ANALYZE")
    return {"items": items, "sides": len(sides), "explanations": len(said)}


_SIDE = ("item_id", "run_id", "place", "district_code", "reported_by", "speakers", "form", "period", "submission_id",
         "table_name", "row_number", "part", "rests_on", "told")  # fmt: skip


def _side(rule: CrossRule, report: Any, table: str, item: int) -> Sequence[object]:
    words = {"discovered_on": "2020-05-06", "programme": "地方资助", "paid_amount": 500, "paid_on": "2020-05-07",
             "semester": "2020-S1", "missing": 2, "actual_enrolment": 400, "pupil_count": 500}  # fmt: skip
    return (report.district_code, report.district_code, [report.district_code], report.form, report.period,
            report.submission_id, table, item + 3, next(iter(rule.words)), json.dumps(words), "{}")  # fmt: skip
