"""What a file must be before any parser of workbooks may see it."""
