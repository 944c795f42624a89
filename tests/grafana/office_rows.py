"""A made office as the rows that the collector would publish, for a fixed now.

It is awkward on purpose: fourteen departments, one of them without a target, one whose name has
quotes, commas and a backslash, one whose id a pattern must escape; a month that nobody counted; a
copier that is silent and one that states no toner.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.app.publish.render import month_fields
from collector.app.publish.screen_fields import (
    MonthByDay,
    count_fields,
    course_fields,
    day_fields,
    name_fields,
    place_fields,
)
from collector.domain.cost.footprint import Footprint
from collector.domain.cost.sheets import Paper, PaperSum
from collector.domain.meters import Meter
from collector.domain.month.course import course
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.month.forecast import Forecast, Outlook
from collector.domain.office.fleet import (
    EVERYBODY,
    WHOLE_OFFICE,
    Department,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.office.office_calendar import Office, Period
from collector.domain.office.shares import PlaceId
from collector.domain.rows import Row, Value
from tests.wording import ROW_WORDS

ZONE = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
SITE, ANOTHER = "honcho", "kouminkan"
OFFICE = Office(SITE, ZONE)

ODD = 'IT推進室 "A,B", C:\\印刷'
"""A name that line protocol, InfluxQL and Grafana must each bring through."""

_LISTED = (
    ("soumu", "総務課", "General Affairs", 5000, 4200),
    ("zeimu", "税務課", "Tax", 3000, 3900),
    ("fukushi", "福祉課", None, None, 2600),
    ("2f/kikaku.", "企画課", "Planning", 9000, 3300),
    ("joho", ODD, None, 8000, 3100),
    ("shimin", "市民課", "Citizens", 15300, 14900),
    ("kyouiku", "教育委員会事務局", "Board of Education", 15900, 12100),
    ("kensetsu", "建設課", "Construction", 4000, 2500),
    ("nousei", "農政課", "Agriculture", 4000, 2200),
    ("suido", "上下水道課", "Water", 4000, 2100),
    ("kankyo", "環境課", "Environment", 4000, 2000),
    ("hoken", "保健センター", "Health Centre", 4000, 1900),
    ("gikai", "議会事務局", "Assembly", 4000, 1800),
    ("zaisei", "財政課", "Finance", 4000, 1700),
)
"""Id, name, English name, target, pages this month."""

PLACES = {
    "2f-soumu": ("soumu", "2階 総務課"),
    "1f-zeimu": ("zeimu", "1階 税務課"),
    "1f-fukushi": ("fukushi", "1階 福祉課"),
    "dead one": ("soumu", "別館 会議室前（共用）"),
}
FLEET = Fleet(
    places=tuple(Place(PlaceId(one), name, "192.0.2.1") for one, (_, name) in PLACES.items()),
    departments=tuple(
        Department(DepartmentId(one), name, english) for one, name, english, *_ in _LISTED
    ),
)
TARGETS = {one: target for one, _, _, target, _ in _LISTED}
NAMES = {one: name for one, name, *_ in _LISTED}
UNCOUNTED = "2026-07"
"""No row tells of this month."""


def office_rows() -> Iterator[Row]:
    """Yield 25 months of statements and 40 days of everything else."""
    yield from _months()
    yield from _days()
    yield from _copiers()
    yield from _papers()
    for hours in range(60):
        at = NOW - timedelta(hours=hours)
        health: dict[str, Value] = {"polled": 4, "failed": 1, "slow": 0, "backlog": 2}
        tags = {"site": SITE, "host": "srv1"}
        health |= {"slowest": "2f-soumu", "slowest_label": "2 総務課 窓口", "slowest_s": 7.25}
        yield Row("collector", tags, health | {"cycle_s": 3.5, "lag_s": 0.2}, at)
    for hours, code, severity in ((2, "device_silent", "warning"), (90, "meter_reset", "error")):
        for place in ("dead one", "2f-soumu"):
            tags = {"site": SITE, "place": place, "code": code}
            fields: dict[str, Value] = {"severity": severity, "message": "確かめてください。"}
            fields |= {"message_ja": "確かめてください。", "message_en": "Have a look."}
            yield Row("copier_event", tags, fields, NOW - timedelta(hours=hours))


def _papers() -> Iterator[Row]:
    """Yield four quarters of paper and their years; of the running one nothing was bought yet."""
    for number, start in enumerate(
        (date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1))
    ):
        for of, name, english in (
            ("whole_office", "全庁", "Whole office"),
            ("zeimu", "税務課", "Tax"),
        ):
            fields: dict[str, Value] = {"name": name, "name_en": english, "over": True}
            quarter = (start.month - 4) % 12 // 3 + 1
            year = start.year - (start.month < 4)
            fields |= {"quarter": f"{year}-Q{quarter}", "title": f"{year}年度 第{quarter}四半期"}
            fields |= {"title_en": f"Q{quarter} of {year}", "bought": 25_000}
            for one, value in (("stock_change", 500), ("counted", 21_000), ("excluded", 300)):
                fields |= {one: value, f"{one}_low": value - 200, f"{one}_high": value + 200}
            fields |= {"unexplained": 3200 - number * 4000, "unexplained_share": 0.13}
            fields |= {"unexplained_low": 2600 - number * 4000, "unexplained_high": 3800}
            fields |= {f"{one}_known": True for one in ("bought", "counted", "unexplained")}
            tags = {"site": SITE, "department": of}
            yield Row("paper_quarter", tags, fields, _midnight(start))
            if quarter == 1 or number == 0:
                fields = {name: one for name, one in fields.items() if name != "quarter"}
                fields |= {"year": f"{year}", "title": f"{year}年度", "title_en": f"fiscal {year}"}
                yield Row("paper_year", tags, fields, _midnight(date(year, 4, 1)))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def periods() -> Iterator[Period]:
    """Yield the months that are told of, the newest first."""
    for back in range(26):
        year, month = divmod(2026 * 12 + 10 - back, 12)
        start = date(year, month + 1, 1)
        end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        period = Period(f"{year}-{month + 1:02}", start, end)
        if period.name != UNCOUNTED:
            yield period


def stated(period: Period) -> OfficeMonth:
    """Return what `period` came to."""
    is_running = _midnight(period.end) > NOW
    departments = tuple(
        _month(department, target, period, pages if is_running else pages * 4 // 3)
        for department, (*_, target, pages) in zip(FLEET.departments, _LISTED, strict=True)
    )
    pages = sum(one.pages for one in departments)
    target = sum(one.target or 0 for one in departments)
    return OfficeMonth(_month(EVERYBODY, target, period, pages), departments)


def _months() -> Iterator[Row]:
    for period in periods():
        month = stated(period)
        sheets = Paper(month.office.pages * 2 // 3, month.office.pages // 2, month.office.pages)
        known = replace(month.office, people=412, footprint=Footprint(sheets=PaperSum(sheets)))
        month = replace(month, office=known)
        yield _elsewhere(month)
        at = _midnight(period.start)
        for one in (month.office, *month.departments):
            tags = {"site": SITE, "month": period.name}
            fields = month_fields(one, ROW_WORDS) | name_fields(one, FLEET, ROW_WORDS)
            if one.department.id == WHOLE_OFFICE:
                yield Row("office_month", tags, fields | count_fields(month), at)
            else:
                tags["department"] = one.department.id
                yield Row("department_month", tags, fields, at)


def _elsewhere(month: OfficeMonth) -> Row:
    """Return what another site that shares the database publishes of its month."""
    own = replace(month.office, people=31, pages=month.office.pages // 9)
    tags = {"site": ANOTHER, "month": month.office.period.name}
    fields = month_fields(own, ROW_WORDS) | name_fields(own, FLEET, ROW_WORDS)
    return Row("office_month", tags, fields, _midnight(month.office.period.start))


def _month(
    department: Department, target: int | None, period: Period, pages: int
) -> DepartmentMonth:
    is_running = _midnight(period.end) > NOW
    ahead = (
        Forecast(pages * 1.3, pages * 1.2, pages * 1.5)
        if is_running
        else Forecast(pages, pages, pages)
    )
    days = {period.start + timedelta(days=n): pages * 0.08 for n in range(23, 29)}
    outlook = Outlook(ahead, 0.0, days if is_running else {})
    heading = None if target is None else course(target, pages, outlook, OFFICE, period, NOW)
    return DepartmentMonth(
        department=department,
        period=period,
        pages=pages,
        meters={
            Meter("total"): pages,
            Meter("total_mono"): pages - 9,
            Meter("total_color"): 9,
            Meter("sheets"): pages * 2 // 3,
        },
        target=target,
        last_year=pages + 100,
        last_month=pages + 50,
        forecast=ahead,
        elapsed=0.7 if is_running else 1.0,
        days_left=5 if is_running else 0,
        course=heading,
        asked=(PlaceId("here"), PlaceId("there")),
        missing=(PlaceId("there"),),
        final=not is_running,
    )


def _days() -> Iterator[Row]:
    today = NOW.astimezone(ZONE).date()
    for period in list(periods())[:2]:
        days = [day for day in period.days if day <= today]
        whole = stated(period)
        then = period.start.replace(year=period.start.year - 1)
        year = Period("then", then, then + timedelta(days=30))
        daily = {day: 100 + day.day for day in days}
        before = {
            one: {then + timedelta(days=n): 110 for n in range(31)}
            for one in (*(one.id for one in FLEET.departments), WHOLE_OFFICE)
        }
        by_day = MonthByDay(period, OFFICE, FLEET, whole, (year, before))
        for department in (*FLEET.departments, EVERYBODY):
            reached = by_day.of(department.id, daily)
            for day in days:
                fields: dict[str, Value] = {"total": daily[day], "total_mono": 90, "estimated": 0}
                fields |= day_fields(day, period) | course_fields(reached[day])
                if department.id == WHOLE_OFFICE:
                    yield Row("office_day", {"site": SITE}, fields, _midnight(day))
                else:
                    tags = {"site": SITE, "department": department.id}
                    yield Row("department_day", tags, fields, _midnight(day))
        for place, (owner, _) in PLACES.items():
            for day in days:
                told: dict[str, Value] = {"total": 80, "total_mono": 70, "total_color": 10}
                tags = {"site": SITE, "place": place, "department": owner}
                yield Row("copier_day", tags, told | day_fields(day, period), _midnight(day))


def _copiers() -> Iterator[Row]:
    for place, (department, _) in PLACES.items():
        tags = {"site": SITE, "place": place, "department": department}
        spot = FLEET.place(PlaceId(place))
        assert spot is not None
        named = place_fields(spot, FLEET) | {
            "model": "imageRUNNER ADVANCE DX C5840i",
            "serial": "3081R900123",
        }
        for hours in range(72):
            at = NOW - timedelta(hours=hours)
            if place == "dead one" and hours < 30:
                silent: dict[str, Value] = {"online": False, "silent_s": (30 - hours) * 3600}
                yield Row("copier", tags, named | silent | {"status": "silent"}, at)
                continue
            meters: dict[str, Value] = {"total": 445872 - hours, "total_mono": 354494 - hours}
            meters |= {"copy": 1200, "print": 4400, "fax": 20, "scan": 90}
            state: dict[str, Value] = {"online": True, "silent_s": 0, "status": "idle"}
            state["errors"] = "low_toner jammed" if place == "1f-zeimu" else ""
            yield Row(
                "copier", tags, named | meters | state | {"total_color": 91378, "uptime_s": 5}, at
            )
        if place != "1f-fukushi":  # its machine states no supply at all
            yield from _stock(place)


def _stock(place: str) -> Iterator[Row]:
    for number, (supply, kind, color) in enumerate(
        (("black", "toner", "black"), ("cyan", "toner", "cyan"), ("waste", "waste", None))
    ):
        what: dict[str, Value] = {"state": "level", "name": f"{supply} toner", "kind": kind}
        if color is not None:
            what |= {"level_pct": 5.0 + 30.0 * number, "color": color}
        else:
            what["state"] = "some_remaining"
        yield Row("copier_supply", {"site": SITE, "place": place, "supply": supply}, what, NOW)
    for tray, status in (("1", "ready"), ("2", "unavailable")):
        told: dict[str, Value] = {"state": "level", "name": f"トレイ {tray}", "status": status}
        told |= {"level_pct": 60.0, "media": "A4"}
        yield Row("copier_tray", {"site": SITE, "place": place, "tray": tray}, told, NOW)
