"""Which closing months a ledger has to close, in order, without a gap and without an overlap."""

from collections.abc import Iterable, Iterator
from datetime import date

from collector.domain.office import ONE_DAY, Office, Period


def periods_of_ledger(
    closed: Iterable[Period], office: Office, first: date, until: date
) -> Iterator[Period]:
    """Yield the closing months from the one with `first` to the one with `until`, in order.

    `closed` are as they were sealed: where the closing day was changed since, the next month
    begins where the last closed one ended, and is as much longer or shorter.
    """
    sealed = sorted(closed, key=lambda one: one.start)
    day = (_with(first, sealed) or office.period_of(first)).start
    before: Period | None = None
    while day <= until:
        period = _with(day, sealed) or _open(day, before, office)
        yield period
        before, day = period, period.end + ONE_DAY


def _with(day: date, periods: Iterable[Period]) -> Period | None:
    return next((one for one in periods if day in one), None)


def _open(day: date, before: Period | None, office: Office) -> Period:
    """Return the month that begins on `day`, with a name that none before it has."""
    period = office.period_of(day)
    if before is not None and period.name <= before.name:
        period = office.before(period, -1)
    return Period(period.name, day, period.end)
