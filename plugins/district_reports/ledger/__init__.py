"""The only part that knows the tables of the ledger: receipts, submissions, leases, decisions, versions, locks."""
