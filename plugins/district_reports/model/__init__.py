"""What a report, a period, a rule and a finding is; plain values that know of no file and no database."""
