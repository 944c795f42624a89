"""From readings to pages: who answered, what it counted, what stays in doubt."""
