"""HTTP to one InfluxDB: a session opened at its first use, answers as values, errors classed."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping

import aiohttp

from collector.adapters.influx.answers import HttpAnswer
from collector.adapters.influx.target import InfluxTarget
from collector.errors import SinkError, SinkRefused, SinkUnavailable
from collector.texts import ENGLISH


async def tls_context(target: InfluxTarget) -> ssl.SSLContext | None:
    """Return how to check an https server, None for plain http.

    Raises SinkRefused where the CA file cannot be used.
    """
    if not target.base.startswith("https:"):
        return None
    try:
        return await asyncio.to_thread(ssl.create_default_context, cafile=target.ca_file or None)
    except OSError as error:  # a file that is no certificate is an SSLError, which is one too
        told = ENGLISH("influx.ca_file", file=target.ca_file, why=str(error))
        raise SinkRefused(told) from error


def connection_failure(error: Exception, target: InfluxTarget) -> SinkError:
    """Return the error for a request that got no answer at all."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return SinkRefused(
            ENGLISH("influx.untrusted", server=target.base, why=str(error.certificate_error))
        )
    if isinstance(error, TimeoutError):
        told = ENGLISH("influx.no_answer", server=target.base, seconds=target.timeout_s)
        return SinkUnavailable(told)
    return SinkUnavailable(ENGLISH("influx.away", server=target.base, why=str(error)))


class HttpSession:
    """Requests to one server. Redirects are not followed: they would turn a POST into a GET."""

    def __init__(self, target: InfluxTarget) -> None:
        """Remember the server; no socket is opened."""
        self._target = target
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Return the answer, whatever its status; raises SinkUnavailable where none came."""
        session = await self._opened()
        try:
            async with session.request(
                method,
                self._target.base + path,
                params=parameters,
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                return HttpAnswer.of(response.status, await response.read(), response.headers)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise connection_failure(error, self._target) from error

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = await tls_context(self._target)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=True if context is None else context),
                timeout=aiohttp.ClientTimeout(total=self._target.timeout_s),
                headers=self._authorization(),
            )
        return self._session

    def _authorization(self) -> dict[str, str]:
        if self._target.token:
            return {"Authorization": f"Token {self._target.token}"}
        if self._target.username:
            login = f"{self._target.username}:{self._target.password}".encode()
            return {"Authorization": f"Basic {b64encode(login).decode()}"}
        return {}
