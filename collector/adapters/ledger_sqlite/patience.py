"""What the daemon does while its ledger cannot be written for a reason that may pass: it waits.

A full disk, a quota, a lock that another program holds for minutes: what is to be written stays in
memory, one change is tried again until it is done, and the rest follow in their order.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from collector.errors import LedgerHeldUp

_LOG = logging.getLogger(__name__)

_PASSES: Final = frozenset(
    {
        "SQLITE_FULL",
        "SQLITE_BUSY",
        "SQLITE_LOCKED",
        "SQLITE_PROTOCOL",
        "SQLITE_NOMEM",
    }
)
_ONCE_OPEN: Final = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY"})
"""Rights that are wrong from the start are a mistake; those that went may come back."""
_DISK_PASSES: Final = frozenset(
    f"SQLITE_IOERR_{one}"
    for one in ("WRITE", "FSYNC", "TRUNCATE", "LOCK", "NOMEM", "SHMOPEN", "SHMSIZE", "SHMLOCK")
)
_PAUSE_S: Final = 5.0

T = TypeVar("T")


def passes(error: sqlite3.Error, *, opening: bool = False) -> bool:
    """Say whether `error` may pass without anybody touching the ledger itself."""
    name: str = getattr(error, "sqlite_errorname", None) or ""
    primary = "_".join(name.split("_")[:2])
    return name in _DISK_PASSES or primary in _PASSES or (primary in _ONCE_OPEN and not opening)


class LedgerPatience:
    """Waits out what holds a ledger up, until told to `give_up`."""

    def __init__(self, beat: Callable[[str], None] | None = None) -> None:
        """Call `beat` with the reason before each further try."""
        self._beat = beat
        self._turns = asyncio.Lock()
        self._given_up = asyncio.Event()
        self._is_on = False

    @property
    def is_on(self) -> bool:
        """Whether something waits for the ledger."""
        return self._is_on or self._turns.locked()

    def give_up(self) -> None:
        """Wait no more: what cannot be written now raises LedgerHeldUp."""
        self._given_up.set()

    async def until_done(self, attempt: Callable[[], Awaitable[T]], *, is_change: bool = True) -> T:
        """Return what `attempt` returns as soon as it is not held up; other errors are raised.

        A question may be answered where a change is held up.
        """
        if not (self._is_on and is_change):
            try:
                return await attempt()
            except LedgerHeldUp as error:
                self._hold(error)
        async with self._turns:  # one tries, in whose turn the others wait: each try may take long
            while not self._given_up.is_set():
                try:
                    answer = await attempt()
                except LedgerHeldUp as error:
                    self._hold(error)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._given_up.wait(), _PAUSE_S)
                else:
                    self._let_go()
                    return answer
        return await attempt()

    def _hold(self, error: LedgerHeldUp) -> None:
        if not self._is_on:
            fields = {"reason": str(error)}
            _LOG.error(
                "the ledger cannot be written at present; the readings are kept and written as"
                " soon as it can",
                extra=fields,
            )
        self._is_on = True
        if self._beat is not None:
            self._beat(str(error))

    def _let_go(self) -> None:
        if self._is_on:
            _LOG.info("the ledger is written again; nothing was lost")
        self._is_on = False
