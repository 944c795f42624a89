"""A database that was made anew while the service was off is refilled by itself."""

from pathlib import Path

import pytest

from tests.servers.influx import InfluxServer, export, influxd, victoria_metrics
from tests.stories.copiers import Copiers
from tests.stories.program import daemon
from tests.stories.refill import (
    emptied,
    influx_section,
    looked_for,
    machines,
    office,
    server,
    totals,
)
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

__all__ = ["machines", "server"]


@pytest.mark.parametrize("which", ["influxd", "victoria-metrics"])
def test_one_made_anew_while_the_daemon_was_off_is_refilled(
    tmp_path: Path, machines: Copiers, which: str
) -> None:
    kinds = {"influxd": influxd, "victoria-metrics": victoria_metrics}
    for name in ("first", "second"):
        (tmp_path / name).mkdir()

    def holds(server: InfluxServer, *wanted: int) -> bool:
        if which == "influxd":
            return totals(server) >= {*wanted}
        series = export(server.url, '{__name__="copier_total"}')
        return {*wanted} <= {int(value) for one in series for value in one["values"]}

    with kinds[which](tmp_path / "first") as first:
        config = office(tmp_path, machines, influx_section(first))
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: holds(first, 900), "the first reading")
            machines.print("hall", 25)
            until(lambda: holds(first, 900, 925), "the second")
            looked_for(running, ledger)
            assert running.terminate() == 0, running.text
    with kinds[which](tmp_path / "second") as second:
        config.write_text(config.read_text().replace(first.url, second.url))
        with daemon(config) as running:
            until(lambda: holds(second, 900, 925), "all of it again")
            until(lambda: emptied(ledger), "told")
            assert running.terminate() == 0, running.text
    assert len(emptied(ledger)) == 1
