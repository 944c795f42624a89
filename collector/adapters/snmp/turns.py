"""What to ask at one poll: the counters always, of what changes slowly as much as fits beside them.

One question and one answer, each in one Ethernet frame: copiers have small buffers, and networks
between towns drop fragments. What does not fit waits for its turn at one of the next polls.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collector.adapters.snmp.session import Oid, Value

FRAME: Final = 1280
"""Octets of names and values in one answer; headers of SNMPv3 and UDP fit into a frame as well."""

PATIENCE: Final = 6
"""Where nothing fits beside the counters, every so many polls a second question is asked."""

_SEPTET: Final = 7
_AROUND: Final = 8
"""Octets around a name and a value: three tags, three lengths of one or two octets."""


class Turns:
    """Says what to ask one machine, and keeps the newest answers to what takes turns."""

    def __init__(self, always: Sequence[Oid], others: Sequence[Oid]) -> None:
        """Take turns among `others`; everything is asked the first time."""
        self._always = tuple(dict.fromkeys(always))
        self._others = tuple(name for name in dict.fromkeys(others) if name not in set(always))
        self._next = 0
        self._waited = 0
        self._sizes: dict[Oid, int] | None = None
        self._known: dict[Oid, Value] = {}

    def questions(self, at_once: int | None) -> tuple[tuple[Oid, ...], ...]:
        """Return what to ask now of an agent that answers `at_once` names (None: any number)."""
        if self._sizes is None:
            return (self._always + self._others,)
        used = sum(map(self._size, self._always))
        fitting = self._turn(_room(len(self._always), at_once), FRAME - used)
        self._waited = 0 if fitting or not self._others else self._waited + 1
        if self._waited < PATIENCE:
            return (self._always + fitting,)
        self._waited = 0
        return self._always, self._turn(at_once, FRAME, least=1)

    def heard(
        self, questions: Iterable[Iterable[Oid]], answer: Mapping[Oid, Value]
    ) -> Mapping[Oid, Value]:
        """Return `answer` to `questions` with what was answered at other turns."""
        asked = {name for question in questions for name in question}
        sizes = {name: _size(name, answer.get(name)) for name in asked}
        self._sizes = {**(self._sizes or {}), **sizes}
        for name in asked.intersection(self._others):
            self._known.pop(name, None)
            if name in answer:
                self._known[name] = answer[name]
        return {**self._known, **answer}

    def _turn(self, room: int | None, octets: int, least: int = 0) -> tuple[Oid, ...]:
        """Return whose turn it is, in `room` names and `octets`; the next ones are next.

        At `least` so many in any case: one name may be longer than a frame by itself.
        """
        count = len(self._others)
        turn: list[Oid] = []
        for step in range(count if room is None else min(room, count)):
            name = self._others[(self._next + step) % count]
            octets -= self._size(name)
            if octets < 0 and len(turn) >= least:
                break
            turn.append(name)
        if count:
            self._next = (self._next + len(turn)) % count
        return tuple(turn)

    def _size(self, name: Oid) -> int:
        return (self._sizes or {}).get(name, 0)


def _room(taken: int, at_once: int | None) -> int | None:
    """Return how many names fit beside `taken` ones without one more request."""
    if at_once is None:
        return None
    return at_once - taken if taken <= at_once else -taken % at_once


def _size(name: Oid, value: Value | None) -> int:
    """Return how many octets a name and its value take in an answer, or a little more."""
    size = _AROUND + _arcs(name)
    if isinstance(value, bytes):
        return size + len(value)
    if isinstance(value, tuple):
        return size + _arcs(value)
    return size + (0 if value is None else value.bit_length() // 8 + 1)


def _arcs(name: Oid) -> int:
    return sum(max(1, -(-arc.bit_length() // _SEPTET)) for arc in name)
