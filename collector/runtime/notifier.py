"""The loop of notices: look what changed, write what is due; polls never wait for either."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from collector.errors import LedgerError
from collector.runtime.sweep import happens_within

_LOG = logging.getLogger(__name__)

_IDLE_S = 60.0
"""How often is looked whether anything is due: a digest comes at its minute."""


class Notifier:
    """Looks and writes until told to finish; a mistake in it costs notices, never pages."""

    name = "notices"

    def __init__(
        self,
        look: Callable[[], Awaitable[None]],
        deliver: Callable[[], Awaitable[None]],
        note: Callable[[], Awaitable[None]],
        every_s: float,
    ) -> None:
        """Call `look` every so often, `deliver` each minute, and `note` once before the end."""
        self._look = look
        self._deliver = deliver
        self._note = note
        self._every_s = every_s
        self._woken = asyncio.Event()
        self._finishing = asyncio.Event()
        self._looked: float | None = None
        self._is_good = True
        self._deadline: float | None = None
        self._bound: asyncio.Timeout | None = None

    def wake(self) -> None:
        """Say that there may be news."""
        self._woken.set()

    def retry(self) -> None:
        """Look at once: a person says that something changed."""
        self._looked = None
        self._woken.set()

    def finish(self, drain_s: float) -> None:
        """Make `run` return, `drain_s` from now at the latest; a letter on its way gets so long."""
        self._finishing.set()
        self._woken.set()
        self._deadline = asyncio.get_running_loop().time() + drain_s
        if self._bound is not None:
            self._bound.reschedule(self._deadline)

    async def run(self) -> None:
        """Look and write until told to finish. Raises LedgerError, and no mistake of its own."""
        try:
            async with asyncio.timeout_at(self._deadline) as self._bound:
                while not self._finishing.is_set():
                    await self._round()
                    await happens_within(self._woken, min(_IDLE_S, self._every_s))
                    self._woken.clear()
                await self._note()
        except TimeoutError:
            _LOG.warning("a notice was on its way when the service stopped; it is sent again")
        finally:
            self._bound = None

    async def _round(self) -> None:
        now = asyncio.get_running_loop().time()
        try:
            if self._looked is None or now - self._looked >= self._every_s:
                self._looked = now
                await self._look()
            await self._deliver()
        except LedgerError:
            raise
        except Exception:  # noqa: BLE001 - pages are counted whatever befalls a notice
            if self._is_good:
                _LOG.exception("notices cannot be worked out; pages are counted all the same")
            self._is_good = False
        else:
            self._is_good = True
