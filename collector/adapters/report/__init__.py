"""Writes a monthly report as an Excel workbook, as a page of HTML and as CSV.

`tables.py` lays the report out once; `workbook.py` and `page.py` only draw what it says.
"""
