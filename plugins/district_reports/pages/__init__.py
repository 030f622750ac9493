"""The pages inside Airflow: progress, a submission, data quality and the city board."""

PREFIX = "/district-reports"
"""Where Airflow mounts the pages."""
