"""The workbooks that districts fill in."""
