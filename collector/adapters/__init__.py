"""One outside thing per module; they do not know one another."""
