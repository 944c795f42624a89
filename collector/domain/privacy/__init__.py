"""What must not be seen, and what stands in its place."""
