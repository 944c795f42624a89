"""Writes a monthly report as an Excel workbook, as a page of HTML and as CSV.

`department_tables.py` and `place_tables.py` describe its tables once, by `domain/report/table.py`;
`workbook.py` and `page.py` only draw what they say.
"""
