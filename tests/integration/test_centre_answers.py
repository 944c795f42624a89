"""What a site says of whatever its centre, or something on the way there, may answer."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.adapters.centre import client as client_module
from collector.adapters.centre.client import CentreClient, CentreTarget
from collector.adapters.centre.ingest import Ingest, serve_sites
from collector.adapters.clock import ShiftedClock, SystemClock
from collector.app.centre.agreement import CentreStanding, NotNext
from collector.app.centre.deliver import DeliverFacts
from collector.app.notes import CENTRE_SAYS, LEDGER_ID
from collector.errors import SinkRefused, SinkUnavailable, StoreFull, StoreUnavailable
from collector.ports import Clock
from collector.texts import ENGLISH, Texts
from tests.contract.centre_cases import batch
from tests.fakes.centre import FakeCentreStore
from tests.fakes.ledger import FakeLedger
from tests.servers.mosquitto import Certificates
from tests.servers.process import free_port

pytestmark = pytest.mark.integration

TOKEN = "the-token-of-hall"  # noqa: S105 - made up


class Served:
    """A centre in memory at an address of its own."""

    def __init__(self, secure: ssl.SSLContext | None = None) -> None:
        """Know the site `hall`."""
        self.store = FakeCentreStore()
        self.store.tokens[TOKEN] = "hall", False
        self.ingest = Ingest(self.store)
        self.port = free_port()
        self.secure = secure
        scheme = "http" if secure is None else "https"
        self.target = CentreTarget(f"{scheme}://127.0.0.1:{self.port}", "hall", TOKEN, timeout_s=20)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    one = Served()
    close = await serve_sites("127.0.0.1", one.port, one.ingest.routes())
    yield one
    await close()


async def says(target: CentreTarget, kind: type[Exception], clock: Clock | None = None) -> str:
    """Return, in Japanese, why the centre cannot be asked; it is of that `kind`."""
    one = CentreClient(target, clock or SystemClock())
    try:
        with pytest.raises(kind) as caught:
            await one.check()
    finally:
        await one.close()
    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)
    return Texts("ja").translated(str(caught.value))


async def test_a_full_disk_at_the_centre_is_waited_for(served: Served) -> None:
    served.store.failure = StoreFull("53100")
    assert "ディスクがいっぱいです" in await says(served.target, SinkUnavailable)
    one = CentreClient(served.target, SystemClock())
    with pytest.raises(SinkUnavailable) as caught:
        await one.take(batch(CentreStanding(), "a"))
    assert caught.value.retry_after_s == 60
    served.store.failure = None
    assert (await one.take(batch(CentreStanding(), "a"))).seq == 1
    await one.close()


async def test_a_database_that_is_away_is_waited_for(served: Served) -> None:
    served.store.failure = StoreUnavailable("gone")
    assert "データベースが応答しません" in await says(served.target, SinkUnavailable)


async def test_a_clock_a_year_ahead_is_told_and_costs_nothing(served: Served) -> None:
    one = CentreClient(served.target, ShiftedClock(SystemClock(), timedelta(days=365)))
    told = Texts("ja").translated(await one.check())
    assert "時計がセンター" in told
    assert "365 days" in told
    assert (await one.take(batch(CentreStanding(), "a"))).seq == 1
    await one.close()


async def test_what_is_odd_is_kept_for_status_while_all_is_taken(served: Served) -> None:
    ledger = FakeLedger()
    await LEDGER_ID.put(ledger, "one")
    ahead = CentreClient(served.target, ShiftedClock(SystemClock(), timedelta(days=365)))
    assert not await DeliverFacts(ledger, ahead, SystemClock(), ENGLISH.say)()
    assert "differs from that of the centre" in (
        await CENTRE_SAYS.about("centre").get(ledger) or ""
    )
    await ahead.close()
    right = CentreClient(served.target, SystemClock())
    assert not await DeliverFacts(ledger, right, SystemClock(), ENGLISH.say)()
    assert await CENTRE_SAYS.about("centre").get(ledger) == ""
    await right.close()


async def test_an_older_protocol_is_named(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PROTOCOL", 0)
    told = await says(served.target, SinkRefused)
    assert "手順の版 1 を求めています" in told
    assert "この版は 0 です" in told


async def test_an_unknown_authority_is_refused_until_it_is_named(
    certificates: Certificates,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert_file, certificates.key_file)
    one = Served(context)
    close = await serve_sites("127.0.0.1", one.port, one.ingest.routes(), context)
    try:
        assert "証明書を信頼できません" in await says(one.target, SinkRefused)
        known = replace(one.target, ca_file=str(certificates.ca_file))
        client = CentreClient(known, SystemClock())
        assert "0" in await client.check()
        await client.close()
        broken = replace(one.target, ca_file=str(certificates.key_file))
        assert "ca_file" in await says(broken, SinkRefused)
    finally:
        await close()


async def test_another_server_is_no_centre(served: Served) -> None:
    elsewhere = replace(served.target, url=f"{served.target.url}/elsewhere")
    assert "センターではないようです（HTTP 404）" in await says(elsewhere, SinkRefused)


async def test_nobody_there(served: Served) -> None:
    nowhere = replace(served.target, url=f"http://127.0.0.1:{free_port()}")
    assert "接続できません" in await says(nowhere, SinkUnavailable)


async def test_a_silent_server_is_given_up(served: Served) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    quiet = replace(served.target, url=f"http://127.0.0.1:{port}", timeout_s=0.5)
    assert "0.5 秒以内に応答がありません" in await says(quiet, SinkUnavailable)
    server.close()
    await server.wait_closed()


async def test_the_way_leads_through_the_proxy_of_the_office(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The centre itself plays the proxy: it is asked for another host's address."""
    far = replace(served.target, url="http://centre.invalid:1")
    assert "接続できません" in await says(far, SinkUnavailable)
    monkeypatch.setenv("HTTP_PROXY", served.target.url)
    one = CentreClient(far, SystemClock())
    assert (await one.take(batch(CentreStanding(), "a"))).seq == 1
    await one.close()
    monkeypatch.setenv("NO_PROXY", "centre.invalid")
    assert "接続できません" in await says(far, SinkUnavailable)


async def test_a_proxy_that_lets_nobody_through_is_named(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", served.target.url)
    far = replace(served.target, url="https://centre.invalid:1")
    assert "プロキシがセンター" in await says(far, SinkRefused)


async def test_two_sites_with_one_token_and_one_ledger_cannot_both_go_on(served: Served) -> None:
    """A ledger that was copied to a second machine: whoever comes second is told, nothing mixes."""
    one, other = (CentreClient(served.target, SystemClock()) for _ in range(2))
    standing = await one.take(batch(CentreStanding(), "a", last=1))
    with pytest.raises(NotNext):
        await other.take(batch(CentreStanding(), "b", "c"))
    assert await other.standing() == standing
    await one.close()
    await other.close()
