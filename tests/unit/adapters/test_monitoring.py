"""What a monitoring program is told: figures by name and unit, and when the service is well."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families as metrics_of

from collector.adapters.monitoring import (
    ClosingStanding,
    Monitor,
    ServiceHealth,
    ServiceStanding,
    SinkFigures,
)
from collector.ports import Cycle
from collector.texts import ENGLISH, JAPANESE

AT = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@dataclass
class Polled:
    seconds: float = 0.2
    failed: str = ""
    counted: int = 0


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def samples(monitor: Monitor) -> dict[tuple[str, str], float]:
    return {
        (one.name, "".join(one.labels.values())): one.value
        for family in metrics_of(generate_latest(monitor.registry).decode())
        for one in family.samples
        if one.name.startswith("copier_fleet")
    }


def test_polls_are_counted_by_how_they_went() -> None:
    monitor = Monitor("hall", "1.0", ENGLISH, Clock())
    for one in (Polled(counted=12), Polled(seconds=3.0, counted=5), Polled(failed="silent")):
        monitor.polled(one)
    monitor.gave_up()
    found = samples(monitor)
    assert found["copier_fleet_counted_impressions_total", ""] == 17
    assert found["copier_fleet_poll_duration_seconds_count", ""] == 2
    assert found["copier_fleet_poll_duration_seconds_sum", ""] == pytest.approx(3.2)
    assert found["copier_fleet_poll_failures_total", "silent"] == 1
    assert found["copier_fleet_poll_failures_total", "given_up"] == 1


def test_what_cannot_be_found_out_is_not_there_rather_than_0() -> None:
    monitor = Monitor("hall", "1.0", ENGLISH, Clock())
    asked = {"copier_fleet_places", "copier_fleet_ledger_size_bytes", "copier_fleet_closing_months"}
    assert not asked & {name for name, _ in samples(monitor)}
    monitor.asked.standing = ServiceStanding(27, 26)
    assert asked & {name for name, _ in samples(monitor)} == {"copier_fleet_places"}
    monitor.asked.standing = ServiceStanding(
        *(27, 26, 4096, {"influx": SinkFigures(7, 61.5, 400, 1)}),
        ClosingStanding(2, 3, 300, AT, is_ready=False),
    )
    found = samples(monitor)
    assert found["copier_fleet_sink_backlog_entries", "influx"] == 7
    assert found["copier_fleet_sink_lag_seconds", "influx"] == 61.5
    assert found["copier_fleet_closing_grace_end_timestamp_seconds", ""] == AT.timestamp()
    assert found["copier_fleet_closing_impressions_in_question", ""] == 300


def test_each_figure_says_what_it_is_in_the_language_of_the_office() -> None:
    monitor = Monitor("hall", "1.0", JAPANESE, Clock())
    text = generate_latest(monitor.registry).decode()
    assert "# HELP copier_fleet_rounds_total 終わったポーリングの巡回数" in text


def test_healthy_is_a_service_whose_rounds_end_and_whose_ledger_is_written() -> None:
    clock = Clock()
    monitor = Monitor("hall", "1.0", ENGLISH, clock)

    def health(*, written: bool = True) -> bool:
        return ServiceHealth(monitor.round_age_s, 630.0, written).is_good

    assert not health(), "no round yet"
    monitor.ended(Cycle(AT, 27, 1, 0, 12.0, 0.5))
    assert health()
    assert not health(written=False)
    clock.s += 630
    assert health()
    clock.s += 1
    assert not health(), "the last round is too old"
    monitor.ended(Cycle(AT, 27, 1, 0, 12.0, 0.5))
    assert health()
    assert samples(monitor)["copier_fleet_rounds_total", ""] == 2
