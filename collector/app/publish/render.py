"""From the log's references to rows: what the ledger holds now, in the published schema."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from collector.app.month.months import A_YEAR, FinishedMonths, Months
from collector.app.notes import (
    PUBLISHED_OF_PLACE,
    lost_meters,
    note_published,
    published_in,
)
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.publish.paper_fields import known_paper, paper_fields
from collector.app.publish.paper_quarters import paper_rows
from collector.app.publish.screen_fields import (
    MonthByDay,
    count_fields,
    course_fields,
    day_fields,
    everybodys,
    group_fields,
    impressions,
    name_fields,
    place_fields,
    standing_fields,
)
from collector.domain.cost.footprint import Figure
from collector.domain.counting.departments import (
    DepartmentDay,
    PlaceShare,
    department_days,
    in_groups,
    place_shares,
)
from collector.domain.counting.reading import Reading
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.month.course import DayReached
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import (
    NOBODY,
    UNASSIGNED,
    WHOLE_OFFICE,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.report.sentences import basis, heading, known_of
from collector.domain.rows import Row, Value, stock_rows
from collector.ports import Clock, Ledger, LogRef, RowWords, StateChange

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
_FORECAST: Final = ("forecast", "forecast_low", "forecast_high", "forecast_ratio")
_FIGURES: Final = {"cost": 0, "paper_cost": 0, "hours": 2, "co2_g": 0}
"""Field -> decimals shown. Exact until here."""


def month_fields(
    month: DepartmentMonth, words: RowWords, published: Collection[str] = ()
) -> dict[str, Value]:
    """Return every field of a month; where there is no target it is 0, and `has_target` false.

    A rewrite merges fields, so a field that may vanish (a target taken away) is always written.
    Forecast fields exist once there is a day to go by. Money, hours, CO2 and paper have no field
    while they are not known, which the fields that end in `_known` tell. Of all these, what was
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
        | standing_fields(month)
        | _forecast(month, published)
        | _target(month, words)
        | _year(month)
        | _footprint(month, published)
        | paper_fields(month, words, published)
    )


def known_figures(month: DepartmentMonth) -> frozenset[str]:
    """Return the fields of money, hours, CO2, paper and forecast that are known."""
    known = {name for name, figure in _figures(month).items() if figure.exact is not None}
    known |= known_paper(month).keys()
    return frozenset(known if month.forecast is None else known | {*_FORECAST})


def _forecast(month: DepartmentMonth, published: Collection[str]) -> dict[str, Value]:
    """Return the forecast; where the pages that it rested on were unmade, 0."""
    if month.forecast is not None:
        found = month.forecast
        said = (found.expected, found.low, found.high, month.expected_share or 0.0)
        return {name: float(pages) for name, pages in zip(_FORECAST, said, strict=True)}
    return {name: 0.0 for name in _FORECAST if name in published}


def _target(month: DepartmentMonth, words: RowWords) -> dict[str, Value]:
    course = month.course
    return {
        "target": month.target or 0,
        "has_target": month.target is not None,
        "remaining": month.remaining if month.remaining is not None else 0,
        "target_unit": month.measure.value,
        "target_used": month.used or 0,
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


_MANY: Final = 20
"""Places whose days are read together with those of all others, rather than one by one."""


class Renderer:
    """Turns log references into rows. The same reference rendered later gives the later truth."""

    def __init__(
        self,
        ledger: Ledger,
        current: CurrentOffice,
        clock: Clock,
        host: str,
        words: RowWords,
        every: timedelta = timedelta(0),
    ) -> None:
        """Render for the site of `current`; `host` names this machine in its own health rows.

        `words` are what it says. A copier that only goes on printing has a row once in `every`.
        """
        self._every = every
        self._copiers: dict[PlaceId, Reading] = {}
        self._words = words
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._host = host
        self._finished = FinishedMonths(ledger)
        self._came_to: dict[str, OfficeMonth] = {}
        self._stocks: dict[PlaceId, Reading] = {}
        self._places_of: Fleet | None = None
        self._places: Mapping[PlaceId, Place] = {}
        self._makers: Mapping[str, Callable[[Sequence[str]], Awaitable[list[Row]]]] = {
            "reading": self._readings,
            "state": self._states,
            "day": self._days,
            "office_day": self._office_days,
            "month": self._months,
            "event": self._events,
            "cycle": self._cycles,
            "paper": self._papers,
        }

    async def rows(self, refs: Sequence[LogRef]) -> list[Row]:
        """Return the rows of `refs`; a reference whose subject is gone gives none."""
        by_kind: dict[str, list[str]] = defaultdict(list)
        for ref in refs:
            by_kind[ref.kind].append(ref.key)
        days = (date.fromisoformat(day) for day in by_kind.get("office_day", ()))
        self._finished.forget(days, by_kind.get("month", ()))
        self._came_to.clear()
        rows: list[Row] = []
        for kind, keys in by_kind.items():
            if kind in self._makers:  # the others are facts for another ledger
                rows.extend(await self._makers[kind](keys))
        return rows

    @property
    def site(self) -> str:
        """Return the site whose rows these are."""
        return self._site

    @property
    def _context(self) -> OfficeContext:
        return self._current.context

    @property
    def _site(self) -> str:
        return self._context.office.site

    def _place(self, place: PlaceId) -> Place:
        fleet = self._context.fleet
        if self._places_of is not fleet:
            self._places_of, self._places = fleet, {one.id: one for one in fleet.places}
        return self._places.get(place) or Place(place, place, "")

    def _department(self, place: PlaceId, at: datetime) -> DepartmentId:
        return self._place(place).main_department_on(self._context.office.local_day(at))

    async def _readings(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for reading in await self._ledger.readings_at([_place_and_time(key) for key in keys]):
            if self._is_copier_news(reading):
                rows.append(self._copier(reading))
            if self._is_stock_news(reading):
                rows.extend(stock_rows(reading, self._site))
        return rows

    def _is_copier_news(self, reading: Reading) -> bool:
        """Say whether `reading` says more than that its copier has gone on printing.

        The first of each day is news, so is what comes a second time, after a silence or the start.
        """
        before = self._copiers.get(reading.place)
        if before is not None and before.at < reading.at < before.at + self._every:
            day, answer, said = self._context.office.local_day, reading.answer, before.answer
            is_more = all(answer.meters.get(one, 0) >= n for one, n in said.meters.items())
            alike = (answer.errors, answer.identity) == (said.errors, said.identity)
            if is_more and alike and day(reading.at) == day(before.at):
                return False
        self._copiers[reading.place] = reading
        return True

    def _is_stock_news(self, reading: Reading) -> bool:
        """Say whether the supplies and trays of `reading` differ from those of the one before.

        The first of each day is news: whoever looks at some days sees every supply. So is whatever
        comes a second time, or when nothing of the place came since the start.
        """
        before = self._stocks.get(reading.place)
        self._stocks[reading.place] = reading
        if before is None or before.at >= reading.at:
            return True
        day, answer, said = self._context.office.local_day, reading.answer, before.answer
        changed = (answer.supplies, answer.trays) != (said.supplies, said.trays)
        return changed or day(reading.at) != day(before.at)

    def _copier(self, reading: Reading) -> Row:
        answer = reading.answer
        fields: dict[str, Value] = {str(meter): value for meter, value in answer.meters.items()}
        fields |= {"online": True, "silent_s": 0, "status": answer.status.value}
        fields["errors"] = " ".join(answer.errors)
        fields |= self._named(reading.place, answer.identity.model, answer.identity.serial)
        if answer.uptime_s is not None:
            fields["uptime_s"] = answer.uptime_s
        return self._copier_row(reading.place, reading.at, fields)

    def _copier_row(self, place: PlaceId, at: datetime, fields: Mapping[str, Value]) -> Row:
        department = self._department(place, at)
        tags = {"site": self._site, "place": place, "department": department}
        day, fleet = self._context.office.local_day(at), self._context.fleet
        return Row("copier", tags, {**fields, **group_fields(department, day, fleet)}, at)

    async def _states(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for key in keys:
            place, at = _place_and_time(key)
            change = await self._ledger.change(place, at)
            self._copiers.pop(place, None)
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
            **self._named(change.place, model, serial),
        }
        return self._copier_row(change.place, change.at, fields)

    def _named(self, place: PlaceId, model: str | None, serial: str | None) -> dict[str, Value]:
        stands = {key: one for key, one in (("model", model), ("serial", serial)) if one}
        return stands | place_fields(self._place(place), self._context.fleet)

    async def _days(self, keys: Sequence[str]) -> list[Row]:
        wanted = {(PlaceId(place), date.fromisoformat(day)) for place, day in map(_split, keys)}
        lost = await lost_meters(self._ledger, (day for _, day in wanted))
        rows: list[Row] = []
        days_of: dict[PlaceId, set[date]] = defaultdict(set)
        for place, day in wanted:
            days_of[place].add(day)
        usages_of = await self._usages_until(days_of)
        for place, days in sorted(days_of.items()):
            usages = usages_of.get(place, ())
            gone = {day: lost.get((place, day), frozenset()) for day in days}
            rows.extend(await self._place_days(place, gone, usages))
        return rows

    async def _usages_until(
        self, days_of: Mapping[PlaceId, Collection[date]]
    ) -> Mapping[PlaceId, Sequence[DayUsage]]:
        """Return the days of each place from the begin of the first one's month to the last.

        A round moves the same day of many places: they are read together.
        """
        spans: dict[tuple[date, date], set[PlaceId]] = defaultdict(set)
        for place, days in days_of.items():
            spans[self._context.office.period_of(min(days)).start, max(days)].add(place)
        found: dict[PlaceId, list[DayUsage]] = defaultdict(list)
        for span, places in spans.items():
            one_by_one = len(places) < _MANY
            for only in sorted(places) if one_by_one else (None,):
                for usage in await self._ledger.days(*span, only):
                    if usage.place in places:
                        found[usage.place].append(usage)
        return found

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
        office = self._context.office
        fields = _pages(share) | day_fields(share.day, office.period_of(share.day))
        fields |= group_fields(share.department, share.day, self._context.fleet)
        return Row("copier_day", tags, fields, office.midnight(share.day))

    async def _office_days(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        wanted = {date.fromisoformat(key) for key in keys}
        office = self._context.office
        for period in dict.fromkeys(office.period_of(day) for day in sorted(wanted)):
            usages = await self._ledger.days(period.start, period.end)
            shares = place_shares(usages, self._context.fleet, office)
            totals = department_days(shares)
            involved = {one.department for one in totals}
            listed = self._context.fleet.listed(involved, period)
            if any(one.department == UNASSIGNED for one in totals):
                listed.append(NOBODY)
            noted = await published_in(self._ledger, period.name)
            known = noted.with_departments(listed)
            await note_published(self._ledger, period.name, noted, known)
            gone = await self._gone(self._from(wanted, period))
            by_day = await self._by_day(period)
            grouped = department_days(in_groups(shares, self._context.fleet))
            courses = {
                one: by_day.of(one, impressions(grouped, one)) for one in known.departments
            } | {WHOLE_OFFICE: by_day.of(WHOLE_OFFICE, impressions(totals, WHOLE_OFFICE))}
            rows.extend(self._department_rows(totals, gone, known.departments, courses))
        return rows

    def _from(self, wanted: Iterable[date], period: Period) -> list[date]:
        """Return the days of `period` from the first that changed: what follows is further on."""
        inside = [day for day in wanted if day in period]
        last = max(*inside, self._context.office.local_day(self._clock.now()))
        return [day for day in period.days if min(inside) <= day <= last]

    async def _gone(self, days: Iterable[date]) -> Mapping[date, Collection[Meter]]:
        """Return which meters each of `days` has no longer at some place."""
        gone: dict[date, set[Meter]] = {day: set() for day in days}
        for (_, day), meters in (await lost_meters(self._ledger, gone)).items():
            gone.get(day, set()).update(meters)
        return gone

    async def _by_day(self, period: Period) -> MonthByDay:
        """Return the course of `period`, beside last year where each day was counted."""
        context = self._context
        then = context.office.before(period, A_YEAR)
        finished = (await self._finished.of(context, [then]))[then.name]
        stated = await self._stated(period)
        is_known = stated.office.last_year is not None
        whole = {
            one: days
            for one, days in finished.daily.items()
            if is_known and sum(days.values()) == finished.pages.get(one)
        }
        return MonthByDay(period, context.office, context.fleet, stated, (then, whole))

    def _department_rows(
        self,
        totals: Sequence[DepartmentDay],
        gone: Mapping[date, Collection[Meter]],
        departments: Iterable[DepartmentId],
        courses: Mapping[DepartmentId, Mapping[date, DayReached]],
    ) -> Iterable[Row]:
        """Yield a row of every department and of the office for each day of `gone`.

        Of every one, so that none keeps an old figure; neither do the meters that a day has no
        longer.
        """
        listed = sorted(departments)
        for day in sorted(gone):
            own = {one.department: one for one in totals if one.day == day}
            meters = sorted({meter for one in own.values() for meter in one.pages})
            zero = dict.fromkeys((*(meters or (TOTAL,)), *sorted(gone[day])), 0)
            for department in listed:
                found = own.get(department, DepartmentDay(department, day))
                whole = DepartmentDay(department, day, zero | dict(found.pages), found.estimated)
                tags = {"site": self._site, "department": department}
                yield self._course_row("department_day", tags, whole, courses[department][day])
            together = everybodys(own.values(), day, zero)
            tags = {"site": self._site}
            yield self._course_row("office_day", tags, together, courses[WHOLE_OFFICE][day])

    def _course_row(
        self, measurement: str, tags: Mapping[str, str], one: DepartmentDay, reached: DayReached
    ) -> Row:
        office = self._context.office
        fields = _pages(one) | day_fields(one.day, office.period_of(one.day))
        return Row(measurement, tags, fields | course_fields(reached), office.midnight(one.day))

    async def _months(self, keys: Sequence[str]) -> list[Row]:
        """Return a row of every department, also of those that only were in the month before."""
        ledger, office = self._ledger, self._context.office
        rows: list[Row] = []
        for key in sorted(set(keys)):
            stated, noted = await self._stated(office.period(key)), await published_in(ledger, key)
            everybody = (stated.office, *stated.departments)
            figures = {one.department.id: known_figures(one) for one in everybody}
            known = noted.with_departments(one.department for one in stated.departments)
            known = known.with_figures(figures)
            await note_published(ledger, key, noted, known)
            rows.extend(
                self._month(one, known.figures[one.department.id], stated) for one in everybody
            )
        return rows

    async def _stated(self, period: Period) -> OfficeMonth:
        """Return `period` with every department that ever had a row of it, worked out once."""
        if period.name not in self._came_to:
            noted = await published_in(self._ledger, period.name)
            months = Months(self._ledger, self._context, self._clock.now(), self._finished)
            found = await months.came_to(period, noted.departments.values())
            self._came_to[period.name] = found
        return self._came_to[period.name]

    def _month(self, month: DepartmentMonth, published: Collection[str], whole: OfficeMonth) -> Row:
        """Return a department's month, or the whole office's as a measurement of its own.

        One more department would make every sum over departments twice too big.
        """
        department, period = month.department, month.period
        tags = {"site": self._site, "month": period.name}
        at = self._context.office.midnight(period.start)
        fields = month_fields(month, self._words, published)
        fields |= name_fields(month, self._context.fleet, self._words)
        if department.id == WHOLE_OFFICE:
            return Row("office_month", tags, fields | count_fields(whole), at)
        return Row("department_month", tags | {"department": department.id}, fields, at)

    async def _papers(self, keys: Sequence[str]) -> list[Row]:
        now, finished = self._clock.now(), self._finished
        return await paper_rows(self._ledger, self._context, keys, now, self._words, finished)

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
                "message_ja": self._words.ja(finding.message),
                "message_en": self._words.en(finding.message),
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
                if cycle.slowest is not None and cycle.slowest_s is not None:
                    label = place_fields(self._place(cycle.slowest), self._context.fleet)["label"]
                    fields |= {"slowest": cycle.slowest, "slowest_label": label}
                    fields["slowest_s"] = float(cycle.slowest_s)
                tags = {"site": self._site, "host": self._host}
                rows.append(Row("collector", tags, fields, cycle.at))
        return rows


def _pages(one: PlaceShare | DepartmentDay) -> dict[str, Value]:
    return {**{str(meter): pages for meter, pages in one.pages.items()}, "estimated": one.estimated}


def _split(key: str) -> tuple[str, str]:
    place, _, rest = key.rpartition("|")
    return place, rest


def _place_and_time(key: str) -> tuple[PlaceId, datetime]:
    place, seconds = _split(key)
    return PlaceId(place), datetime.fromtimestamp(int(seconds), UTC)
