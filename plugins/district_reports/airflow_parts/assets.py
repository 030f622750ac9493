"""The assets that tie the DAGs together. Events are hints, the ledger is the truth (docs/architecture.md)."""

from airflow.sdk import Asset

CITY_TABLES = Asset(name="city_tables", uri="x-district-reports://city/tables")


def uploads_of(form: str) -> Asset:
    """The asset whose partitions ``district|period`` are the uploads of `form`."""
    return Asset(name=f"uploads_{form}", uri=f"x-district-reports://uploads/{form}")
