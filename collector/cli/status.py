"""`copier-fleet status`: every place, how departments stand, and what each sink has yet to get."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.close.auto_closing import Awaiting, awaiting
from collector.app.notes import CENTRE_SAYS, CLOCK_IN_DOUBT
from collector.app.poll.poll_place import silent_together
from collector.app.poll.trusted_clock import is_ahead_of
from collector.bootstrap.office import cadence_text, is_served, look_at, open_ledger, rhythm_of
from collector.bootstrap.sinks import sink_names
from collector.cli.options import configured, formatted, loaded_from
from collector.cli.output import Exit, phrase, result_tables, say, worded
from collector.cli.words import (
    CommandWords,
    code_column,
    severity_text,
    span_text,
    status_text,
    trouble_text,
)
from collector.domain.cadence import Rhythm, next_round, rests
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer, DeviceStatus
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.report.table import CellKind, Column, Table, records, total_of
from collector.domain.sentence import Sentence, sentence
from collector.ports import Ledger, LedgerSize, PlaceState
from collector.texts import ENGLISH

if TYPE_CHECKING:
    from collector.app.office_context import OfficeContext
    from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
    from collector.settings.load import Loaded

_RECENT = timedelta(days=7)
_RESTING = frozenset({DeviceStatus.ASLEEP, DeviceStatus.STOPPED})


@dataclass(frozen=True, slots=True)
class Overview:
    """What the ledger knows at `now` of the `places` that stand today.

    `round_at` is when the service ended its last round of polls, None where it never did; it
    `is_late` where the next should have ended long ago.
    `waits` is the first month that is over and not closed. Rounds have this `rhythm`. `month` is
    the running one by department, None where it was not asked for or nothing was ever counted.
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
    is_late: bool
    clock_in_doubt: bool
    rhythm: Rhythm
    office: Office
    month: "OfficeMonth | None" = None
    centre_says: str = ""
    at_centre: bool = False
    """Read at a centre, where no rounds are told: `round_at` is when a machine was last heard."""

    def state(self, place: Place) -> PlaceState:
        """Return what is known of `place`."""
        return self.states.get(place.id, PlaceState(place.id))


@click.command()
@formatted
@configured
def status(config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """Show every place, how each department stands, recent findings and each sink's backlog.

    Reads the ledger only; the service may be running. Exit code 1 where a place is silent, or
    where the service is not running: what is shown then is old news, and said to be. Whether it
    runs is told by the lock that it holds on the ledger.
    """
    loaded = loaded_from(config, secrets)
    overview = asyncio.run(overview_of(loaded, with_month=True))
    _show(loaded, overview, form)
    silent = any(overview.state(place).online is False for place in overview.places)
    return Exit.FINDINGS if silent or not overview.is_running else Exit.OK


async def overview_of(loaded: "Loaded", *, with_month: bool = False) -> Overview:
    """Return what the ledger knows now; raises LedgerError."""
    now = SystemClock().now()
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        context = (await look_at(ledger, loaded, now)).context
        today = context.office.local_day(now)
        states: dict[PlaceId, PlaceState] = {state.place: state for state in await ledger.states()}
        at_centre, last = loaded.settings.ledger.database is not None, await ledger.cycle()
        round_at = None if last is None else last.at
        if at_centre:
            seen = (one.seen_at for one in states.values() if one.seen_at is not None)
            round_at = max(seen, default=None)
        is_late = _is_late(loaded, round_at, states.values(), now)
        served = is_served(loaded.settings)
        return Overview(
            now=now,
            places=[place for place in loaded.fleet.places if place.stands_on(today)],
            states=states,
            backlog={name: await ledger.backlog(name) for name in sink_names(loaded.settings)},
            findings=await ledger.findings(now - _RECENT),
            size=await ledger.size(),
            round_at=round_at,
            waits=await awaiting(ledger, context, now),
            is_running=not is_late if served is None else served,
            is_late=is_late,
            centre_says=await _centre_says(ledger, loaded),
            at_centre=at_centre,
            clock_in_doubt=bool(await CLOCK_IN_DOUBT.get(ledger)) or await is_ahead_of(ledger, now),
            rhythm=rhythm_of(loaded.settings, context.office),
            office=context.office,
            month=await _running_month(ledger, context, now) if with_month else None,
        )
    finally:
        await ledger.close()


async def _running_month(
    ledger: Ledger, context: "OfficeContext", now: datetime
) -> "OfficeMonth | None":
    from collector.app.month.months import Months

    if await ledger.first_day() is None:
        return None
    period = context.office.period_of(context.office.local_day(now))
    return await Months(ledger, context, now).came_to(period)


async def _centre_says(ledger: Ledger, loaded: "Loaded") -> str:
    """Return why the centre takes nothing, or what is odd there; empty where all is well."""
    if not loaded.settings.centre.is_on:
        return ""
    return await CENTRE_SAYS.about("centre").get(ledger) or ""


def _is_late(
    loaded: "Loaded", round_at: datetime | None, states: Iterable[PlaceState], now: datetime
) -> bool:
    """Say whether no round ended, and no machine was heard, within two intervals."""
    seen = [one.seen_at for one in states if one.seen_at is not None]
    news = max((*seen, *(() if round_at is None else (round_at,))), default=None)
    return news is None or now - news > 2 * timedelta(seconds=loaded.settings.polling.interval_s)


def _show(loaded: "Loaded", overview: Overview, form: str) -> None:
    words = CommandWords(loaded.settings.office.language)
    zone = loaded.settings.office.zone
    is_read = form == "table"
    if is_read and overview.at_centre:
        say(worded(service_text(overview, words)))
    elif is_read and (not overview.is_running or overview.is_late):
        text = worded(service_text(overview, words))
        say(text if overview.is_running else words("not_running", service=text))
    places = _places_table(overview, shared_silence(loaded, overview), words, zone)
    findings = findings_table(overview.findings, words, zone)
    month = _month_table(overview.month, words)
    document = _document(overview, places, month, findings)
    sinks = _sinks_table(overview, words)
    result_tables(form, places, month, sinks, findings, document=document)
    if is_read and overview.centre_says:
        say(worded(overview.centre_says))
    if is_read and overview.waits is not None:
        say(_waiting_text(overview.waits, words, zone))
    if is_read and overview.is_running:
        say(worded(cadence_text(overview.rhythm, overview.office, overview.now)))
    if is_read:
        say(phrase("ledger_size", file=overview.size.path, size=overview.size.bytes / 1000000.0))


def _month_table(stated: "OfficeMonth | None", words: CommandWords) -> "Table[DepartmentMonth]":
    """Return the running month by department, the one that needs somebody most first."""
    from collector.cli.month import month_columns
    from collector.cli.options import label

    months = () if stated is None else stated.departments
    every = (one for one in month_columns(words) if one.key in _OF_MONTH)
    columns = tuple(_in_status(one, words) for one in every)
    total = None
    if stated is not None and len(months) > 1:
        total = total_of(columns, stated.office, department=words("total"))
    return Table(
        "departments",
        columns,
        sorted(months, key=_urgency, reverse=True),
        title="" if not months else words("status_month", month=label(months[0].period)),
        total=total,
        shown=_SHOWN_OF_MONTH,
        spare=("target", "forecast"),
        needs_rows=True,
    )


_SHOWN_OF_MONTH = ("department", "target_used", "target", "ratio", "forecast", "standing")
_OF_MONTH = {
    *("month", "from", "to", "name", "name_en", "pages", "target_unit", "level", "parent"),
    *("forecast_low", "forecast_high", *_SHOWN_OF_MONTH),
}


def _in_status(column: "Column[DepartmentMonth]", words: CommandWords) -> "Column[DepartmentMonth]":
    """Return `column` as it is seen beside others that are not in the order of the tree.

    What is used is what the target counts, and without a target all that was printed.
    """
    from collector.cli.month import department_name
    from collector.cli.paper_columns import in_unit

    def used(month: "DepartmentMonth") -> int | str | None:
        return month.pages if month.target is None else in_unit(month, month.used, words)

    if column.key == "target_used":
        return replace(column, heading=words("used_so_far"), shown=used)
    if column.key == "department":
        return replace(column, shown=lambda one: department_name(one.department, words))
    return column


def _urgency(month: "DepartmentMonth") -> tuple[int, float, int]:
    """Return what is larger the sooner a person should look at that department."""
    ahead = month.expected_share or month.ratio or 0.0
    return month.standing.urgency, ahead, month.pages


def service_text(overview: Overview, words: CommandWords) -> Sentence:
    """Return whether the service is alive, and when it ended its last round."""
    ended = overview.round_at
    if overview.at_centre:
        if ended is None:
            return sentence("service.nothing_told")
        return sentence("service.told", at=ended, ago=_ago(overview.now - ended, words))
    if ended is None:
        return sentence("service.no_round" if overview.is_running else "service.never")
    ago = _ago(overview.now - ended, words)
    if not overview.is_running:
        return sentence("service.down", at=ended, ago=ago)
    return sentence("service.late" if overview.is_late else "service.up", at=ended, ago=ago)


def shared_silence(loaded: "Loaded", overview: Overview) -> dict[str, int]:
    """Return the credentials by which no place answers, with the number of their places."""
    found: dict[str, int] = {}
    asked = {place.credential: place.id for place in loaded.fleet.places}
    for credential, place in asked.items():
        if alike := silent_together(place, loaded.fleet, overview.states):
            found[credential] = len(alike)
    return found


def findings_table(
    findings: Sequence[Finding], words: CommandWords, zone: tzinfo
) -> Table[Finding]:
    """Return `findings`, newest last."""
    return Table(
        "findings",
        (
            Column("id", lambda one: one.id),
            Column(
                "at",
                lambda one: _iso(one.at),
                words("at"),
                CellKind.TEXT,
                shown=lambda one: _local(one.at, zone),
            ),
            code_column(words),
            Column(
                "severity",
                lambda one: one.severity.value,
                words("severity"),
                CellKind.TEXT,
                shown=lambda one: severity_text(one.severity, words),
            ),
            Column("subject", lambda one: one.subject, words("place"), CellKind.TEXT),
            Column(
                "message",
                lambda one: ENGLISH.say(one.message),
                words("message"),
                CellKind.TEXT,
                shown=lambda one: words.said(one.message, zone),
            ),
            Column("evidence", lambda one: dict(one.evidence)),
        ),
        findings,
        title=words("findings"),
        shown=("at", "severity", "subject", "code", "message"),
        needs_rows=True,
    )


def _sinks_table(overview: Overview, words: CommandWords) -> Table[tuple[str, int]]:
    return Table(
        "backlog",
        (
            Column("sink", lambda row: row[0], words("sink"), CellKind.TEXT),
            Column("backlog", lambda row: row[1], words("backlog")),
        ),
        list(overview.backlog.items()),
        needs_rows=True,
    )


def _waiting_text(one: Awaiting, words: CommandWords, zone: tzinfo) -> str:
    """Return which month waits to be closed, and for what."""
    text = words("month_waits", month=one.month)
    if one.behind:
        text += words("months_behind", count=one.behind)
    if one.automatic:
        text += words("closes_itself", until=_local(one.until, zone))
    if one.in_question:
        names = words("list.between").join(dict.fromkeys(each.place for each in one.questions))
        text += words("pages_asked", pages=f"{one.in_question:,}", names=names)
    return text


_Row = tuple[Place, PlaceState]


def _places_table(
    overview: Overview, shared: dict[str, int], words: CommandWords, zone: tzinfo
) -> Table[_Row]:
    """Return every place, and below them the credentials `shared` by places that are silent."""
    text, running = CellKind.TEXT, overview.is_running

    def condition(row: _Row) -> str:
        return _condition(row[1], words, running=running)

    def last_answer(row: _Row) -> str | None:
        is_told = row[0].credential in shared
        return _last_answer(row[1], overview.now, words, zone, is_told=is_told)

    return Table(
        "places",
        (
            Column("place", lambda row: row[0].id, words("place"), text),
            Column("name", lambda row: row[0].name, words("name"), text),
            Column(
                "online",
                lambda row: row[1].online if running else None,
                words("state"),
                text,
                shown=condition,
            ),
            Column(
                "seen_at",
                lambda row: _iso(row[1].seen_at),
                words("last_answer"),
                text,
                shown=last_answer,
            ),
            Column("reason", lambda row: row[1].reason),
            *_machine_columns(words),
        ),
        [(place, overview.state(place)) for place in overview.places],
        notes=tuple(words("silent_together", credential=c, count=n) for c, n in shared.items()),
        spare=("serial", "model"),
    )


def _machine_columns(words: CommandWords) -> tuple[Column[_Row], ...]:
    text = CellKind.TEXT

    def model(row: _Row) -> str | None:
        return None if row[1].track is None else row[1].track.identity.model

    def serial(row: _Row) -> str | None:
        track = row[1].track
        return None if track is None else track.identity.serial or track.identity.key

    return (
        Column(
            "model", lambda row: (of := row[1].track) and of.identity.model, words("model"), text
        ),
        Column(
            "serial",
            lambda row: (of := row[1].track) and of.identity.serial,
            words("serial"),
            text,
            shown=serial,
        ),
        Column("status", lambda row: (of := row[1].last) and of.answer.status.value),
        Column("errors", lambda row: _errors(row[1])),
        Column("meters", lambda row: _meters(row[1])),
        Column("total", None, words("total"), shown=lambda row: _meters(row[1]).get(TOTAL)),
    )


def _is_heard(state: PlaceState) -> bool:
    return state.seen_at is not None and state.track is not None


def _last_answer(
    state: PlaceState, now: datetime, words: CommandWords, zone: tzinfo, *, is_told: bool
) -> str | None:
    """Return when it was heard; of a place that never was why, where it is not told anyway."""
    if state.seen_at is None or not _is_heard(state):
        return None if is_told else state.reason or None
    ago = _ago(now - state.seen_at, words)
    return f"{_local(state.seen_at, zone)} ({ago})"


def _errors(state: PlaceState) -> list[str]:
    return [] if state.last is None else [one.value for one in state.last.answer.errors]


def _meters(state: PlaceState) -> Mapping[Meter, int]:
    return {} if state.track is None else {n: one.last for n, one in state.track.meters.items()}


def _condition(state: PlaceState, words: CommandWords, *, running: bool) -> str:
    """Return whether a place answers; while it does, also that it sleeps or what hinders it."""
    if not _is_heard(state):
        return words("never")
    if not running:
        return words("unknown_now")
    if not state.online:
        return words("silent")
    said = [] if state.last is None else list(_news(state.last.answer, words))
    return f"{words('online')} ({', '.join(said)})" if said else words("online")


def _news(answer: Answer, words: CommandWords) -> Iterator[str]:
    if answer.status in _RESTING:
        yield status_text(answer.status, words)
    if answer.errors:
        yield trouble_text(answer.errors, words)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _local(at: datetime | None, zone: tzinfo) -> str:
    return "-" if at is None else at.astimezone(zone).strftime("%m-%d %H:%M")


def _ago(span: timedelta, words: CommandWords) -> str:
    """Return how long ago; a time still to come says so: one of the two clocks is wrong."""
    seconds = int(span.total_seconds())
    if seconds < 0:
        return words("still_to_come")
    return span_text(seconds, words)


def _document(
    overview: Overview,
    places: Table[_Row],
    month: "Table[DepartmentMonth]",
    findings: Table[Finding],
) -> dict[str, object]:
    waits = overview.waits
    return {
        "at": overview.now.isoformat(),
        "running": overview.is_running,
        "last_round": _iso(overview.round_at),
        "cadence": _cadence_json(overview),
        "awaiting_closing": None if waits is None else _waiting_json(waits),
        "places": records(places),
        "departments": records(month),
        "office": None if overview.month is None else records(_alone(month, overview.month))[0],
        "backlog": overview.backlog,
        "findings": records(findings),
        "ledger": {"path": overview.size.path, "bytes": overview.size.bytes},
    }


def _alone(table: "Table[DepartmentMonth]", stated: "OfficeMonth") -> "Table[DepartmentMonth]":
    return replace(table, rows=[stated.office])


def _cadence_json(overview: Overview) -> dict[str, object]:
    rhythm, office, now = overview.rhythm, overview.office, overview.now
    return {
        "interval_s": rhythm.interval_s,
        "rest_interval_s": None if rhythm.rest is None else rhythm.resting.interval_s,
        "rests_now": rests(rhythm, office, now),
        "next_round": _iso(next_round(rhythm, office, now)) if overview.is_running else None,
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
