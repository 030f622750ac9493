"""The pools that the DAGs' tasks wait in. A task whose pool does not exist is never started: ``start`` makes them."""

RECEIVING_POOL, INGEST_POOL, PUBLISH_POOL, OUTSIDE_POOL = "receiving", "ingest", "publish", "outside"

POOLS = {
    RECEIVING_POOL: (1, "One receiver at a time; a second would find the lock taken"),
    INGEST_POOL: (8, "Submissions under way at once"),
    PUBLISH_POOL: (1, "One release, or one clean-up, at a time"),
    # Not that of the night, which waits for nobody's minutes.
    OUTSIDE_POOL: (1, "One release on its way outside at a time"),
}
"""Name → slots, description."""
