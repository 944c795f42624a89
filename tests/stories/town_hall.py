"""A town hall of eighteen months as people keep it, and all that is true of it.

The copiers and the truth of their pages are those of `tests/year`; here each also knows how much
paper it took, and stands in a department of a tree. What people write down (the paper that was
bought, the dealer's invoice) is made of the truth, with one error in the invoice.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.close.close_month import CloseMonth
from collector.app.count_reading import record_reading
from collector.bootstrap.office import load_into
from collector.domain.closing.statement import ClosingPlan
from collector.domain.counting.reading import Reading
from collector.domain.counting.told import Lines, Told
from collector.domain.office.office_calendar import Office, fiscal_months
from collector.domain.office.shares import PlaceId
from collector.settings.load import load
from tests.truth.people import works
from tests.year import town as year

TOKYO: Final = ZoneInfo("Asia/Tokyo")
OFFICE: Final = Office("mihon", TOKYO)
FIRST, LAST = date(2025, 4, 1), date(2026, 9, 30)
A_DAY: Final = timedelta(days=1)
SWITCHED_ON: Final = datetime(2025, 3, 1, tzinfo=TOKYO)
YEARS: Final = {2025: (1, 2, 3, 4), 2026: (1, 2)}
"""Fiscal year -> its quarters that are over."""
_HOURS: Final = (10, 11, 12, 13, 14)
_BUSY: Final = {3: 1.35, 4: 1.2, 8: 0.8, 12: 1.1, 1: 0.9}

TREE: Final = {
    "soumubu": ("総務部", None),
    "soumu": ("総務課", "soumubu"),
    "shomu": ("庶務係", "soumu"),
    "zeimu": ("税務課", "soumubu"),
    "shiminzei": ("市民税係", "zeimu"),
    "shiminbu": ("市民部", None),
    "shimin": ("市民課", "shiminbu"),
    "fukushi": ("福祉課", "shiminbu"),
    "kaigo": ("介護保険係", "fukushi"),
    "kyouikubu": ("教育部", None),
    "gakkou": ("学校教育課", "kyouikubu"),
    "kyushoku": ("給食係", "gakkou"),
}
"""Department -> its name and what it is a part of: 部, 課, 係."""
OWNERS: Final = tuple(one for one in TREE if not one.endswith("bu"))
"""Those that answer for places, in turn; a 部 has none of its own."""
PLACES: Final = {f"p{number:03}": OWNERS[number % len(OWNERS)] for number in range(60)}
"""Place -> who answers for it."""

MEASURE: Final = ("zeimu", date(2026, 4, 1), 0.4)
"""In 税務課 with its 係 so much less is printed from that day on."""
ELECTION: Final = ("p000", date(2026, 2, 2), date(2026, 2, 6), 3_000)
"""A place, days, and the pages that an election brought there besides."""
CITIZENS: Final = ("shimin", "2026-07", 600)
"""A department, a month, and how many of its pages citizens paid for."""
UNCOUNTED: Final = 1_500
"""Sheets a month that printers take of which nobody knows."""
PRICES: Final = {"モノクロ": 2.5, "フルカラー": 15.0}
INVOICED: Final = "2026-09"
ERROR: Final = ("p004", "フルカラー", 400)
"""A machine, a class, and how many impressions more than it printed the dealer charges."""


def line(department: str) -> Iterator[str]:
    """Yield `department` and what it is a part of, up to its 部."""
    up: str | None = department
    while up is not None:
        yield up
        up = TREE[up][1]


def quarter(fiscal: int, number: int) -> tuple[str, ...]:
    """Return the months of a quarter of a fiscal year."""
    return fiscal_months(fiscal)[3 * number - 3 : 3 * number]


def last_day(month: str) -> date:
    """Return the last day of `month`."""
    return OFFICE.period(month).end


@dataclass(slots=True)
class Machine(year.Copier):
    """A copier that prints a quarter in colour, and a share of its pages on both sides of a sheet.

    `tells` is what it counts of paper: all its sheets, those on both sides, or nothing.
    """

    color: int = 0
    sheets: int = 0
    doubled: int = 0
    duplex: float = 0.5
    tells: str = ""

    def print(self, pages: int) -> None:
        """Let `pages` out, two on a sheet as often as people do here."""
        year.Copier.print(self, pages)
        self.color += pages // 4
        doubled = round(pages * self.duplex / 2)
        self.doubled += doubled
        self.sheets += pages - doubled

    def meters(self) -> dict[str, int]:
        """Return what its counters show."""
        mono = self.total - self.color
        paper = {"sheets": self.sheets, "duplex_sheets": self.doubled}
        shown = {"total": self.total, "total_mono": mono, "total_color": self.color}
        return shown | {name: count for name, count in paper.items() if name == self.tells}


@dataclass(slots=True)
class TownHall:
    """The town, what its collector wrote down, and where each machine stood as a day ended."""

    town: year.Town
    readings: list[dict[str, Any]] = field(default_factory=list)
    ends: dict[tuple[str, date], dict[str, int]] = field(default_factory=dict)
    saved: int = 0

    @classmethod
    def lived(cls, seed: int = 12) -> "TownHall":
        """Return the town hall when its eighteen months are over."""
        hall = cls(year.build(OFFICE, len(PLACES), seed))
        for number, spot in enumerate(hall.town.spots.values()):
            spot.copier = _machine(spot.copier, number, hall.town.dice)
        day = FIRST - A_DAY
        while day <= LAST:
            hall._day(day)
            day += A_DAY
        return hall

    def _day(self, day: date) -> None:
        """Let a day go by; copiers are read in the evening, and all of them around a month's end.

        Those of the department with a measure, and where votes are counted, every working day;
        the others on Fridays.
        """
        if works(day) and day >= FIRST:
            self._work(day)
        for name in PLACES:
            one = self.machine(name)
            paper = {"sheets": one.sheets, "duplex_sheets": one.doubled}
            self.ends[name, day] = one.meters() | paper
        midnight = datetime.combine(day + A_DAY, datetime.min.time(), TOKYO)
        if (day + A_DAY).day == 1:
            self._read(PLACES, midnight - timedelta(minutes=3))
            self._read(PLACES, midnight + timedelta(hours=1))
        elif works(day) or day.weekday() == 4:
            weekly = day.weekday() == 4
            watched = PLACES if weekly else [ELECTION[0], *self.places_of(MEASURE[0])]
            self._read(watched, midnight - timedelta(hours=4))

    def _work(self, day: date) -> None:
        part, since, less = MEASURE
        usual = {name: spot.busy for name, spot in self.town.spots.items()}
        thrifty = [name for name, owner in PLACES.items() if day >= since and part in line(owner)]
        for name in thrifty:
            self.town.spots[name].busy = round(usual[name] * (1 - less))
        if ELECTION[1] <= day <= ELECTION[2]:
            self._election(day)
        self.town.work(datetime.combine(day, OFFICE.closes, TOKYO), _BUSY.get(day.month, 1.0))
        for name in thrifty:
            spot = self.town.spots[name]
            kept = spot.busy / usual[name]
            self.saved += round(self.town.printed[name][day] * (1 / kept - 1))
            spot.busy = usual[name]

    def _election(self, day: date) -> None:
        """Print a fifth of the election's pages, by the hour, and read its copier as often."""
        place, _, _, pages = ELECTION
        for hour in _HOURS:
            self.machine(place).print(pages // 5 // len(_HOURS))
            days = self.town.printed[place]
            days[day] = days.get(day, 0) + pages // 5 // len(_HOURS)
            self._read([place], datetime(day.year, day.month, day.day, hour, 30, tzinfo=TOKYO))

    def _read(self, places: Iterable[str], at: datetime) -> None:
        for name in places:
            one = self.machine(name)
            who = {"place": name, "serial": one.serial, "model": "IM C3000", "rated_ipm": 40}
            uptime = int((at - SWITCHED_ON).total_seconds())
            said = {"uptime_s": uptime, "meters": one.meters()}
            self.readings.append({"at": at.isoformat(), **who, **said})

    def machine(self, place: str) -> Machine:
        """Return the machine that stands at `place`."""
        found = self.town.spots[place].copier
        assert isinstance(found, Machine)
        return found

    # What is true.

    @staticmethod
    def is_of(owner: str, department: str) -> bool:
        """Say whether a department is one, or a part of one; all are of "whole_office"."""
        return department in {"whole_office", *line(owner)}

    def own_places(self, department: str) -> list[str]:
        """Return the places that a department answers for without its parts."""
        return [name for name, owner in PLACES.items() if owner == department]

    def places_of(self, department: str) -> list[str]:
        """Return the places of a department and its parts."""
        return [name for name, owner in PLACES.items() if self.is_of(owner, department)]

    def own_pages(self, department: str, month: str) -> int:
        """Return the impressions that a department truly printed, without its parts."""
        span = OFFICE.period(month)
        places = self.own_places(department)
        return sum(self.town.of_month(one, span.start, span.end) for one in places)

    def pages(self, department: str, *months: str) -> int:
        """Return the impressions that a department with its parts truly printed in `months`."""
        spans = [OFFICE.period(month) for month in months]
        places = self.places_of(department)
        return sum(
            self.town.of_month(one, span.start, span.end) for one in places for span in spans
        )

    def sheets(self, department: str, *months: str) -> int:
        """Return the sheets of paper that this truly took."""
        return self.sheets_of(self.places_of(department), *months)

    def sheets_of(self, places: Iterable[str], *months: str) -> int:
        """Return the sheets of paper that went through the machines at `places` in `months`."""
        found = 0
        for span, one in product(map(OFFICE.period, months), places):
            before = self.ends[one, span.start - A_DAY]["sheets"]
            found += self.ends[one, span.end]["sheets"] - before
        return found

    # What people have written down.

    def paper(self) -> str:
        """Return the list of paper bought (for the whole office), and of its counted stock.

        At the end of 2025 nobody counted the stock.
        """
        stock = 20_000
        rows = [f"令和7年3月31日,A4,,{stock:,}"]
        for fiscal, quarters in YEARS.items():
            for month in (month for one in quarters for month in quarter(fiscal, one)):
                used = self.sheets("whole_office", month) + UNCOUNTED
                boxes = max(0, -(-(used + 20_000 - stock) // 2500))
                stock += boxes * 2500 - used
                rows.append(f"{month}-07,A4,{boxes * 2500},")
                if month[-2:] in {"06", "09", "12", "03"} and month != "2025-12":
                    rows.append(f"{last_day(month)},A4,,{stock}")
        head = "用紙購入・在庫台帳,,,\n日付,用紙サイズ,枚数,在庫枚数\n"
        return head + "".join(f"{_quoted(row)}\n" for row in rows)

    def invoice(self) -> str:
        """Return the dealer's sheet of the month that is charged, with its one error."""
        span = OFFICE.period(INVOICED)
        rows, sum_of = [], 0
        for name in PLACES:
            first, last = self.ends[name, span.start - A_DAY], self.ends[name, span.end]
            for word, meter in (("モノクロ", "total_mono"), ("フルカラー", "total_color")):
                more = ERROR[2] if (name, word) == ERROR[:2] else 0
                closing = last[meter] + more
                used = closing - first[meter]
                amount = int(used * PRICES[word])
                sum_of += amount
                days = f"{span.start - A_DAY},{span.end}"
                serial = self.machine(name).serial
                rows.append(
                    f"{serial},{word},{first[meter]},{closing},{used},{PRICES[word]},{amount},{days}"
                )
        tax = sum_of // 10
        head = "カウンター確認表,,,,,,,,令和8年9月分\n"
        head += "機械番号,区分,前回カウンター,今回カウンター,使用枚数,単価,金額,前回検針日,検針日\n"
        foot = (("小計", sum_of), ("消費税(10%)", tax), ("合計", sum_of + tax))
        ends = (f"{word},,,,,,{amount},,\n" for word, amount in foot)
        return head + "".join(f"{row}\n" for row in rows) + "".join(ends)

    def write(self, folder: Path) -> Path:
        """Leave configuration, factors, fleet and lists in `folder`; return the first."""
        folder.mkdir(parents=True, exist_ok=True)
        names = {
            place: f"{n % 5 + 1}階 {TREE[PLACES[place]][0]} {n // 9 + 1}号機"
            for n, place in enumerate(PLACES)
        }
        files = {
            "collector.toml": _CONFIG,
            "factors.toml": _FACTORS,
            "fleet.toml": "".join([*_departments(), *_places(names), _TARGETS]),
            "readings.jsonl": "".join(f"{json.dumps(one)}\n" for one in self.readings),
            "職員数.csv": "課名,職員数\n"
            + "".join(f"{TREE[one][0]},{people}人\n" for one, people in people_of().items()),
            "用紙購入.csv": self.paper(),
            "カウンター請求.csv": self.invoice(),
            "除外.csv": "部署,年月,面数,理由,出典\n"
            f"{TREE[CITIZENS[0]][0]},{CITIZENS[1]},{CITIZENS[2]},市民有料コピー,窓口収納簿\n",
        }
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder / "collector.toml"


async def fill(hall: TownHall, config: Path) -> None:
    """Leave the ledger that the collector would have made of its readings, by the real counting."""
    loaded, lines = load(config, {}), Lines()
    by_place: dict[PlaceId, list[Told]] = defaultdict(list)
    for number, one in enumerate(hall.readings, start=1):
        told = lines.told(number, one)
        by_place[told.place].append(told)
    ledger = await SqliteLedger.open(config.with_name("ledger.sqlite3"))
    try:
        began = OFFICE.midnight(FIRST - A_DAY)
        loading, _ = await load_into(ledger, loaded, began)
        for place, own in by_place.items():
            state, records = await ledger.state(place), []
            for one in own:
                assert one.answer is not None
                reading = Reading(place, one.at, one.answer)
                records.append(record_reading(state, reading, loading.context))
                state = records[-1].state
                assert records[-1].recount_since is None, "nothing is taken back in this town"
            await ledger.record(records)
    finally:
        await ledger.close()


async def close_before(month: str, config: Path) -> None:
    """Close every month of the ledger before the one called `month`, as the command does."""
    now, loaded = OFFICE.midnight(LAST + 7 * A_DAY), load(config, {})
    ledger = await SqliteLedger.open(config.with_name("ledger.sqlite3"))
    try:
        loading, _ = await load_into(ledger, loaded, now)
        close = CloseMonth(ledger, loading.context, now)
        for one in await close.open_months():
            if one.name < month:
                plan = await close.plan(one.name)
                assert isinstance(plan, ClosingPlan), plan
                await close.apply(plan, "鈴木")
    finally:
        await ledger.close()


def people_of() -> dict[str, int]:
    """Return how many people each department has, its parts among them."""
    own = {one: 6 + number for number, one in enumerate(TREE)}
    return {one: sum(n for name, n in own.items() if one in line(name)) for one in TREE}


def _machine(one: year.Copier, number: int, dice: random.Random) -> Machine:
    tells = ("sheets", "duplex_sheets", "")[number % 3]
    color = one.total // 4
    return Machine(
        one.serial, one.total, color=color, sheets=one.total // 2,
        duplex=dice.uniform(0.3, 0.6), tells=tells,
    )  # fmt: skip


def _quoted(row: str) -> str:
    day, size, bought, *stock = row.split(",")
    return f'{day},{size},{bought},"{",".join(stock)}"'


def _departments() -> Iterator[str]:
    for one, (name, parent) in TREE.items():
        part = "" if parent is None else f'parent = "{parent}"\n'
        yield f'[[department]]\nid = "{one}"\nname = "{name}"\n{part}\n'


def _places(names: dict[str, str]) -> Iterator[str]:
    for number, (place, name) in enumerate(names.items()):
        yield f'[[place]]\nid = "{place}"\nname = "{name}"\naddress = "192.0.2.{number + 1}"\n'
        yield f'[[place.department]]\nid = "{PLACES[place]}"\nfrom = 2025-01-01\n\n'


_CONFIG: Final = """\
[office]
site = "mihon"
language = "ja"

[ledger]
path = "ledger.sqlite3"

[factors]
file = "factors.toml"

[open_data]
municipality_code = "131016"
municipality = "見本市"
"""

_TARGETS: Final = """
[[targets.whole_office.plan]]
from = "2026-04"
goal = "2029-03"
less_percent = 30
base_year = 2025

[[targets.zeimu.plan]]
from = "2026-04"
less_percent = 20
base_year = 2025

[targets.shimin]
unit = "sheets"
[[targets.shimin.plan]]
from = "2026-04"
less_percent = 5
base_year = 2025
"""

_FACTORS: Final = f"""\
[[contract]]
id = "all"
[[contract.price]]
from = 2025-01-01
source = "保守契約書 令和7年度"
mono = {PRICES["モノクロ"]}
color = {PRICES["フルカラー"]}

[[paper]]
from = 2025-01-01
source = "用紙単価契約 令和7年度"
yen_per_sheet = 0.6

[[co2]]
from = 2025-01-01
source = "製品カタログのライフサイクル CO2"
g_per_sheet = 4.6

[[large]]
from = 2025-01-01
source = "用紙購入実績 令和6年度"
large_percent = 0
plus_minus = 0

[[time]]
from = 2025-01-01
source = "総務課の実測 令和7年5月"
seconds_per_impression = 4

[[career]]
from = 2025-01-01
source = "勤務時間条例"
hours_a_year = 1860
years = 38
"""
