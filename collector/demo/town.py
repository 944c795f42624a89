"""The demo's small town hall on paper: its machines, departments and targets, what it prints."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Final
from zoneinfo import ZoneInfo

from collector.demo.machines import Printed, SimulatedMachine
from collector.domain.counting.entries import PastMonth
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO
from collector.domain.office.fleet import (
    WHOLE,
    WHOLE_OFFICE,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.headcount import Headcount
from collector.domain.office.office_calendar import (
    Office,
    fiscal_months,
    fiscal_year,
    months_later,
)
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Less, Path, TargetPlan, Targets
from collector.settings.fleet.write import write_file, write_fleet_toml
from collector.settings.layers import SECRETS
from collector.settings.load import Loaded, load
from collector.texts import Texts

# The demo's small town hall: five departments, twelve mixed copiers, and how they are used.


DEPARTMENTS: Final = (
    Department(DepartmentId("soumu"), "総務課", "General Affairs"),
    Department(DepartmentId("zeimu"), "税務課", "Taxation"),
    Department(DepartmentId("shimin"), "市民課", "Residents"),
    Department(DepartmentId("fukushi"), "福祉課", "Welfare"),
    Department(DepartmentId("kyouiku"), "教育委員会", "Board of Education"),
)
_SINCE: Final = date(2020, 4, 1)
_WORKING_DAYS: Final = 20
_MONTH_END_FROM: Final = 25
_SHARE_OF_MEAN: Final = {
    "soumu": 0.93,
    "zeimu": 1.12,
    "shimin": 0.82,
    "fukushi": 1.02,
    "kyouiku": 1.30,
}
"""Targets over what a department prints on average: some will keep theirs, some will not."""


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """One place of the demo: its machine, who answers for it, impressions on a working day."""

    place: PlaceId
    name: str
    machine: SimulatedMachine
    shares: dict[DepartmentId, int]
    daily: int
    color: float = 0.25


_TABLE: Final = """
1f-shimin-e | 1階 市民課 東 | shimin | ricoh | IM C4500 | 3091RA00417 | 420 | 310442
1f-shimin-w | 1階 市民課 西 | shimin | canon | iR-ADV C5840 | 2XK07711 | 360 | 213402
1f-madoguchi | 1階 総合窓口 | shimin | brother | MFC-L9570CDW | E78100H3J421 | 150 | 48120
1f-fukushi | 1階 福祉課 | fukushi | kyocera | TASKalfa 4053ci | W3K8Z00512 | 380 | 176064
1f-hoken | 1階 保健センター | fukushi | konica | bizhub C360i | AA2J021104 | 210 | 133810
2f-soumu | 2階 総務課 | soumu | ricoh | IM C6000 | 3081R900123 | 510 | 402337
2f-kaigi | 2階 会議室前（共用） | soumu=60 zeimu=40 | sharp | MX-3570N | 0503117500 | 190 | 121104
2f-zeimu-a | 2階 税務課 A | zeimu | kyocera | TASKalfa 5054ci | RVP0Y11833 | 460 | 265195
2f-zeimu-b | 2階 税務課 B | zeimu | canon | iR-ADV C3830 | 3CE00923 | 240 | 88531
3f-kyouiku | 3階 教育委員会 | kyouiku | konica | bizhub C250i | AA2M021115 | 330 | 154221
3f-gakkou | 3階 学校教育係 | kyouiku | ricoh | IM C3000 | 3071RC01988 | 280 | 99310
b1-insatsu | 地下 印刷室 | soumu | generic | DuplicatorPro 90 | DP90-004471 | 130 | 91044
"""
"""place | name | departments | maker | model | serial | impressions a working day | life count"""


def _spot(line: str) -> DemoPlace:
    place, name, departments, maker, model, serial, daily, life = (
        part.strip() for part in line.split("|")
    )
    shares: dict[DepartmentId, int] = {}
    for part in departments.split():
        department, _, share = part.partition("=")
        shares[DepartmentId(department)] = int(share or WHOLE)
    tenth = int(life) // 10
    printed = Printed(3 * tenth, tenth, int(life) - 6 * tenth, tenth, tenth, 2 * tenth)
    machine = SimulatedMachine(maker, model, serial, printed)
    return DemoPlace(PlaceId(place), name, machine, shares, int(daily))


SPOTS: Final = tuple(_spot(line) for line in _TABLE.strip().splitlines())

DEAD: Final = PlaceId("1f-hoken")
REPLACED: Final = PlaceId("2f-zeimu-b")
RESET: Final = PlaceId("3f-gakkou")
SUCCESSOR: Final = SimulatedMachine(
    "canon", "iR-ADV DX C3930", "4FM01177", Printed(2, 1, 19, 4, 0, 6), toner=(100, 100, 100, 100)
)
"""The machine that takes the place of the one at `REPLACED`."""


def fleet_of(ports: dict[PlaceId, int], people: int | None = None) -> Fleet:
    """Return the town hall on paper, with those machines that are on loopback at `ports`.

    Each department that answers for any of them has so many `people`, where that is told.
    """
    spots = [spot for spot in SPOTS if spot.place in ports]
    places = tuple(
        Place(
            spot.place,
            spot.name,
            "127.0.0.1",
            ports[spot.place],
            assignments=(Assignment(_SINCE, spot.shares),),
        )
        for spot in spots
    )
    answering = {department for spot in spots for department in spot.shares}
    departments = tuple(one for one in DEPARTMENTS if one.id in answering)
    mean = {one.id: 0.0 for one in departments}
    for spot in spots:
        for department, share in spot.shares.items():
            mean[department] += spot.daily * _WORKING_DAYS * share / 100
    targets = {
        key: Targets(default=_hundreds(pages * _SHARE_OF_MEAN[key])) for key, pages in mean.items()
    }
    staff = {} if people is None else {one: (Headcount(_SINCE, people),) for one in mean}
    return Fleet(departments, places, targets, staff=staff)


def with_every_target(fleet: Fleet, office: Office, today: date) -> Fleet:
    """Return `fleet` with targets as offices have them: a figure, a path down, less, none.

    They hold from the fiscal year that is running; the whole office has one of its own.
    """
    year = fiscal_year(office.period_of(today).name, office.year_begins)
    begins = fiscal_months(year, office.year_begins)[0]
    goal = months_later(begins, _GOAL_AFTER)
    down = TargetPlan(begins, Path(Base(year=year - 1), goal, percent=Decimal(30)))
    under = TargetPlan(begins, Less(Base(), Decimal(5)))
    every = sum(one.default or 0 for one in fleet.targets.values())
    targets = dict(fleet.targets) | {
        DepartmentId("zeimu"): Targets(plans=(down,)),
        DepartmentId("fukushi"): Targets(plans=(under,)),
        WHOLE_OFFICE: Targets(default=_hundreds(every * 1.04)),
    }
    del targets[WITHOUT_TARGET]
    return replace(fleet, targets=targets)


_GOAL_AFTER: Final = 35
"""Months after the first one, at the end of the third fiscal year."""
WITHOUT_TARGET: Final = DepartmentId("kyouiku")


def _hundreds(pages: float) -> int:
    return round(pages / 100) * 100


def printed_in(
    spot: DemoPlace, day: date, share: float, office: Office, dice: random.Random
) -> Printed:
    """Return what the machine of `spot` prints in `share` of the working day `day`.

    Days off see a stray fax; month ends and Mondays are busier, as in any town hall.
    """
    if not office.works_on(day):
        return Printed(fax=int(dice.random() < share / 3))
    busy = 1.0 + 0.15 * (day.weekday() == 0) + 0.20 * (day.day >= _MONTH_END_FROM)
    pages = max(0, round(dice.gauss(spot.daily * busy * share, spot.daily * share * 0.35)))
    color = sum(dice.random() < spot.color for _ in range(pages))
    copies, color_copies = round((pages - color) * 0.45), round(color * 0.3)
    fax = min(pages - color - copies, int(dice.random() < share))
    return Printed(
        copies,
        color_copies,
        pages - color - copies - fax,
        color - color_copies,
        fax,
        round(pages * 0.3 * dice.random()),
    )


_SHEET_MONTHS: Final = 24
_BUSY: Final = 1.08
"""What Mondays and month ends add to a month."""
_A_YEAR_AGO: Final = 1.15
"""How much more was printed each year before."""


def old_sheets(
    office: Office,
    first: date,
    texts: Texts,
    at: datetime,
    spots: Sequence[DemoPlace] = SPOTS,
) -> tuple[PastMonth, ...]:
    """Return two years of monthly sheets before the day `first`, as an office has kept them."""
    begins, dice = office.period_of(first), random.Random(first.toordinal())  # noqa: S311 - no secret
    signed, source = Signature("demo", texts("demo.sheets"), at), texts("demo.sheets")
    found = []
    for back in range(1, _SHEET_MONTHS + 1):
        month = office.before(begins, back)
        days = office.working_days(month.start, month.end)
        for spot in spots:
            much = _BUSY * _A_YEAR_AGO ** (back / 12) * dice.uniform(0.95, 1.05)
            total = round(spot.daily * days * much)
            color = round(total * spot.color)
            pages = {TOTAL: total, TOTAL_COLOR: color, TOTAL_MONO: total - color}
            found.append(PastMonth(spot.place, month.name, pages, source, signed))
    return tuple(found)


def printed_between(
    spot: DemoPlace, since: datetime, until: datetime, office: Office, dice: random.Random
) -> Printed:
    """Return what the machine of `spot` prints in a short time, at the pace of the hour of day."""
    local = until.astimezone(office.zone)
    hours = (until - since).total_seconds() / 3600
    day = (office.closes.hour * 60 + office.closes.minute) - (
        office.opens.hour * 60 + office.opens.minute
    )
    if not (office.works_on(local.date()) and office.opens <= local.time() <= office.closes):
        return Printed(fax=int(dice.random() < hours / 48))
    pace = _LUNCH if local.hour == _NOON else 1.0
    pages = _some(spot.daily * pace * hours * 60 / day, dice)
    color = sum(dice.random() < spot.color for _ in range(pages))
    return Printed(print_mono=pages - color, print_color=color)


_NOON, _LUNCH = 12, 0.4


def _some(expected: float, dice: random.Random) -> int:
    """Return whole pages that come to `expected` on average."""
    whole = int(expected)
    return whole + int(dice.random() < expected - whole)


# Its configuration.


_CONFIG = """\
# {head}
[office]
site = "{site}"
language = "{language}"
{year}
[fleet]
file = "fleet.toml"

[ledger]
path = "ledger.sqlite3"

[polling]
interval_s = 10
timeout_s = 0.5
retries = 1
jitter_s = 3
backoff_max_s = 60
{more}"""
_REAL = """
[factors]
file = "factors.toml"
"""
_PAGES = """
[pages]
dir = "pages"
"""
_PRICES = """\
[[contract]]
id = "all"

[[contract.price]]
from = 2020-04-01
source = "{head}"
mono = 2.4
color = 14

[[contract]]
id = "one-price"
places = ["1f-hoken", "3f-kyouiku", "b1-insatsu"]

[[contract.price]]
from = 2020-04-01
source = "{head}"
mono = 4
color = 4
"""
_FACTORS = """\
# {head}
[[paper]]
from = 2020-04-01
source = "{head}"
yen_per_sheet = 0.6

[[co2]]
from = 2020-04-01
source = "{head}"
g_per_sheet = 4.6

[[duplex]]
from = 2020-04-01
source = "{head}"
duplex_percent = 40
plus_minus = 10

[[large]]
from = 2020-04-01
source = "{head}"
large_percent = 6
plus_minus = 3

[[time]]
from = 2020-04-01
source = "{head}"
seconds_per_impression = 4

[[career]]
from = 2020-04-01
source = "{head}"
hours_a_year = 1860
years = 38
"""


def influx_of(url: str | None, database: str, org: str | None = None) -> str:
    """Return the section of settings for this InfluxDB, empty for none."""
    stated = {"url": url, "database": database, "org": org}
    lines = [f"{key} = {json.dumps(value)}" for key, value in stated.items() if value]
    return "\n".join(["", "[influx]", *lines, "every_s = 60", ""]) if url else ""


def write_configuration(
    folder: FilePath,
    ports: Mapping[PlaceId, int],
    *,
    language: str,
    influx: str = "",
    token: str | None = None,
    now: datetime | None = None,
) -> FilePath:
    """Leave `collector.toml` and `fleet.toml` in `folder`; the path of the first is returned.

    `influx` is the section of that name; its `token` becomes a secret file. With `now` the office
    has all that real ones have: targets of every kind, prices, pages.
    """
    more = influx
    if token:
        write_secret(folder, "influx__token", token)
    texts, fleet = Texts(language), fleet_of(dict(ports))
    if now is not None:
        office = Office("demo-town", ZoneInfo("Asia/Tokyo"))
        fleet, more = with_every_target(fleet, office, office.local_day(now)), _PAGES + more
    prices = "" if now is None else f"{_FACTORS}\n{_PRICES}"
    return _write(folder, fleet, texts, "demo-town", more=more, factors=prices)


def write_site(
    folder: FilePath,
    ports: Mapping[PlaceId, int],
    *,
    site: str,
    people: int,
    year_begins: int,
    language: str,
    more: str = "",
) -> FilePath:
    """Leave the configuration of a small `site` in `folder`; the path of `collector.toml`.

    It has those machines that are at `ports`, so many `people` in each department, and says what
    sheets are reckoned by. Its fiscal year begins with that month. `more` are further sections.
    """
    fleet = fleet_of(dict(ports), people)
    return _write(
        folder,
        *(fleet, Texts(language), site),
        more=more,
        factors=_FACTORS,
        year_begins=year_begins,
    )


def _write(
    folder: FilePath,
    fleet: Fleet,
    texts: Texts,
    site: str,
    *,
    more: str,
    factors: str,
    year_begins: int | None = None,
) -> FilePath:
    config, head = folder / "collector.toml", texts("demo.settings")
    if factors:
        more = _REAL + more
        stated = factors.format(head=texts("demo.factors"))
        write_file(folder / "factors.toml", stated, overwrite=True)
    year = "" if year_begins is None else f"fiscal_year_start = {year_begins}\n"
    named = {"site": site, "language": texts.language, "year": year}
    write_file(config, _CONFIG.format(head=head, more=more, **named), overwrite=True)
    write_file(folder / "fleet.toml", write_fleet_toml(fleet, texts), overwrite=True)
    return config


def write_secret(folder: FilePath, name: str, text: str) -> None:
    """Leave `text` as the secret `name` of the configuration in `folder`, for its owner only."""
    secret = folder / SECRETS / name
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(text, encoding="utf-8")


def load_configuration(config: FilePath) -> Loaded:
    """Return the demo's configuration, untouched by the environment."""
    return load(config, {})
