"""What sites talk to: a stateless ingest. All that lasts is in the store, behind `CentreStore`.

As many processes as wanted may answer, behind any balancer: what a batch follows upon is decided in
the store's transaction. Nothing is read without bound, no body is believed, and nobody is answered
before the store has it on disk.
"""

import asyncio
import json
import logging
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import web

from collector.adapters.centre.wire import (
    PROTOCOL,
    PROTOCOL_HEADER,
    TooMuch,
    Unpacking,
    batch_in,
    facts_in,
    protocol_in,
)
from collector.app.centre.agreement import (
    CentreStanding,
    CentreStore,
    Contradiction,
    FactBatch,
)
from collector.app.centre.facts import Fact
from collector.errors import LedgerError, StoreFull, StoreUnavailable

_LOG = logging.getLogger(__name__)

_SITE: Final = re.compile(r"[^/\s]{1,100}")
_SHORT_BODY: Final = 4096
_READING_S: Final = 60.0
"""How long a body may take to come in: a slow line sends 4 MB, packed, in a quarter of that."""
_LINGERING_S: Final = 1.0
"""How long what follows upon a refused body is still read, so that the answer arrives."""
_BUSY_S: Final = 2
_UNREADY_S: Final = 5
_FULL_S: Final = 60


class TurnedAway(Exception):
    """An answer other than 200: its status, a code for the site, and when to try again."""

    def __init__(
        self, status: HTTPStatus, problem: str, after_s: int | None = None, why: str = ""
    ) -> None:
        """Keep what is answered."""
        self._status = status
        self._told = {"problem": problem, "protocol": PROTOCOL, "why": why}
        self._headers = {} if after_s is None else {"Retry-After": str(after_s)}
        super().__init__(problem)

    def response(self) -> web.Response:
        """Return it as HTTP has it."""
        return web.json_response(self._told, status=self._status, headers=self._headers)


@dataclass(slots=True)
class IngestCounts:
    """What came in since the start, for whoever watches."""

    batches: int = 0
    facts: int = 0
    repeated: int = 0
    refused: int = 0
    busy: int = 0
    unready: int = 0


class Ingest:
    """Answers sites out of one store; `at_once` requests at most, the rest is asked to wait."""

    def __init__(self, store: CentreStore, at_once: int = 16) -> None:
        """Answer out of `store`."""
        self._store = store
        self._at_once = at_once
        self._busy = 0
        self.counts = IngestCounts()

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/v1/sites/{site}", self._guarded(self._standing)),
            web.post("/v1/sites/{site}/batches", self._guarded(self._take)),
            web.post("/v1/sites/{site}/contradictions", self._guarded(self._contradict)),
        ]

    def _guarded(
        self, answer: Callable[[web.Request, str], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            if self._busy >= self._at_once:
                self.counts.busy += 1
                return TurnedAway(HTTPStatus.TOO_MANY_REQUESTS, "busy", _BUSY_S).response()
            self._busy += 1
            try:
                return await answer(request, await self._site_of(request))
            except TurnedAway as refusal:
                self.counts.refused += 1
                return refusal.response()
            except StoreUnavailable as error:
                return self._unready(error)
            finally:
                self._busy -= 1

        return guarded

    def _unready(self, error: StoreUnavailable) -> web.Response:
        self.counts.unready += 1
        _LOG.warning("the centre's database takes nothing", extra={"reason": str(error)})
        if isinstance(error, StoreFull):
            return TurnedAway(HTTPStatus.INSUFFICIENT_STORAGE, "full", _FULL_S).response()
        return TurnedAway(HTTPStatus.SERVICE_UNAVAILABLE, "unready", _UNREADY_S).response()

    async def _site_of(self, request: web.Request) -> str:
        """Return the site of a request that may speak for it; raises TurnedAway."""
        site = request.match_info["site"]
        if not _SITE.fullmatch(site):
            raise TurnedAway(HTTPStatus.NOT_FOUND, "site")
        if request.headers.get(PROTOCOL_HEADER) != str(PROTOCOL):
            raise TurnedAway(HTTPStatus.UPGRADE_REQUIRED, "protocol")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        caller = await self._store.who(token if scheme.casefold() == "bearer" else "")
        if caller.site is None:
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, "token_unknown")
        if caller.revoked:
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, "token_revoked")
        if caller.site != site:
            raise TurnedAway(HTTPStatus.FORBIDDEN, "token_of_other")
        return site

    async def _standing(self, request: web.Request, site: str) -> web.Response:
        del request
        return _stands(await self._store.standing(site))

    async def _take(self, request: web.Request, site: str) -> web.Response:
        text = await _text_of(request)
        batch, facts = await asyncio.to_thread(_understood, text)
        try:
            standing = await self._store.take(site, batch, facts)
        except LedgerError as error:
            raise TurnedAway(HTTPStatus.BAD_REQUEST, "contradicted", why=str(error)) from error
        if (standing.seq, standing.digest) != (batch.last, batch.digest):
            self.counts.repeated += 1
            return _stands(standing, HTTPStatus.CONFLICT)
        self.counts.batches += 1
        self.counts.facts += len(facts)
        return _stands(standing)

    async def _contradict(self, request: web.Request, site: str) -> web.Response:
        body = await request.content.read(_SHORT_BODY)
        try:
            told = json.loads(body)
            what, ledger = Contradiction(told["kind"]), str(told["ledger"])[:100]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise _not_understood(error) from error
        await self._store.contradict(site, what, ledger)
        _LOG.error("a site contradicts the centre", extra={"site": site, "kind": what.value})
        return web.Response(status=HTTPStatus.NO_CONTENT)


async def _text_of(request: web.Request) -> str:
    """Return the unpacked body; raises TurnedAway where it is no batch, or larger than any."""
    unpacking = Unpacking()
    try:
        async with asyncio.timeout(_READING_S):
            async for part in request.content.iter_any():
                unpacking.take(part)
        text = unpacking.text()
    except TimeoutError as error:
        raise TurnedAway(HTTPStatus.REQUEST_TIMEOUT, "slow") from error
    except TooMuch as error:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large") from error
    except ValueError as error:
        raise _not_understood(error) from error
    if protocol_in(text) not in {None, PROTOCOL}:
        raise TurnedAway(HTTPStatus.UPGRADE_REQUIRED, "protocol")
    return text


def _understood(text: str) -> tuple[FactBatch, tuple[Fact, ...]]:
    """Return the batch in `text` and its facts; raises TurnedAway."""
    try:
        batch = batch_in(text)
        return batch, facts_in(batch.lines)
    except TooMuch as error:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large") from error
    except ValueError as error:
        raise _not_understood(error) from error


def _not_understood(error: Exception) -> TurnedAway:
    return TurnedAway(HTTPStatus.BAD_REQUEST, "not_understood", why=str(error))


def _stands(standing: CentreStanding, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.json_response({"protocol": PROTOCOL, **asdict(standing)}, status=status)


async def serve_sites(
    host: str, port: int, routes: Sequence[web.RouteDef], secure: ssl.SSLContext | None = None
) -> Callable[[], Awaitable[None]]:
    """Answer `routes` at `host` and `port` until what is returned is called: answers then end.

    Raises OSError where the port is taken.
    """
    app = web.Application()
    app.router.add_routes(routes)
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_READING_S,
        lingering_time=_LINGERING_S,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=secure).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner.cleanup
