"""Sound workbooks that contradict each other: the items of 待核对 that a city's samples hold on demand, and their key.

Each workbook stays right by itself. :mod:`.plan` carries planted rows into the workbooks and says where they stand,
:mod:`.rules` says what each rule is to find, and :mod:`.people` makes up whom it finds.
"""

from district_reports.local.samples.worklist.plan import WORKLIST_KEY, Item, Side, Worklist
from district_reports.local.samples.worklist.rules import planted_worklist

__all__ = ["WORKLIST_KEY", "Item", "Side", "Worklist", "planted_worklist"]
