"""The service, put together: what `copier-fleet run` and `demo --serve` start."""

import logging
import os
import random
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import LedgerPatience
from collector.adapters.systemd import SystemdNotifier, watchdog_s
from collector.app.centre.agreement import Centre
from collector.app.centre.deliver import DeliverFacts
from collector.app.close.auto_closing import AutoClosing, AwaitedMonths, ClosingWatch
from collector.app.load_fleet import Loading
from collector.app.month.purchased import PaperWatch
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollOutcome, PollPlace
from collector.app.poll.trusted_clock import TrustedClock
from collector.app.publish.deliver import Deliver
from collector.app.publish.present import Present
from collector.app.publish.refresh import Refresh
from collector.app.publish.render import Renderer
from collector.app.publish.resting_months import RestingMonths
from collector.app.retention import Packer, Thinner
from collector.bootstrap.machines import NotedMemory, reader_of
from collector.bootstrap.notices import Since, post_of, receivers_of, sender
from collector.bootstrap.office import context_of, load_into, open_ledger, targets_of
from collector.bootstrap.pages import LETTERS, PAGES, FolderKeeper, letter_files
from collector.bootstrap.sinks import READ_AS_THEY_ARE, sink_names, sinks_of
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.notices import Receiver
from collector.domain.sentence import sentence
from collector.errors import said
from collector.ports import (
    Board,
    Clock,
    Cycle,
    DeviceReader,
    Ledger,
    PlaceState,
    PollTarget,
    Restored,
    RowWords,
    Sink,
)
from collector.runtime.daemon import Daemon, Parts
from collector.runtime.deliverer import Deliverer
from collector.runtime.notifier import Notifier
from collector.runtime.plan import Graces, Hooks, PollingPace, PollingPlan
from collector.runtime.sweep import aside
from collector.settings.load import Loaded
from collector.settings.model import Settings
from collector.texts import ENGLISH, JAPANESE, Texts
from collector.user_files.report import refusal

if TYPE_CHECKING:
    from collector.bootstrap.watched import WatchedService

# What the service's log says besides the runtime's changes of state: findings, and what waits.


_LOG = logging.getLogger(__name__)

_LEVELS: Final = {
    Severity.INFO: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.ERROR: logging.ERROR,
}
ROW_WORDS: Final = RowWords(JAPANESE.say, ENGLISH.say, ENGLISH.say)
"""What rows say: data, for every program that reads them."""

_TOLD_BY_POLLER: Final = frozenset({Code.DEVICE_REFUSED, Code.DEVICE_NONSENSE})
"""Turns of a place, which its poller logs with the same sentence."""


def tell(findings: Iterable[Finding]) -> None:
    """Log each of `findings` once, as loud as it is severe."""
    for one in findings:
        if one.code not in _TOLD_BY_POLLER:
            fields = {"place": one.subject, "code": one.code.value, "detail": one.message}
            _LOG.log(_LEVELS[one.severity], "finding", extra=fields)


def telling_polls(
    poll: Callable[[PollTarget], Awaitable[PollOutcome]],
) -> Callable[[PollTarget], Awaitable[PollOutcome]]:
    """Return `poll` that also logs what it found."""

    async def told(target: PollTarget) -> PollOutcome:
        outcome = await poll(target)
        tell(outcome.findings)
        return outcome

    return told


def telling_delivery(deliver: Deliver | DeliverFacts) -> Callable[[], Awaitable[bool]]:
    """Return `deliver` that also logs how many rows a server will never take."""

    async def told() -> bool:
        before = deliver.set_aside
        more = await deliver()
        if rows := deliver.set_aside - before:
            fields = {"sink": deliver.name, "rows": rows, "see": "copier-fleet sinks list"}
            _LOG.error("rows were refused for good and set aside", extra=fields)
        return more

    return told


def tell_what_waits(before: Settings, after: Settings) -> None:
    """Log which changed sections of the settings wait for the next start, which uses them once."""
    at_restart = ("ledger", *after.sinks(), "monitoring", "alerts", "receivers", "log")
    waiting = [name for name in at_restart if getattr(before, name) != getattr(after, name)]
    if waiting:
        fields = {"sections": ", ".join(waiting)}
        _LOG.warning("changed settings take effect at the next start", extra=fields)


def tell_fleet(loading: Loading) -> None:
    """Log how the fleet file disagrees with what is known of days gone by: they stay."""
    for one in loading.differences:
        fields = {
            "place": one.place,
            "from": one.first.isoformat(),
            "to": one.last.isoformat(),
            "see": "copier-fleet fleet apply",
        }
        _LOG.warning(
            "the fleet file would change days gone by; they stay as they were", extra=fields
        )


# Tells that an older copy of the ledger was put in its place.


async def tell_restored(ledger: Ledger, what: Restored, at: datetime) -> Finding:
    """Record, and return, the finding that says what `ledger` does not know any more."""
    finding = _finding(what, at.replace(microsecond=0))
    await ledger.record_findings([finding])
    return finding


def _finding(what: Restored, at: datetime) -> Finding:
    text = sentence("finding.ledger_restored.other" if what.is_other else "finding.ledger_restored")
    if what.missing:
        text = sentence("ledger_restored.missing", said=text, changes=what.missing)
    if what.sealed:
        named = tuple(
            sentence("statement.revision", period=period, revision=n)
            for period, n in sorted(what.sealed.items())
        )
        text = sentence("ledger_restored.sealed", said=text, statements=named)
    text = sentence("ledger_restored.advice", said=text)
    facts: dict[str, str | int | float | None] = {"missing": what.missing}
    facts |= {f"sealed_{period}": number for period, number in what.sealed.items()}
    return Finding(Code.LEDGER_RESTORED, Severity.ERROR, "ledger", text, at, facts)


MONTH_RESTS: Final = timedelta(minutes=5)
"""To people's own programs the running month goes once a round, at most every five minutes."""

_STALE_REQUESTS = 4
"""A poll may need this many requests (a new machine is surveyed) before it is given up."""

_MORE_TIME_US: Final = 60_000_000
"""Until the next try, which may wait for a lock itself."""

_PACKED_A_ROUND: Final = 8
"""Steps of laying old readings together at the end of a round: a second at most."""

_READING_S: Final = 30
"""How long reading the configuration may take while the service runs."""

_ROUNDS_MISSED: Final = 2
"""Rounds that may be missing before the service counts as ill."""
_ROUND_ENDS_S: Final = 30.0
"""What the end of a round may take: months are closed then."""

_LONGEST_POLL_S = 85.0
"""Less than half of WatchdogSec in the unit: a poll given up is progress that systemd sees."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that lives as long as the process; the ledger is open, and `beside` reads it."""

    ledger: Ledger
    clock: TrustedClock
    current: CurrentOffice
    polls: PollPlace
    deliveries: tuple[Deliver | DeliverFacts, ...]
    refresh: Refresh
    patience: LedgerPatience
    beside: Ledger
    receivers: Mapping[str, Receiver]


async def serve(read: Callable[[], Loaded], clock: Clock | None = None) -> int:
    """Run until a signal says stop and return the exit code; by `clock`, else the machine's own.

    `read` gives the configuration at the start and again on SIGHUP; it raises ConfigError.
    Raises ConfigError and LedgerError before anything has started.
    """
    loaded = read()
    async with AsyncExitStack() as stack:
        service = await assemble(loaded, stack, clock)
        plan = plan_of(loaded, service)
        watched = await _watched(loaded.settings, service, stack)
        return await Daemon(plan, _daemon_parts(loaded, service, read, watched)).run()


async def _watched(
    settings: Settings, service: Service, stack: AsyncExitStack
) -> "WatchedService | None":
    """Let a monitoring program ask how `service` is, where that is wanted."""
    address = settings.monitoring.host_and_port
    if address is None:
        return None
    from collector.adapters.monitoring import ServiceHealth
    from collector.bootstrap.watched import WatchedService, answer_monitoring

    watched = WatchedService(
        service.beside, service.current, service.clock, service.deliveries, settings
    )
    limit_s = _ROUNDS_MISSED * settings.polling.interval_s + _ROUND_ENDS_S

    def health() -> ServiceHealth:
        return ServiceHealth(watched.monitor.round_age_s, limit_s, not service.patience.is_on)

    await answer_monitoring(address, watched, health, stack)
    return watched


def _still_starting(reason: str) -> None:
    """Ask systemd for more time to start: a ledger that is waited for is no hanging service."""
    notify = SystemdNotifier.from_environment(os.environ)
    notify(f"EXTEND_TIMEOUT_USEC={_MORE_TIME_US}", f"STATUS={reason}")


async def assemble(loaded: Loaded, stack: AsyncExitStack, given: Clock | None = None) -> Service:
    """Open the ledger and put the use cases around it; `stack` closes all, the ledger last."""
    receivers = receivers_of(loaded) if loaded.settings.alerts.enabled else {}
    clock = TrustedClock(given or SystemClock(), time.monotonic)
    patience = LedgerPatience(_still_starting)
    ledger = await patience.until_done(lambda: open_ledger(loaded.settings))
    ledger.patience = patience
    stack.push_async_callback(ledger.close)
    if ledger.restored is not None:
        tell([await tell_restored(ledger, ledger.restored, clock.now())])
    current = CurrentOffice(context_of(loaded, clock.now().date()))
    sinks = sinks_of(loaded.settings)
    for sink in sinks:
        stack.push_async_callback(sink.close)
    reader = reader_of(loaded.settings, NotedMemory(ledger))
    polls = PollPlace(reader, ledger, clock, current)
    stack.push_async_callback(polls.close)
    stack.push_async_callback(polls.write_heard)
    await polls.remember()
    clock.resume_after(_newest(polls.states.values()))
    current.context = await _context(ledger, loaded, clock)
    beside = await ledger.reading_beside()
    stack.push_async_callback(beside.close)
    refresh = Refresh(ledger, current, clock)
    await refresh.fleet()
    place = Publishing(beside, current, clock, loaded)
    deliveries = tuple(place.to(sink) for sink in sinks)
    return Service(
        *(ledger, clock, current, polls, deliveries, refresh, patience, beside), receivers
    )


@dataclass(frozen=True, slots=True)
class Publishing:
    """What all deliveries are made of."""

    ledger: Ledger
    current: CurrentOffice
    clock: Clock
    loaded: Loaded

    def to(self, sink: Sink | Centre) -> Deliver | DeliverFacts:
        """Return the delivery to `sink`: its words, and what may rest for how long."""
        if isinstance(sink, Centre):
            return DeliverFacts(self.ledger, sink, self.clock, ENGLISH.say)
        stated = self.loaded.settings.sinks()[sink.name].rests_s
        every = timedelta(seconds=stated or 0)
        interval = timedelta(seconds=self.loaded.settings.polling.interval_s)
        rest = min(MONTH_RESTS, interval) if stated is None else every
        common = self.ledger, self.current, self.clock
        words = _words_of(sink.name, self.loaded)
        renderer = Renderer(*common, socket.gethostname(), words, every)
        present = Present(self.ledger, renderer, self.current, self.clock, words)
        return Deliver(
            *(self.ledger, sink, renderer, self.clock),
            resting=RestingMonths(*common, rest, places=stated is not None),
            present=present if isinstance(sink, Board) else None,
        )


async def _context(ledger: Ledger, loaded: Loaded, clock: Clock) -> OfficeContext:
    """Return what holds now that the fleet file is loaded; the log tells what of it waits."""
    loading, news = await load_into(ledger, loaded, clock.now())
    tell_fleet(loading)
    tell(news)
    return loading.context


def _newest(states: Iterable[PlaceState]) -> datetime | None:
    """Return when the ledger last heard any machine, None where it never did."""
    return max((one.seen_at for one in states if one.seen_at is not None), default=None)


def _words_of(sink: str, loaded: Loaded) -> RowWords:
    """Return what rows for `sink` say: where people read events as they are, in their language."""
    if sink not in READ_AS_THEY_ARE:
        return ROW_WORDS
    office = loaded.settings.office
    return replace(ROW_WORDS, events=Texts(office.language, office.zone).say)


def plan_of(loaded: Loaded, service: Service) -> PollingPlan:
    """Return whom to poll today and how hard."""
    context = service.current.context
    polling = loaded.settings.polling
    request_s = polling.timeout_s * (polling.retries + 1)
    pace = PollingPace(
        interval_s=polling.interval_s,
        max_backoff_s=polling.backoff_max_s,
        concurrency=polling.concurrency,
        slow_s=polling.slow_s,
        spread_s=polling.interval_s if polling.jitter_s is None else polling.jitter_s,
        poll_limit_s=min(_LONGEST_POLL_S, max(60.0, request_s * _STALE_REQUESTS)),
        rest_rounds=polling.rounds_at_rest,
    )
    today = context.office.local_day(service.clock.now())
    silent = frozenset(
        place for place, state in service.polls.states.items() if state.online is False
    )
    targets = targets_of(context.fleet, today)
    hours = {
        one.place: context.fleet.office_at(one.place, context.office, today)
        for one in (targets if context.office.kept else ())
    }
    return PollingPlan(context.office, targets, pace, silent, hours)


def _daemon_parts(
    loaded: Loaded, service: Service, read: Callable[[], Loaded], watched: "WatchedService | None"
) -> Parts:
    polling = loaded.settings.polling
    poll = telling_polls(service.polls)
    configured = _Configured(service, loaded, read)
    deliverers = tuple(_deliverer(service, one, watched) for one in service.deliveries)
    return Parts(
        poll=poll if watched is None else watched.polling(poll),
        deliverers=(*deliverers, *_notifiers(loaded, service, deliverers)),
        hooks=_hooks(service, configured, watched),
        clock=service.clock,
        notify=SystemdNotifier.from_environment(os.environ),
        roll=random.random,
        graces=Graces(stop_s=polling.stop_grace_s, drain_s=polling.drain_s),
        watchdog_s=watchdog_s(os.environ),
        say=Texts(loaded.settings.office.language).say,
        wait=service.patience,
        beside=tuple(
            FolderKeeper(kept, configured.now, service.beside, service.clock)
            for kept in (PAGES, LETTERS)
        ),
    )


def _deliverer(
    service: Service, delivery: Deliver | DeliverFacts, watched: "WatchedService | None"
) -> Deliverer:
    async def backlog() -> int:
        return await service.ledger.backlog(delivery.name)

    told = telling_delivery(delivery)
    if watched is not None:
        told = watched.delivering(delivery.name, told)
    return Deliverer(
        *(delivery.name, told, backlog, random.random),
        hurry=delivery.hurry,
        look_again=delivery.look_again,
    )


def _notifiers(
    loaded: Loaded, service: Service, deliverers: Iterable[Deliverer]
) -> Iterator[Notifier]:
    """Yield what tells people of its own accord, where that is switched on."""
    if not service.receivers:
        return
    from collector.app.notices import Notices, Outside, SinkHealth

    settings, since = loaded.settings, Since(service.clock)
    served = list(zip(deliverers, service.deliveries, strict=True))

    def held_up() -> datetime | None:
        return since.of("ledger", is_bad=service.patience.is_on)

    async def sinks() -> list[SinkHealth]:
        return [
            SinkHealth(
                one.name,
                since.of(f"sink {one.name}", is_bad=not one.is_good),
                0 if one.is_good else await delivery.backlog(),
                delivery.passed > 0,
            )
            for one, delivery in served
        ]

    outside = Outside(held_up, sinks, random.random)
    ledger, clock = service.beside, service.clock
    notices = Notices(ledger, service.current, clock, post_of(settings), outside)
    send = sender(
        service.receivers, settings, lambda topics: letter_files(loaded, topics, clock.now())
    )

    async def deliver() -> None:
        tell(await notices.deliver(send))

    every_s = min(MONTH_RESTS.total_seconds(), settings.polling.interval_s)
    yield Notifier(notices.look, deliver, notices.note, every_s)


class _Configured:
    """The configuration in force: read again on SIGHUP, asked anew each day whom to poll."""

    def __init__(self, service: Service, loaded: Loaded, read: Callable[[], Loaded]) -> None:
        self._service = service
        self._started = loaded.settings
        self._loaded = loaded
        self._read = read

    def now(self) -> Loaded:
        """Return the configuration in force."""
        return self._loaded

    async def reload(self) -> PollingPlan:
        """Follow the configuration as it is now; raises ConfigError and has changed nothing."""
        service = self._service
        loaded, reader = await self._read_anew()
        self._refuse_another_site(loaded)
        tell_what_waits(self._started, loaded.settings)
        service.current.context = await _context(service.ledger, loaded, service.clock)
        await service.polls.read_with(reader)
        await service.refresh.fleet()
        self._loaded = loaded
        return plan_of(loaded, service)

    def _refuse_another_site(self, loaded: Loaded) -> None:
        """Raise ConfigError for another site: what is published bears its name, in all databases.

        A file that is read while it is saved is empty for a moment, and then every setting is the
        usual one.
        """
        site, new = self._started.office.site, loaded.settings.office.site
        if new != site:
            told = said("site_at_restart", site=site, new=new)
            raise refusal(loaded.config_path.name, told, key="office.site")

    async def _read_anew(self) -> tuple[Loaded, DeviceReader]:
        """Return the configuration and a reader by it, read beside the polls and within a bound."""

        def read() -> tuple[Loaded, DeviceReader]:
            loaded = self._read()
            return loaded, reader_of(loaded.settings, NotedMemory(self._service.ledger))

        try:
            return await aside(read, _READING_S)
        except TimeoutError as error:
            told = said("reload_too_slow", seconds=_READING_S)
            raise refusal(self._loaded.config_path.name, told) from error

    def thinner(self) -> Thinner:
        """Return what lets readings go that are older than the configuration keeps them."""
        service, settings = self._service, self._started
        months, sinks = settings.ledger.keep_readings_months, sink_names(settings)
        return Thinner(service.ledger, service.current, service.clock, months, sinks)

    def packer(self) -> Packer:
        """Return what lays readings together that are over."""
        service, sinks = self._service, sink_names(self._started)
        return Packer(service.ledger, service.current, service.clock, sinks)

    async def new_day(self, day: date) -> PollingPlan:
        """Publish what the day makes stale and return its plan: a place may have ended."""
        await self._service.refresh.new_day(day)
        return plan_of(self._loaded, self._service)


def _hooks(service: Service, configured: _Configured, watched: "WatchedService | None") -> Hooks:
    closings = ClosingWatch(service.ledger, service.current, service.clock)
    closer = AutoClosing(service.ledger, service.current, service.clock)
    awaited = AwaitedMonths(service.ledger, service.current, service.clock)
    paper = PaperWatch(service.ledger, service.current, service.clock)

    thinner, packer = configured.thinner(), configured.packer()
    polled = 0

    async def end_of_cycle(cycle: Cycle) -> None:
        nonlocal polled
        polled += cycle.polled
        await service.polls.write_heard()
        tell(await service.clock.look(service.ledger))
        # A copier that was not asked since the start is not silent: the server was off at night.
        if polled >= len(plan_of(configured.now(), service).targets):
            tell(await closings.look(service.polls.states))
            tell(await closer.look())
        tell(await awaited.look())
        tell(await paper.look())
        waiting = [await service.ledger.backlog(one.name) for one in service.deliveries]
        await service.ledger.record_cycle(replace(cycle, backlog=max(waiting, default=0)))
        if not await thinner.step():
            # What is to go soon is not laid together before.
            for _ in range(_PACKED_A_ROUND):
                await packer.step()
        if watched is not None:
            watched.monitor.ended(cycle)

    return Hooks(end_of_cycle, configured.new_day, configured.reload)
