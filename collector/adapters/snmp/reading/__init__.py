"""From a profile and a machine to a plan, and from its answers to a reading."""
