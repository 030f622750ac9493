"""District Reports: collect, check, answer, load and publish a city's district reports.

The package imports nothing heavy here: Airflow and Great Expectations cost seconds each in every new process.
"""

__version__ = "0.1.0"
