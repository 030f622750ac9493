"""Page 3, 数据质量: error rates, first-time-right, and the rules that cost the most."""
