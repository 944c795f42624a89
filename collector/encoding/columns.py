"""Values of the domain as columns of the ledger, and back. Pure; every pair is a round trip.

Times are kept as whole seconds since 1970 UTC (rounded down); only a finding's time keeps its
microseconds, because its id depends on them. Decoding damaged text raises ValueError, KeyError
or TypeError.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from collector.domain.closing.seal import linked, parsed
from collector.domain.closing.statement import Link, Sealed, Statement
from collector.domain.counting.entries import (
    Decision,
    Entry,
    Exclusion,
    Ground,
    ManualReading,
    OldReadings,
    PaperPurchase,
    PaperSize,
    PastMonth,
    Rereading,
    Retiming,
    StockCount,
    Verdict,
    Withdrawal,
)
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.identity import DeviceIdentity, DeviceKey
from collector.domain.counting.usage import Quality, Usage
from collector.domain.meters import Meter
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.fleet_facts import (
    Answering,
    DepartmentName,
    Ending,
    FleetFact,
    OfficeTerms,
    PartOf,
    PlaceName,
    Signature,
)
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import VERBATIM, Fact, Sentence, verbatim
from collector.texts import ENGLISH

NOT_UNDERSTOOD: Final = (
    *(ValueError, LookupError, TypeError, ArithmeticError, AttributeError),
    *(AssertionError, RecursionError),
)
"""What a row may come to that is not as it was written."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_PLAIN_NUMBER: Final = re.compile("0|[1-9][0-9]{0,17}")
_SQL_INTEGERS: Final = range(-(2**63), 2**63)
_QUALITIES: Final = (Quality.MEASURED, Quality.ESTIMATED, Quality.EDITED)
_MARKS: Final = tuple(one.name for one in fields_of(DeviceIdentity))
QUALITY_CODES: Final[Mapping[Quality, int]] = {one: n for n, one in enumerate(_QUALITIES)}


def to_seconds(at: datetime) -> int:
    """Return the whole seconds since 1970 at the instant `at`, rounded down."""
    return (at - _EPOCH) // _SECOND


def to_seconds_up(at: datetime) -> int:
    """Return the first whole second since 1970 that is not before `at`."""
    return -((_EPOCH - at) // _SECOND)


def from_seconds(seconds: int) -> datetime:
    """Return the instant (UTC) `seconds` after 1970 began."""
    return _EPOCH + timedelta(seconds=seconds)


def seconds_or_none(at: datetime | None) -> int | None:
    """Return `to_seconds(at)`, or None for no time."""
    return None if at is None else to_seconds(at)


def time_or_none(seconds: int | None) -> datetime | None:
    """Return `from_seconds(seconds)`, or None for no time."""
    return None if seconds is None else from_seconds(seconds)


def to_microseconds(at: datetime | None) -> int | None:
    """Return the microseconds since 1970 at `at`, exactly, or None for no time."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int | None) -> datetime | None:
    """Return the instant (UTC) `microseconds` after 1970 began, or None for no time."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def to_json(value: object) -> str:
    """Return `value` as the shortest JSON text; Japanese stays readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_count(value: int) -> int | str:
    """Return a meter value as SQLite can hold it: beyond 63 bits as text."""
    return value if value in _SQL_INTEGERS else str(value)


def quality(code: int) -> Quality:
    """Return the quality stored as `code`; raises IndexError for a code never written."""
    return _QUALITIES[code]


FindingRow = tuple[str, str, str, str, str, int | None, str, str | None]


def encode_finding(finding: Finding) -> FindingRow:
    """Return the columns of findings from `id` to `said`.

    `message` is English, for whoever reads the ledger with another program.
    """
    return (
        finding.id,
        finding.code,
        finding.severity,
        finding.subject,
        ENGLISH.say(finding.message),
        to_microseconds(finding.at),
        to_json(dict(finding.evidence)),
        None if finding.message.key == VERBATIM else to_json(_to_plain(finding.message)),
    )


def decode_finding(row: Sequence[Any]) -> Finding:
    """Return the finding in the columns from `code` to `said`, its time in UTC.

    One of an earlier release has no `said`: it is known in the words that were stored.
    """
    code, severity, subject, message, at_us, evidence, said = row
    return Finding(
        code=Code(code),
        severity=Severity(severity),
        subject=subject,
        message=verbatim(message) if said is None else _to_sentence(json.loads(said)),
        at=from_microseconds(at_us),
        evidence=json.loads(evidence),
    )


def _to_plain(fact: Fact) -> object:
    """Return `fact` as JSON holds it: a sentence, an instant and a day as an object of one key."""
    match fact:
        case Sentence():
            facts = {name: _to_plain(one) for name, one in fact.facts.items()}
            return {"say": fact.key, "facts": facts}
        case datetime():
            return {"at": fact.isoformat()}
        case date():
            return {"day": fact.isoformat()}
        case tuple():
            return [_to_plain(one) for one in fact]
    return fact


def _to_fact(plain: Any) -> Fact:  # noqa: ANN401 - what JSON holds
    match plain:
        case {"say": _}:
            return _to_sentence(plain)
        case {"at": at}:
            return datetime.fromisoformat(at)
        case {"day": day}:
            return date.fromisoformat(day)
        case list():
            return tuple(map(_to_fact, plain))
    return plain  # type: ignore[no-any-return]  # JSON holds nothing else


def _to_sentence(plain: Any) -> Sentence:  # noqa: ANN401 - what JSON holds
    return Sentence(plain["say"], {name: _to_fact(one) for name, one in plain["facts"].items()})


def split_key(key: str) -> tuple[str, int | str]:
    """Return a log key as the name before its last `|` (else empty) and the item behind it.

    A plain whole number becomes an integer: a key is then 6 bytes instead of 20, and the log has
    one for every reading ever stored.
    """
    subject, bar, item = key.rpartition("|")
    if bar and not subject:
        return "", key
    return subject, int(item) if _PLAIN_NUMBER.fullmatch(item) else item


def join_key(subject: str, item: int | str) -> str:
    """Return the key that `split_key` was given."""
    return f"{subject}|{item}" if subject else str(item)


def identity_fields(identity: DeviceIdentity) -> dict[str, str]:
    """Return what a machine says of itself, by name, without what it does not say."""
    pairs = ((name, getattr(identity, name)) for name in _MARKS)
    return {name: value for name, value in pairs if value is not None}


# Entries as columns of the ledger, and back. Pure; every pair is a round trip.


EntryRow = tuple[str, str, str, str, str, int, str | None, str]
"""id, kind, place, entered_by, why, entered_at, replaces, facts."""


def encode_entry(entry: Entry) -> EntryRow:
    """Return the columns of entries from `id` to `facts`, the place by its name."""
    kind, facts = _facts(entry)
    signed = entry.signed
    return (
        entry.id,
        kind,
        entry.place,
        signed.by,
        signed.why,
        to_seconds(signed.at),
        entry.replaces,
        to_json(facts),
    )


def _facts(entry: Entry) -> tuple[str, dict[str, object]]:  # noqa: PLR0911 - one for each kind of entry
    match entry:
        case OldReadings():
            span = {"since": to_seconds(entry.since), "until": to_seconds(entry.until)}
            return "old_readings", {**span, "readings": entry.readings, "source": entry.source}
        case Decision():
            since = to_seconds(entry.since)
            facts = {"finding": entry.finding, "since": since, "verdict": entry.verdict}
            return "decision", facts
        case ManualReading():
            return "reading", {"at": to_seconds(entry.at), "meters": dict(entry.meters)}
        case PastMonth():
            return "month", {
                "period": entry.period,
                "pages": dict(entry.pages),
                "source": entry.source,
                "opening": dict(entry.opening),
                "closing": dict(entry.closing),
            }
        case Rereading():
            return "rereading", {"since": to_seconds(entry.since), "profile": entry.profile}
        case Retiming():
            span = {"since": to_seconds(entry.since), "until": to_seconds(entry.until)}
            times = {"times": sorted(map(to_seconds, entry.times))} if entry.times else {}
            return "retiming", {**span, "seconds": entry.seconds, **times}
        case Exclusion():
            days = {"first": entry.first.isoformat(), "last": entry.last.isoformat()}
            said = {"pages": entry.pages, "ground": entry.ground.value, "source": entry.source}
            return "exclusion", {**days, **said, "department": entry.department}
        case PaperPurchase() | StockCount():
            return _paper(entry)
        case Withdrawal():
            return "withdrawal", {}


def _paper(entry: PaperPurchase | StockCount) -> tuple[str, dict[str, object]]:
    facts: dict[str, object] = {
        "department": entry.department,
        "day": entry.day.isoformat(),
        "size": entry.size.value,
        "sheets": entry.sheets,
        "source": entry.source,
    }
    if isinstance(entry, StockCount):
        return "stock_count", facts
    return "paper_purchase", {**facts, "supplier": entry.supplier, "slip": entry.slip}


def decode_entry(row: Sequence[Any]) -> Entry:  # noqa: PLR0911 - one for each kind of entry
    """Return the entry in the columns from `kind` to `facts`; ValueError for an unknown kind."""
    kind, place, by, why, at, replaces, text = row
    facts: Mapping[str, Any] = json.loads(text)
    here, signed = PlaceId(place), Signature(by, why, from_seconds(at))
    match kind:
        case "old_readings":
            since, until = from_seconds(facts["since"]), from_seconds(facts["until"])
            said = (facts["readings"], facts["source"], signed, replaces)
            return OldReadings(here, since, until, *said)
        case "decision":
            since, verdict = from_seconds(facts["since"]), Verdict(facts["verdict"])
            return Decision(facts["finding"], here, since, verdict, signed, replaces)
        case "reading":
            meters = _meters(facts["meters"])
            return ManualReading(here, from_seconds(facts["at"]), meters, signed, replaces)
        case "month":
            ends = (_meters(facts["opening"]), _meters(facts["closing"]))
            pages, source = _meters(facts["pages"]), facts["source"]
            return PastMonth(here, facts["period"], pages, source, signed, *ends, replaces)
        case "rereading":
            return Rereading(here, from_seconds(facts["since"]), facts["profile"], signed, replaces)
        case "retiming":
            since, until = from_seconds(facts["since"]), from_seconds(facts["until"])
            times = frozenset(map(from_seconds, facts.get("times", ())))
            return Retiming(here, since, until, facts["seconds"], signed, replaces, times)
        case "exclusion":
            return _exclusion(here, facts, signed, replaces)
        case "paper_purchase" | "stock_count":
            return _of_paper(facts, signed, replaces)
        case "withdrawal":
            return Withdrawal(here, replaces, signed)
    message = f"an entry of the unknown kind {kind!r}"
    raise ValueError(message)


def _meters(facts: Mapping[str, int]) -> dict[Meter, int]:
    return {Meter(name): count for name, count in facts.items()}


# Facts of the fleet as columns of the ledger, and back. Pure; every pair is a round trip.


def _exclusion(
    here: PlaceId, facts: Mapping[str, Any], signed: Signature, replaces: str | None
) -> Exclusion:
    of = facts["department"]
    return Exclusion(
        place=here,
        department=None if of is None else DepartmentId(of),
        first=date.fromisoformat(facts["first"]),
        last=date.fromisoformat(facts["last"]),
        pages=facts["pages"],
        ground=Ground(facts["ground"]),
        source=facts["source"],
        signed=signed,
        replaces=replaces,
    )


def _of_paper(
    facts: Mapping[str, Any], signed: Signature, replaces: str | None
) -> PaperPurchase | StockCount:
    of = facts["department"]
    department = None if of is None else DepartmentId(of)
    day, size = date.fromisoformat(facts["day"]), PaperSize(facts["size"])
    said = (department, day, size, facts["sheets"], signed)
    if "slip" not in facts:
        return StockCount(*said, facts["source"], replaces)
    by = (facts["supplier"], facts["slip"])
    return PaperPurchase(*said, *by, facts["source"], replaces)


FactRow = tuple[str, str, str, str, str, int]
"""kind, subject, facts, recorded_by, why, recorded_at."""


def encode_fact(fact: FleetFact) -> FactRow:
    """Return the columns of fleet_facts from `kind` on, the subject by its name."""
    kind, subject, facts = _fleet_facts(fact)
    signed = fact.signed
    return kind, subject, to_json(facts), signed.by, signed.why, to_seconds(signed.at)


def _fleet_facts(fact: FleetFact) -> tuple[str, str, dict[str, object]]:
    facts: dict[str, object]
    match fact:
        case Answering():
            facts = {"from": fact.start.isoformat(), "shares": dict(fact.shares)}
            return "answering", fact.place, facts
        case Ending():
            until = None if fact.until is None else fact.until.isoformat()
            return "ending", fact.place, {"until": until}
        case PlaceName():
            return "place_name", fact.place, {"name": fact.name}
        case DepartmentName():
            named = fact.department
            return "department_name", named.id, {"name": named.name, "name_en": named.name_en}
        case PartOf():
            facts = {"from": fact.start.isoformat(), "parent": fact.parent}
            return "part_of", fact.department, facts
        case OfficeTerms():
            day = fact.closing_day
            return "office", "", {"since": fact.since, "closing_day": day, "zone": fact.zone}


def decode_fact(row: Sequence[Any]) -> FleetFact:
    """Return the fact in such columns; ValueError for an unknown kind."""
    kind, subject, text, by, why, at = row
    facts: Mapping[str, Any] = json.loads(text)
    signed = Signature(by, why, from_seconds(at))
    match kind:
        case "answering":
            shares = {DepartmentId(one): share for one, share in facts["shares"].items()}
            return Answering(PlaceId(subject), date.fromisoformat(facts["from"]), shares, signed)
        case "ending":
            until = facts["until"]
            last = None if until is None else date.fromisoformat(until)
            return Ending(PlaceId(subject), last, signed)
        case "place_name":
            return PlaceName(PlaceId(subject), facts["name"], signed)
        case "department_name":
            named = Department(DepartmentId(subject), facts["name"], facts["name_en"])
            return DepartmentName(named, signed)
        case "part_of":
            parent = None if facts["parent"] is None else DepartmentId(facts["parent"])
            start = date.fromisoformat(facts["from"])
            return PartOf(DepartmentId(subject), start, parent, signed)
        case "office":
            return OfficeTerms(facts["since"], facts["closing_day"], facts["zone"], signed)
    message = f"a fact of the unknown kind {kind!r}"
    raise ValueError(message)


# Statements and usages as columns of the ledger, back.


def _statement_of(period: str, revision: int, text: str) -> Statement:
    """Return what `text` states; ValueError that names it for what is no statement, or another."""
    try:
        statement = parsed(text)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        message = f"statement {period} revision {revision} is none: {error!r}"
        raise ValueError(message) from error
    if (statement.period.name, statement.revision) != (period, revision):
        message = f"statement {period} revision {revision} states another month or revision"
        raise ValueError(message)
    return statement


def sealed_of(period: str, revision: int, text: str, seal: str) -> Sealed:
    """Return the statement of such columns, unverified; ValueError for a text that is none."""
    return Sealed(_statement_of(period, revision, text), text, seal)


def link_of(period: str, revision: int, text: str, seal: str) -> Link:
    """Return `sealed_of` without reading what it states of places."""
    try:
        link = linked(text, seal)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        message = f"statement {period} revision {revision} is none: {error!r}"
        raise ValueError(message) from error
    if (link.period.name, link.revision) != (period, revision):
        message = f"statement {period} revision {revision} states another month or revision"
        raise ValueError(message)
    return link


def usage_of(row: Sequence[Any]) -> Usage:
    """Return the usage in the columns place, ended, device, meter, epoch, lasted_s and so on."""
    place, ended, device, meter, epoch, lasted_s, first, pages, code, low, high = row
    return Usage(
        place=PlaceId(place),
        device=DeviceKey(device),
        meter=Meter(meter),
        epoch=epoch,
        start=from_seconds(ended - lasted_s),
        end=from_seconds(ended),
        first=int(first),
        last=int(first) + pages,
        quality=quality(code),
        low=low,
        high=high,
    )
