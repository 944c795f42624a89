"""What a monitoring program asks over HTTP: figures as Prometheus reads them, and one yes or no."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final, Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.aiohttp import make_aiohttp_handler
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from collector.errors import LedgerError
from collector.ports import Cycle

# What is asked of the service when somebody looks, and what that becomes.


@dataclass(frozen=True, slots=True)
class SinkFigures:
    """Of one sink: log entries that wait, and what it has got or refused since the start.

    `lag_s` is how long ago nothing waited, 0 where nothing does.
    """

    backlog: int
    lag_s: float
    delivered: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class ClosingStanding:
    """Of the months that are over and not closed: how many, and what the first one waits for.

    `missing` copiers were not heard since its end, `in_question` impressions wait for a person,
    `grace_ends` is when neither is waited for any more; None where no month waits.
    """

    months: int = 0
    missing: int = 0
    in_question: int = 0
    grace_ends: datetime | None = None
    is_ready: bool = False


@dataclass(frozen=True, slots=True)
class ServiceStanding:
    """How things stand now. What cannot be found out at present is None, or not there."""

    places: int
    answering: int
    ledger_bytes: int | None = None
    sinks: Mapping[str, SinkFigures] = field(default_factory=dict)
    closing: ClosingStanding | None = None


Say = Callable[[str], str]
"""Puts into words what a figure is."""


class _Asked:
    """Gives a registry what was found out last, and nothing where that failed."""

    def __init__(self, say: Say) -> None:
        self.standing: ServiceStanding | None = None
        self._say = say

    def collect(self) -> Iterator[Metric]:
        found = self.standing
        if found is None:
            return
        yield self._gauge("places", found.places)
        yield self._gauge("places_answering", found.answering)
        if found.ledger_bytes is not None:
            yield self._gauge("ledger_size_bytes", found.ledger_bytes)
        yield from self._of_sinks(found.sinks)
        if found.closing is not None:
            yield from self._of_closing(found.closing)

    def _gauge(self, name: str, value: float | None = None, *labels: str) -> GaugeMetricFamily:
        said = self._say(f"monitoring.{name}")
        return GaugeMetricFamily(f"copier_fleet_{name}", said, value, labels or None)

    def _counter(self, name: str, *labels: str) -> CounterMetricFamily:
        said = self._say(f"monitoring.{name}")
        return CounterMetricFamily(f"copier_fleet_{name}", said, None, labels)

    def _of_sinks(self, sinks: Mapping[str, SinkFigures]) -> Iterator[Metric]:
        backlog = self._gauge("sink_backlog_entries", None, "sink")
        lag = self._gauge("sink_lag_seconds", None, "sink")
        rows, refused = self._counter("sink_rows", "sink"), self._counter("sink_refused", "sink")
        for name, one in sinks.items():
            backlog.add_metric([name], one.backlog)
            lag.add_metric([name], one.lag_s)
            rows.add_metric([name], one.delivered)
            refused.add_metric([name], one.set_aside)
        yield from (backlog, lag, rows, refused)

    def _of_closing(self, closing: ClosingStanding) -> Iterator[Metric]:
        yield self._gauge("closing_months", closing.months)
        yield self._gauge("closing_ready", int(closing.is_ready))
        yield self._gauge("closing_copiers_missing", closing.missing)
        yield self._gauge("closing_impressions_in_question", closing.in_question)
        if closing.grace_ends is not None:
            ends = closing.grace_ends.timestamp()
            yield self._gauge("closing_grace_end_timestamp_seconds", ends)


# What is counted while the service runs.


GIVEN_UP: Final = "given_up"
"""Why a poll failed that was cut off."""
_POLL_TOOK_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Polled(Protocol):
    """How one poll went."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        ...

    @property
    def failed(self) -> str:
        """Why it failed, in one word; empty where it did not."""
        ...

    @property
    def counted(self) -> int:
        """How many impressions it counted."""
        ...


class Monitor:
    """Keeps the figures of one service."""

    def __init__(self, site: str, version: str, say: Say, clock_s: Callable[[], float]) -> None:
        """Begin with nothing counted; `clock_s` are seconds that never jump."""
        self._say = say
        self._clock_s = clock_s
        self._round_at: float | None = None
        self.registry = CollectorRegistry()
        self.asked = _Asked(say)
        self.registry.register(self.asked)
        ProcessCollector(registry=self.registry)
        build = Info("copier_fleet_build", self._said("build"), registry=self.registry)
        build.info({"version": version, "site": site})
        self._rounds = self._counter("rounds")
        self._took = Histogram(
            "copier_fleet_poll_duration_seconds",
            self._said("poll_duration_seconds"),
            buckets=_POLL_TOOK_S,
            registry=self.registry,
        )
        self._failures = self._counter("poll_failures", "cause")
        self._pages = self._counter("counted_impressions")
        self._busy = self._gauge("round_busy_seconds")
        self._late = self._gauge("round_lag_seconds")
        self._slow = self._gauge("round_slow_copiers")
        self._ended = self._gauge("round_end_timestamp_seconds")

    def _said(self, name: str) -> str:
        return self._say(f"monitoring.{name}")

    def _counter(self, name: str, *labels: str) -> Counter:
        return Counter(f"copier_fleet_{name}", self._said(name), labels, registry=self.registry)

    def _gauge(self, name: str) -> Gauge:
        return Gauge(f"copier_fleet_{name}", self._said(name), registry=self.registry)

    def polled(self, outcome: Polled) -> None:
        """Count a poll that came back."""
        if outcome.failed:
            self._failures.labels(outcome.failed).inc()
        else:
            self._took.observe(outcome.seconds)
            self._pages.inc(outcome.counted)

    def gave_up(self) -> None:
        """Count a poll that was cut off."""
        self._failures.labels(GIVEN_UP).inc()

    def ended(self, cycle: Cycle) -> None:
        """Count a round that has ended and is in the ledger."""
        self._round_at = self._clock_s()
        self._rounds.inc()
        self._busy.set(cycle.cycle_s)
        self._late.set(cycle.lag_s)
        self._slow.set(cycle.slow)
        self._ended.set(cycle.at.timestamp())

    @property
    def round_age_s(self) -> float | None:
        """How long ago the last round was written into the ledger; None before the first."""
        return None if self._round_at is None else self._clock_s() - self._round_at


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """Whether the service does its work: rounds end, and what they read is written down.

    `round_age_s` is None until the first round has ended; it may be `limit_s` at most.
    """

    round_age_s: float | None
    limit_s: float
    ledger_is_written: bool

    @property
    def is_good(self) -> bool:
        """Whether both hold."""
        fresh = self.round_age_s is not None and self.round_age_s <= self.limit_s
        return fresh and self.ledger_is_written


# A centre of many sites.


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """Of one site: how many facts are here, when a batch came last, and whether it contradicts."""

    facts: int
    heard_at: datetime | None
    contradicts: bool


class CentreMonitor:
    """Keeps the figures of one centre: what came in since the start, and how its sites stand."""

    def __init__(self, version: str, say: Say, counts: Callable[[], Mapping[str, int]]) -> None:
        """Ask `counts` what came in since the start, by name; `sites` is for whoever looked."""
        self._say = say
        self._counts = counts
        self.sites: Mapping[str, SiteFigures] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)
        build = Info("copier_fleet_centre_build", self._said("build"), registry=self.registry)
        build.info({"version": version})

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        for name, count in self._counts().items():
            said = self._said("centre_requests")
            yield CounterMetricFamily(f"copier_fleet_centre_{name}", said, count)
        facts = self._gauge("site_facts")
        heard = self._gauge("site_heard_timestamp_seconds")
        contradicts = self._gauge("site_contradicts")
        for site, one in self.sites.items():
            facts.add_metric([site], one.facts)
            contradicts.add_metric([site], int(one.contradicts))
            if one.heard_at is not None:
                heard.add_metric([site], one.heard_at.timestamp())
        yield from (facts, heard, contradicts)

    def _said(self, name: str) -> str:
        return self._say(f"monitoring.{name}")

    def _gauge(self, name: str) -> GaugeMetricFamily:
        said = self._said(f"centre_{name}")
        return GaugeMetricFamily(f"copier_fleet_centre_{name}", said, None, ["site"])


# The two addresses.


_ASKING_S: Final = 5.0
"""Until then a scraper gets what there is; most of them wait ten seconds."""


async def listen(
    host: str,
    port: int,
    monitor: Monitor,
    ask: Callable[[], Awaitable[ServiceStanding]],
    health: Callable[[], ServiceHealth],
) -> Callable[[], Awaitable[None]]:
    """Answer `/metrics` and `/healthz` at `host` and `port` until what is returned is called.

    Raises OSError where the port is taken.
    """

    async def look() -> None:
        monitor.asked.standing = None
        with suppress(LedgerError):
            monitor.asked.standing = await ask()

    async def told() -> Mapping[str, object]:
        found = health()
        return {"healthy": found.is_good} | asdict(found)

    return await answer(host, port, monitor.registry, look, told)


async def answer(
    host: str,
    port: int,
    registry: CollectorRegistry,
    look: Callable[[], Awaitable[None]],
    health: Callable[[], Awaitable[Mapping[str, object]]],
) -> Callable[[], Awaitable[None]]:
    """Answer `/metrics` out of `registry` after a `look`, and `/healthz` by what `health` says.

    Its `healthy` decides the status. Raises OSError where the port is taken.
    """
    write, turns = make_aiohttp_handler(registry), asyncio.Lock()

    async def metrics(request: web.Request) -> web.StreamResponse:
        async with turns:
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASKING_S):
                    await look()
            return await write(request)

    async def healthz(_: web.Request) -> web.Response:
        found = await health()
        return web.json_response(dict(found), status=200 if found["healthy"] else 503)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner.cleanup
