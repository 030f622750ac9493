"""What the DAGs call, and what Airflow is told by configuration: executor, triggers, assets, listeners."""
