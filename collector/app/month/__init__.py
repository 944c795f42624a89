"""What a month came to: running, gone by, or only in an old sheet."""
