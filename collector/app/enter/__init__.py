"""What people enter, and what is counted anew for it."""
