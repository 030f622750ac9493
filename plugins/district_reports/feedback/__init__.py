"""What goes back to a district: the answer, the report beside it, notices, and what is superseded in 反馈."""
