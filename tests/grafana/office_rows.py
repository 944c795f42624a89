"""A made office as the rows that the collector would publish, for a fixed now."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.app.publish.render import month_fields
from collector.domain.meters import Meter
from collector.domain.month.forecast import Forecast
from collector.domain.month.month import DepartmentMonth
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.rows import Row, Value
from tests.wording import ROW_WORDS

ZONE = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
SITE = "honcho"

TARGETS: dict[str, int | None] = {"soumu": 5000, "zeimu": 3000, "fukushi": None, "2f/kikaku.": 9000}
"""Department id -> target; one has none, one id has characters that a pattern must escape."""
NAMES = {
    "soumu": ("総務課", "General Affairs"),
    "zeimu": ("税務課", "Tax"),
    "fukushi": ("福祉課", None),
    "2f/kikaku.": ("企画課", "Planning"),
}
PLACES = {"2f-soumu": "soumu", "1f-zeimu": "zeimu", "1f-fukushi": "fukushi", "dead one": "soumu"}


def office_rows() -> Iterator[Row]:
    """Yield 14 months of statements and 40 days of everything else."""
    yield from _months()
    yield from _days()
    yield from _copiers()
    for hours in range(60):
        at = NOW - timedelta(hours=hours)
        health: dict[str, Value] = {"polled": 4, "failed": 1, "slow": 0, "backlog": 2}
        tags = {"site": SITE, "host": "srv1"}
        yield Row("collector", tags, health | {"cycle_s": 3.5, "lag_s": 0.2}, at)
    for hours, code, severity in ((2, "device_silent", "warning"), (90, "meter_reset", "error")):
        tags = {"site": SITE, "place": "dead one", "code": code}
        fields: dict[str, Value] = {"severity": severity, "message": "確かめてください。"}
        yield Row("copier_event", tags, fields, NOW - timedelta(hours=hours))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _months() -> Iterator[Row]:
    for back in range(14):
        year, month = divmod(2026 * 12 + 10 - back, 12)
        start = date(year, month + 1, 1)
        end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        period = Period(f"{year}-{month + 1:02}", start, end)
        for number, (department, target) in enumerate(TARGETS.items()):
            tags = {"site": SITE, "department": department, "month": period.name}
            fields = month_fields(
                _month(department, target, period, 2500 + 700 * number), ROW_WORDS
            )
            yield Row("department_month", tags, fields, _midnight(start))
        whole = {"site": SITE, "month": period.name}
        yield Row("office_month", whole, fields, _midnight(start))


def _month(department: str, target: int | None, period: Period, pages: int) -> DepartmentMonth:
    name, english = NAMES[department]
    return DepartmentMonth(
        department=Department(DepartmentId(department), name, english),
        period=period,
        pages=pages,
        meters={Meter("total"): pages, Meter("total_mono"): pages - 9, Meter("total_color"): 9},
        target=target,
        last_year=pages + 100,
        forecast=Forecast(pages * 1.4, pages * 1.2, pages * 1.6),
        elapsed=0.7,
        asked=(PlaceId("here"), PlaceId("there")),
        missing=(PlaceId("there"),),
    )


def _days() -> Iterator[Row]:
    today = NOW.astimezone(ZONE).date()
    for back in range(40):
        at = _midnight(today - timedelta(days=back))
        fields: dict[str, Value] = {"total": 100 + back, "total_mono": 90, "estimated": 0}
        for department in TARGETS:
            tags = {"site": SITE, "department": department}
            yield Row("department_day", tags, fields, at)
        for place, department in PLACES.items():
            tags = {"site": SITE, "place": place, "department": department}
            yield Row("copier_day", tags, fields, at)


def _copiers() -> Iterator[Row]:
    for place, department in PLACES.items():
        tags = {"site": SITE, "place": place, "department": department}
        named: dict[str, Value] = {"name": f"複合機 {place}", "model": "IM C3000", "serial": place}
        for hours in range(72):
            at = NOW - timedelta(hours=hours)
            if place == "dead one" and hours < 30:
                silent: dict[str, Value] = {"online": False, "silent_s": (30 - hours) * 3600}
                yield Row("copier", tags, named | silent | {"status": "silent"}, at)
                continue
            meters: dict[str, Value] = {"total": 9000 - hours, "total_mono": 8000 - hours}
            state: dict[str, Value] = {"online": True, "silent_s": 0, "status": "idle"}
            yield Row(
                "copier", tags, named | meters | state | {"total_color": 9, "uptime_s": 5}, at
            )
        for number, supply in enumerate(("black", "cyan", "waste")):
            what: dict[str, Value] = {"state": "ok", "name": f"{supply} toner"}
            if supply != "waste":
                what["level_pct"] = 5.0 + 30.0 * number
            supply_tags = {"site": SITE, "place": place, "supply": supply}
            yield Row("copier_supply", supply_tags, what, NOW)
