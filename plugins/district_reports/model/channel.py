"""How a file came in: a report that counts, or a file that the district only wants to have checked."""

UPLOAD_CHANNEL, PRECHECK_CHANNEL = "上报", "预检"
"""The names of the folders that the files were dropped into; the ledger keeps them with each receipt."""
