"""The city's tables: summaries in SQL, built from what stands accepted, published release by release."""

from district_reports.publish.release import Release, publish

__all__ = ["Release", "publish"]
