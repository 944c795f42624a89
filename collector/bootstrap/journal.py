"""What the service's log says besides the runtime's changes of state: findings, and what waits."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from collector.app.deliver import Deliver
from collector.app.load_fleet import Loading
from collector.app.poll_place import PollOutcome
from collector.domain.findings import Code, Finding, Severity
from collector.ports import PollTarget
from collector.settings.model import Settings

_LOG = logging.getLogger(__name__)

_LEVELS: Final = {
    Severity.INFO: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.ERROR: logging.ERROR,
}
_TOLD_BY_POLLER: Final = frozenset({Code.DEVICE_REFUSED, Code.DEVICE_NONSENSE})
"""Turns of a place, which its poller logs with the same sentence."""

_AT_RESTART: Final = ("ledger", "influx", "mqtt", "log")
"""Sections of the settings that are used once, when the service starts."""


def tell(findings: Iterable[Finding]) -> None:
    """Log each of `findings` once, as loud as it is severe."""
    for one in findings:
        if one.code not in _TOLD_BY_POLLER:
            fields = {"place": one.subject, "code": one.code.value, "detail": one.message}
            _LOG.log(_LEVELS[one.severity], "finding", extra=fields)


def telling_polls(
    poll: Callable[[PollTarget], Awaitable[PollOutcome]],
) -> Callable[[PollTarget], Awaitable[PollOutcome]]:
    """Return `poll` that also logs what it found."""

    async def told(target: PollTarget) -> PollOutcome:
        outcome = await poll(target)
        tell(outcome.findings)
        return outcome

    return told


def telling_delivery(deliver: Deliver) -> Callable[[], Awaitable[bool]]:
    """Return `deliver` that also logs how many rows a server will never take."""

    async def told() -> bool:
        before = deliver.set_aside
        more = await deliver()
        if rows := deliver.set_aside - before:
            fields = {"sink": deliver.name, "rows": rows, "see": "copier-fleet status"}
            _LOG.error("rows were refused for good and set aside", extra=fields)
        return more

    return told


def tell_what_waits(before: Settings, after: Settings) -> None:
    """Log which changed sections of the settings wait for the next start."""
    waiting = [name for name in _AT_RESTART if getattr(before, name) != getattr(after, name)]
    if waiting:
        fields = {"sections": ", ".join(waiting)}
        _LOG.warning("changed settings take effect at the next start", extra=fields)


def tell_fleet(loading: Loading) -> None:
    """Log how the fleet file disagrees with what is known of days gone by: they stay."""
    for one in loading.differences:
        fields = {
            "place": one.place,
            "from": one.first.isoformat(),
            "to": one.last.isoformat(),
            "see": "copier-fleet fleet apply",
        }
        _LOG.warning(
            "the fleet file would change days gone by; they stay as they were", extra=fields
        )
