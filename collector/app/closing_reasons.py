"""Why a place's pages are other than the sealed ones, in one sentence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from collector.app.closing_facts import PeriodFacts
from collector.app.closing_readings import Heard
from collector.domain.accounts import Account
from collector.domain.adjustments import RECOUNTED, Why
from collector.domain.entries import (
    Decision,
    Entry,
    ManualReading,
    OldReadings,
    PastMonth,
    Rereading,
    Retiming,
    Withdrawal,
)
from collector.domain.meters import TOTAL
from collector.domain.statement import Cause, Statement

_DECIDED: Final = Why(Cause.LATE, "readings after the closing decided on what was held back")

_REACH: Final = timedelta(days=62)
"""An entry further from the period than this did not move its pages."""


def reason_of(facts: PeriodFacts, latest: Statement, account: Account, heard: Heard) -> Why:
    """Return why the counted pages of `account` differ from those in `latest`.

    What a person entered since then comes first, then pages that were read late.
    """
    entry = _newest(facts.entries.get(account.place.id, ()), latest.closed_at, facts)
    if entry is not None:
        return Why(_cause(entry), _sentence(entry), entry.id)
    late = heard.late
    if late is not None and late > latest.closed_at:
        text = f"read on {late.isoformat()}, after the closing: pages until then"
        if any(account.estimated.values()):
            text += ", split by working time"
        return Why(Cause.LATE, text)
    _, newest = facts.after[1].get(account.place.id, (facts.end, facts.end))
    return _DECIDED if newest > latest.closed_at else RECOUNTED


def _newest(entries: Sequence[Entry], sealed_at: datetime, facts: PeriodFacts) -> Entry | None:
    found = [entry for entry in entries if entry.signed.at > sealed_at and _concerns(entry, facts)]
    return max(found, key=lambda entry: (entry.signed.at, entry.id), default=None)


def _cause(entry: Entry) -> Cause:
    match entry:
        case PastMonth():
            return Cause.HISTORY
        case OldReadings() | Rereading() | Retiming():
            return Cause.RECOUNTED
        case _:
            return Cause.ENTRY


def _concerns(entry: Entry, facts: PeriodFacts) -> bool:
    match entry:
        case PastMonth():
            return entry.period == facts.period.name
        case ManualReading():
            return facts.start - _REACH <= entry.at <= facts.end + _REACH
        case Decision() | OldReadings() | Rereading() | Retiming():
            return entry.since <= facts.end + _REACH
        case Withdrawal():
            return True


def _sentence(entry: Entry) -> str:  # noqa: PLR0911 - one for each kind of entry
    by, why = entry.signed.by, entry.signed.why
    match entry:
        case PastMonth():
            return f"{by} entered the old sheet's figure ({entry.source}): {why}"
        case ManualReading():
            total = entry.meters.get(TOTAL)
            read = "the panel" if total is None else f"{total} off the panel"
            return f"{by} read {read} at {entry.at.isoformat()}: {why}"
        case Decision():
            return f"{by} decided {entry.verdict.value}: {why}"
        case OldReadings():
            return f"{by} brought readings of {entry.source}: {why}"
        case Rereading():
            rules = "today's rules" if entry.profile is None else f"the profile {entry.profile}"
            return f"{by} had the pages counted again by {rules}: {why}"
        case Retiming():
            return f"{by} put times right by {entry.seconds:+} s: {why}"
        case Withdrawal():
            return f"{by} took an entry back: {why}"
