"""Real servers for integration tests, started when the first test asks for them."""

from tests.servers.fixtures import (
    broker,
    certificates,
    influx_database,
    influx_server,
    secure_broker,
    victoria,
)

__all__ = [
    "broker",
    "certificates",
    "influx_database",
    "influx_server",
    "secure_broker",
    "victoria",
]
