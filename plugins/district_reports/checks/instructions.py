"""The rules of a form in words, for 填表说明: from the same catalogue and suites that check the workbook."""

from district_reports.checks import catalogue
from district_reports.checks.suites import suites
from district_reports.model.finding import Severity
from district_reports.model.form import Form

RuleText = tuple[str, str, str, str]
"""Rule code, severity in Chinese, what it says, what to do."""


def rules_of(form: Form) -> list[RuleText]:
    """Every rule that can speak about `form`, each once, in the order of its code."""
    found: dict[str, RuleText] = {}
    for rule, entry in catalogue.rules().items():
        texts = next(iter(entry["variants"].values()))
        fix = "" if "{" in texts["fix"] else texts["fix"]
        found[rule] = (rule, Severity(entry["severity"]).label, entry["title"], fix)
    for expectations in suites(form).by_frame.values():
        for expectation in expectations:
            meta = expectation["meta"]
            rule, label, title, fix = found.get(meta["rule"], (meta["rule"], "", "", ""))
            titles = dict.fromkeys(part for part in (*title.split("；"), meta["title"]) if part)
            fixes = dict.fromkeys(part for part in (fix, meta["fix"]) if part)
            found[rule] = (rule, label or Severity(expectation["severity"]).label, "；".join(titles), " ".join(fixes))
    return sorted(found.values())
