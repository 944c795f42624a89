"""How much every copier of the office was used in a span, read from the ledger."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from collector.app.month.months import begun
from collector.app.office_context import OfficeContext
from collector.domain.cost.factors import factor_on
from collector.domain.counting.usage import DayUsage
from collector.domain.month.utilisation import (
    CopierUse,
    WithoutIt,
    neighbours,
    use_of,
    without_it,
)
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import ONE_DAY
from collector.domain.office.shares import PlaceId
from collector.domain.privacy.few_people import are_few
from collector.ports import Counting, PlaceState

_WEEKS_A_YEAR = 365 / 7


@dataclass(frozen=True, slots=True)
class OfficeUse:
    """How much the copiers were used from `first` to `last`, and what each would leave behind.

    `withheld` are used by few people: their hours are not to be shown. `kwh` is what a copier
    takes in a year, where a factor says so.
    """

    first: date
    last: date
    copiers: tuple[WithoutIt, ...]
    withheld: frozenset[PlaceId]
    kwh: Mapping[PlaceId, float] = field(default_factory=dict)


async def office_use(
    ledger: Counting,
    context: OfficeContext,
    span: tuple[date, date],
    limit: float,
    advance: Callable[[], None] = lambda: None,
) -> OfficeUse:
    """Return the use of every place that was counted in `span`, in the fleet file's order.

    `limit` is how much of its capacity the busiest hour of a copier that stays may take. `advance`
    is called after each place.
    """
    (first, last), fleet = span, context.fleet
    uses = await _uses(ledger, context, span, advance)
    near = neighbours(fleet, last)
    return OfficeUse(
        first,
        last,
        tuple(
            without_it(use, [uses[one] for one in near.get(place, ()) if one in uses], limit)
            for place, use in uses.items()
        ),
        frozenset(place for place in uses if are_few(_people(fleet, place, last))),
        {
            place: float(factor.value) * _WEEKS_A_YEAR
            for place in uses
            if (factor := factor_on(context.factors.kwh_week, place, last)) is not None
        },
    )


async def _uses(
    ledger: Counting, context: OfficeContext, span: tuple[date, date], advance: Callable[[], None]
) -> Mapping[PlaceId, CopierUse]:
    """Return the use of each place, of the days of `span` on which it stood and was heard."""
    first, last = span
    fleet = context.fleet
    days: dict[PlaceId, list[DayUsage]] = defaultdict(list)
    for one in await ledger.days(first, last):
        days[one.place].append(one)
    since = await begun(ledger, context.office)
    states = {one.place: one for one in await ledger.states()}
    uses: dict[PlaceId, CopierUse] = {}
    for place in (one.id for one in fleet.places):
        state = states.get(place, PlaceState(place))
        begin, end = max(first, since.get(place, date.max)), min(last, fleet.last_day(place))
        if state.seen_at is not None:  # whether one that is silent stood idle nobody knows
            end = min(end, context.office.local_day(state.seen_at))
        if begin <= end:
            speed = None if state.last is None else state.last.answer.rated_ipm
            office = fleet.office_at(place, context.office, last)
            bounds = office.midnight(begin), office.midnight(end + ONE_DAY)
            usages = await ledger.usages(place, *bounds)
            uses[place] = use_of(place, days[place], usages, office, (begin, end), speed)
        advance()
    return uses


def _people(fleet: Fleet, place: PlaceId, day: date) -> int | None:
    """Return how many people the departments have that answer for `place`; None if not known."""
    known = fleet.place(place)
    people = [fleet.people_of(one, day) for one in (known.shares_on(day) if known else ())]
    stated = [one for one in people if one is not None]
    return sum(stated) if stated and len(stated) == len(people) else None
