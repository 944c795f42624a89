"""An agent whose answers come from an address that nobody asked, as from a wrong route."""

import asyncio
from typing import Any, cast

from collector.demo.agent import SimulatedAgent

ELSEWHERE = "127.0.0.2"
"""Linux answers on the whole of 127.0.0.0/8."""


class Impostor(SimulatedAgent):
    """Answers every question rightly, but from `ELSEWHERE`."""

    _other: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen as any agent does, and open the socket that answers leave by."""
        await super().start()
        self._other, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=(ELSEWHERE, 0)
        )

    async def close(self) -> None:
        """Close both sockets."""
        await super().close()
        other, self._other = self._other, None
        if other is not None:
            other.close()
            await asyncio.sleep(0)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        cast("Any", self._other).sendto(answer, addr)
