"""Closing a month: what it comes to, the plan, the seal, and who waits for it."""
