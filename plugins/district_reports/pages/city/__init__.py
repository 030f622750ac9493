"""Page 4, 城市看板: the commitments and every city table."""
