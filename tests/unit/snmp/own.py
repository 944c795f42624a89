"""Profiles made up for tests: the shipped ones with one more."""

from pathlib import Path

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.profiles.values import Profiles

HEAD = """
format = 1
id = "acme"
include = ["generic"]
source = "its manual"
[[match]]
descr = '^ACME'
"""


def own(folder: Path, text: str, *, low_confidence: bool = False) -> Profiles:
    """Return the shipped profiles and `acme`, whose machines call themselves ACME."""
    (folder / "acme.toml").write_text(HEAD + text, "utf-8")
    return load_profiles(folder, low_confidence=low_confidence)
