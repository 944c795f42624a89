"""The page of a department with parts: it adds up just what lay below it on each day.

The rows are the collector's own, of copiers that were polled, and influxd answers the queries.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from collector.app.office_context import OfficeContext
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.office.fleet import Department, DepartmentId, Fleet, Tree, Under
from collector.domain.rows import Row
from tests.grafana.emulation import Frame, pattern
from tests.grafana.filled import Filled, write
from tests.grafana.shipped import dashboards
from tests.servers.influx import InfluxServer, influxd
from tests.unit.app.office import CANON, KYOCERA, LONG_AGO, OFFICE, RICOH, AnOffice, answer, place

pytestmark = pytest.mark.integration

NAMES = {
    "somubu": "総務部",
    "zaimubu": "財務部",
    "soumu": "総務課",
    "jinji": "人事課",
    "kei": "契約課",
}
FLEET = Fleet(
    tuple(Department(DepartmentId(one), name) for one, name in NAMES.items()),
    (
        place("1f", (LONG_AGO, {"soumu": 60, "jinji": 40})),
        place("2f", (LONG_AGO, {"jinji": 100})),
        place("3f", (LONG_AGO, {"kei": 100})),
    ),
)
MOVES = date(2026, 11, 5)
"""From this day on the section for contracts is a part of the other bureau."""
MACHINES = {"1f": RICOH, "2f": CANON, "3f": KYOCERA}
DAYS = (2, 4, 5, 6)
PRINTED = {"1f": 10, "2f": 7, "3f": 5}


def tree(*, moves: bool) -> Tree:
    """Return the bureaus and their sections, with or without the re-organisation."""
    under = {one: (Under(LONG_AGO, DepartmentId("somubu")),) for one in ("soumu", "jinji", "kei")}
    if moves:
        under["kei"] = (*under["kei"], Under(MOVES, DepartmentId("zaimubu")))
    return Tree({DepartmentId(one): own for one, own in under.items()})


async def published(later: Fleet | None = None) -> list[Row]:
    """Return all rows of some days in `FLEET`, and what comes after them with a `later` one."""
    office = AnOffice(
        OfficeContext(replace(FLEET, tree=tree(moves=later is None)), OFFICE),
        datetime(2026, 11, 2, 0, 0, tzinfo=UTC),
    )
    await office.refresh.fleet()
    counts: dict[str, int] = dict.fromkeys(MACHINES, 1000)
    for number, day in enumerate(DAYS):
        for hour in (0, 4):
            office.clock.at = datetime(2026, 11, day, hour, 0, tzinfo=UTC)
            for name, machine in MACHINES.items():
                await office.poll(name, _says(machine, counts[name]))
                counts[name] += 0 if hour else PRINTED[name] + number
    if later is not None:
        await office.deliver_all()
        office.reorganise(later)
        office.restart()
        await office.refresh.fleet()
    await office.deliver_all()
    return [row for batch in office.sink.batches for row in batch]


def _says(machine: DeviceIdentity, total: int) -> Answer:
    return answer(machine, total, total_mono=total, total_color=0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influxd(tmp_path_factory.mktemp("tree")) as started:
        yield started


@pytest.fixture(scope="module", params=["planned", "found out later"])
def filled(request: pytest.FixtureRequest, server: InfluxServer) -> Filled:
    """The re-organisation is known beforehand, or told afterwards with its day."""
    is_late = request.param == "found out later"
    rows = asyncio.run(published(replace(FLEET, tree=tree(moves=True)) if is_late else None))
    write(server, f"tree{is_late:d}", rows)
    return Filled(server, f"tree{is_late:d}", datetime(2026, 11, 6, 4, 5, tzinfo=UTC))


def shown(filled: Filled, number: int, department: str) -> Frame:
    """Return what the panel of that number shows of a department."""
    page = dashboards()["ja/department"]
    (panel,) = (one for one in page["panels"] if one["id"] == number)
    values = filled.opened("ja/department") | {"department": pattern([department])}
    return filled.shown("ja/department", panel, values)


def bars(filled: Filled, department: str) -> dict[str, dict[str, int]]:
    """Return day -> copier -> pages of the chart of each day."""
    found = {}
    for row in shown(filled, 12, department):
        day = row.pop("day\\label")
        own = {name.split()[-1]: pages for name, pages in row.items() if pages is not None}
        found[day] = {name: pages for name, pages in own.items() if pages}
    return {day: own for day, own in found.items() if own}


def printed(*names: str, days: tuple[int, ...] = DAYS) -> dict[str, dict[str, int]]:
    return {
        f"11/{day:02d}": {f"{name}のコピー機": PRINTED[name] + DAYS.index(day) for name in names}
        for day in days
    }


def test_a_bureau_shows_each_day_what_its_sections_printed_then(filled: Filled) -> None:
    whole, rest = printed("1f", "2f", "3f", days=(2, 4)), printed("1f", "2f", days=(5, 6))
    assert bars(filled, "somubu") == whole | rest
    assert bars(filled, "zaimubu") == printed("3f", days=(5, 6))
    assert bars(filled, "kei") == printed("3f"), "a section is its own, wherever it belongs"


def test_its_days_add_up_to_what_its_month_came_to_by_then(filled: Filled) -> None:
    for bureau in ("somubu", "zaimubu"):
        so_far = {row["day"]: row["so_far"] for row in shown(filled, 10, bureau)}
        sums, total = {}, 0
        for day, own in bars(filled, bureau).items():
            total += sum(own.values())
            sums[day] = total
        assert sums.items() <= so_far.items()
        assert max(so_far.values()) == total


def test_its_copiers_are_ranked_by_what_they_printed_for_it(filled: Filled) -> None:
    found = {row["place_id"]: row["面数"] for row in shown(filled, 13, "somubu")}
    assert found == {"1f": 46, "2f": 34, "3f": 11}
    assert {row["place_id"] for row in shown(filled, 14, "somubu")} >= {"1f", "2f"}
    section = {row["place_id"]: row["面数"] for row in shown(filled, 13, "soumu")}
    assert list(section) == ["1f"]
    assert section["1f"] in range(26, 30), "60 % of 46"


def test_the_months_of_the_office_count_a_page_once(filled: Filled) -> None:
    page = dashboards()["ja/office"]
    (trend,) = (one for one in page["panels"] if one["id"] == 15)
    (month,) = filled.shown("ja/office", trend, filled.opened("ja/office"))
    month.pop("title\\label")
    own = {name.split()[-1]: pages for name, pages in month.items() if pages is not None}
    printed_in_all = sum(PRINTED.values()) * len(DAYS) + len(MACHINES) * sum(range(len(DAYS)))
    assert own.keys() <= {"総務部", "財務部"}
    assert sum(own.values()) == printed_in_all


def test_rows_of_before_still_tell_of_the_section_they_are_filed_under(
    server: InfluxServer,
) -> None:
    rows = asyncio.run(published())
    old = [
        replace(row, fields={k: v for k, v in row.fields.items() if k != "counted_in"})
        for row in rows
    ]
    write(server, "before", old)
    found = Filled(server, "before", datetime(2026, 11, 6, 4, 5, tzinfo=UTC))
    assert bars(found, "kei") == printed("3f")
