"""Changes that wait for the disk, committed together: it turns once for all of them.

A change is done when its commit is on disk, however many it shares it with, so nothing that was
acknowledged can be lost. One that fails fails alone. Runs on the ledger's own thread.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from collector.adapters.ledger_sqlite.file import transaction

_MOST: Final = 256
"""Changes in one commit: readers beside the daemon, and other writers, need not wait long."""


@dataclass(slots=True, eq=False)
class PendingChange:
    """Work to be done in a transaction, and what came of it. `told` is called after its commit."""

    work: Callable[[], Any]
    told: Callable[[], None] | None = None
    answer: object = None
    error: BaseException | None = None
    is_done: bool = False


class Commits:
    """Takes changes from any thread; `commit` them on the ledger's own."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        undo: Callable[[], None],
        look: Callable[[], None] = lambda: None,
    ) -> None:
        """Write through `connection`; `undo` is called after each rollback.

        `look` is called before each transaction; what it raises is raised by all that wait.
        """
        self._connection = connection
        self._undo = undo
        self._look = look
        self._waiting: deque[PendingChange] = deque()

    def add(self, change: PendingChange) -> None:
        """Let `change` wait for the next commit."""
        self._waiting.append(change)

    def commit(self) -> None:
        """Commit all that waits, and what is added meanwhile."""
        while some := self._next():
            if self._is_refused(some):
                continue
            if len(some) == 1 or not self._together(some):
                for one in some:
                    self._alone(one)
            for one in some:
                if one.told is not None and one.error is None:
                    one.told()
                one.is_done = True

    def take_back(self, change: PendingChange) -> None:
        """Let `change` wait no longer, whose caller is gone; one that is being made goes on."""
        with suppress(ValueError):
            self._waiting.remove(change)

    def _next(self) -> list[PendingChange]:
        some: list[PendingChange] = []
        with suppress(IndexError):
            while len(some) < _MOST:
                some.append(self._waiting.popleft())
        return some

    def _is_refused(self, some: list[PendingChange]) -> bool:
        """Say whether nothing may be written any more; each of `some` ends with why."""
        try:
            self._look()
        except Exception as error:  # noqa: BLE001 - raised where the changes were asked for
            for one in some:
                one.error, one.is_done = error, True
            return True
        return False

    def _together(self, some: list[PendingChange]) -> bool:
        """Do all of `some` in one transaction; False where one fails, and nothing is done then.

        A transaction that cannot begin is nobody's fault: all of them end with why, since to wait
        for the same lock again for each would take as many times as long.
        """
        has_begun = False
        try:
            with transaction(self._connection):
                has_begun = True
                for one in some:
                    one.answer = one.work()
        except Exception as error:  # noqa: BLE001 - alone each tells whose error it is
            self._undo()
            if has_begun:
                return False
            for one in some:
                one.error = error
        return True

    def _alone(self, one: PendingChange) -> None:
        try:
            with transaction(self._connection):
                one.answer = one.work()
        except BaseException as error:  # noqa: BLE001 - raised where the change was asked for
            self._undo()
            one.error = error
