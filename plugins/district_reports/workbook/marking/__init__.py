"""The answer as a workbook: the district's own with its mistakes marked, or a list."""
