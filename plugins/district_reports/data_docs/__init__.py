"""Great Expectations' Data Docs, without a value of a workbook in them."""
