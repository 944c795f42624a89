"""Counts the pages of an office's copiers over SNMP, month by month."""

from typing import Final

__version__: Final = "0.1.0"
