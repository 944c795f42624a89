"""What people enter, and the books that follow from it."""
