"""Count the past again from the stored readings, and show what would come out differently.

Nothing differs where nothing changed: neither the counting rules nor the office's calendar nor the
profile by which the readings are read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.app.count_reading import day_refs
from collector.app.enter.amend import Amended
from collector.app.enter.recount import (
    AddedEvidence,
    DayChange,
    Recount,
    RecountLedger,
    recount,
)
from collector.app.month.months import A_YEAR
from collector.app.office_context import OfficeContext
from collector.domain.counting.entries import Entry, OldReadings, Rereading
from collector.domain.counting.reading import Answer
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.ports import END, LogRef, Reread


@dataclass(frozen=True, slots=True)
class Corrected:
    """A profile to read stored answers by.

    `read` returns an answer as the profile has it, and the meters that the record cannot tell.
    `profiles` names those whose readings it corrects; None corrects every reading it is given.
    """

    name: str
    read: Callable[[Answer], tuple[Answer, frozenset[Meter]]]
    profiles: frozenset[str] | None = None

    def concerns(self, answer: Answer) -> bool:
        """Say whether `answer` was read by a profile that this one corrects."""
        return self.profiles is None or answer.profile in self.profiles


@dataclass(frozen=True, slots=True)
class Replayed:
    """What counting one place again comes to. `untold` are meters the record cannot tell anew."""

    entry: Rereading | OldReadings
    recount: Recount
    read_again: int = 0
    untold: frozenset[Meter] = frozenset()


async def replay_place(
    ledger: RecountLedger,
    context: OfficeContext,
    place: PlaceId,
    since: datetime,
    signed: Signature,
    corrected: Corrected | None = None,
) -> Replayed:
    """Return what counting `place` again from `since` on comes to; nothing is written."""
    entry = Rereading(place, since, None if corrected is None else corrected.name, signed)
    rereadings: list[Reread] = []
    untold: frozenset[Meter] = frozenset()
    if corrected is not None:
        for reading in await ledger.readings(place, since, END):
            if corrected.concerns(reading.answer):
                answer, unknown = corrected.read(reading.answer)
                rereadings.append(Reread(entry.id, replace(reading, answer=answer)))
                untold |= unknown
    entries: list[Entry] = [*await ledger.entries(place), entry]
    counted = await recount(
        ledger, context, place, since, entries, AddedEvidence(rereadings), every_day=True
    )
    return Replayed(entry, counted, len(rereadings), untold)


def outcome_of(replayed: Sequence[Replayed], context: OfficeContext) -> Amended:
    """Return what carrying out `replayed` would change; places without a change have no part."""
    changed = [one for one in replayed if one.recount.amendment is not None]
    days = tuple(day for one in changed for day in one.recount.days)
    office = context.office
    names = {office.period_of(one.day).name for one in days}
    later = {office.before(office.period(name), -A_YEAR).name for name in names}
    return Amended(
        entries=tuple(one.entry for one in changed),
        amendments=tuple(
            one.recount.amendment for one in changed if one.recount.amendment is not None
        ),
        days=days,
        months=tuple(sorted(names)),
        log=tuple(dict.fromkeys([*_refs(days, context), *_months(names | later)])),
    )


def _refs(days: Iterable[DayChange], context: OfficeContext) -> tuple[LogRef, ...]:
    return day_refs((DayUsage(one.place, one.day) for one in days), context.office)


def _months(names: Iterable[str]) -> list[LogRef]:
    return [LogRef("month", name) for name in sorted(names)]
