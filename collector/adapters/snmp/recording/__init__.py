"""Recordings of live machines: what a profile author needs, and nothing that is personal."""
