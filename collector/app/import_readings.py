"""Take readings in that another program took: as evidence older than what the ledger holds."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.app.enter.recount import AddedEvidence, recount
from collector.app.enter.replay import Replayed
from collector.app.office_context import OfficeContext
from collector.domain.counting.entries import Entry, OldReadings, PastMonth, in_force
from collector.domain.counting.identity import Sameness, compare
from collector.domain.counting.reading import Reading
from collector.domain.counting.told import OLD
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, sentence
from collector.ports import BEGINNING, END, Counting


@dataclass(frozen=True, slots=True)
class Misfit:
    """A reading that cannot be beside what the ledger holds: `key` of it, and why."""

    place: PlaceId
    at: datetime
    key: str
    why: Sentence


@dataclass(frozen=True, slots=True)
class ReadingsPlan:
    """What taking readings in comes to; with `misfits` nothing may be entered.

    `places` are those for which anything is new, `readings` how many lie in the ledger then that
    do not now.
    """

    places: tuple[Replayed, ...]
    misfits: tuple[Misfit, ...]
    readings: int


async def plan_readings(
    ledger: Counting, tried: Counting, context: OfficeContext, source: str, signed: Signature
) -> ReadingsPlan:
    """Return what taking in all readings of `tried`, a ledger of its own, would do to `ledger`.

    Readings that lie there and count already are passed over, so the same file adds nothing.
    """
    places: list[Replayed] = []
    misfits: list[Misfit] = []
    new = 0
    for state in await tried.states():
        told = await tried.readings(state.place, BEGINNING, END)
        brought = [replace(one, answer=replace(one.answer, profile=OLD)) for one in told]
        stored = await ledger.readings(state.place, BEGINNING, END)
        entries = await ledger.entries(state.place)
        beside = _Beside(context, stored, entries)
        misfits += (problem for one in brought for problem in beside.misfits(one))
        fresh = [one for one in brought if not beside.holds(one)]
        if not brought or misfits or not any(map(beside.is_news, brought)):
            continue
        first, last = brought[0].at, brought[-1].at
        entry = OldReadings(state.place, first, last, len(brought), source, signed)
        counted = await recount(
            ledger, context, state.place, first, [*entries, entry], AddedEvidence(readings=fresh)
        )
        places.append(Replayed(entry, counted))
        new += len(fresh)
    return ReadingsPlan(tuple(places), tuple(misfits), new)


class _Beside:
    """What the ledger holds of one place, and whether a reading fits to it."""

    def __init__(
        self, context: OfficeContext, stored: Sequence[Reading], entries: Sequence[Entry]
    ) -> None:
        holding = in_force(entries)
        self._office = context.office
        self._stored = stored
        self._times = [one.at for one in stored]
        self._own = [one for one in stored if one.answer.profile != OLD]
        self._spans = [(one.since, one.until) for one in holding if isinstance(one, OldReadings)]
        self._sheets = {one.period: one for one in holding if isinstance(one, PastMonth)}

    def holds(self, reading: Reading) -> bool:
        """Say whether just this reading lies in the ledger, whether it counts or not."""
        return self._same(reading) is not None

    def is_news(self, reading: Reading) -> bool:
        """Say whether it does not count yet."""
        return not self.holds(reading) or not any(a <= reading.at <= b for a, b in self._spans)

    def misfits(self, reading: Reading) -> Iterator[Misfit]:
        """Yield why `reading` cannot be."""
        for key, why in self._problems(reading):
            yield Misfit(reading.place, reading.at, key, why)

    def _same(self, reading: Reading) -> Reading | None:
        index = bisect_left(self._times, reading.at)
        there = self._stored[index] if index < len(self._stored) else None
        if there is None or there.at != reading.at:
            return None
        same = there.answer.identity.key == reading.answer.identity.key
        return there if same and there.answer.meters == reading.answer.meters else None

    def _problems(self, reading: Reading) -> Iterator[tuple[str, Sentence]]:
        month = self._office.period_of(self._office.local_day(reading.at)).name
        if (sheet := self._sheets.get(month)) is not None:
            yield "at", sentence("import.old_sheet", month=month, entry=sheet.id)
        if self._own and reading.at > self._own[-1].at:
            yield "at", sentence("import.later", at=self._own[-1].at)
            return
        if self.holds(reading):
            return
        index = bisect_left(self._times, reading.at)
        after = self._stored[index] if index < len(self._stored) else None
        if after is not None and after.at == reading.at:
            yield "at", sentence("import.same_second")
            return
        before = self._stored[index - 1] if index else None
        if before is not None and after is not None:
            yield from _between(before, reading, after)


def _between(before: Reading, reading: Reading, after: Reading) -> Iterator[tuple[str, Sentence]]:
    """Yield how `reading` contradicts two readings between which it would be counted."""
    for one in (before, after):
        if compare(one.answer.identity, reading.answer.identity) is Sameness.OTHER:
            device = str(one.answer.identity.key)
            yield "serial", sentence("import.other_machine", device=device, at=one.at)
            return
    was, will = before.answer.meters, after.answer.meters
    for name, value in reading.answer.meters.items():
        known: Mapping[str, int] = {"low": was.get(name, value), "high": will.get(name, value)}
        if known["low"] <= known["high"] and not known["low"] <= value <= known["high"]:
            yield f"meters.{name}", sentence("import.not_between", value=value, **known)
