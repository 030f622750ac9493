"""对外发布: what of the city's figures leaves the house, prepared by one officer and approved by another."""
