"""From the log's references to facts: what the ledger holds now, for a centre to keep as well."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from collector.app.centre.facts import (
    Changed,
    Closed,
    Days,
    Entered,
    Fact,
    FleetTold,
    Found,
    Read,
    Recounted,
)
from collector.app.notes import COUNTED_SINCE, LEDGER_TOLD_ALL
from collector.domain.counting.entries import Entry
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import Usage
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.ports import (
    BEGINNING,
    END,
    Amendment,
    Counting,
    FleetFacts,
    LogEntry,
    LogRef,
    Notes,
    PlaceState,
    PublishLog,
    Statements,
)

_SECOND: Final = timedelta(seconds=1)
_PART: Final = 1000
"""Usages in one part of a recount: about 200 KB of text."""


class TellingLedger(Counting, FleetFacts, Statements, PublishLog, Notes, Protocol):
    """All that facts are told from."""


async def mention_all(ledger: TellingLedger) -> None:
    """See to it, once, that the log mentions everything: that of earlier releases did not.

    Entries, facts of the fleet and statements are mentioned anew, in their order, and the usages
    of places whose old readings are gone.
    """
    if await LEDGER_TOLD_ALL.get(ledger):
        return
    refs = [LogRef("fact", str(number)) for number, _ in enumerate(await ledger.facts())]
    refs += [LogRef("entry", one.id) for one in await ledger.entries()]
    for one in await ledger.links():
        refs.append(LogRef("statement", f"{one.period.name}|{one.revision}"))
    for state in await ledger.states():
        if await COUNTED_SINCE.about(state.place).get(ledger) is not None:
            refs.append(LogRef("recount", f"{state.place}|0"))
    await ledger.touch(refs)
    await LEDGER_TOLD_ALL.put(ledger, "yes")


def mentions(amendment: Amendment) -> tuple[LogRef, ...]:
    """Return what a ledger's log says by itself of a place that was counted anew."""
    place, since = amendment.before.place, max(amendment.since or BEGINNING, BEGINNING)
    old = (LogRef("old_reading", _key(one.place, one.at)) for one in amendment.readings)
    return (*old, LogRef("recount", _key(place, since)))


class Teller:
    """Turns log entries into facts. The same entry told later gives the later truth."""

    def __init__(self, ledger: TellingLedger) -> None:
        """Tell from `ledger`."""
        self._ledger = ledger
        self._states: dict[PlaceId, PlaceState] = {}
        self._entries: Mapping[str, Entry] | None = None
        self._facts: Sequence[FleetFact] | None = None
        self._tell: Mapping[str, Callable[[LogEntry], Awaitable[Sequence[Fact]]]] = {
            "reading": self._read,
            "old_reading": self._read,
            "day": self._days,
            "event": self._found,
            "state": self._changed,
            "entry": self._entered,
            "fact": self._fleet,
            "statement": self._closed,
            "recount": self._recounted,
        }

    async def facts(self, entries: Sequence[LogEntry]) -> Sequence[Sequence[Fact]]:
        """Return what each of `entries` comes to: nothing, one fact or, of a recount, several.

        The rest of the log (rounds, days of departments, months) is worked out from facts.
        """
        self._states.clear()
        self._entries = self._facts = None
        found: list[Sequence[Fact]] = []
        for one in entries:
            tell = self._tell.get(one.ref.kind)
            found.append(() if tell is None else await tell(one))
        return found

    async def _state(self, place: PlaceId) -> PlaceState:
        if place not in self._states:
            self._states[place] = replace(await self._ledger.state(place), last=None)
        return self._states[place]

    async def _read(self, one: LogEntry) -> Sequence[Fact]:
        place, at = _place_and_time(one.ref.key)
        readings = await self._ledger.readings(place, at, at)
        if not readings:
            return ()
        usages = tuple(await self._ledger.usages(place, at - _SECOND, at))
        state = await self._state(place)
        first, *others = readings
        return [Read(first, usages, state), *(Read(each, (), state) for each in others)]

    async def _days(self, one: LogEntry) -> Sequence[Fact]:
        place, _, day = one.ref.key.rpartition("|")
        on = date.fromisoformat(day)
        rows = await self._ledger.days(on, on, PlaceId(place))
        return [Days(PlaceId(place), on, tuple(rows))]

    async def _found(self, one: LogEntry) -> Sequence[Fact]:
        finding = await self._ledger.finding(one.ref.key)
        return () if finding is None else [Found(finding)]

    async def _changed(self, one: LogEntry) -> Sequence[Fact]:
        place, at = _place_and_time(one.ref.key)
        change = await self._ledger.change(place, at)
        return () if change is None else [Changed(change, await self._state(place))]

    async def _entered(self, one: LogEntry) -> Sequence[Fact]:
        if self._entries is None:  # once for all of a step: after years there are thousands
            self._entries = {each.id: each for each in await self._ledger.entries()}
        entry = self._entries.get(one.ref.key)
        return () if entry is None else [Entered(one.seq, entry)]

    async def _fleet(self, one: LogEntry) -> Sequence[Fact]:
        if self._facts is None:
            self._facts = await self._ledger.facts()
        position = int(one.ref.key)
        return [FleetTold(position, each) for each in self._facts[position : position + 1]]

    async def _closed(self, one: LogEntry) -> Sequence[Fact]:
        period, _, revision = one.ref.key.rpartition("|")
        statements = await self._ledger.statements(period)
        return [Closed(each) for each in statements if each.statement.revision == int(revision)]

    async def _recounted(self, one: LogEntry) -> Sequence[Fact]:
        place, since = _place_and_time(one.ref.key)
        start = None if since == BEGINNING else since
        usages = await self._ledger.usages(
            place, BEGINNING - _SECOND if start is None else since, END
        )
        state = await self._state(place)
        tracks = await self._checkpoints(place, since)
        rereadings = await self._ledger.rereadings(
            place, since if start is None else since + _SECOND, END
        )
        parts = [*_parts(usages, start)]
        return [
            Recounted(
                *(place, begin, end, part),
                tuple(track for track in tracks if _within(track.at, begin, end)),
                tuple(again for again in rereadings if _within(again.reading.at, begin, end)),
                state,
            )
            for begin, end, part in parts
        ]

    async def _checkpoints(self, place: PlaceId, since: datetime) -> list[PlaceTrack]:
        """Return the checkpoints of `place` after `since`, oldest first."""
        found: list[PlaceTrack] = []
        until = END
        while (track := await self._ledger.checkpoint(place, until)) is not None:
            if track.at <= since:
                break
            found.append(track)
            until = track.at - _SECOND
        return found[::-1]


def _within(at: datetime, begin: datetime | None, end: datetime | None) -> bool:
    return (begin is None or begin < at) and (end is None or at <= end)


def _parts(
    usages: Sequence[Usage], since: datetime | None
) -> Iterator[tuple[datetime | None, datetime | None, tuple[Usage, ...]]]:
    """Yield spans that follow upon one another with the usages that end in each; the last is open.

    Usages that end together stay together.
    """
    part: list[Usage] = []
    begin = since
    for one in usages:
        if len(part) >= _PART and one.end > part[-1].end:
            yield begin, part[-1].end, tuple(part)
            begin, part = part[-1].end, []
        part.append(one)
    yield begin, None, tuple(part)


def _key(place: PlaceId, at: datetime) -> str:
    return f"{place}|{int(at.timestamp())}"


def _place_and_time(key: str) -> tuple[PlaceId, datetime]:
    place, _, seconds = key.rpartition("|")
    return PlaceId(place), datetime.fromtimestamp(int(seconds), UTC)
