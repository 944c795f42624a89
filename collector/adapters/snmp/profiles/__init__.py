"""Profiles as data: which counter of a maker is which meter, read from TOML and checked."""
