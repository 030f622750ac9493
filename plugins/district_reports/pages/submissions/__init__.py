"""Page 2: a submission, from the drop to the answer."""
