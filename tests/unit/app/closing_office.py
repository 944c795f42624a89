"""An office with months of readings in its ledger, to be closed. Any ledger will do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from collector.app.close.close_month import CloseMonth, Refusal
from collector.app.count_reading import record_reading
from collector.app.enter.amend import Amend
from collector.app.office_context import ClosingRules, OfficeContext
from collector.domain.closing.statement import ClosingPlan, Statement
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, Reading
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Targets
from collector.ports import Ledger, PlaceState, Record
from tests.unit.app.office import CANON, RICOH, TOKYO, answer, fleet, place
from tests.wording import english

NOV_3 = date(2026, 11, 3)
OFFICE = Office("hall", TOKYO, closed=frozenset({NOV_3, date(2026, 11, 23)}))
A_FLEET = fleet(
    place("1f", (date(2020, 4, 1), {"soumu": 100})),
    place("2f", (date(2020, 4, 1), {"soumu": 60, "zeimu": 40})),
    targets={"soumu": Targets(default=1000)},
)
GROUND = OfficeContext(A_FLEET, OFFICE, closing=ClosingRules(grace_days=3), say=english)
FIRST = PlaceId("1f")
SECOND = PlaceId("2f")


def tokyo(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


SWITCHED_ON = datetime(2026, 8, 1, tzinfo=UTC)
"""The copiers are not restarted: a restart within a silence would widen what is known of it."""


class Copier:
    """One machine at one place, whose readings go into the ledger as the daemon would put them."""

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        identity: DeviceIdentity = RICOH,
        total: int = 1000,
        context: OfficeContext = GROUND,
    ) -> None:
        """Stand at `name` with `total` impressions printed so far, a quarter of them in colour."""
        self.ledger = ledger
        self.place = PlaceId(name)
        self.identity = identity
        self.total = total
        self.context = context

    def says(self) -> Answer:
        color = self.total // 4
        return answer(self.identity, self.total, total_color=color, total_mono=self.total - color)

    async def read(self, at: datetime, more: int = 0) -> None:
        """Print `more` impressions and be read at `at`."""
        await self._put_down([(at, more)])

    async def works(self, first: date, last: date, pages: int = 20) -> None:
        """Print `pages` on each working day and be read at nine, at noon and around midnight."""
        polls: list[tuple[datetime, int]] = []
        day = first
        while day <= last:
            midnight = self.context.office.midnight(day)
            some = pages if self.context.office.works_on(day) else 0
            polls += [
                (midnight + timedelta(minutes=3), 0),
                (midnight + timedelta(hours=9), 0),
                (midnight + timedelta(hours=12), some),
                (self.context.office.midnight(day + ONE_DAY) - timedelta(minutes=3), 0),
            ]
            day += ONE_DAY
        await self._put_down(polls)

    async def _put_down(self, polls: Sequence[tuple[datetime, int]]) -> None:
        asked = (type(self), self.place, self.identity, self.total, id(self.context), tuple(polls))
        begun = await self.ledger.state(self.place)
        for context, state, records in _KNOWN.get(asked, ()):
            if context is self.context and state == begun:
                self.total += sum(more for _, more in polls)
                await self.ledger.record(records)
                return
        records = await self._counted(begun, polls)
        if records is not None:
            _KNOWN.setdefault(asked, []).append((self.context, begun, records))
            await self.ledger.record(records)

    async def _counted(
        self, state: PlaceState, polls: Sequence[tuple[datetime, int]]
    ) -> Sequence[Record] | None:
        """Return the records of `polls`; None where some were put down already to count anew."""
        records: list[Record] = []
        whole = True
        for at, more in polls:
            self.total += more
            says = replace(self.says(), uptime_s=int((at - SWITCHED_ON).total_seconds()))
            record = record_reading(state, Reading(self.place, at, says), self.context)
            state = record.state
            records.append(record)
            if record.recount_since is not None:
                whole = False
                await self.ledger.record(records)
                amend = Amend(self.ledger, self.context)
                await amend.take_back(self.place, record.recount_since, at)
                state, records = await self.ledger.state(self.place), []
        if not whole:
            await self.ledger.record(records)
        return records if whole else None


_Polls = tuple[tuple[datetime, int], ...]
_KNOWN: Final[
    dict[
        tuple[type, PlaceId, DeviceIdentity, int, int, _Polls],
        list[tuple[OfficeContext, PlaceState, Sequence[Record]]],
    ]
] = {}
"""What a machine of one kind said after the same state comes to the same records: counted once."""


async def two_copiers(
    ledger: Ledger, silent_from: date | None = None, until: date = date(2026, 12, 1)
) -> tuple[Copier, Copier]:
    """Return copiers at 1f and 2f that worked since 15 September; 2f until the day `silent_from`.

    20 impressions at 1f and 30 at 2f on each working day.
    """
    one, two = Copier(ledger, "1f"), Copier(ledger, "2f", CANON, 50_000)
    await one.works(date(2026, 9, 15), until, 20)
    last = until if silent_from is None else silent_from - ONE_DAY
    await two.works(date(2026, 9, 15), last, 30)
    return one, two


def closing(ledger: Ledger, at: datetime, context: OfficeContext = GROUND) -> CloseMonth:
    return CloseMonth(ledger, context, at)


async def planned(
    ledger: Ledger, name: str, at: datetime, context: OfficeContext = GROUND, **more: object
) -> ClosingPlan:
    """Return the plan for the month called `name`; fail where it is refused."""
    plan = await closing(ledger, at, context).plan(name, **more)
    assert isinstance(plan, ClosingPlan), plan
    return plan


async def refused(
    ledger: Ledger, name: str, at: datetime, context: OfficeContext = GROUND
) -> Refusal:
    refusal = await closing(ledger, at, context).plan(name)
    assert isinstance(refusal, Refusal)
    return refusal


async def closed(
    ledger: Ledger, names: Sequence[str], at: datetime, context: OfficeContext = GROUND
) -> list[Statement]:
    """Close these months by 佐藤 at `at`, silent copiers estimated."""
    found = []
    for name in names:
        plan = await planned(ledger, name, at, context, estimate_now=True)
        sealed = await closing(ledger, at, context).apply(plan, "佐藤")
        found.append(sealed.statement)
    return found


def reorganised(context: OfficeContext, new: Fleet) -> OfficeContext:
    return replace(context, fleet=new)


def totals(pages: Mapping[object, Mapping[str, int]]) -> dict[object, int]:
    """Return the impressions of each place or department."""
    return {key: one.get("total", 0) for key, one in pages.items()}
