"""How to report for the first time, on one page with pictures."""
