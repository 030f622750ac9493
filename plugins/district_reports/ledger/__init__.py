"""What the ledger says of receipts and submissions, for the pages and the commands."""
