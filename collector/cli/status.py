"""`copier-fleet status`: every place, its last answer, and what each sink has yet to get."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.app.close.auto_closing import Awaiting, awaiting
from collector.app.poll.poll_place import silent_together
from collector.bootstrap.office import look_at, open_ledger
from collector.bootstrap.sinks import sink_names
from collector.cli.machine_words import status_text, trouble_text
from collector.cli.options import configured, json_option, loaded_from
from collector.cli.output import Exit, result_json, result_table, say
from collector.cli.words import CommandWords
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer, DeviceStatus
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Place
from collector.domain.office.shares import PlaceId
from collector.ports import LedgerSize, PlaceState
from collector.settings.load import Loaded

_RECENT = timedelta(days=7)
_RESTING = frozenset({DeviceStatus.ASLEEP, DeviceStatus.STOPPED})


@dataclass(frozen=True, slots=True)
class Overview:
    """What the ledger knows at `now` of the `places` that stand today.

    `round_at` is when the service ended its last round of polls, None where it never did.
    `waits` is the first month that is over and not closed.
    """

    now: datetime
    places: Sequence[Place]
    states: dict[PlaceId, PlaceState]
    backlog: dict[str, int]
    findings: Sequence[Finding]
    size: LedgerSize
    round_at: datetime | None
    waits: Awaiting | None
    is_running: bool


@click.command()
@json_option
@configured
def status(config: Path, secrets: tuple[Path, ...], *, as_json: bool) -> int:
    """Show every place, its last answer, recent findings and each sink's backlog.

    Reads the ledger only; the service may be running. Exit code 1 where a place is silent, or
    where the service is not running: what is shown then is old news, and said to be.
    """
    loaded = loaded_from(config, secrets)
    overview = asyncio.run(_look(loaded))
    if as_json:
        result_json(_as_json(overview))
    else:
        _print(loaded, overview)
    silent = any(
        overview.states.get(place.id, PlaceState(place.id)).online is False
        for place in overview.places
    )
    return Exit.FINDINGS if silent or not overview.is_running else Exit.OK


async def _look(loaded: Loaded) -> Overview:
    now = SystemClock().now()
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        context = (await look_at(ledger, loaded, now)).context
        today = context.office.local_day(now)
        states: dict[PlaceId, PlaceState] = {state.place: state for state in await ledger.states()}
        last = await ledger.cycle()
        return Overview(
            now=now,
            places=[place for place in loaded.fleet.places if place.stands_on(today)],
            states=states,
            backlog={name: await ledger.backlog(name) for name in sink_names(loaded.settings)},
            findings=await ledger.findings(now - _RECENT),
            size=await ledger.size(),
            round_at=None if last is None else last.at,
            waits=await awaiting(ledger, context, now),
            is_running=_is_running(loaded, None if last is None else last.at, states.values(), now),
        )
    finally:
        await ledger.close()


def _is_running(
    loaded: Loaded, round_at: datetime | None, states: Iterable[PlaceState], now: datetime
) -> bool:
    """Say whether a round ended, or a machine was heard, within two intervals.

    A service that was never heard of has nothing old to show.
    """
    seen = [one.seen_at for one in states if one.seen_at is not None]
    news = max((*seen, *(() if round_at is None else (round_at,))), default=None)
    return news is None or now - news <= 2 * timedelta(seconds=loaded.settings.polling.interval_s)


def _print(loaded: Loaded, overview: Overview) -> None:
    words = CommandWords(loaded.settings.office.language)
    zone = loaded.settings.office.zone
    names = ("place", "name", "state", "last_answer", "model", "serial", "total")
    if not overview.is_running:
        last = overview.round_at
        ago = "-" if last is None else _ago(overview.now - last, words)
        say(words("not_running", at=_local(last, zone), ago=ago))
    shared = _shared(loaded, overview)
    rows = [
        _place_cells(place, overview, words, zone, is_told=place.credential in shared)
        for place in overview.places
    ]
    result_table([words(name) for name in names], rows, numbers=(6,), spare=(5, 4))
    for credential, count in shared.items():
        say(words("silent_together", credential=credential, count=count))
    if overview.backlog:
        result_table(
            (words("sink"), words("backlog")),
            [(name, f"{count:,}") for name, count in overview.backlog.items()],
            numbers=(1,),
        )
    show_findings(overview.findings, words, zone)
    if overview.waits is not None:
        say(_waiting_text(overview.waits, words, zone))
    say(f"ledger: {overview.size.path} ({overview.size.bytes / 1e6:,.1f} MB)")


def _shared(loaded: Loaded, overview: Overview) -> dict[str, int]:
    """Return the credentials by which no place answers, with the number of their places."""
    found: dict[str, int] = {}
    for place in loaded.fleet.places:
        alike = silent_together(place.id, loaded.fleet, overview.states)
        if alike:
            found[place.credential] = len(alike)
    return found


def show_findings(findings: Sequence[Finding], words: CommandWords, zone: tzinfo) -> None:
    """Print `findings` as a table, newest last; nothing where there are none."""
    if not findings:
        return
    rows = [
        (
            _local(one.at, zone),
            one.severity.value,
            one.subject,
            one.code.value,
            one.message,
        )
        for one in findings
    ]
    names = ("at", "severity", "place", "code", "message")
    result_table([words(name) for name in names], rows, title=words("findings"))


def _waiting_text(one: Awaiting, words: CommandWords, zone: tzinfo) -> str:
    """Return which month waits to be closed, and for what."""
    text = words("month_waits", month=one.month)
    if one.behind:
        text += words("months_behind", count=one.behind)
    if one.automatic:
        text += words("closes_itself", until=_local(one.until, zone))
    if one.in_question:
        names = ", ".join(dict.fromkeys(each.place for each in one.questions))
        text += words("pages_asked", pages=f"{one.in_question:,}", names=names)
    return text


def _place_cells(
    place: Place, overview: Overview, words: CommandWords, zone: tzinfo, *, is_told: bool
) -> tuple[str, ...]:
    state, now = overview.states.get(place.id), overview.now
    if state is None or state.seen_at is None or state.track is None:
        reason = state.reason if state is not None and not is_told else ""
        return (place.id, place.name, words("never"), reason or "-", "-", "-", "-")
    identity = state.track.identity
    total = state.track.meters.get(TOTAL)
    return (
        place.id,
        place.name,
        _condition(state, words) if overview.is_running else words("unknown_now"),
        f"{_local(state.seen_at, zone)} ({_ago(now - state.seen_at, words)})",
        identity.model or "-",
        identity.serial or identity.key,
        "-" if total is None else f"{total.last:,}",
    )


def _condition(state: PlaceState, words: CommandWords) -> str:
    """Return whether a place answers; while it does, also that it sleeps or what hinders it."""
    if not state.online:
        return words("silent")
    said = [] if state.last is None else list(_news(state.last.answer, words))
    return f"{words('online')} ({', '.join(said)})" if said else words("online")


def _news(answer: Answer, words: CommandWords) -> Iterator[str]:
    if answer.status in _RESTING:
        yield status_text(answer.status, words)
    if answer.errors:
        yield trouble_text(answer.errors, words)


def _local(at: datetime | None, zone: tzinfo) -> str:
    return "-" if at is None else at.astimezone(zone).strftime("%m-%d %H:%M")


def _ago(span: timedelta, words: CommandWords) -> str:
    """Return how long ago; a time still to come says so: one of the two clocks is wrong."""
    seconds = int(span.total_seconds())
    if seconds < 0:
        return words("still_to_come")
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _as_json(overview: Overview) -> dict[str, object]:
    waits, running = overview.waits, overview.is_running
    return {
        "at": overview.now.isoformat(),
        "running": running,
        "last_round": None if overview.round_at is None else overview.round_at.isoformat(),
        "awaiting_closing": None if waits is None else _waiting_json(waits),
        "places": [
            _place_json(place, overview.states.get(place.id, PlaceState(place.id)), running=running)
            for place in overview.places
        ],
        "backlog": overview.backlog,
        "findings": [finding_json(one) for one in overview.findings],
        "ledger": {"path": overview.size.path, "bytes": overview.size.bytes},
    }


def _waiting_json(one: Awaiting) -> dict[str, object]:
    return {
        "month": one.month,
        "behind": one.behind,
        "until": one.until.isoformat(),
        "automatic": one.automatic,
        "in_question": one.in_question,
        "findings": [each.finding for each in one.questions],
    }


def _place_json(place: Place, state: PlaceState, *, running: bool) -> dict[str, object]:
    track = state.track
    answer = None if state.last is None else state.last.answer
    return {
        "place": place.id,
        "name": place.name,
        "online": state.online if running else None,
        "seen_at": None if state.seen_at is None else state.seen_at.isoformat(),
        "reason": state.reason,
        "model": None if track is None else track.identity.model,
        "serial": None if track is None else track.identity.serial,
        "status": None if answer is None else answer.status.value,
        "errors": [] if answer is None else [one.value for one in answer.errors],
        "meters": {} if track is None else {name: one.last for name, one in track.meters.items()},
    }


def finding_json(finding: Finding) -> dict[str, object]:
    """Return `finding` as plain values."""
    return {
        "id": finding.id,
        "at": None if finding.at is None else finding.at.isoformat(),
        "code": finding.code.value,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "message": finding.message,
        "evidence": dict(finding.evidence),
    }
