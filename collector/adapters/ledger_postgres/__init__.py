"""The ledgers of many sites in one PostgreSQL database, each behind the port of a site's own."""

from collector.adapters.ledger_postgres.store import PostgresLedger

__all__ = ["PostgresLedger"]
