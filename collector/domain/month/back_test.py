"""What would have been forecast in months gone by, held against what came.

On every working day of a finished month the forecast is made anew from what was known that
morning, and nothing later. Beside it stands what anybody could say without it: pages so far by
working days so far, times the working days of the month; and the same month of last year.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Final

from collector.domain.month.forecast import Forecast, outlook
from collector.domain.month.habits import Usable, every_month, learn, working_parts
from collector.domain.office.office_calendar import Office, Period, months_later

CHECKPOINTS: Final = (0, 5, 10, 15)
"""Working days of the month gone, at which errors are told."""


@dataclass(frozen=True, slots=True)
class PastForecast:
    """One forecast of a finished month, as it would have been made after `after` working days.

    `by_hand` is the rule of three by working days, None before the first of them is gone: then
    there is nothing to divide yet. `truth` is what the month came to, `last_year` what the same
    month of the year before did, None where that is not known. All in impressions.
    """

    month: str
    after: int
    forecast: Forecast
    by_hand: float | None
    truth: int
    last_year: int | None = None

    @property
    def error(self) -> float:
        """How far the forecast was off, as a share of the truth, negative when too low."""
        return (self.forecast.expected - self.truth) / self.truth

    @property
    def error_by_hand(self) -> float | None:
        """The same of the rule of three."""
        return None if self.by_hand is None else (self.by_hand - self.truth) / self.truth

    @property
    def error_last_year(self) -> float | None:
        """The same of last year's month."""
        return None if self.last_year is None else (self.last_year - self.truth) / self.truth

    @property
    def is_within(self) -> bool:
        """Whether the month ended within the range."""
        return self.forecast.low <= self.truth <= self.forecast.high


@dataclass(frozen=True, slots=True)
class Score:
    """How good forecasts were, after so many working days, or (None) on all days together.

    Errors are means of absolute errors as shares of the truth (MAPE); `bias` is the mean with its
    sign. `coverage` is how many months ended within the range that should hold four in five. The
    errors of the simple rules are means over the cases in which there is one, else None.
    """

    after: int | None
    cases: int
    error: float
    bias: float
    coverage: float
    error_by_hand: float | None
    error_last_year: float | None = None


def replay(
    daily: Mapping[date, int],
    office: Office,
    period: Period,
    months: Mapping[str, int],
    usable: Usable = every_month,
) -> Iterator[PastForecast]:
    """Yield the forecast of every working day of `period`, which is over.

    `daily` is impressions by local day, also of later days; `months` those of whole months by
    name, of which only `usable` ones are anybody's last year. A month without pages has no error as
    a share of them and yields nothing, and a day with nothing to go by yields nothing.
    """
    truth = sum(daily.get(day, 0) for day in period.days)
    if truth == 0:
        return
    habits = learn(daily, office, period, period.start, months, usable)
    before = months_later(period.name, -12)  # a year
    last_year = months.get(before) if usable(before) else None
    mornings = working_parts(office, period)
    for after, morning in enumerate(mornings):
        known = {day: pages for day, pages in daily.items() if day < morning}
        found = outlook(known, office, period, office.midnight(morning), habits=habits)
        if found is None:
            continue
        so_far = sum(known.get(day, 0) for day in period.days)
        by_hand = so_far / after * len(mornings) if after else None
        yield PastForecast(period.name, after, found.forecast, by_hand, truth, last_year)


def scores(said: Iterable[PastForecast]) -> tuple[Score, ...]:
    """Return the score at each checkpoint that there is a case for, then that of all days."""
    every = list(said)
    groups: list[tuple[int | None, Sequence[PastForecast]]] = [
        (after, [one for one in every if one.after == after]) for after in CHECKPOINTS
    ]
    return tuple(_score(after, ones) for after, ones in [*groups, (None, every)] if ones)


def _score(after: int | None, said: Sequence[PastForecast]) -> Score:
    return Score(
        after=after,
        cases=len(said),
        error=fmean(abs(one.error) for one in said),
        bias=fmean(one.error for one in said),
        coverage=fmean(one.is_within for one in said),
        error_by_hand=_mean(one.error_by_hand for one in said),
        error_last_year=_mean(one.error_last_year for one in said),
    )


def _mean(errors: Iterable[float | None]) -> float | None:
    known = [abs(one) for one in errors if one is not None]
    return fmean(known) if known else None
