"""A PostgreSQL server of our own, for development, training and tests."""
