"""What was known at a moment, as temporary relations of one transaction: the ground of worklist and city tables."""
