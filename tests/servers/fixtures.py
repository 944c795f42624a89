"""Fixtures around the real servers: one process for the session, fresh ground for each test."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg
import pytest

from collector.adapters.ledger_postgres.database import migrate
from tests.servers.influx import Columns, InfluxServer, influxd, victoria_metrics
from tests.servers.mosquitto import Broker, Certificates, make_certificates, mosquitto
from tests.servers.postgres import PostgresServer, postgres

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class InfluxDatabase:
    """A fresh, empty database on a running influxd."""

    server: InfluxServer
    name: str

    @property
    def url(self) -> str:
        """Address of the server."""
        return self.server.url

    def query(self, text: str) -> list[Columns]:
        """Run InfluxQL in this database."""
        return self.server.query(text, self.name)


@pytest.fixture(scope="session")
def influx_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    """Debian's influxd 1.x without authentication."""
    with influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def influx_database(influx_server: InfluxServer) -> Iterator[InfluxDatabase]:
    """A database of its own for each test, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    influx_server.query(f'CREATE DATABASE "{name}"')
    yield InfluxDatabase(influx_server, name)
    influx_server.query(f'DROP DATABASE "{name}"')


@pytest.fixture(scope="session")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    """VictoriaMetrics, shared: tests tell their data apart by the tag `site`."""
    with victoria_metrics(tmp_path_factory.mktemp("victoria")) as server:
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority of our own and a server's certificate."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A plain mosquitto, shared: tests tell their topics apart by site."""
    with mosquitto(tmp_path_factory.mktemp("mosquitto")) as running:
        yield running


@pytest.fixture(scope="session")
def secure_broker(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Broker]:
    """A mosquitto that wants a password and speaks TLS only."""
    folder = tmp_path_factory.mktemp("mosquitto-tls")
    with mosquitto(folder, login=("collector", "秘密の鍵"), certificates=certificates) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """PostgreSQL that waits for no disk; each test makes a database or a site of its own."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def centre_database(postgres_server: PostgresServer) -> str:
    """The address of one database with a centre's tables: each test has a site of its own."""
    url = postgres_server.new_database()

    async def make() -> None:
        connection = await asyncpg.connect(url)
        await migrate(connection)
        await connection.close()

    asyncio.run(make())
    return url
