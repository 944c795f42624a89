"""The fleet file and its spreadsheet, read, checked and written."""
