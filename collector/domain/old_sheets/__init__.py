"""The monthly sheets that people kept by hand: from their cells to months of places.

A sheet is read in five steps, one module each: `tables` finds the headings and what the columns
mean, `rows` goes through the lines below them, `kinds` tells readings from totals, `usage` works
out each month's pages, and `history` puts it together. Nothing is guessed: what cannot be meant is
refused with the cell where it stands, and what is left out is told. `paper_rows` reads another
sheet of theirs in the same manner: what paper was bought.
"""
