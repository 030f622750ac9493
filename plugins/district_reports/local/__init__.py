"""What one machine needs: Airflow's processes, the demo, made-up samples."""
