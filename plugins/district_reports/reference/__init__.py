"""The register of districts and schools, the code lists, and mergers, from the CSV files of sql/reference."""
