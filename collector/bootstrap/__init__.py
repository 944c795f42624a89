"""The composition root: settings become adapters, use cases and the daemon."""
