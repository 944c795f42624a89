"""What a machine holds, does and reports, beside its counters."""
