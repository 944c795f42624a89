"""What a sink lost or never took is published again: marks, cursors moved back, rows refused.

A database that was emptied, made anew or restored says so by itself: among the rows stands a mark
that tells up to which change of the ledger all was published. Where it is missing, or tells of
less than it was given, what was published since is gone.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from collector.app.notes import MARKED, REFUSED, TOLD_BEFORE, Marked, Note, Refusals
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.office.office_calendar import Office
from collector.domain.rows import Row
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.ports import Clock, Findings, LogEntry, LogRef, Notes, PublishLog, Rejected, Sink

_LOOK_EVERY: Final = timedelta(minutes=10)
_UNTIL_READ: Final = timedelta(seconds=10)
"""VictoriaMetrics lets what was written be read only after some seconds."""

_KEPT_REFS: Final = 1000
_KEPT_CAUSES: Final = 50
_LONGEST_CAUSE: Final = 200
_NUMBERS: Final = re.compile(r"\d+")
_KEEPS_LESS: Final = "keeps_less"


class DeliveryLog(PublishLog, Findings, Notes, Protocol):
    """What is to be published, and what is known of those to whom it is."""


# Cursors moved back.


async def rewind(log: DeliveryLog, sink: str, seq: int) -> int:
    """Let all behind `seq` be published to `sink` again; return how many changes wait for it now.

    A cursor is never moved on: what waits already stays waiting.
    """
    cursor = await log.cursor(sink)
    if seq < cursor:
        noted = TOLD_BEFORE.about(sink)
        await noted.put(log, max(cursor, await noted.get(log) or 0))
        await log.acknowledge(sink, seq)
    return await log.backlog(sink)


async def rewind_to(log: DeliveryLog, sink: str, day: date, office: Office) -> int:
    """Let all that concerns `day` or later be published again; return how many changes wait now."""
    seq = await log.log_before(office.midnight(day), day, office.period_of(day).name)
    return await rewind(log, sink, seq)


async def retry(log: DeliveryLog, sink: str) -> int:
    """Let what `sink` refused for good be published again; return how many changes wait now.

    What is refused once more is listed, and told, anew.
    """
    refused = await refusals(log, sink)
    await REFUSED.about(sink).put(log, {})
    await log.touch([*dict.fromkeys(ref for one in refused.values() for ref in one.refs)])
    behind = [one.behind for one in refused.values() if not one.refs]
    return await (rewind(log, sink, min(behind)) if behind else log.backlog(sink))


async def without_old_news(
    log: DeliveryLog, sink: Sink, entries: Iterable[LogEntry]
) -> Sequence[LogEntry]:
    """Return `entries` without events that were announced before the cursor was moved back."""
    if not sink.announces:
        return [*entries]
    told = await TOLD_BEFORE.about(sink.name).get(log) or 0
    return [one for one in entries if one.ref.kind != "event" or one.seq > told]


# Marks.


class Marks:
    """Looks from time to time whether a sink still holds what it was given."""

    def __init__(self, log: DeliveryLog, sink: Sink, site: Callable[[], str], clock: Clock) -> None:
        """Look at the first opportunity."""
        self._log = log
        self._sink = sink
        self._site = site
        self._clock = clock
        self._looked: datetime | None = None
        self._is_read = False

    def look_again(self) -> None:
        """Look at the next opportunity: something may have happened there."""
        self._looked = None

    async def is_gone(self) -> bool:
        """Say whether something is gone; it then comes again, and people were told.

        Where it is not yet time to look, it is taken to be there. Raises SinkError.
        """
        now = self._clock.now()
        if self._looked is not None and timedelta(0) <= now - self._looked < _LOOK_EVERY:
            return False
        self._is_read = False  # no mark before that: it would hide that others are gone
        noted = await self._noted()
        if timedelta(0) <= now - noted.at < _UNTIL_READ:
            return False
        found = await self._sink.marked(self._site())
        self._looked, self._is_read = now, found is not None
        if found is None:
            return False
        is_gone = found < noted.seq and noted.was_read
        if is_gone:
            await self._refill(found, now.replace(microsecond=0))
            noted = replace(noted, seq=found)
        await self._note(replace(noted, was_read=noted.was_read or found > 0))
        return is_gone

    async def row(self, seq: int) -> Row | None:
        """Return the row that says that all up to `seq` is there; None where nobody could read it.

        It is to follow the rows of which it speaks.
        """
        if not self._is_read:
            return None
        fields = {"published": max(seq, (await self._noted()).seq)}
        return Row("collector_mark", {"site": self._site()}, fields, self._clock.now())

    async def has(self, row: Row) -> None:
        """Note that the sink was given `row`."""
        noted = await self._noted()
        await self._note(replace(noted, seq=int(row.fields["published"]), at=row.at))

    async def _noted(self) -> Marked:
        return await self._of_it().get(self._log) or Marked()

    async def _note(self, marked: Marked) -> None:
        await self._of_it().put(self._log, marked)

    def _of_it(self) -> Note[Marked]:
        return MARKED.about(f"{self._sink.name}|{self._site()}")

    async def _refill(self, seen: int, at: datetime) -> None:
        name = self._sink.name
        changes = await rewind(self._log, name, seen)
        key = "finding.sink_older" if seen else "finding.sink_emptied"
        text = sentence(key, sink=name, changes=changes)
        facts = {"changes": changes}
        finding = Finding(Code.SINK_EMPTIED, Severity.WARNING, name, text, at, facts)
        await self._log.record_findings([finding])


# Rows refused for good.


async def refusals(log: Notes, sink: str) -> Mapping[str, Refusals]:
    """Return what `sink` refused for good, by cause, since it was tried last."""
    return await REFUSED.about(sink).get(log) or {}


async def set_aside(
    log: DeliveryLog,
    sink: str,
    rejected: Sequence[Rejected],
    entries: Sequence[LogEntry],
    at: datetime,
) -> bool:
    """Keep which of the rows of `entries` the server will never take; tell each cause once.

    Without `entries` they are of what a board was shown, and of no change.

    Never a finding of a finding. True where something was told: that waits to be delivered.
    """
    if not rejected:
        return False
    by_cause = dict(await refusals(log, sink))
    findings: list[Finding] = []
    refs = [entry.ref for entry in entries]
    behind = entries[0].seq - 1 if entries else await log.cursor(sink)
    for one in rejected:
        cause = _cause(one)
        if cause not in by_cause and len(by_cause) >= _KEPT_CAUSES:
            cause = ""
        known = by_cause.get(cause) or _first(one, behind)
        if not known.told and one.row.measurement != "copier_event":
            findings.append(_finding(sink, one, at))
            known = replace(known, told=True)
        by_cause[cause] = _with(known, one.row, refs)
    await REFUSED.about(sink).put(log, by_cause)
    await log.record_findings(findings)
    return bool(findings)


def _cause(one: Rejected) -> str:
    if one.keeps_less is not None:
        return _KEEPS_LESS
    return _NUMBERS.sub("#", one.reason)[:_LONGEST_CAUSE]


def _first(one: Rejected, behind: int) -> Refusals:
    at = one.row.at.astimezone(UTC)
    return Refusals(one.reason, 0, at, at, (), behind, one.keeps_less is not None)


def _with(known: Refusals, row: Row, refs: Collection[LogRef]) -> Refusals:
    """Return `known` with `row`; once there are too many, all behind the first come again."""
    at, kept = row.at.astimezone(UTC), known.refs
    if kept or not known.rows:
        kept = tuple(dict.fromkeys((*kept, *_refs_of(row, refs))))
    return replace(
        known,
        rows=known.rows + 1,
        first=min(known.first, at),
        last=max(known.last, at),
        refs=kept if len(kept) <= _KEPT_REFS else (),
    )


def _refs_of(row: Row, refs: Collection[LogRef]) -> list[LogRef]:
    """Return those of `refs` that may have given `row`."""
    place = row.tags.get("place", "")
    at = int(row.at.timestamp())
    match row.measurement:
        case "copier" | "copier_supply" | "copier_tray":
            found = [ref for ref in refs if ref.key == f"{place}|{at}"]
        case "copier_day":
            found = [ref for ref in refs if ref.kind == "day" and ref.key.startswith(f"{place}|")]
        case "department_day" | "office_day":
            found = [ref for ref in refs if ref.kind == "office_day"]
        case "paper_quarter" | "paper_year":
            found = [ref for ref in refs if ref.kind == "paper"]
        case "copier_event":
            found = [ref for ref in refs if ref.kind == "event"]
        case "collector":
            found = [LogRef("cycle", str(at))]
        case _:
            found = [LogRef("month", row.tags["month"])]
    return found


def _finding(sink: str, one: Rejected, at: datetime) -> Finding:
    facts = {"measurement": one.row.measurement, "row_time": one.row.at.isoformat()}
    code, text = Code.ROW_REJECTED, _text(sink, one)
    if one.keeps_less is not None:
        code = Code.DATABASE_KEEPS_LESS
    return Finding(code, Severity.ERROR, sink, text, at, facts)


def _text(sink: str, one: Rejected) -> Sentence:
    if one.keeps_less is not None:
        return sentence("finding.database_keeps_less", sink=sink, remedy=one.keeps_less)
    return sentence(
        "finding.row_rejected",
        sink=sink,
        measurement=one.row.measurement,
        reason=verbatim(one.reason),
    )
