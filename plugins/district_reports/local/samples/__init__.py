"""Made-up workbooks: sound ones, and ones with planted mistakes and their answer key. Nobody in them exists."""

from district_reports.local.samples.defects import ANSWER_KEY, DEFECTS, Planted, defective_samples
from district_reports.local.samples.workbooks import write_sample, write_samples
from district_reports.local.samples.worklist import WORKLIST_KEY, planted_worklist

__all__ = [
    "ANSWER_KEY",
    "DEFECTS",
    "WORKLIST_KEY",
    "Planted",
    "defective_samples",
    "planted_worklist",
    "write_sample",
    "write_samples",
]
