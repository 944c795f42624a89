"""Signals turned into calls inside the loop; the handlers decide, they never interrupt."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_LOG = logging.getLogger(__name__)

_ECHO_S: Final = 1.0
"""timeout(1) and some supervisors send one SIGTERM twice, to the process and to its group."""


class StopSignals:
    """First SIGTERM or SIGINT: stop in good order. A SIGTERM a while later: stop at once."""

    def __init__(self, stop: asyncio.Event, at_once: Callable[[], None]) -> None:
        """Set `stop` at the first signal; call `at_once` where that is not soon enough."""
        self._stop = stop
        self._at_once = at_once
        self._stopped_at: float | None = None

    def terminate(self) -> None:
        """Stop, or stop at once where stopping has already begun."""
        if not self._stop.is_set():
            self._begin("SIGTERM")
        elif not self._is_echo():
            _LOG.warning("stopping at once; rows not sent stay in the ledger")
            self._at_once()

    def interrupt(self) -> None:
        """Stop, or say what to do where stopping has already begun."""
        if self._stop.is_set():
            _LOG.warning("already stopping; to stop at once send SIGTERM (kill PID)")
            return
        self._begin("SIGINT")

    def _begin(self, signal_name: str) -> None:
        _LOG.info("stopping", extra={"signal": signal_name})
        self._stopped_at = asyncio.get_running_loop().time()
        self._stop.set()

    def _is_echo(self) -> bool:
        if self._stopped_at is None:
            return False
        return asyncio.get_running_loop().time() - self._stopped_at < _ECHO_S


@contextmanager
def handled(stops: StopSignals, hang_up: Callable[[], None]) -> Iterator[None]:
    """Serve SIGTERM, SIGINT and SIGHUP inside; the system's own ways hold again outside."""
    loop = asyncio.get_running_loop()
    handlers = {
        signal.SIGTERM: stops.terminate,
        signal.SIGINT: stops.interrupt,
        signal.SIGHUP: hang_up,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
