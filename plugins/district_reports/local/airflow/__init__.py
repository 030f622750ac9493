"""Airflow and its database as one stack that starts and stops as a whole. Nothing in here imports airflow."""
