"""From the log's references to rows: what the ledger holds now, in the published schema."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from collector.app.month.months import FinishedMonths, Months
from collector.app.notes import (
    PUBLISHED_OF_PLACE,
    lost_meters,
    note_published,
    published_in,
)
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.domain.cost.footprint import Figure
from collector.domain.counting.departments import (
    DepartmentDay,
    PlaceShare,
    department_days,
    place_shares,
)
from collector.domain.counting.reading import Reading, Supply, Tray
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.month.month import DepartmentMonth
from collector.domain.office.fleet import (
    NOBODY,
    UNASSIGNED,
    WHOLE_OFFICE,
    DepartmentId,
    Place,
)
from collector.domain.office.shares import PlaceId
from collector.domain.report.sentences import basis, heading, known_of
from collector.domain.rows import Row, Value
from collector.ports import Clock, Ledger, LogRef, RowWords, StateChange

# Supplies and trays of a reading as rows.


def stock_rows(reading: Reading, site: str) -> Iterator[Row]:
    """Yield a row for each supply and each tray of `reading`; what is not known has no field."""
    tags = {"site": site, "place": reading.place}
    for supply in reading.answer.supplies:
        fields = _amounts(supply) | {"kind": supply.kind.value}
        if supply.color is not None:
            fields["color"] = supply.color
        if supply.full_pct is not None:
            fields["full_pct"] = float(supply.full_pct)
        yield Row("copier_supply", tags | {"supply": supply.key}, fields, reading.at)
    for tray in reading.answer.trays:
        fields = _amounts(tray) | {"status": tray.status.value}
        if tray.media is not None:
            fields["media"] = tray.media
        yield Row("copier_tray", tags | {"tray": tray.key}, fields, reading.at)


def _amounts(one: Supply | Tray) -> dict[str, Value]:
    fields: dict[str, Value] = {"state": one.state.value, "name": one.name}
    if one.level_pct is not None:
        fields["level_pct"] = float(one.level_pct)
    if one.remaining is not None:
        fields["remaining"] = one.remaining
    if one.capacity is not None:
        fields["capacity"] = one.capacity
    return fields


# A month as fields of a row: what the published schema says of it.


_METERS: Final[Mapping[str, Meter]] = {
    "mono": Meter("total_mono"),
    "color": Meter("total_color"),
    "copy": Meter("copy"),
    "print": Meter("print"),
    "fax": Meter("fax"),
    "scan": Meter("scan"),
    "sheets": Meter("sheets"),
}
_FORECAST: Final = ("forecast", "forecast_low", "forecast_high")
_FIGURES: Final = {"cost": 0, "paper_cost": 0, "hours": 2, "co2_g": 0}
"""Field -> decimals shown. Exact until here."""


def month_fields(
    month: DepartmentMonth, words: RowWords, published: Collection[str] = ()
) -> dict[str, Value]:
    """Return every field of a month; where there is no target it is 0, and `has_target` false.

    A rewrite merges fields, so a field that may vanish (a target taken away) is always written.
    Forecast fields exist once there is a day to go by. Money, hours and CO2 have no field while
    they are not known, which the fields that end in `_known` tell. Of all these, what was
    `published` once and is not known any more is taken back as 0.
    """
    fields: dict[str, Value] = {name: month.meters.get(m, 0) for name, m in _METERS.items()}
    fields |= {
        "pages": month.pages,
        "estimated": month.estimated,
        "places": month.places,
        "places_read": month.places_read,
        "elapsed": float(month.elapsed),
        "final": month.final,
        "revision": month.revision,
        "name": month.department.name,
        "name_en": month.department.name_en or month.department.name,
        "low": month.low,
        "high": month.high,
        "in_question": month.known.in_question,
        "measured_since": "" if month.since is None else month.since.isoformat(),
        "completeness": words.ja(known_of(month)),
        "completeness_en": words.en(known_of(month)),
    }
    if month.last_year is not None:
        fields["last_year"] = month.last_year
    return (
        fields
        | _forecast(month, published)
        | _target(month, words)
        | _year(month)
        | _footprint(month, published)
    )


def known_figures(month: DepartmentMonth) -> frozenset[str]:
    """Return the fields of money, hours, CO2 and forecast that are known."""
    known = {name for name, figure in _figures(month).items() if figure.exact is not None}
    return frozenset(known if month.forecast is None else known | {*_FORECAST})


def _forecast(month: DepartmentMonth, published: Collection[str]) -> dict[str, Value]:
    """Return the forecast; where the pages that it rested on were unmade, 0."""
    if month.forecast is not None:
        found = month.forecast
        said = (found.expected, found.low, found.high)
        return {name: float(pages) for name, pages in zip(_FORECAST, said, strict=True)}
    return {name: 0.0 for name in _FORECAST if name in published}


def _target(month: DepartmentMonth, words: RowWords) -> dict[str, Value]:
    course = month.course
    return {
        "target": month.target or 0,
        "has_target": month.target is not None,
        "remaining": month.remaining if month.remaining is not None else 0,
        "ratio": float(month.ratio or 0.0),
        "pace": 0.0 if course is None else float(course.pace or 0.0),
        "allowed_pace": 0.0 if course is None else float(course.allowed or 0.0),
        "cut": 0 if course is None else course.cut or 0,
        "basis": words.ja(basis(month.basis)),
        "basis_en": words.en(basis(month.basis)),
        "advice": "" if course is None else words.ja(heading(course)),
        "advice_en": "" if course is None else words.en(heading(course)),
    }


def _year(month: DepartmentMonth) -> dict[str, Value]:
    year = month.year
    if year is None or year.since is None:
        return {"year_since": "", "year_pages": 0, "year_target": 0, "year_remaining": 0}
    return {
        "year_since": year.since,
        "year_pages": year.pages or 0,
        "year_target": year.target or 0,
        "year_remaining": year.left or 0,
    }


def _figures(month: DepartmentMonth) -> Mapping[str, Figure]:
    one = month.footprint
    return {
        "cost": one.cost,
        "paper_cost": one.paper_cost,
        "hours": one.hours,
        "co2_g": one.co2_g,
    }


def _footprint(month: DepartmentMonth, published: Collection[str]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for name, figure in _figures(month).items():
        amount = figure.rounded(_FIGURES[name])
        fields[f"{name}_known"] = amount is not None
        if amount is not None:
            fields[name] = float(amount)
        elif name in published:
            fields[name] = 0.0
    return fields


class Renderer:
    """Turns log references into rows. The same reference rendered later gives the later truth."""

    def __init__(
        self, ledger: Ledger, current: CurrentOffice, clock: Clock, host: str, words: RowWords
    ) -> None:
        """Render for the site of `current`; `host` names this machine in its own health rows.

        `words` are what it says.
        """
        self._words = words
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._host = host
        self._finished = FinishedMonths(ledger)
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
        self._finished.forget(days, by_kind.get("month", ()))
        rows: list[Row] = []
        for kind, keys in by_kind.items():
            rows.extend(await self._makers[kind](keys))
        return rows

    @property
    def _context(self) -> OfficeContext:
        return self._current.context

    @property
    def _site(self) -> str:
        return self._context.office.site

    def _place(self, place: PlaceId) -> Place:
        return self._context.fleet.place(place) or Place(place, place, "")

    def _department(self, place: PlaceId, at: datetime) -> DepartmentId:
        return self._place(place).main_department_on(self._context.office.local_day(at))

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
        lost = await lost_meters(self._ledger, (day for _, day in wanted))
        rows: list[Row] = []
        for place in sorted({place for place, _ in wanted}):
            days = {day for one, day in wanted if one == place}
            first = self._context.office.period_of(min(days)).start
            usages = await self._ledger.days(first, max(days), place)
            gone = {day: lost.get((place, day), frozenset()) for day in days}
            rows.extend(await self._place_days(place, gone, usages))
        return rows

    async def _place_days(
        self, place: PlaceId, gone: Mapping[date, Collection[Meter]], usages: Sequence[DayUsage]
    ) -> list[Row]:
        """Return the rows of the days of `gone`, with the meters that each has no longer as 0."""
        shares = place_shares(usages, self._context.fleet, self._context.office)
        wanted = [share for share in shares if share.day in gone]
        noted = await PUBLISHED_OF_PLACE.about(place).get(self._ledger) or frozenset()
        known = noted | {share.department for share in wanted}
        if known != noted:
            await PUBLISHED_OF_PLACE.about(place).put(self._ledger, known)
        stated = {usage.day: usage.pages for usage in usages}
        zeros = {
            day: dict.fromkeys((*stated.get(day, ()), *sorted(meters)), 0)
            for day, meters in sorted(gone.items())
        }
        rows = [
            self._place_day(replace(share, pages=zeros[share.day] | dict(share.pages)))
            for share in wanted
        ]
        taken = {(share.department, share.day) for share in wanted}
        rows.extend(
            self._place_day(PlaceShare(place, one, day, zero))
            for day, zero in zeros.items()
            for one in sorted(known)
            if zero and (one, day) not in taken
        )
        return rows

    def _place_day(self, share: PlaceShare) -> Row:
        tags = {"site": self._site, "place": share.place, "department": share.department}
        return Row("copier_day", tags, _pages(share), self._context.office.midnight(share.day))

    async def _office_days(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        wanted = {date.fromisoformat(key) for key in keys}
        office, gone = self._context.office, dict[date, set[Meter]]()
        for (_, day), meters in (await lost_meters(self._ledger, wanted)).items():
            gone.setdefault(day, set()).update(meters)
        for period in dict.fromkeys(office.period_of(day) for day in sorted(wanted)):
            usages = await self._ledger.days(period.start, period.end)
            shares = place_shares(usages, self._context.fleet, office)
            own = {day: gone.get(day, set()) for day in wanted if day in period}
            totals = [one for one in department_days(shares) if one.day in wanted]
            listed = [*self._context.fleet.with_former({one.department for one in totals})]
            if any(one.department == UNASSIGNED for one in totals):
                listed.append(NOBODY)
            noted = await published_in(self._ledger, period.name)
            known = noted.with_departments(listed)
            await note_published(self._ledger, period.name, noted, known)
            rows.extend(self._department_rows(totals, own, known.departments))
        return rows

    def _department_rows(
        self,
        totals: Sequence[DepartmentDay],
        gone: Mapping[date, Collection[Meter]],
        departments: Iterable[DepartmentId],
    ) -> Iterable[Row]:
        """Yield a row of every department for each day of `gone`, so that none keeps an old figure.

        Neither do the meters that each day has no longer.
        """
        listed = sorted(departments)
        for day in sorted(gone):
            own = {one.department: one for one in totals if one.day == day}
            meters = sorted({meter for one in own.values() for meter in one.pages})
            listed_meters = (*(meters or (TOTAL,)), *sorted(gone[day]))
            zero: dict[Meter, int] = dict.fromkeys(listed_meters, 0)
            for department in listed:
                found = own.get(department, DepartmentDay(department, day))
                whole = DepartmentDay(department, day, zero | dict(found.pages), found.estimated)
                tags = {"site": self._site, "department": department}
                at = self._context.office.midnight(day)
                yield Row("department_day", tags, _pages(whole), at)

    async def _months(self, keys: Sequence[str]) -> list[Row]:
        """Return a row of every department, also of those that only were in the month before."""
        ledger, context, now = self._ledger, self._context, self._clock.now()
        rows: list[Row] = []
        for key in sorted(set(keys)):
            noted = await published_in(ledger, key)
            months = Months(ledger, context, now, self._finished)
            stated = await months.came_to(context.office.period(key), noted.departments.values())
            everybody = (stated.office, *stated.departments)
            figures = {one.department.id: known_figures(one) for one in everybody}
            known = noted.with_departments(one.department for one in stated.departments)
            known = known.with_figures(figures)
            await note_published(ledger, key, noted, known)
            rows.extend(self._month(one, known.figures[one.department.id]) for one in everybody)
        return rows

    def _month(self, month: DepartmentMonth, published: Collection[str]) -> Row:
        """Return a department's month, or the whole office's as a measurement of its own.

        One more department would make every sum over departments twice too big.
        """
        department, period = month.department, month.period
        tags = {"site": self._site, "month": period.name}
        measurement = "office_month"
        if department.id != WHOLE_OFFICE:
            measurement, tags = "department_month", tags | {"department": department.id}
        at = self._context.office.midnight(period.start)
        return Row(measurement, tags, month_fields(month, self._words, published), at)

    async def _events(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for key in keys:
            finding = await self._ledger.finding(key)
            if finding is None or finding.at is None:
                continue
            tags = {"site": self._site, "place": finding.subject, "code": finding.code.value}
            fields = {
                "severity": finding.severity.value,
                "message": self._words.events(finding.message),
            }
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
