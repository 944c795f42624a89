"""Facts of the fleet as columns of the ledger, and back. Pure; every pair is a round trip."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from collector.adapters.ledger_sqlite.encode import from_seconds, to_json, to_seconds
from collector.domain.entries import Signature
from collector.domain.fleet import Department, DepartmentId
from collector.domain.fleet_facts import (
    Answering,
    DepartmentName,
    Ending,
    FleetFact,
    OfficeTerms,
    PlaceName,
)
from collector.domain.reading import PlaceId

FactRow = tuple[str, str, str, str, str, int]
"""kind, subject, facts, recorded_by, why, recorded_at."""


def encode_fact(fact: FleetFact) -> FactRow:
    """Return the columns of fleet_facts from `kind` on, the subject by its name."""
    kind, subject, facts = _facts(fact)
    signed = fact.signed
    return kind, subject, to_json(facts), signed.by, signed.why, to_seconds(signed.at)


def _facts(fact: FleetFact) -> tuple[str, str, dict[str, object]]:
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
        case "office":
            return OfficeTerms(facts["since"], facts["closing_day"], facts["zone"], signed)
    message = f"a fact of the unknown kind {kind!r}"
    raise ValueError(message)
