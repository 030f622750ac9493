"""What holds a workbook together: the ZIP archive, and the parts and relationships in it."""
