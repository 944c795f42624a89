"""What may be configured, read from files, environment and secrets."""
