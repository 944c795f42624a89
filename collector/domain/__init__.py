"""Pure values and rules: what is counted, how, and for whom. No clock, no I/O, no libraries."""
