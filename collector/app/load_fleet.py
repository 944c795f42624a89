"""Loads a fleet file into what the ledger knows: facts are added, days gone by stay as they are.

Everything that asks who answered for a place on some day asks the office context that comes of it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Protocol

from collector.app.notes import FLEET_WAITING, PUBLISHED_FLEET
from collector.app.office_context import OfficeContext
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.month.finished import sheet_months
from collector.domain.office.fleet import Place
from collector.domain.office.fleet_changes import (
    Changes,
    CountedDays,
    Difference,
    changed_terms,
    office_under,
)
from collector.domain.office.fleet_facts import (
    Ending,
    FleetFact,
    KnownFleet,
    OfficeTerms,
    Signature,
    known_fleet,
    known_from,
)
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.errors import LedgerMoved
from collector.ports import BEGINNING, Counting, FleetFacts, Notes

BY_ITSELF: Final = "copier-fleet"
"""Who recorded facts that nobody entered."""


class FleetLedger(Counting, FleetFacts, Notes, Protocol):
    """What is known of the fleet, and of which days anything is known."""


@dataclass(frozen=True, slots=True)
class Loading:
    """What loading a fleet file comes to.

    `context` is what holds with the `added` facts; `recorded` facts were in the ledger before.
    `changes` holds the file against what is known without them.
    """

    context: OfficeContext
    changes: Changes
    added: tuple[FleetFact, ...]
    recorded: int

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What the file says otherwise of days before today; it waits for a person."""
        return self.changes.differences()


async def look(
    ledger: FleetLedger, context: OfficeContext, now: datetime, correcting: Signature | None = None
) -> Loading:
    """Return what loading the fleet and the office of `context` comes to; nothing is written.

    With `correcting` its facts change days gone by as well, in the name of that person.
    """
    facts = [*await ledger.facts()]
    recorded, known = len(facts), known_from(facts)
    if known.is_empty:
        why = context.say(sentence("why.last_published"))
        facts += await _from_before(ledger, now, why)
        known = known_from(facts)
    office = office_under(context.office, known.terms)
    today = office.local_day(now)
    signed = Signature(
        BY_ITSELF, context.say(sentence("why.file_loaded")), now.replace(microsecond=0)
    )
    changes = Changes(known, context.fleet, {}, today)
    if changes.corrections(signed) or changes.unlisted:
        changes = replace(changes, counted=await _counted(ledger, office, now))
    terms = changed_terms(context.office, known.terms, await _begun(ledger, today), signed)
    added = (
        *facts[recorded:],
        *(changes.additions(signed) if correcting is None else changes.corrections(correcting)),
        *(() if terms is None else (terms,)),
    )
    holding = known_from([*facts[:recorded], *added])
    fleet = known_fleet(holding, context.fleet, changes.counted)
    office = office_under(context.office, holding.terms)
    return Loading(replace(context, fleet=fleet, office=office), changes, added, recorded)


async def load(
    ledger: FleetLedger, context: OfficeContext, now: datetime
) -> tuple[Loading, tuple[Finding, ...]]:
    """Record what the fleet of `context` adds, and return what holds and what a person should know.

    A place that vanished from the file is told when its end is recorded; days gone by of which
    the file says otherwise are told once as long as it is the same.
    """
    while True:
        loading = await look(ledger, context, now)
        try:
            if loading.added:
                await ledger.add_facts(loading.added, loading.recorded)
        except LedgerMoved:
            continue
        findings = [*_vanished(loading, now), *_changed(loading, now)]
        findings += await _untold(ledger, loading, now)
        await ledger.record_findings(findings)
        return loading, tuple(findings)


async def _from_before(ledger: Notes, now: datetime, why: str) -> tuple[FleetFact, ...]:
    """Return the facts of the fleet as an older version published it last, if it did."""
    fleet = await PUBLISHED_FLEET.get(ledger)
    if fleet is None:
        return ()
    named = replace(fleet, places=tuple(replace(one, name=one.id) for one in fleet.places))
    signed = Signature(BY_ITSELF, why, now.replace(microsecond=0))
    return Changes(KnownFleet(), named, {}, now.date()).additions(signed)


async def _begun(ledger: Counting, today: date) -> date | None:
    """Return `today`, or None where nothing was ever counted."""
    return None if await ledger.first_day() is None else today


async def _counted(
    ledger: Counting, office: Office, now: datetime
) -> Mapping[PlaceId, CountedDays]:
    """Return of which days of each place anything is known: counted, heard, or in old sheets."""
    spans: list[tuple[PlaceId, date, date]] = [
        (place, first, last) for place, (first, last) in (await ledger.counted_days()).items()
    ]
    for place, (begin, end) in (await ledger.heard_between(BEGINNING, now)).items():
        spans.append((place, office.local_day(begin), office.local_day(end)))
    for month, sheet in sheet_months(await ledger.entries()).items():
        period = office.period(month)
        spans += [(place, period.start, period.end) for place in sheet]
    found: dict[PlaceId, CountedDays] = {}
    for place, first, last in spans:
        one = found.get(place, CountedDays(first, last))
        found[place] = CountedDays(min(one.first, first), max(one.last, last))
    return found


def _vanished(loading: Loading, now: datetime) -> Iterable[Finding]:
    """Yield a finding for every place whose end was recorded because the file has it no more."""
    file, counted = loading.changes.file, loading.changes.counted
    renamed = {place.was: place for place in file.places if place.was is not None}
    for fact in loading.added:
        if not isinstance(fact, Ending) or fact.until is None or fact.place in renamed:
            continue
        if file.place(fact.place) is None and fact.place in counted:
            name = loading.context.fleet.place(fact.place)
            yield _vanishing(name or Place(fact.place, fact.place, ""), fact.until, now)


def _vanishing(place: Place, until: date, now: datetime) -> Finding:
    text = sentence("finding.place_vanished", name=place.name, until=until, place=place.id)
    at = now.replace(microsecond=0)
    evidence: dict[str, str | int | float | None] = {"until": until.isoformat()}
    return Finding(Code.PLACE_VANISHED, Severity.WARNING, place.id, text, at, evidence)


def _changed(loading: Loading, now: datetime) -> Iterable[Finding]:
    """Yield a finding that names the first month of another closing day or zone."""
    office = loading.context.office
    for terms in loading.added:
        if isinstance(terms, OfficeTerms) and terms.since:
            first = office.period(terms.since)
            text = sentence(
                "finding.office_changed",
                day=str(terms.closing_day),
                zone=str(terms.zone),
                first=first.start,
                month=first.name,
                last=first.end,
            )
            at = now.replace(microsecond=0)
            evidence: dict[str, str | int | float | None] = {
                "from": first.start.isoformat(),
                "to": first.end.isoformat(),
            }
            yield Finding(Code.OFFICE_CHANGED, Severity.INFO, first.name, text, at, evidence)


async def _untold(ledger: FleetLedger, loading: Loading, now: datetime) -> list[Finding]:
    """Return a finding for each place with days that wait, unless just these were told."""
    differences = loading.differences
    digest = _digest(differences)
    if (await FLEET_WAITING.get(ledger) or "") == digest:
        return []
    await FLEET_WAITING.put(ledger, digest)
    first_of_each = {one.subject: one for one in reversed(differences)}
    return [_waiting(one, now) for one in first_of_each.values()]


def _waiting(one: Difference, now: datetime) -> Finding:
    text = sentence("finding.fleet_differs", first=one.first, last=one.last)
    if one.department is not None:
        text = sentence("finding.tree_differs", first=one.first, last=one.last)
    if one.until is not None:
        text = sentence("finding.fleet_differs.ends", until=one.until, last=one.last)
    evidence: dict[str, str | int | float | None] = {
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
    }
    at = now.replace(microsecond=0)
    return Finding(Code.FLEET_DIFFERS, Severity.WARNING, one.subject, text, at, evidence)


def _digest(differences: Iterable[Difference]) -> str:
    parts = [
        (one.subject, one.first, one.until, sorted(one.now.items()), sorted(one.then.items()))
        for one in differences
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12] if parts else ""
