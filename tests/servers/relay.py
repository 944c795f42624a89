"""A wire that counts: UDP datagrams pass through it to a server on loopback and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Relay(asyncio.DatagramProtocol):
    """Passes on what it hears. `asked` and `answered` hold the size of every datagram."""

    def __init__(self, server_port: int) -> None:
        """Nothing is open yet."""
        self.port = 0
        self.asked: list[int] = []
        self.answered: list[int] = []
        self._server = ("127.0.0.1", server_port)
        self._asker: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._gone = asyncio.Event()

    def forget(self) -> None:
        """Count from zero."""
        self.asked.clear()
        self.answered.clear()

    async def open(self) -> None:
        """Listen on a free port, known as `port` afterwards."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    async def close(self) -> None:
        """Free the port."""
        if self._transport is not None:
            self._transport.close()
            await self._gone.wait()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # closed by us
        """Let `close` return."""
        self._gone.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Pass a question on to the server, an answer to who asked last."""
        if addr == self._server:
            self.answered.append(len(data))
            to = self._asker
        else:
            self.asked.append(len(data))
            self._asker, to = addr, self._server
        if self._transport is not None and to is not None:
            self._transport.sendto(data, to)


@asynccontextmanager
async def relay(server_port: int) -> AsyncIterator[Relay]:
    """Run a relay to `server_port`."""
    one = Relay(server_port)
    await one.open()
    try:
        yield one
    finally:
        await one.close()
