"""Entries as columns of the ledger, and back. Pure; every pair is a round trip."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from collector.adapters.ledger_sqlite.encode import from_seconds, to_json, to_seconds
from collector.domain.entries import (
    Decision,
    Entry,
    ManualReading,
    OldReadings,
    PastMonth,
    Rereading,
    Retiming,
    Signature,
    Verdict,
    Withdrawal,
)
from collector.domain.meters import Meter
from collector.domain.reading import PlaceId

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
            return "retiming", {**span, "seconds": entry.seconds}
        case Withdrawal():
            return "withdrawal", {}


def decode_entry(row: Sequence[Any]) -> Entry:  # noqa: PLR0911 - one for each kind of entry
    """Return the entry in the columns from `kind` to `facts`; ValueError for an unknown kind."""
    kind, place, by, why, at, replaces, text = row
    facts: Mapping[str, Any] = json.loads(text)
    here, signed = PlaceId(place), Signature(by, why, from_seconds(at))
    match kind:
        case "old_readings":
            since, until = from_seconds(facts["since"]), from_seconds(facts["until"])
            said = (facts["readings"], facts["source"])
            return OldReadings(here, since, until, *said, signed, replaces)
        case "decision":
            since, verdict = from_seconds(facts["since"]), Verdict(facts["verdict"])
            return Decision(facts["finding"], here, since, verdict, signed, replaces)
        case "reading":
            at_panel, meters = from_seconds(facts["at"]), _meters(facts["meters"])
            return ManualReading(here, at_panel, meters, signed, replaces)
        case "month":
            return PastMonth(
                place=here,
                period=facts["period"],
                pages=_meters(facts["pages"]),
                source=facts["source"],
                signed=signed,
                opening=_meters(facts["opening"]),
                closing=_meters(facts["closing"]),
                replaces=replaces,
            )
        case "rereading":
            since = from_seconds(facts["since"])
            return Rereading(here, since, facts["profile"], signed, replaces)
        case "retiming":
            since, until = from_seconds(facts["since"]), from_seconds(facts["until"])
            return Retiming(here, since, until, facts["seconds"], signed, replaces)
        case "withdrawal":
            return Withdrawal(here, replaces, signed)
    message = f"an entry of the unknown kind {kind!r}"
    raise ValueError(message)


def _meters(facts: Mapping[str, int]) -> dict[Meter, int]:
    return {Meter(name): count for name, count in facts.items()}
