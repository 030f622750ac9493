"""From raw sheets to findings and a verdict: cover, structure, cells, derived columns, content rules."""
