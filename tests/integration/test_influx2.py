"""`check` and writes against InfluxDB 2.x as it is written down in `tests/servers/influx2.py`."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from collector.adapters.influx import InfluxTarget, open_influx
from collector.errors import SinkRefused
from tests.fakes.rows import copier_row
from tests.servers.influx2 import Influx2, Token, influx2

pytestmark = pytest.mark.integration

OURS = frozenset({"copier_fleet"})


@pytest.fixture
async def server() -> AsyncIterator[Influx2]:
    """A server with our bucket and a token of every kind."""
    tokens = {
        "writes": Token(writes=OURS),
        "reads": Token(reads=OURS),
        "off": Token(writes=OURS, is_active=False),
        "other": Token(writes=frozenset({"other"})),
    }
    async with influx2(Influx2(tokens=tokens, buckets={"copier_fleet": []})) as running:
        yield running


def target(server: Influx2, **changes: str) -> InfluxTarget:
    return replace(InfluxTarget(server.url, org="hall", token="writes"), **changes)  # noqa: S106 - made up


async def test_a_healthy_server_is_well_and_nothing_is_written(server: Influx2) -> None:
    sink = open_influx(target(server))
    assert "v2.9.1" in await sink.check()
    assert server.buckets["copier_fleet"] == []
    assert list(await sink.send([copier_row("p1", 5)])) == []
    assert len(server.buckets["copier_fleet"]) == 1
    await sink.close()


CAUSES = {
    "no organisation": ({"org": ""}, "set org (what it is called: influx org list)"),
    "another organisation": ({"org": "town"}, "there is no organisation town"),
    "no bucket": (
        {"bucket": "copies of 2F"},
        "influx bucket create --name 'copies of 2F' --org hall",
    ),
    "an unknown token": ({"token": "none"}, "or the token (which there are: influx auth list)"),
    "no token": ({"token": ""}, "check the user and password or the token"),
    "an inactive token": ({"token": "off"}, "switch it on by influx auth active --id ID"),
    "a token without the right": (
        {"token": "other"},
        "--name copier_fleet --org hall and make a token by influx auth create --org hall --write",
    ),
    "a token that reads": ({"token": "reads"}, "influx auth create --org hall --write-bucket"),
}


@pytest.mark.parametrize("cause", CAUSES)
async def test_check_names_the_true_cause_and_the_next_line(server: Influx2, cause: str) -> None:
    changes, said = CAUSES[cause]
    sink = open_influx(target(server, **changes))
    with pytest.raises(SinkRefused) as caught:
        await sink.check()
    assert said in str(caught.value)
    with pytest.raises(SinkRefused):
        await sink.send([copier_row("p1", 5)])
    assert server.buckets["copier_fleet"] == []
    await sink.close()
