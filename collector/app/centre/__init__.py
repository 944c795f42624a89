"""Many sites in one ledger: what a site tells a centre, and how the two agree on how far."""
