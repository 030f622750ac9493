"""The bundle: everything that leaves of one release, made from ``outside`` alone (docs/bundle.md)."""
