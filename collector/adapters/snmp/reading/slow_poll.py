"""What is looked into beside the counters: alerts, and everything else when something changed."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.condition.alerts import read_alerts
from collector.adapters.snmp.condition.status import signals
from collector.adapters.snmp.plan import ReadingPlan
from collector.errors import DeviceError

# What to ask at one poll: the counters always, of what changes slowly as much as fits beside them.
#
# One question and one answer, each in one Ethernet frame: copiers have small buffers, and networks
# between towns drop fragments. What does not fit waits in a queue for one of the next polls.


EVERY_S: Final = 900
"""Levels move slowly: four times an hour is soon enough."""

FRAME: Final = 1320
"""Octets of names and values in one answer; headers of SNMPv3 and UDP fit into a frame as well."""

PATIENCE: Final = 6
"""Where nothing fits beside the counters, every so many polls a second question is asked."""

_SEPTET: Final = 7
_AROUND: Final = 6
"""Octets around a name and a value: three tags and three lengths."""

_LONG: Final = 64
"""Octets from which a length may take two octets more."""


class SlowPollQueue:
    """Says what to ask one machine, and keeps the newest answers to what is asked seldom.

    All of it is asked the first time, and then again every EVERY_S, as it fits. A machine that
    answers its counters without it, but not with it, is asked for it apart from then on.
    """

    def __init__(self, always: Sequence[Oid], others: Sequence[Oid]) -> None:
        """Ask for `always` at every poll, and for `others` one after another."""
        self._always = tuple(dict.fromkeys(always))
        self._others = tuple(name for name in dict.fromkeys(others) if name not in set(always))
        self._next = 0
        self._left = len(self._others)
        self._began = 0.0
        self._waited = 0
        self._is_apart = False
        self._counters: Mapping[Oid, Value] | None = None
        self._heard: dict[Oid, Value | None] = {}
        self._known: dict[Oid, Value] = {}

    @property
    def known(self) -> Mapping[Oid, Value]:
        """The newest answers to what is asked seldom."""
        return self._known

    def questions(self, at_once: int | None, now: float) -> tuple[tuple[Oid, ...], tuple[Oid, ...]]:
        """Return what to ask at `now` (seconds), and what to ask apart from it, mostly nothing.

        `at_once` is how many names the agent answers (None: any number).
        """
        if not self._left and now - self._began >= EVERY_S:
            self._left, self._began = len(self._others), now
        if not self._left:
            return self._always, ()
        if self._counters is None and not self._is_apart:
            self._began = now
            return self._always + self._others, ()
        counters = self._counters or {}
        used = sum(_size(name, counters.get(name)) for name in self._always)
        beside = self._due(_room(len(self._always), at_once), FRAME - used)
        if beside and not self._is_apart:
            return self._always + beside, ()
        self._waited += 1
        if self._waited < PATIENCE and not self._is_apart:
            return self._always, ()
        return self._always, self._due(at_once, FRAME, least=1)

    def heard(self, asked: Collection[Oid], answer: Mapping[Oid, Value]) -> None:
        """Take note of `answer` to all that was `asked`."""
        if asked is self._always:
            self._counters = answer
            return
        among = frozenset(asked)
        if among.issuperset(self._always):
            self._counters = answer
        taken = [name for name in self._others if name in among]
        self._heard |= {name: answer.get(name) for name in taken}
        for name in taken:
            self._known.pop(name, None)
        self._known |= {name: answer[name] for name in taken if name in answer}
        if taken:
            self._waited = 0
            self._next = (self._next + len(taken)) % len(self._others)
            self._left = max(0, self._left - len(taken))

    def refreshed(self, answer: Mapping[Oid, Value], now: float) -> None:
        """Take note of `answer` to all that is in the queue, asked at `now`."""
        self._known = dict(answer)
        self._left, self._began = 0, now

    def put_off(self) -> None:
        """Leave the queue for later: the machine did not answer."""
        self._left = 0

    def keep_apart(self, now: float) -> None:
        """Ask for what is in the queue by itself, beginning EVERY_S after `now`."""
        self._is_apart = True
        self._left, self._began = 0, now

    def _due(self, room: int | None, octets: int, least: int = 0) -> tuple[Oid, ...]:
        """Return what is next in the queue, in `room` names and `octets`.

        At `least` so many in any case: one name may be longer than a frame by itself.
        """
        due: list[Oid] = []
        for step in range(self._left if room is None else min(room, self._left)):
            name = self._others[(self._next + step) % len(self._others)]
            octets -= self._size(name)
            if octets < 0 and len(due) >= least:
                break
            due.append(name)
        return tuple(due)

    def _size(self, name: Oid) -> int:
        """Return the octets of `name` with its newest answer; 0 before it was first asked."""
        return _size(name, self._heard[name]) if name in self._heard else 0


def _room(taken: int, at_once: int | None) -> int | None:
    """Return how many names fit beside `taken` ones without one more request."""
    if at_once is None:
        return None
    return at_once - taken if taken <= at_once else -taken % at_once


def _size(name: Oid, value: Value | None) -> int:
    """Return how many octets a name and its value take in an answer, or a little more."""
    size = _AROUND + _arcs(name)
    if isinstance(value, bytes):
        size += len(value)
    elif isinstance(value, tuple):
        size += _arcs(value)
    elif value is not None:
        size += value.bit_length() // 8 + 1
    return size + (_AROUND if size > _LONG else 0)


def _arcs(name: Oid) -> int:
    """Return the octets of an object identifier; its first two arcs share one."""
    return sum(max(1, -(-arc.bit_length() // _SEPTET)) for arc in name[1:])


ALERTS_EVERY_S: Final = 3600
"""How often the alert table is looked into although the machine's condition did not change. One
that has alerts and does not state its condition at all is looked into every EVERY_S."""

LIMIT_S: Final = 10.0
"""A poll whose counters are read is not held up for longer than this."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The newest answers; `alerts` is None where the alert table was never read."""

    values: Mapping[Oid, Value] = field(default_factory=dict)
    alerts: Mapping[Oid, Value] | None = None


class SlowPoll:
    """Keeps one machine's alerts, and looks beside the counters where a poll gives reason to.

    That is: a new plan, a change of what the machine says of its own condition at every poll,
    and the lapse of time. What changes slowly comes with the counters (`SlowPollQueue`); after a
    change it is asked for at once.
    """

    def __init__(self) -> None:
        """Begin without an answer."""
        self._alerts: Mapping[Oid, Value] | None = None
        self._plan: ReadingPlan | None = None
        self._asked_at = 0.0
        self._signals: tuple[Value | None, ...] = ()

    async def read(
        self,
        session: Session,
        plan: ReadingPlan,
        varbinds: Mapping[Oid, Value],
        queue: SlowPollQueue,
        now: float,
    ) -> Condition:
        """Return what is known at `now` (seconds), asking where it is due.

        `varbinds` are the answers to `plan.oids`. A machine that does not answer this question
        has been read all the same: what it said last is kept, and it is asked again when due.
        """
        seen = signals(plan, varbinds)
        is_new, has_changed = plan is not self._plan, seen != self._signals
        blind = plan.state.errors is None and bool(self._alerts)
        every_s = EVERY_S if blind else ALERTS_EVERY_S
        if is_new or has_changed or now - self._asked_at >= every_s:
            if self._plan is None or plan.identity.key != self._plan.identity.key:
                self._alerts = None
            self._plan, self._signals, self._asked_at = plan, seen, now
            known = Condition(queue.known, self._alerts)
            wanted = plan if has_changed and not is_new else None  # a new plan was asked whole
            found = await _ask(session, wanted, known, LIMIT_S)
            if found.values is not known.values:
                queue.refreshed(found.values, now)
            self._alerts = found.alerts
        return Condition(queue.known, self._alerts)


async def ask_condition(
    session: Session, plan: ReadingPlan, before: Condition | None = None, limit_s: float = LIMIT_S
) -> Condition:
    """Return what the machine answers within `limit_s`; what it does not is as `before`."""
    return await _ask(session, plan, before or Condition(), limit_s)


async def _ask(
    session: Session, plan: ReadingPlan | None, found: Condition, limit_s: float
) -> Condition:
    """Return `found` with the alerts as they are now, and with the rest of `plan` if given."""
    with suppress(DeviceError, TimeoutError):
        async with asyncio.timeout(limit_s):
            if plan is not None and plan.extra:
                found = replace(found, values=await session.get(plan.extra))
            found = replace(found, alerts=await read_alerts(session))
    return found
