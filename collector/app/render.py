"""From the log's references to rows: what the ledger holds now, in the published schema."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from collector.app.ground import Ground, Standing
from collector.app.month_row import known_figures, month_fields
from collector.app.office_months import whole_month
from collector.app.past_months import PastMonths
from collector.app.published import departments_of_month, departments_of_place, figures_of_month
from collector.app.render_stock import stock_rows
from collector.domain.departments import DepartmentDay, PlaceShare, department_days, place_shares
from collector.domain.fleet import NOBODY, UNASSIGNED, WHOLE_OFFICE, DepartmentId, Place
from collector.domain.meters import Meter
from collector.domain.months import DepartmentMonth, OfficeMonth
from collector.domain.office import Period
from collector.domain.reading import PlaceId, Reading
from collector.domain.rows import Row, Value
from collector.domain.usage import DayUsage
from collector.ports import Clock, Ledger, LogRef, StateChange


class Renderer:
    """Turns log references into rows. The same reference rendered later gives the later truth."""

    def __init__(self, ledger: Ledger, standing: Standing, clock: Clock, host: str) -> None:
        """Render for the site of `standing`; `host` names this machine in its own health rows."""
        self._ledger = ledger
        self._standing = standing
        self._clock = clock
        self._host = host
        self._past = PastMonths(ledger)
        self._makers: Mapping[str, Callable[[Sequence[str]], Awaitable[list[Row]]]] = {
            "reading": self._readings,
            "state": self._states,
            "day": self._days,
            "office_day": self._office_days,
            "month": self._months,
            "event": self._events,
            "cycle": self._cycles,
        }

    async def rows(self, refs: Sequence[LogRef]) -> list[Row]:
        """Return the rows of `refs`; a reference whose subject is gone gives none."""
        by_kind: dict[str, list[str]] = defaultdict(list)
        for ref in refs:
            by_kind[ref.kind].append(ref.key)
        days = (date.fromisoformat(day) for day in by_kind.get("office_day", ()))
        self._past.forget(days, by_kind.get("month", ()))
        rows: list[Row] = []
        for kind, keys in by_kind.items():
            rows.extend(await self._makers[kind](keys))
        return rows

    @property
    def _ground(self) -> Ground:
        return self._standing.ground

    @property
    def _site(self) -> str:
        return self._ground.office.site

    def _place(self, place: PlaceId) -> Place:
        return self._ground.fleet.place(place) or Place(place, place, "")

    def _department(self, place: PlaceId, at: datetime) -> DepartmentId:
        return self._place(place).main_department_on(self._ground.office.local_day(at))

    async def _readings(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for key in keys:
            place, at = _place_and_time(key)
            reading = await self._ledger.reading(place, at)
            if reading is not None:
                rows.append(self._copier(reading))
                rows.extend(stock_rows(reading, self._site))
        return rows

    def _copier(self, reading: Reading) -> Row:
        answer = reading.answer
        fields: dict[str, Value] = {str(meter): value for meter, value in answer.meters.items()}
        fields |= {"online": True, "silent_s": 0, "status": answer.status.value}
        fields["errors"] = " ".join(answer.errors)
        fields |= _named(self._place(reading.place), answer.identity.model, answer.identity.serial)
        if answer.uptime_s is not None:
            fields["uptime_s"] = answer.uptime_s
        return self._copier_row(reading.place, reading.at, fields)

    def _copier_row(self, place: PlaceId, at: datetime, fields: Mapping[str, Value]) -> Row:
        department = self._department(place, at)
        tags = {"site": self._site, "place": place, "department": department}
        return Row("copier", tags, fields, at)

    async def _states(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for key in keys:
            place, at = _place_and_time(key)
            change = await self._ledger.change(place, at)
            if change is not None and not change.online:
                rows.append(await self._silent(change))
        return rows

    async def _silent(self, change: StateChange) -> Row:
        track = (await self._ledger.state(change.place)).track
        model, serial = (
            (track.identity.model, track.identity.serial) if track is not None else (None, None)
        )
        fields: dict[str, Value] = {
            "online": False,
            "silent_s": change.silent_s,
            "status": "silent",
            **_named(self._place(change.place), model, serial),
        }
        return self._copier_row(change.place, change.at, fields)

    async def _days(self, keys: Sequence[str]) -> list[Row]:
        wanted = {(PlaceId(place), date.fromisoformat(day)) for place, day in map(_split, keys)}
        rows: list[Row] = []
        for place in sorted({place for place, _ in wanted}):
            days = {day for one, day in wanted if one == place}
            first = self._ground.office.period_of(min(days)).start
            usages = await self._ledger.days(first, max(days), place)
            rows.extend(await self._place_days(place, days, usages))
        return rows

    async def _place_days(
        self, place: PlaceId, days: set[date], usages: Sequence[DayUsage]
    ) -> list[Row]:
        shares = place_shares(usages, self._ground.fleet, self._ground.office)
        wanted = [share for share in shares if share.day in days]
        now = {share.department for share in wanted}
        known = await departments_of_place(self._ledger, place, now)
        rows = [self._place_day(share) for share in wanted]
        taken = {(share.department, share.day) for share in wanted}
        for usage in usages:
            if usage.day in days:
                rows.extend(
                    self._place_day(
                        PlaceShare(place, one, usage.day, dict.fromkeys(usage.pages, 0))
                    )
                    for one in sorted(known)
                    if (one, usage.day) not in taken
                )
        return rows

    def _place_day(self, share: PlaceShare) -> Row:
        tags = {"site": self._site, "place": share.place, "department": share.department}
        return Row("copier_day", tags, _pages(share), self._ground.office.midnight(share.day))

    async def _office_days(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        wanted = {date.fromisoformat(key) for key in keys}
        office = self._ground.office
        for period in dict.fromkeys(office.period_of(day) for day in sorted(wanted)):
            usages = await self._ledger.days(period.start, period.end)
            shares = place_shares(usages, self._ground.fleet, office)
            own = [day for day in wanted if day in period]
            totals = [one for one in department_days(shares) if one.day in wanted]
            listed = [*self._ground.fleet.with_former({one.department for one in totals})]
            if any(one.department == UNASSIGNED for one in totals):
                listed.append(NOBODY)
            known = await departments_of_month(self._ledger, period.name, listed)
            rows.extend(self._department_rows(totals, own, {one.id for one in known}))
        return rows

    def _department_rows(
        self,
        totals: Sequence[DepartmentDay],
        wanted: Iterable[date],
        departments: set[DepartmentId],
    ) -> Iterable[Row]:
        """Yield a row of every department for each wanted day, so that none keeps an old figure."""
        for day in sorted(wanted):
            own = {one.department: one for one in totals if one.day == day}
            meters = sorted({meter for one in own.values() for meter in one.pages})
            zero: dict[Meter, int] = dict.fromkeys(meters or [Meter("total")], 0)
            for department in sorted(departments):
                found = own.get(department, DepartmentDay(department, day))
                whole = DepartmentDay(department, day, zero | dict(found.pages), found.estimated)
                tags = {"site": self._site, "department": department}
                at = self._ground.office.midnight(day)
                yield Row("department_day", tags, _pages(whole), at)

    async def _months(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for key in sorted(set(keys)):
            stated = await self._stated(self._ground.office.period(key))
            everybody = (stated.office, *stated.departments)
            known = {one.department.id: known_figures(one) for one in everybody}
            published = await figures_of_month(self._ledger, key, known)
            rows.extend(self._month(one, published[one.department.id]) for one in everybody)
        return rows

    async def _stated(self, period: Period) -> OfficeMonth:
        """Return `period` of every department, also of those that only were in it before."""
        ledger, ground, now = self._ledger, self._ground, self._clock.now()
        before = await departments_of_month(ledger, period.name, ())
        stated = await whole_month(ledger, ground, period, now, before, self._past)
        await departments_of_month(
            ledger, period.name, [month.department for month in stated.departments]
        )
        return stated

    def _month(self, month: DepartmentMonth, published: Collection[str]) -> Row:
        """Return a department's month, or the whole office's as a measurement of its own.

        One more department would make every sum over departments twice too big.
        """
        department, period = month.department, month.period
        tags = {"site": self._site, "month": period.name}
        measurement = "office_month"
        if department.id != WHOLE_OFFICE:
            measurement, tags = "department_month", tags | {"department": department.id}
        at = self._ground.office.midnight(period.start)
        return Row(measurement, tags, month_fields(month, published), at)

    async def _events(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for key in keys:
            finding = await self._ledger.finding(key)
            if finding is None or finding.at is None:
                continue
            tags = {"site": self._site, "place": finding.subject, "code": finding.code.value}
            fields = {"severity": finding.severity.value, "message": finding.message}
            rows.append(Row("copier_event", tags, dict(fields), finding.at))
        return rows

    async def _cycles(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for key in keys:
            cycle = await self._ledger.cycle(datetime.fromtimestamp(int(key), UTC))
            if cycle is not None:
                fields: dict[str, Value] = {
                    "polled": cycle.polled,
                    "failed": cycle.failed,
                    "slow": cycle.slow,
                    "backlog": cycle.backlog,
                    "cycle_s": float(cycle.cycle_s),
                    "lag_s": float(cycle.lag_s),
                }
                tags = {"site": self._site, "host": self._host}
                rows.append(Row("collector", tags, fields, cycle.at))
        return rows


def _pages(one: PlaceShare | DepartmentDay) -> dict[str, Value]:
    return {**{str(meter): pages for meter, pages in one.pages.items()}, "estimated": one.estimated}


def _named(place: Place, model: str | None, serial: str | None) -> dict[str, Value]:
    names = {"name": place.name, "model": model, "serial": serial}
    return {key: text for key, text in names.items() if text}


def _split(key: str) -> tuple[str, str]:
    place, _, rest = key.rpartition("|")
    return place, rest


def _place_and_time(key: str) -> tuple[PlaceId, datetime]:
    place, seconds = _split(key)
    return PlaceId(place), datetime.fromtimestamp(int(seconds), UTC)
