"""Finds the counters behind the figures on a copier's panel, and writes them down as a profile."""
