"""What the library found: the items of the last run, read from its tables."""

from sqlalchemy import Engine, text

from district_reports.forms import forms
from reconciliation.draft import Side

Found = tuple[str, frozenset[str], frozenset[Side]]
"""Rule, the districts that answer for the rows, and the rows of an item."""
_SIDES = """
    SELECT i.item_id, i.rule, s.district_code, s.form, s.period, s.reported_by, s.table_name, s.row_number
    FROM reconciliation.item i
    JOIN LATERAL (
        SELECT * FROM reconciliation.observation o WHERE o.item_id = i.item_id ORDER BY o.run_id DESC LIMIT 1
    ) latest ON latest.present
    JOIN reconciliation.side s ON (s.item_id, s.run_id) = (i.item_id, latest.run_id)
"""


def items(publisher: Engine) -> dict[int, Found]:
    """By number; an item that is gone is none."""
    sheets = {sheet.table: sheet.title for form in forms().values() for sheet in form.sheets}
    rules: dict[int, str] = {}
    districts: dict[int, set[str]] = {}
    sides: dict[int, set[Side]] = {}
    with publisher.begin() as connection:
        for row in connection.execute(text(_SIDES)):
            rules[row.item_id] = row.rule
            districts.setdefault(row.item_id, set()).add(row.district_code)
            side = Side(row.form, row.period, row.reported_by, sheets[row.table_name], row.row_number)
            sides.setdefault(row.item_id, set()).add(side)
    return {item: (rule, frozenset(districts[item]), frozenset(sides[item])) for item, rule in rules.items()}
