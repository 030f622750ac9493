"""What keeps folders and archive in order: templates, leftovers, logs, and the audit."""
