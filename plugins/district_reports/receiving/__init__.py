"""From a district's folder to a receipt: which files are stable, a private copy, under what they are filed."""
