"""Page 1, 上报进度: who has reported, and who must act today."""
