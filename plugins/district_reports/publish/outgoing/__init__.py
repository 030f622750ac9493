"""Releases on their way outside: who asked for what, what became of it, and the tables that the analyst reads."""
