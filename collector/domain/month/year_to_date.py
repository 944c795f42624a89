"""The fiscal year so far: pages since April beside the targets of the same months."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collector.domain.office.office_calendar import Office, fiscal_months, fiscal_year
from collector.domain.office.targets import Target


@dataclass(frozen=True, slots=True)
class YearMonth:
    """One month of a fiscal year: impressions, None where not known, and its target."""

    month: str
    pages: int | None
    target: Target


@dataclass(frozen=True, slots=True)
class YearToDate:
    """A fiscal year up to and with the closing month `until`, in impressions.

    Only months of which both pages and target are known are added up, and only without a gap:
    `since` is the first of them, and `is_whole` says whether it is the year's first. Without such
    a month (of `until` itself something is missing) `since`, `pages` and `target` are None.
    `year_target` is the target of all twelve months, None where one of them has none. `months`
    are all twelve; those after `until` have no pages.
    """

    year: int
    until: str
    months: tuple[YearMonth, ...]
    since: str | None = None
    pages: int | None = None
    target: int | None = None
    year_target: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether no month of the year so far is missing from the sums."""
        return self.since == self.months[0].month

    @property
    def left(self) -> int | None:
        """Impressions left of the targets up to `until`, negative when passed."""
        if self.target is None or self.pages is None:
            return None
        return self.target - self.pages

    @property
    def year_left(self) -> int | None:
        """Impressions left of the whole year's target, where the sums miss no month."""
        if self.year_target is None or self.pages is None or not self.is_whole:
            return None
        return self.year_target - self.pages


def year_to_date(
    target: Callable[[str], Target],
    month: str,
    pages: int,
    past: Mapping[str, int],
    office: Office,
) -> YearToDate:
    """Return the fiscal year of `month`, which has `pages` so far.

    `target` gives the target of a month by its name; `past` is impressions of months before.
    """
    year = fiscal_year(month, office.year_begins)
    months = tuple(
        YearMonth(
            month=one,
            pages=pages if one == month else past.get(one) if one < month else None,
            target=target(one),
        )
        for one in fiscal_months(year, office.year_begins)
    )
    added: list[tuple[str, int, int]] = []
    for one in reversed([one for one in months if one.month <= month]):
        if one.pages is None or one.target.pages is None:
            break
        added.append((one.month, one.pages, one.target.pages))
    whole = [one.target.pages for one in months if one.target.pages is not None]
    return YearToDate(
        year=year,
        until=month,
        months=months,
        since=added[-1][0] if added else None,
        pages=sum(count for _, count, _ in added) if added else None,
        target=sum(target for _, _, target in added) if added else None,
        year_target=sum(whole) if len(whole) == len(months) else None,
    )
