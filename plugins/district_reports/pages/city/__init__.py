"""Page 4, 全市看板: the commitments and every city table."""
