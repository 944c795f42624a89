"""The ledger as one SQLite file: append-only readings, and everything derived beside them."""

from collector.adapters.ledger_sqlite.file import LedgerPatience
from collector.adapters.ledger_sqlite.store import SqliteLedger

__all__ = ["LedgerPatience", "SqliteLedger"]
