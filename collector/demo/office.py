"""The demo's small town hall: five departments, twelve mixed copiers, and how they are used."""

import random
from dataclasses import dataclass
from datetime import date
from typing import Final

from collector.demo.machines import Printed, SimulatedMachine
from collector.domain.office.fleet import WHOLE, Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Targets

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


def fleet_of(ports: dict[PlaceId, int]) -> Fleet:
    """Return the town hall on paper, its machines on loopback at `ports`."""
    places = tuple(
        Place(
            spot.place,
            spot.name,
            "127.0.0.1",
            ports[spot.place],
            assignments=(Assignment(_SINCE, spot.shares),),
        )
        for spot in SPOTS
    )
    mean = {one.id: 0.0 for one in DEPARTMENTS}
    for spot in SPOTS:
        for department, share in spot.shares.items():
            mean[department] += spot.daily * _WORKING_DAYS * share / 100
    targets = {
        key: Targets(default=_hundreds(pages * _SHARE_OF_MEAN[key])) for key, pages in mean.items()
    }
    return Fleet(DEPARTMENTS, places, targets)


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
