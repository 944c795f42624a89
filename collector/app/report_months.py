"""The months before the one that is reported: what they came to, and what they were allowed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from collector.app.ground import Ground
from collector.app.office_months import A_YEAR, whole_month
from collector.app.past_months import PastMonths
from collector.domain.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.history import past_month
from collector.domain.month_report import MonthPoint, Stage
from collector.domain.months import OfficeMonth
from collector.domain.office import Period
from collector.domain.statement import Sealed
from collector.ports import Ledger

Known = Mapping[str, Mapping[DepartmentId, int]]
"""Month -> department (or `WHOLE_OFFICE`) -> impressions."""


class EarlierMonths:
    """Looks a year back from one month of one ledger."""

    def __init__(
        self,
        ledger: Ledger,
        ground: Ground,
        now: datetime,
        past: PastMonths,
        latest: Mapping[str, Sealed],
    ) -> None:
        """Read through `past`; `latest` holds the newest statement of each closed month."""
        self._ledger = ledger
        self._ground = ground
        self._now = now
        self._past = past
        self._latest = latest

    async def before(self, period: Period, month: OfficeMonth) -> tuple[MonthPoint, ...]:
        """Return the twelve months before `period`, oldest first; `month` is it as stated."""
        office = self._ground.office
        year_ago = office.before(period, A_YEAR)
        pages = await self._known(period) | await self._known(year_ago)
        targets = self._targets(month) | await self._targets_of_year_before(month)
        first_day = await self._ledger.first_day()
        points = []
        for back in range(A_YEAR, 0, -1):
            one = office.before(period, back)
            own: Mapping[DepartmentId, int] | None = pages.get(one.name)
            stage = self._stage(one, first_day)
            if own is None and first_day is not None and first_day in one:
                own, stage = await self._part(one), Stage.PARTIAL
            last_year = pages.get(office.before(one, A_YEAR).name, {})
            points.append(_point(one.name, stage, own, targets, last_year.get(WHOLE_OFFICE)))
        return tuple(points)

    async def _known(self, period: Period) -> dict[str, dict[DepartmentId, int]]:
        """Return what is known of whole months before `period`."""
        found: dict[str, dict[DepartmentId, int]] = defaultdict(dict)
        recalled = await self._past.before(self._ground, period)
        for (department, month), pages in recalled.past.items():
            found[month][department] = pages
        return dict(found)

    async def _part(self, period: Period) -> Mapping[DepartmentId, int]:
        """Return what was counted in the month in which counting began."""
        days = await self._ledger.days(period.start, period.end)
        return past_month(days, self._ground.fleet, self._ground.office, period).pages

    def _stage(self, period: Period, first_day: date | None) -> Stage:
        """Return how far a month has come of which the pages are known."""
        if period.name in self._latest:
            return Stage.CLOSED
        counted = first_day is not None and first_day <= period.start
        return Stage.OPEN if counted else Stage.SHEET

    def _targets(self, month: OfficeMonth) -> dict[str, dict[DepartmentId, int]]:
        """Return the targets of the fiscal year of `month`, as sealed where a month is closed."""
        found: dict[str, dict[DepartmentId, int]] = defaultdict(dict)
        for one in (month.office, *month.departments):
            for line in () if one.year is None else one.year.months:
                if line.target.pages is not None:
                    found[line.month][one.department.id] = line.target.pages
        for name, own in found.items():
            if name in self._latest:
                for sealed in self._latest[name].statement.departments:
                    own.pop(sealed.department, None)
                    if sealed.target is not None:
                        own[sealed.department] = sealed.target
        return dict(found)

    async def _targets_of_year_before(
        self, month: OfficeMonth
    ) -> dict[str, dict[DepartmentId, int]]:
        """Return the targets of the fiscal year before that of `month`."""
        year = month.office.year
        if year is None:
            return {}
        office = self._ground.office
        last = office.before(office.period(year.months[0].month))
        return self._targets(
            await whole_month(self._ledger, self._ground, last, self._now, past=self._past)
        )


def _point(
    month: str,
    stage: Stage,
    pages: Mapping[DepartmentId, int] | None,
    targets: Mapping[str, Mapping[DepartmentId, int]],
    last_year: int | None,
) -> MonthPoint:
    if pages is None:
        return MonthPoint(month)
    allowed = targets.get(month, {})
    return MonthPoint(
        month=month,
        stage=stage,
        pages=pages.get(WHOLE_OFFICE),
        target=allowed.get(WHOLE_OFFICE),
        last_year=last_year,
        departments={one: count for one, count in pages.items() if one != WHOLE_OFFICE},
        targets={one: count for one, count in allowed.items() if one != WHOLE_OFFICE},
    )
