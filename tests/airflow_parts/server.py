"""Airflow's API server with our plugin, in a process of its own: its app as Airflow makes it, on a database of SQLite.

``python server.py PORT``; its environment says the rest.
"""

import sys

import uvicorn


def main() -> None:
    """Make Airflow's tables, then answer until the end."""
    from airflow import settings
    from airflow.api_fastapi.app import create_app
    from airflow.models import import_all_models
    from airflow.models.base import Base

    import_all_models()
    Base.metadata.create_all(settings.engine)
    # As `airflow api-server --proxy-headers` does; FORWARDED_ALLOW_IPS says who is believed.
    uvicorn.run(
        create_app(apps="core"), host="127.0.0.1", port=int(sys.argv[1]), proxy_headers=True, log_level="warning"
    )


if __name__ == "__main__":
    main()
