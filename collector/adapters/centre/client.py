"""The centre as a site reaches it: HTTPS, outward only, through the office's proxy if it has one.

What each answer means for what was just sent:

| answer | meaning |
|---|---|
| 200 | taken, on disk there |
| 409 | not what the centre lacks next; it says where it stands |
| 413 | something on the way takes no such size: smaller ones are sent |
| 400, 401, 403, 404, 407, 426, redirects, other 4xx | a person must act |
| 408, 429, 503, 507, other 5xx | later, after Retry-After where it was sent |
"""

import asyncio
import io
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from collector.adapters.centre.wire import PROTOCOL, PROTOCOL_HEADER, body_of, fact_lines
from collector.app.centre.agreement import (
    BatchTooLarge,
    CentreStanding,
    Contradiction,
    FactBatch,
    NotNext,
    placing_in,
)
from collector.app.centre.facts import Fact
from collector.domain.privacy.disguises import striking_out
from collector.errors import SinkError, SinkRefused, SinkUnavailable
from collector.ports import Clock
from collector.texts import ENGLISH

_LONGEST_ANSWER: Final = 64 * 2**10
_SAID: Final = 200
_AHEAD: Final = timedelta(minutes=5)
"""Clocks that differ by more file readings under times at which nobody printed."""
_MOST_DIGITS: Final = 9

_REFUSED: Final[Mapping[str, str]] = {
    "token_unknown": "centre.token_unknown",
    "token_revoked": "centre.token_revoked",
    "token_of_other": "centre.token_of_other",
    "protocol": "centre.protocol",
    "not_understood": "centre.not_understood",
    "contradicted": "centre.contradicted",
}
_LATER: Final[Mapping[int, str]] = {
    HTTPStatus.TOO_MANY_REQUESTS: "centre.busy",
    HTTPStatus.SERVICE_UNAVAILABLE: "centre.unready",
    HTTPStatus.INSUFFICIENT_STORAGE: "centre.full",
    HTTPStatus.REQUEST_TIMEOUT: "centre.failed",
}


@dataclass(frozen=True, slots=True)
class CentreTarget:
    """Which centre to tell, and as whom. `ca_file` is a PEM file to check its certificate by."""

    url: str
    site: str
    token: str = field(repr=False)
    ca_file: str = ""
    timeout_s: float = 30.0

    @property
    def base(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")


@dataclass(frozen=True, slots=True)
class _CentreAnswer:
    status: int
    told: Mapping[str, Any]
    retry_after_s: float | None
    date: datetime | None


class CentreClient:
    """A centre over HTTP. The connection is opened when it is needed."""

    def __init__(self, target: CentreTarget, clock: Clock) -> None:
        """Remember whom to tell; nothing is contacted."""
        self.name = "centre"
        self.warning = ""
        """What is odd although all is taken: a clock that differs; empty where nothing is."""
        self._target = target
        self._clock = clock
        self._strike = striking_out([target.token])
        self._session: aiohttp.ClientSession | None = None

    async def standing(self) -> CentreStanding:
        """Return where the centre stands with this site."""
        return self._standing(await self._ask("GET", ""))

    async def take(self, batch: FactBatch) -> CentreStanding:
        """Hand `batch` over; raises NotNext where it is not what the centre lacks next."""
        body = await asyncio.to_thread(body_of, batch)
        answer = await self._ask("POST", "/batches", body, "application/gzip")
        standing = self._standing(answer)
        if answer.status == HTTPStatus.CONFLICT:
            raise NotNext(standing)
        return standing

    async def contradict(self, what: Contradiction, ledger: str) -> None:
        """Let the centre's people know that `what` holds."""
        body = json.dumps({"kind": what.value, "ledger": ledger}).encode()
        await self._ask("POST", "/contradictions", body, "application/json")

    def lines(self, facts: Sequence[Fact]) -> tuple[str, ...]:
        """Return `facts` as lines of a batch."""
        return fact_lines(facts)

    async def check(self) -> str:
        """Return how far the centre has this site's log, and whether the clocks agree."""
        one = await self.standing()
        facts = {"seq": one.seq, "generation": one.generation}
        return self.warning or ENGLISH("centre.stands", server=self._target.base, **facts)

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _standing(self, answer: _CentreAnswer) -> CentreStanding:
        told = answer.told
        try:
            marks = (int(told["generation"]), str(told["ledger"]))
            stands = (*marks, int(told["seq"]), str(told["digest"]))
            return CentreStanding(*stands, placing_in(told.get("placing")))
        except (LookupError, TypeError, ValueError) as error:
            raise self._nobody(answer.status) from error

    def _nobody(self, status: int) -> SinkRefused:
        told = ENGLISH("centre.nobody", server=self._target.base, status=int(status))
        return SinkRefused(told)

    async def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> _CentreAnswer:
        """Return an answer of 2xx or 409; raises what any other means."""
        address = f"{self._target.base}/v1/sites/{self._target.site}{path}"
        headers = {} if kind is None else {"Content-Type": kind}
        try:
            session = await self._opened()
            async with session.request(
                method,
                address,
                data=None if body is None else io.BytesIO(body),
                headers=headers,
                allow_redirects=False,
            ) as response:
                answer = await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._no_answer(error) from error
        self._compare_clocks(answer)
        if answer.status in {HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT}:
            return answer
        raise self._failure(answer)

    def _compare_clocks(self, answer: _CentreAnswer) -> None:
        self.warning = ""
        if answer.date is None:
            return
        apart = self._clock.now() - answer.date
        if abs(apart) > _AHEAD:
            span = str(abs(apart)).partition(".")[0]
            self.warning = ENGLISH("centre.clock", server=self._target.base, span=span)

    def _no_answer(self, error: Exception) -> SinkError:
        server = self._target.base
        if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLError):
            why = getattr(error, "certificate_error", error)
            return SinkRefused(ENGLISH("centre.untrusted", server=server, why=str(why)))
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return SinkRefused(ENGLISH("centre.proxy", server=server, status=error.status))
        if isinstance(error, TimeoutError):
            seconds = self._target.timeout_s
            return SinkUnavailable(ENGLISH("centre.no_answer", server=server, seconds=seconds))
        why = self._strike(str(error))[:_SAID]
        return SinkUnavailable(ENGLISH("centre.away", server=server, why=why))

    def _failure(self, answer: _CentreAnswer) -> SinkError:
        server, status = self._target.base, answer.status
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return BatchTooLarge(ENGLISH("centre.too_large", server=server))
        problem = answer.told.get("problem")
        if isinstance(problem, str) and problem in _REFUSED:
            why = self._strike(str(answer.told.get("why", "")))[:_SAID]
            theirs = str(answer.told.get("protocol", ""))[:_SAID]
            facts = {"site": self._target.site, "why": why, "theirs": theirs, "ours": str(PROTOCOL)}
            return SinkRefused(ENGLISH(_REFUSED[problem], server=server, **facts))
        if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return SinkRefused(ENGLISH("centre.proxy", server=server, status=status))
        if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            key = _LATER.get(status, "centre.failed")
            told = ENGLISH(key, server=server, status=status)
            return SinkUnavailable(told, answer.retry_after_s)
        return self._nobody(status)

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            secure = await self._tls() if self._target.base.startswith("https:") else None
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=True if secure is None else secure),
                timeout=aiohttp.ClientTimeout(total=self._target.timeout_s),
                headers={
                    "Authorization": f"Bearer {self._target.token}",
                    PROTOCOL_HEADER: str(PROTOCOL),
                },
                trust_env=True,
            )
        return self._session

    async def _tls(self) -> ssl.SSLContext:
        file = self._target.ca_file or None
        try:
            return await asyncio.to_thread(ssl.create_default_context, cafile=file)
        except OSError as error:  # a file that is no certificate is an SSLError, which is one too
            told = ENGLISH("centre.ca_file", file=self._target.ca_file, why=str(error))
            raise SinkRefused(told) from error


async def _read(response: aiohttp.ClientResponse) -> _CentreAnswer:
    """Return what matters of an answer; of its body the beginning, as a centre's is short."""
    text = await response.content.read(_LONGEST_ANSWER)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = {}
    headers = response.headers
    return _CentreAnswer(
        response.status,
        told if isinstance(told, dict) else {},
        _seconds(headers.get("Retry-After", "")),
        _date(headers.get("Date", "")),
    )


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
