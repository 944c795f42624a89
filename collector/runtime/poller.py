"""The loop of one place: wait until it is due, poll, remember how it went."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Final

from collector.app.poll_place import FAILURES_UNTIL_OFFLINE
from collector.app.shared_silence import FEWEST
from collector.domain.cadence import Standing, first_due, next_poll
from collector.domain.reading import PlaceId
from collector.ports import Clock, PollTarget
from collector.runtime.plan import Plan, PollOutcome, Roll
from collector.runtime.waiting import CLOCK_CHECK_S, happens_within

_LOG = logging.getLogger(__name__)

_NONE_ANSWERS: Final = (
    "no place asked with this credential answers; over SNMP v1 and v2c a wrong community is "
    "silence: compare it with the machines', and check the network to them"
)

Attempt = Callable[[PollTarget, float], Awaitable[PollOutcome | None]]
"""Polls a target that was due at this loop time; None where the poll was given up."""


class _Mood(Enum):
    """What is known of a place; each turn is one log line."""

    UNKNOWN = "unknown"
    ANSWERING = "answering"
    SILENT = "silent"
    REFUSING = "refusing"


class Silences:
    """Tells of places that fall silent: each once, and all that share a credential in one line.

    A line waits until every place with its credential was asked once: a wrong community then is
    one line in the journal and not one a place.
    """

    def __init__(self, targets: Callable[[], Iterable[PollTarget]]) -> None:
        """Begin with every place unknown; `targets` are all that are polled now."""
        self._targets = targets
        self._failing: dict[PlaceId, bool] = {}
        self._waiting: dict[PlaceId, dict[str, object]] = {}
        self._told: set[str] = set()

    def note(self, target: PollTarget, *, answered: bool) -> None:
        """Note how the last poll of `target` went."""
        self._failing[target.place] = not answered
        if answered:
            self._told.discard(target.credential)
            self._waiting.pop(target.place, None)
        self._say(target.credential)

    def tell(self, target: PollTarget, about: dict[str, object]) -> None:
        """Log that `target` is silent, as soon as it is known whether it is the only one."""
        self._waiting[target.place] = about
        self._say(target.credential)

    def _say(self, credential: str) -> None:
        alike = [one.place for one in self._targets() if one.credential == credential]
        are_many = len(alike) >= FEWEST
        if are_many and any(one not in self._failing for one in alike):
            return
        lines = [self._waiting.pop(one) for one in alike if one in self._waiting]
        if not (are_many and all(self._failing[one] for one in alike)):
            for about in lines:
                _LOG.warning("place is silent; it is asked less and less often", extra=about)
        elif lines and credential not in self._told:
            self._told.add(credential)
            line = f"credentials.{credential}.community in collector.toml"
            about = {"credential": credential, "places": len(alike), "line": line}
            _LOG.warning(_NONE_ANSWERS, extra=about | {"reason": lines[0].get("reason")})


class Poller:
    """Polls one place until it is told to leave. One failing machine concerns only its poller."""

    def __init__(
        self,
        target: PollTarget,
        plan: Callable[[], Plan],
        attempt: Attempt,
        clock: Clock,
        roll: Roll,
        silences: Silences,
    ) -> None:
        """Stand ready to poll `target`; `plan` is asked anew before every poll."""
        self._silences = silences
        self._target = target
        self._plan = plan
        self._attempt = attempt
        self._clock = clock
        self._roll = roll
        self._standing = Standing()
        self._mood = _Mood.UNKNOWN
        self._polled_at: datetime | None = None
        self._planned_at: datetime | None = None
        self._due: datetime | None = None
        self._nudge = asyncio.Event()
        self._leaving = False

    @property
    def answering(self) -> bool:
        """Whether the place is known to answer; one lost poll does not change that."""
        return self._mood is _Mood.ANSWERING

    def leave(self) -> None:
        """Let the poll in flight finish, then end."""
        self._leaving = True
        self._nudge.set()

    def replan(self) -> None:
        """Work out anew when this place is due: the pace or the office's months changed."""
        self._due = None
        self._nudge.set()

    def follow(self, target: PollTarget) -> None:
        """Stay, or come back from leaving; start afresh where `target` is another machine's."""
        self._leaving = False
        if target != self._target:
            self._target = target
            self._standing = Standing()
            self._mood = _Mood.UNKNOWN
            self._polled_at = None
            self.replan()

    async def run(self) -> None:
        """Poll whenever due until told to leave. Raises only what is no device's failure."""
        while await self._is_due():
            target = self._target
            self._polled_at = self._clock.now()
            outcome = await self._attempt(target, self._due_on_loop())
            if target == self._target:
                self._note(outcome)
                self._due = None

    def _due_on_loop(self) -> float:
        late_s = 0.0
        if self._due is not None and self._polled_at is not None:
            late_s = (self._polled_at - self._due).total_seconds()
        return asyncio.get_running_loop().time() - max(0.0, late_s)

    async def _is_due(self) -> bool:
        """Return True once a poll is due, False when told to leave."""
        while not self._leaving:
            now = self._clock.now()
            if self._due is None or self._planned_at is None or now < self._planned_at:
                self._planned_at, self._due = now, self._next(now)
            left_s = (self._due - now).total_seconds()
            if left_s <= 0:
                return True
            await happens_within(self._nudge, min(left_s, CLOCK_CHECK_S))
            self._nudge.clear()
        return False

    def _next(self, now: datetime) -> datetime:
        plan = self._plan()
        rhythm = plan.pace.rhythm(self._target.place)
        if self._polled_at is None:
            return first_due(rhythm, now)
        polled_at = min(self._polled_at, now)
        return next_poll(rhythm, plan.office, self._standing, polled_at, now, self._roll())

    def _note(self, outcome: PollOutcome | None) -> None:
        before = self._standing
        self._silences.note(self._target, answered=outcome is not None and outcome.ok)
        if outcome is not None and outcome.ok:
            self._standing = Standing(heard_at=self._clock.now())
            self._turn(_Mood.ANSWERING, before, outcome)
            return
        refused = outcome is not None and outcome.refused
        self._standing = Standing(before.failures + 1, refused, before.heard_at)
        if self.answering and not refused and self._standing.failures < FAILURES_UNTIL_OFFLINE:
            return
        self._turn(_Mood.REFUSING if refused else _Mood.SILENT, before, outcome)

    def _turn(self, mood: _Mood, before: Standing, outcome: PollOutcome | None) -> None:
        """Log a change of state, and only a change."""
        known, self._mood = self._mood, mood
        if mood is known:
            return
        fields: dict[str, object] = {"place": self._target.place, "address": self._target.address}
        if mood is _Mood.ANSWERING:
            level = logging.DEBUG if known is _Mood.UNKNOWN else logging.INFO
            _LOG.log(level, "place answers", extra=fields | {"failed_polls": before.failures})
            return
        fields["reason"] = outcome.reason if outcome is not None else "the poll never came back"
        if mood is _Mood.REFUSING:
            _LOG.error("place refuses this credential; it is asked seldom now", extra=fields)
        else:
            self._silences.tell(self._target, fields)
