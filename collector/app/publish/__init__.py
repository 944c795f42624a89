"""What the sinks get: rows of what the ledger holds, handed over at least once."""
