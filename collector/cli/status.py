"""`copier-fleet status`: every place, its last answer, and what each sink has yet to get."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.app.shared_silence import silent_together
from collector.bootstrap.office import open_ledger
from collector.bootstrap.sinks import sink_names
from collector.cli.machine_words import status_text, trouble_text
from collector.cli.options import configured, json_option, loaded_from
from collector.cli.output import Exit, result_json, result_table, say
from collector.cli.words import Words
from collector.domain.findings import Finding
from collector.domain.fleet import Place
from collector.domain.meters import TOTAL
from collector.domain.reading import Answer, DeviceStatus, PlaceId
from collector.ports import LedgerSize, PlaceState
from collector.settings.load import Loaded

_RECENT = timedelta(days=7)
_RESTING = frozenset({DeviceStatus.ASLEEP, DeviceStatus.STOPPED})


@dataclass(frozen=True, slots=True)
class Overview:
    """What the ledger knows at `now`."""

    now: datetime
    states: dict[PlaceId, PlaceState]
    backlog: dict[str, int]
    findings: Sequence[Finding]
    size: LedgerSize


@click.command()
@json_option
@configured
def status(config: Path, secrets: tuple[Path, ...], *, as_json: bool) -> int:
    """Show every place, its last answer, recent findings and each sink's backlog.

    Reads the ledger only; the service may be running. Exit code 1 where a place is silent.
    """
    loaded = loaded_from(config, secrets)
    overview = asyncio.run(_look(loaded))
    if as_json:
        result_json(_as_json(loaded, overview))
    else:
        _print(loaded, overview)
    silent = any(
        overview.states.get(place.id, PlaceState(place.id)).online is False
        for place in loaded.fleet.places
    )
    return Exit.FINDINGS if silent else Exit.OK


async def _look(loaded: Loaded) -> Overview:
    now = SystemClock().now()
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        return Overview(
            now=now,
            states={state.place: state for state in await ledger.states()},
            backlog={name: await ledger.backlog(name) for name in sink_names(loaded.settings)},
            findings=await ledger.findings(now - _RECENT),
            size=await ledger.size(),
        )
    finally:
        await ledger.close()


def _print(loaded: Loaded, overview: Overview) -> None:
    words = Words(loaded.settings.office.language)
    zone = loaded.settings.office.zone
    names = ("place", "name", "state", "last_answer", "model", "serial", "total")
    shared = _shared(loaded, overview)
    rows = [
        _place_cells(
            place,
            overview.states.get(place.id),
            words,
            overview.now,
            zone,
            is_told=place.credential in shared,
        )
        for place in loaded.fleet.places
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
    say(f"ledger: {overview.size.path} ({overview.size.bytes / 1e6:,.1f} MB)")


def _shared(loaded: Loaded, overview: Overview) -> dict[str, int]:
    """Return the credentials by which no place answers, with the number of their places."""
    found: dict[str, int] = {}
    for place in loaded.fleet.places:
        alike = silent_together(place.id, loaded.fleet, overview.states)
        if alike:
            found[place.credential] = len(alike)
    return found


def show_findings(findings: Sequence[Finding], words: Words, zone: tzinfo) -> None:
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


def _place_cells(
    place: Place,
    state: PlaceState | None,
    words: Words,
    now: datetime,
    zone: tzinfo,
    *,
    is_told: bool,
) -> tuple[str, ...]:
    if state is None or state.seen_at is None or state.track is None:
        reason = state.reason if state is not None and not is_told else ""
        return (place.id, place.name, words("never"), reason or "-", "-", "-", "-")
    identity = state.track.identity
    total = state.track.meters.get(TOTAL)
    return (
        place.id,
        place.name,
        _condition(state, words),
        f"{_local(state.seen_at, zone)} ({_ago(now - state.seen_at)})",
        identity.model or "-",
        identity.serial or identity.key,
        "-" if total is None else f"{total.last:,}",
    )


def _condition(state: PlaceState, words: Words) -> str:
    """Return whether a place answers; while it does, also that it sleeps or what hinders it."""
    if not state.online:
        return words("silent")
    said = [] if state.last is None else list(_news(state.last.answer, words))
    return f"{words('online')} ({', '.join(said)})" if said else words("online")


def _news(answer: Answer, words: Words) -> Iterator[str]:
    if answer.status in _RESTING:
        yield status_text(answer.status, words)
    if answer.errors:
        yield trouble_text(answer.errors, words)


def _local(at: datetime | None, zone: tzinfo) -> str:
    return "-" if at is None else at.astimezone(zone).strftime("%m-%d %H:%M")


def _ago(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _as_json(loaded: Loaded, overview: Overview) -> dict[str, object]:
    return {
        "at": overview.now.isoformat(),
        "places": [
            _place_json(place, overview.states.get(place.id, PlaceState(place.id)))
            for place in loaded.fleet.places
        ],
        "backlog": overview.backlog,
        "findings": [finding_json(one) for one in overview.findings],
        "ledger": {"path": overview.size.path, "bytes": overview.size.bytes},
    }


def _place_json(place: Place, state: PlaceState) -> dict[str, object]:
    track = state.track
    answer = None if state.last is None else state.last.answer
    return {
        "place": place.id,
        "name": place.name,
        "online": state.online,
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
