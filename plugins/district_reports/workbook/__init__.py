"""Excel files: what guards, reads, writes and marks them."""
