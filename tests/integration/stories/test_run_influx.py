"""InfluxDB is away, comes, goes and comes again: nothing is lost, and the log stays short."""

from collections import Counter
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.servers.influx import InfluxServer, QueryFailedError, influxd
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon, daemon, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

DATABASE = "story"
AWAY, BACK = "sink is away", "sink takes rows again"


def total_of(server: InfluxServer, measurement: str, field: str, tag: str) -> Counter[str]:
    """Return tag -> sum of an integer field over all rows; nothing while there is no database."""
    text = f'SELECT sum({field}) FROM {measurement} GROUP BY "{tag}"'  # noqa: S608 - our own names
    try:
        rows = server.query(text, DATABASE)
    except QueryFailedError:
        return Counter()
    return Counter({row[tag]: row["sum"] for row in rows})


def print_and_wait(machines: Copiers, ledger: Path, pages: dict[str, int]) -> None:
    """Let every machine print and wait until the ledger has counted the pages."""
    wanted = {place: books.printed(ledger, place) + pages[place] for place in pages}
    for place, count in pages.items():
        machines.print(place, count)
    until(
        lambda: {place: books.printed(ledger, place) for place in pages} == wanted,
        f"counted {wanted}",
    )


def everything_arrived(server: InfluxServer, ledger: Path) -> None:
    """Wait until InfluxDB says what the ledger says, of days and of months."""
    by_place: Counter[str] = Counter()
    for (_, place), pages in books.days(ledger).items():
        by_place[place] += pages
    until(
        lambda: total_of(server, "copier_day", "total", "place") == by_place,
        f"copier_day is {by_place}",
        60,
    )
    by_department = Counter(soumu=by_place["hall"] + by_place["annex"], zeimu=by_place["tax"])
    until(
        lambda: total_of(server, "department_month", "pages", "department") == by_department,
        f"department_month is {by_department}",
    )


def test_nothing_is_lost_in_two_outages(tmp_path: Path) -> None:
    (tmp_path / "influx").mkdir()
    with copiers() as machines, influxd(tmp_path / "influx", started=False) as server:
        spots = [
            Spot(
                "hall",
                machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900))),
            ),
            Spot(
                "annex",
                machines.add("annex", SimulatedMachine("generic", "Laser", "S2", Printed(70))),
            ),
            Spot(
                "tax",
                machines.add("tax", SimulatedMachine("canon", "C5840", "S3", Printed(4000))),
                department="zeimu",
            ),
        ]
        more = f'\n[influx]\nurl = "{server.url}"\ndatabase = "{DATABASE}"\n'
        config = write_office(tmp_path / "office", spots, more)
        with daemon(config) as running:
            _story(running, machines, server, config)


def _story(running: RunningDaemon, machines: Copiers, server: InfluxServer, config: Path) -> None:
    ledger = config.with_name("ledger.sqlite3")
    running.says(AWAY, sink="influx")
    until(lambda: all(books.readings(ledger, one) for one in ("hall", "annex", "tax")), "readings")

    server.process.start()
    print_and_wait(machines, ledger, {"hall": 12, "annex": 3, "tax": 40})
    everything_arrived(server, ledger)

    server.process.stop()
    print_and_wait(machines, ledger, {"hall": 5, "annex": 1, "tax": 7})
    assert until(lambda: len(running.lines(AWAY)) == 2, "the second turn to bad")
    assert status(config)["backlog"]["influx"] > 0
    server.process.start()
    everything_arrived(server, ledger)
    until(lambda: len(running.lines(BACK)) == 2, "the second recovery")

    code = running.terminate()
    assert code == 0, running.text
    assert status(config)["backlog"] == {"influx": 0}
    assert books.printed(ledger, "hall") == 17
    assert books.printed(ledger, "tax") == 47
    turns = [line["message"] for line in running.lines() if line.get("sink") == "influx"]
    assert [AWAY in one for one in turns] == [True, False, True, False]
    assert len(turns) == 4, turns
