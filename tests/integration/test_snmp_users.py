"""SNMPv3 against Debian's own snmpd: every way to sign and hide, every way to be refused."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from collector.adapters.snmp.client import usm
from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import UserCredential
from collector.adapters.snmp.client.usm import UserChannel
from collector.errors import DeviceRefused, DeviceUnreachable
from tests.servers import snmp
from tests.servers.relay import relay
from tests.servers.snmp import SNMPD_VALUES, USERS, SnmpServer

pytestmark = pytest.mark.integration

GOOD: Final = USERS[0]
WRONG: Final = "another phrase"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpServer]:
    with snmp.snmpd(tmp_path_factory.mktemp("snmpd")) as running:
        yield running


@asynccontextmanager
async def asked(
    port: int, user: UserCredential, *, timeout_s: float = 2, retries: int = 1
) -> AsyncIterator[PysnmpSession]:
    session = PysnmpSession(
        "127.0.0.1", port, user, timeout_s=timeout_s, retries=retries, place="2f"
    )
    try:
        yield session
    finally:
        await session.close()


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.user)
async def test_every_protocol_reads_what_snmpd_says(
    server: SnmpServer, user: UserCredential
) -> None:
    async with asked(server.port, user) as session:
        assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES
        assert (await session.walk(snmp.SYSTEM)).items() >= SNMPD_VALUES.items()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user": "nobody"}, "does not know the SNMPv3 user 'nobody'"),
        ({"auth_key": WRONG}, "auth_password or auth_protocol"),
        ({"auth_protocol": "SHA512"}, "auth_password or auth_protocol"),
        ({"priv_key": WRONG}, "correct priv_password, priv_protocol or context"),
        ({"priv_protocol": "DES"}, "correct priv_password, priv_protocol or context"),
        ({"context": "nowhere"}, "correct priv_password, priv_protocol or context"),
        ({"priv_protocol": None}, "does not let this credential read"),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else None,
)
async def test_a_refusal_says_what_to_correct(
    server: SnmpServer, change: dict[str, str], said: str
) -> None:
    wrong = replace(GOOD, **change)  # type: ignore[arg-type] # the table holds right values
    async with asked(server.port, wrong, timeout_s=0.2) as session:
        with pytest.raises(DeviceRefused, match=said) as caught:
            await session.get(list(SNMPD_VALUES))
    for secret in (GOOD.auth_key, GOOD.priv_key, WRONG):
        assert str(secret) not in f"{caught.value!r} {wrong!r}"


async def test_a_level_that_a_user_has_no_key_for_is_refused(server: SnmpServer) -> None:
    signing_only = next(user for user in USERS if user.priv_protocol is None)
    more = replace(signing_only, priv_protocol="AES", priv_key="hiding phrase")
    async with asked(server.port, more) as session:
        with pytest.raises(DeviceRefused, match="does not allow user"):
            await session.get(list(SNMPD_VALUES))


async def test_a_context_engine_id_that_is_the_agents_own_is_accepted(server: SnmpServer) -> None:
    async with asked(server.port, GOOD) as session:
        await session.get(list(SNMPD_VALUES))
        assert isinstance(session._channel, UserChannel)
        assert session._channel._engine is not None
        named = replace(GOOD, context_engine_id=session._channel._engine.engine_id)
    async with asked(server.port, named) as session:
        assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES


async def test_the_engine_is_discovered_once_and_its_clock_followed(server: SnmpServer) -> None:
    async with asked(server.port, GOOD) as session:
        await session.get(list(SNMPD_VALUES))
        channel = session._channel
        assert isinstance(channel, UserChannel)
        assert channel._engine is not None
        known = channel._engine
        channel._engine = replace(known, seconds=known.seconds + 10_000, boots=known.boots + 3)
        assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES
        assert channel._engine.engine_id == known.engine_id
        assert channel._engine.boots == known.boots
        assert 0 <= channel._engine.seconds - known.seconds < 60


async def test_sessions_with_different_users_do_not_disturb_one_another(
    server: SnmpServer,
) -> None:
    async def read(user: UserCredential) -> None:
        async with asked(server.port, user) as session:
            for _ in range(5):
                assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES

    async with asyncio.TaskGroup() as group:
        for user in USERS:
            group.create_task(read(user))


@pytest.mark.parametrize("forgets", [False, True], ids=["restarted", "replaced"])
async def test_a_session_survives_a_restart_and_another_machine(
    tmp_path: Path, *, forgets: bool
) -> None:
    with snmp.snmpd(tmp_path) as server:
        async with asked(server.port, GOOD, timeout_s=1) as session:
            for _ in range(2):
                assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES
                server.process.stop()
                with pytest.raises(DeviceUnreachable):
                    await session.get(list(SNMPD_VALUES))
                if forgets:
                    shutil.rmtree(tmp_path / "state")
                server.process.start()
            assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES


async def test_a_poll_is_one_question_and_one_answer_once_the_engine_is_known(
    server: SnmpServer,
) -> None:
    async with relay(server.port) as wire, asked(wire.port, GOOD) as session:
        await session.get(list(SNMPD_VALUES))
        assert (len(wire.asked), len(wire.answered)) == (2, 2)  # who are you, and the question
        wire.forget()
        for _ in range(5):
            assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES
        assert (len(wire.asked), len(wire.answered)) == (5, 5)


@pytest.mark.parametrize(("forgets", "more"), [(False, 1), (True, 2)], ids=["boots", "engine"])
async def test_a_restart_costs_one_question_more_and_another_engine_two(
    tmp_path: Path, *, forgets: bool, more: int
) -> None:
    """The report that says the clock is another carries the new clock, signed."""
    with snmp.snmpd(tmp_path) as server:
        async with relay(server.port) as wire, asked(wire.port, GOOD) as session:
            await session.get(list(SNMPD_VALUES))
            server.process.stop()
            if forgets:
                shutil.rmtree(tmp_path / "state")
            server.process.start()
            wire.forget()
            assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES
            assert (len(wire.asked), len(wire.answered)) == (1 + more, 1 + more)
            wire.forget()
            assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES
            assert (len(wire.asked), len(wire.answered)) == (1, 1)


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.user)
async def test_an_ordinary_answer_is_read_without_the_library(
    server: SnmpServer, user: UserCredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asked(server.port, user) as session:
        await session.get(list(SNMPD_VALUES))
        monkeypatch.setattr(usm, "read", _never)
        monkeypatch.setattr(usm, "request_pdu", _never)
        assert await session.get(list(SNMPD_VALUES)) == SNMPD_VALUES


def _never(*_: object) -> None:
    raise AssertionError("the ordinary answer takes the long way")


async def test_no_snmpv3_at_all_is_unreachable() -> None:
    async with asked(snmp.free_udp_port(), GOOD, timeout_s=0.2) as session:
        with pytest.raises(DeviceUnreachable, match="nothing listens"):
            await session.get(list(SNMPD_VALUES))
