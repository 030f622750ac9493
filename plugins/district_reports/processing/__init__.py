"""What becomes of a submission: validate, load, answer; withdrawals, re-checks and restatements."""
