"""Who has looked at what: for engineers."""
