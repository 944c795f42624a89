"""A monitoring program asks the running service: figures by Prometheus' own parser, and health."""

import json
import socket
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics_of,
)
from prometheus_client.parser import text_string_to_metric_families as metrics_of

from collector import __version__
from collector.demo.machines import Printed, SimulatedMachine
from tests.patience import PATIENCE_S
from tests.servers.influx import influxd, victoria_metrics
from tests.servers.process import free_port
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon, command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

Samples = dict[tuple[str, str], float]
"""(name, value of its only label or nothing) -> value"""

REFUSED = "nothing can ask how the service is"


def asked(port: int, path: str, accept: str = "*/*") -> tuple[int, str]:
    """Return status and body of what the service answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - http
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def scraped(port: int) -> Samples:
    """Return every sample by the official parser of Prometheus' text."""
    status, text = asked(port, "/metrics")
    assert status == 200
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in metrics_of(text)
        for sample in family.samples
    }


@contextmanager
def office(folder: Path, more: str = "") -> Iterator[tuple[Copiers, Path, int]]:
    """Yield three copiers, the configuration that has them watched, and the port to ask."""
    port = free_port()
    with copiers() as machines:
        spots = [
            Spot(
                f"p{n}", machines.add(f"p{n}", SimulatedMachine("canon", "C", f"SN{n}", Printed(9)))
            )
            for n in range(3)
        ]
        watched = f'\n[monitoring]\nlisten = "127.0.0.1:{port}"\n'
        yield machines, write_office(folder, spots, more + watched, language="en"), port


def health(port: int) -> tuple[int, dict[str, object]]:
    status, body = asked(port, "/healthz")
    return status, json.loads(body)


def is_healthy(running: RunningDaemon, port: int) -> None:
    running.is_ready()
    until(lambda: health(port)[0] == 200, "healthy")


def test_a_scraper_reads_what_the_service_does(tmp_path: Path) -> None:
    with influxd(tmp_path) as server:
        sink = f'\n[influx]\nurl = "{server.url}"\ndatabase = "m"\n'
        with (
            office(tmp_path / "office", sink) as (machines, config, port),
            daemon(config) as running,
        ):
            running.is_ready()
            ledger = config.with_name("ledger.sqlite3")
            until(lambda: len(books.readings(ledger, "p0")) > 0, "a first reading")
            machines.print("p0", 30, 4)
            machines.behave("p2", silent=True)
            until(lambda: books.printed(ledger, "p0") == 34, "counted")
            until(lambda: ("copier_fleet_poll_failures_total", "silent") in scraped(port), "silent")
            is_healthy(running, port)
            until(lambda: scraped(port)["copier_fleet_sink_rows_total", "influx"] > 0, "delivered")
            found = scraped(port)
            plain = {name: value for (name, label), value in found.items() if not label}
            assert plain["copier_fleet_counted_impressions_total"] == 34
            assert plain["copier_fleet_places"] == 3
            assert plain["copier_fleet_rounds_total"] >= 1
            assert plain["copier_fleet_poll_duration_seconds_count"] >= 3
            assert 0 <= plain["copier_fleet_round_lag_seconds"] < 60
            assert plain["copier_fleet_ledger_size_bytes"] >= ledger.stat().st_size
            assert plain["copier_fleet_closing_months"] == 0
            assert plain["copier_fleet_closing_ready"] == 0
            assert "copier_fleet_closing_grace_end_timestamp_seconds" not in plain
            assert plain["process_resident_memory_bytes"] > 0
            assert found["copier_fleet_sink_refused_total", "influx"] == 0
            assert found["copier_fleet_sink_lag_seconds", "influx"] >= 0
            assert ("copier_fleet_build_info", f"story{__version__}") in found or (
                "copier_fleet_build_info",
                f"{__version__}story",
            ) in found
            assert "Printed sides that polls counted" in asked(port, "/metrics")[1]
            _, text = asked(port, "/metrics", "application/openmetrics-text; version=1.0.0")
            names = {family.name for family in open_metrics_of(text)}
            assert names >= {"copier_fleet_rounds", "copier_fleet_sink_backlog_entries"}
            assert running.terminate() == 0, running.text


def test_another_program_scrapes_it_as_prometheus_does(tmp_path: Path) -> None:
    with office(tmp_path / "office") as (_, config, port), daemon(config) as running:
        is_healthy(running, port)
        wanted = tmp_path / "scrape.yml"
        wanted.write_text(
            "global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: copier-fleet\n"
            f"  static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
        )
        with victoria_metrics(tmp_path, more=(f"-promscrape.config={wanted}",)) as store:

            def rounds() -> list[object]:
                path = "/api/v1/query?query=copier_fleet_places_answering"
                with urllib.request.urlopen(f"{store.url}{path}", timeout=PATIENCE_S) as answer:  # noqa: S310 - http
                    found = json.load(answer)["data"]["result"]
                return [one["value"][1] for one in found]

            until(lambda: rounds() == ["3"], "scraped")


def test_health_is_lost_with_the_ledger_and_comes_back_with_it(tmp_path: Path) -> None:
    with office(tmp_path / "office") as (machines, config, port), daemon(config) as running:
        running.is_ready()
        status, first = health(port)
        assert first["round_age_s"] is not None or status == 503
        is_healthy(running, port)
        ledger = config.with_name("ledger.sqlite3")
        with closing(sqlite3.connect(ledger, isolation_level=None)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            machines.print("p0", 7)
            running.says("the ledger cannot be written at present")
            status, told = health(port)
            assert (status, told["healthy"], told["ledger_is_written"]) == (503, False, False)
            assert scraped(port)["copier_fleet_places", ""] == 3
            shell.execute("ROLLBACK")
        is_healthy(running, port)
        assert running.terminate() == 0, running.text


def test_a_port_in_use_is_one_sentence_and_the_service_goes_on(tmp_path: Path) -> None:
    with office(tmp_path / "office") as (_, config, port), socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with daemon(config) as running:
            until(lambda: books.readings(config.with_name("ledger.sqlite3"), "p0"), "a reading")
            (told,) = running.lines(REFUSED)
            assert (told["host"], told["port"]) == ("127.0.0.1", port)
            assert told["reason"] == "Address already in use"
            assert "Traceback" not in running.text
            assert running.terminate() == 0, running.text


def test_nothing_listens_unless_it_is_wanted(tmp_path: Path) -> None:
    with office(tmp_path / "office") as (_, config, port):
        config.write_text(config.read_text("utf-8").partition("[monitoring]")[0], "utf-8")
        with daemon(config) as running:
            running.is_ready()
            with pytest.raises(urllib.error.URLError, match="refused"):
                asked(port, "/metrics")
            assert not running.lines("monitoring is answered")


@pytest.mark.parametrize(
    ("listen", "problem"),
    [
        ("0.0.0.0:9469", "this machine itself"),
        ("192.0.2.7:9469", "this machine itself"),
        ("127.0.0.1", "an IP address and a port"),
        ("127.0.0.1:0", "an IP address and a port"),
        ("localhost:9469", "an IP address and a port"),
        ("127.0.0.1:9469/metrics", "an IP address and a port"),
        ("127.0.0.1:99999", "an IP address and a port"),
    ],
)
def test_nobody_else_may_ask(tmp_path: Path, listen: str, problem: str) -> None:
    config = write_office(
        tmp_path / "office", [], f'\n[monitoring]\nlisten = "{listen}"\n', language="en"
    )
    ended = command("check", "--config", config)
    assert ended.code == 78
    assert "monitoring.listen: must be" in ended.err
    assert problem in ended.err
