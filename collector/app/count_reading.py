"""From a reading to one atomic change of the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from collector.app.office_context import OfficeContext
from collector.domain.closing.guesses import ASKED_AFTER
from collector.domain.counting.count import Counted, count
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.ranges import months_asked
from collector.domain.counting.reading import Answer, Confirmation, DeviceStatus, Reading, Stay
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, day_usages
from collector.domain.meters import TOTAL
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.ports import LogRef, PlaceState, Record

_RESTING = frozenset({DeviceStatus.ASLEEP, DeviceStatus.STOPPED})


def record_reading(
    state: PlaceState, reading: Reading, context: OfficeContext, news: Iterable[Finding] = ()
) -> Record:
    """Return all that `reading` changes: what is stored, counted, found and to be published.

    A reading that changes nothing is not stored until a heartbeat is due; only `seen_at` moves,
    and the next one stored tells until when polls had confirmed the one before. One that is not
    later than the newest is never stored: its time is wrong, or the same; the next counts.
    `news` are findings beyond those of the counting rules. A reading that takes usages back is
    stored and changes nothing else: what it counts comes when the place is then counted anew.
    """
    late = _is_late(state, reading)
    office = context.office_at(reading.place, reading.at)
    counted = Counted(state.track) if late else count(state.track, reading, context.rules, office)
    since = _recount_since(state, counted)
    if since is not None:
        counted = Counted(state.track)
    days = day_usages(counted.usages, office)
    findings = (*counted.findings, *news)
    stored = not late and (
        bool(counted.usages or counted.findings or since) or _worth_storing(state, reading, context)
    )
    if stored:
        reading = replace(reading, confirmed=_confirmation(state))
    ended = _months_ended(state, reading, context.office) if stored else ()
    log = (
        *((reading_ref(reading),) if stored else ()),
        *dict.fromkeys((*day_refs(days, context.office), *ended, *_asked(findings, context))),
        *(LogRef("event", finding.id) for finding in findings),
    )
    return Record(
        state=replace(_heard(state, reading, stored=stored), track=counted.track),
        reading=reading if stored else None,
        usages=counted.usages,
        days=days,
        findings=findings,
        log=log,
        checkpoint=_checkpoint(state, ended),
        recount_since=since,
    )


def _is_late(state: PlaceState, reading: Reading) -> bool:
    """Say whether there is a later reading: one that is held back is stored after the track."""
    known = (None if state.track is None else state.track.at, state.stored_at)
    return state.track is not None and any(at is not None and reading.at <= at for at in known)


def _heard(state: PlaceState, reading: Reading, *, stored: bool) -> PlaceState:
    """Return `state` after `reading` was heard, and `stored` or not."""
    is_newest = state.seen_at is None or reading.at >= state.seen_at
    return replace(
        state,
        last=reading if stored else state.last,
        seen_at=reading.at if is_newest else state.seen_at,
        stored_at=reading.at if stored else state.stored_at,
        online=True,
        changed_at=state.changed_at if state.online else reading.at,
        reason="",
    )


def _recount_since(state: PlaceState, counted: Counted) -> datetime | None:
    """Return since when the place must be counted again, or None: usages may just be added.

    What was taken back is one reason. The other is the first answer after somebody read the panel:
    it tells how the meters that nobody read there had grown until then.
    """
    if counted.taken_back is not None:
        return counted.taken_back.since
    track = state.track
    if track is None or counted.track is None or counted.track.at == track.at:
        return None
    return min((one.last_at for one in track.meters.values() if one.by_hand), default=None)


def _checkpoint(state: PlaceState, ended: Sequence[LogRef]) -> PlaceTrack | None:
    """Return the track before a month's first reading, unless what it rests on is in doubt."""
    track = state.track
    return track if ended and track is not None and track.is_firm else None


def _confirmation(state: PlaceState) -> Confirmation | None:
    """Return until when polls after the newest stored reading said the same as it, if any did.

    A track that stands elsewhere than at the last poll comes from a reading by hand.
    """
    track, stored_at = state.track, state.stored_at
    if track is None or stored_at is None or track.at <= stored_at or track.at != state.seen_at:
        return None
    return Confirmation(track.at, track.uptime_s)


def reading_ref(reading: Reading) -> LogRef:
    """Return the log's name for a stored reading."""
    return LogRef("reading", f"{reading.place}|{int(reading.at.timestamp())}")


def _months_ended(state: PlaceState, reading: Reading, office: Office) -> tuple[LogRef, ...]:
    """Return the months that ended since the last stored reading: now the place is read in them."""
    if state.stored_at is None:
        return ()
    since, today = office.local_day(state.stored_at), office.local_day(reading.at)
    return tuple(LogRef("month", one.name) for one in office.periods(since, today))[:-1]


def _asked(findings: Iterable[Finding], context: OfficeContext) -> tuple[LogRef, ...]:
    """Return the months beside which pages are in question now, or no longer."""
    return tuple(LogRef("month", name) for name in months_asked(findings, context.office))


def day_refs(days: Iterable[DayUsage], office: Office) -> tuple[LogRef, ...]:
    """Return what must be published again after usage fell on `days`."""
    seen: dict[LogRef, None] = {}
    touched: dict[date, None] = {}
    for day in days:
        seen[LogRef("day", f"{day.place}|{day.day.isoformat()}")] = None
        touched[day.day] = None
    for day_of_office in touched:
        seen[LogRef("office_day", day_of_office.isoformat())] = None
        seen[LogRef("month", office.period_of(day_of_office).name)] = None
    return tuple(seen)


def moved_here(reading: Reading, from_place: PlaceId) -> Finding:
    """Return the finding that a machine known from `from_place` now stands at another place."""
    key = reading.answer.identity.key
    evidence: dict[str, str | int | float | None] = {"device": str(key), "from": str(from_place)}
    what = sentence("pages.unknown_between")
    if reading.brought is not None:
        pages = reading.answer.meters.get(TOTAL, 0) - reading.brought.meters.get(TOTAL, 0)
        evidence |= {"pages": max(0, pages), "last_read": reading.brought.at.isoformat()}
        what = sentence("pages.counted_as_estimate")
    text = sentence("finding.device_moved", device=str(key), place=from_place, what=what)
    return Finding(Code.DEVICE_MOVED, Severity.WARNING, reading.place, text, reading.at, evidence)


def still_there(state: PlaceState, now: datetime) -> Finding:
    """Return the question whether a copier that is silent for long still stands at its place."""
    heard = None if state.seen_at is None else state.seen_at.isoformat()
    text = sentence("finding.still_there", days=ASKED_AFTER.days, place=state.place)
    return Finding(
        Code.STILL_THERE, Severity.WARNING, state.place, text, now, {"last_answer": heard}
    )


def at_two_places(reading: Reading, other: PlaceId) -> Finding:
    """Return the finding that a machine answers at two places in turn."""
    key = reading.answer.identity.key
    text = sentence("finding.address_conflict.places", device=str(key), other=other)
    evidence = {"device": str(key), "other": str(other)}
    return Finding(
        Code.ADDRESS_CONFLICT, Severity.WARNING, reading.place, text, reading.at, dict(evidence)
    )


def answers_twice(reading: Reading, home: PlaceId) -> Finding:
    """Return the finding that the machine counted at `home` answers at another place as well."""
    key = reading.answer.identity.key
    text = sentence("finding.device_moved.twice", device=str(key), home=home)
    evidence = {"device": str(key), "home": str(home)}
    return Finding(
        Code.DEVICE_MOVED, Severity.WARNING, reading.place, text, reading.at, dict(evidence)
    )


def _worth_storing(state: PlaceState, reading: Reading, context: OfficeContext) -> bool:
    if state.last is None or state.stored_at is None:
        return True
    changed = (
        _shown(state.last) != _shown(reading)
        or state.last.stay is not reading.stay
        or reading.stay is Stay.ARRIVED
        or _restarted(state, reading)
    )
    return changed or not state.online or reading.at - state.stored_at >= context.heartbeat


def _restarted(state: PlaceState, reading: Reading) -> bool:
    """Say whether the machine was switched off since its last poll: a rollback may follow."""
    before = None if state.track is None else state.track.uptime_s
    now = reading.answer.uptime_s
    return before is not None and now is not None and now < before


def _shown(reading: Reading) -> tuple[object, ...]:
    """Return what a person wants to see at once when it changes.

    Printing, waiting and warming up follow one another all day and are not among it.
    """
    answer = reading.answer
    condition = (answer.supplies, answer.trays, answer.errors)
    counted = (dict(answer.meters), dict(answer.formulas))
    return (*counted, answer.identity.key, rest_of(answer), *condition)


def rest_of(answer: Answer) -> DeviceStatus | None:
    """Return the status of `answer` where the machine rests, None where it does not."""
    return answer.status if answer.status in _RESTING else None
