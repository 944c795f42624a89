"""Each place's account of a period, for its first statement and for its next revision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from collector.app.close.closing_facts import PeriodFacts, places_of
from collector.app.close.closing_readings import ClosingReadings, PeriodReadings
from collector.app.office_context import OfficeContext
from collector.domain.closing.accounts import (
    Account,
    ByDepartment,
    ReadingProof,
    added,
    answering,
    past_shares,
    shared_out,
    unknown_place,
)
from collector.domain.closing.adjustments import (
    RECOUNTED,
    SealedPlace,
    Why,
    is_changed,
    kept_shares,
    sealed_places,
)
from collector.domain.closing.statement import BoundaryReading, Cause, Guess, Statement
from collector.domain.counting.entries import (
    Decision,
    Entry,
    Exclusion,
    ManualReading,
    OldReadings,
    PaperPurchase,
    PastMonth,
    Rereading,
    Retiming,
    StockCount,
    Withdrawal,
)
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import EXACT
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import WHOLE_OFFICE, Place
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Fact, Sentence, sentence
from collector.ports import Counting

# Why a place's pages are other than the sealed ones, in one sentence.


_DECIDED: Final = Why(Cause.LATE, sentence("reason.decided"))

_REACH: Final = timedelta(days=62)
"""An entry further from the period than this did not move its pages."""


def reason_of(
    facts: PeriodFacts, latest: Statement, account: Account, heard: PeriodReadings
) -> Why:
    """Return why the counted pages of `account` differ from those in `latest`.

    What a person entered since then comes first, then pages that were read late.
    """
    entries = facts.entries.get(account.place.id, ())
    before = latest.place_pages().get(account.place.id, {})
    if before.get(EXCLUDED, 0) != account.pages.get(EXCLUDED, 0):
        entries = (*entries, *facts.entries.get(PlaceId(""), ()))
    entry = _newest(entries, latest.closed_at, facts)
    if entry is not None:
        return Why(_cause(entry), _entered(entry), entry.id)
    late = heard.late
    if late is not None and late >= latest.closed_at:
        split = any(account.estimated.values())
        return Why(Cause.LATE, sentence("reason.late_split" if split else "reason.late", at=late))
    _, newest = facts.after[1].get(account.place.id, (facts.end, facts.end))
    return _DECIDED if newest > latest.closed_at else RECOUNTED


_Counting = OldReadings | Decision | ManualReading | PastMonth | Rereading | Retiming | Withdrawal
_AboutPages = _Counting | Exclusion
"""What may change a month; paper that is bought never does."""


def _newest(
    entries: Sequence[Entry], sealed_at: datetime, facts: PeriodFacts
) -> _AboutPages | None:
    paper = {one.id for one in entries if isinstance(one, PaperPurchase | StockCount)}
    found = [
        entry
        for entry in entries
        if not isinstance(entry, PaperPurchase | StockCount)
        and entry.replaces not in paper
        and entry.signed.at > sealed_at
        and _concerns(entry, facts)
    ]
    return max(found, key=lambda entry: (entry.signed.at, entry.id), default=None)


def _cause(entry: _AboutPages) -> Cause:
    match entry:
        case PastMonth() | OldReadings():
            return Cause.HISTORY
        case Rereading() | Retiming():
            return Cause.RECOUNTED
        case _:
            return Cause.ENTRY


def _concerns(entry: _AboutPages, facts: PeriodFacts) -> bool:
    match entry:
        case PastMonth():
            return entry.period == facts.period.name
        case Exclusion():
            return entry.first in facts.period
        case ManualReading():
            return facts.start - _REACH <= entry.at <= facts.end + _REACH
        case Decision() | Rereading() | Retiming() | OldReadings():
            return entry.since <= facts.end + _REACH
        case Withdrawal():
            return True


def _entered(entry: _AboutPages) -> Sentence:
    signed = entry.signed
    if isinstance(entry, Exclusion):
        said: dict[str, Fact] = {"pages": entry.pages, "source": entry.source}
        return Sentence("entered.exclusion", {**said, "by": signed.by, "why": signed.why})
    key, facts = _what(entry)
    return Sentence(key, {**facts, "by": signed.by, "why": signed.why})


def _what(entry: _Counting) -> tuple[str, Mapping[str, Fact]]:  # noqa: PLR0911 - one for each kind of entry
    match entry:
        case PastMonth():
            return "entered.old_sheet", {"source": entry.source}
        case ManualReading() if TOTAL in entry.meters:
            return "entered.total", {"total": entry.meters[TOTAL], "at": entry.at}
        case ManualReading():
            return "entered.panel", {"at": entry.at}
        case Decision():
            return "entered.decision", {"verdict": entry.verdict.value}
        case Rereading(profile=None):
            return "entered.recount", {}
        case Rereading():
            return "entered.recount_by", {"profile": entry.profile or ""}
        case OldReadings():
            return "entered.readings", {"readings": entry.readings, "source": entry.source}
        case Retiming():
            return "entered.times", {"seconds": entry.seconds}
        case Withdrawal():
            return "entered.withdrawal", {}


Advance = Callable[[], None]
"""Called once for each place that is done."""

_NOTHING = SealedPlace({}, {})


class Accounts:
    """Draws up the accounts of one period."""

    def __init__(self, ledger: Counting, context: OfficeContext, facts: PeriodFacts) -> None:
        """Work on the period of `facts`."""
        self._context = context
        self._facts = facts
        self._readings = ClosingReadings(ledger, context, facts)

    async def first(self, advance: Advance) -> tuple[Account, ...]:
        """Return every place's account, with its readings and their proof."""
        found = []
        for place in places_of(self._facts, self._context):
            heard = await self._readings.of(place)
            if self._is_gone(place.id):
                heard = replace(heard, silent=False, guess=None)  # it is silent on purpose
            found.append(self._with_evidence(self.counted(place), heard))
            advance()
        return tuple(found)

    async def since(self, latest: Statement) -> tuple[tuple[Account, ...], Mapping[PlaceId, Why]]:
        """Return every place's present account, and why those that differ from `latest` do.

        Readings are only looked at where pages changed or a guess was sealed.
        """
        sealed = sealed_places(latest)
        accounts: list[Account] = []
        reasons: dict[PlaceId, Why] = {}
        for place in self._named(latest):
            before = sealed.get(place.id, _NOTHING)
            account = self._as_sealed(self.counted(place), latest, before)
            if is_changed(before, account.shares) or before.guessed:
                heard = await self._readings.of(_as_asked(place, before))
                looked_at = self._with_evidence(self.counted(place), heard)
                account = self._as_sealed(looked_at, latest, before)
                guess = _guess_now(account, heard, latest, before)
                if self._is_gone(place.id) and not before.guessed:
                    guess = None
                account = replace(account, guess=guess)
                reasons[place.id] = reason_of(self._facts, latest, account, heard)
            accounts.append(account)
        return tuple(accounts), reasons

    def _named(self, latest: Statement) -> list[Place]:
        """Return the places of the period, and those that `latest` names besides."""
        found = {place.id: place for place in places_of(self._facts, self._context)}
        names = {line.place: line.name for line in latest.places}
        names |= {one.place: one.place for one in latest.adjustments if one.place not in names}
        for place, name in names.items():
            if place not in found:
                known = self._context.fleet.place(place)
                found[place] = known or replace(unknown_place(place), name=name)
        return list(found.values())

    def counted(self, place: Place) -> Account:
        """Return what the day table says, or an old sheet where nothing was counted."""
        facts, context = self._facts, self._context
        spans = answering(place, facts.period)
        entry = facts.sheet.get(place.id)
        if entry is not None:
            shares = self._marked(place.id, past_shares(entry, place, context.office, facts.period))
            return Account(place, spans, shares, imported=entry, proof=_sheet_proof(entry, facts))
        days = facts.days_of(place.id)
        shared = shared_out(days, facts.estimated, context.fleet, context.office, facts.period)
        shares, guesses = shared.get(place.id, ({}, {}))
        return Account(
            place,
            spans,
            self._marked(place.id, shares),
            {one: n for one, n in guesses.items() if n},
            margins=facts.margins.get(place.id, {}),
            questions=tuple(facts.questions.get(place.id, ())),
        )

    def _marked(self, place: PlaceId, shares: ByDepartment) -> ByDepartment:
        """Return `shares` with what is excluded of each."""
        own = self._facts.excluded.get(place, {})
        return {
            one: {**pages, EXCLUDED: own[one]} if own.get(one) else pages
            for one, pages in shares.items()
        }

    def _with_evidence(self, account: Account, heard: PeriodReadings) -> Account:
        """Return `account` with what its readings say; an old sheet's month has none."""
        if account.imported is not None:
            return account
        guess = heard.guess
        nothing = guess is not None and guess.high == 0
        return replace(
            account,
            guess=None if nothing else guess,
            read=nothing or not heard.silent,
            heard_late=heard.late,
            proof=heard.proof,
        )

    def _is_gone(self, place: PlaceId) -> bool:
        """Say whether `place` left the fleet file: its copier is polled no longer."""
        return self._context.fleet.place(place) is None

    def _as_sealed(self, account: Account, latest: Statement, before: SealedPlace) -> Account:
        """Return `account` shared out as it was sealed where its place left the fleet file."""
        place = account.place.id
        if not self._is_gone(place) or not before.counted:
            return account
        spans = latest.answering.get(place, account.answering)
        shares = kept_shares(before.counted, account.pages)
        whole = sum(account.estimated.values())
        main = max(shares, key=lambda one: shares[one].get(TOTAL, 0), default=None)
        estimated = {} if main is None or not whole else {main: whole}
        margin = account.margins.get(WHOLE_OFFICE, EXACT)
        margins = {WHOLE_OFFICE: margin, main: margin} if main is not None and margin else {}
        return replace(
            account, answering=spans, shares=shares, estimated=estimated, margins=margins
        )


def _sheet_proof(entry: PastMonth, facts: PeriodFacts) -> ReadingProof:
    """Return what an old sheet says of its readings; they were taken at the closings."""
    device = DeviceKey("")
    opening = BoundaryReading(facts.start, device, dict(entry.opening), by_hand=True)
    closing = BoundaryReading(facts.end, device, dict(entry.closing), by_hand=True)
    marks = (opening if entry.opening else None, closing if entry.closing else None)
    return ReadingProof(*marks, edited=True)


def _as_asked(place: Place, before: SealedPlace) -> Place:
    """Return `place` as it was asked for: a sealed guess stays until a person says when it left."""
    return replace(place, until=None) if place.vanished and before.guessed else place


def _guess_now(
    account: Account, heard: PeriodReadings, latest: Statement, before: SealedPlace
) -> Guess | None:
    """Return the guess that holds now for a place that may have been sealed with one.

    While it stays silent on the same grounds, and the same departments answer for it, the sealed
    figure stands: a guess never wanders.
    """
    place = account.place.id
    line = latest.line(place)
    if account.guess is None or line is None or line.guess is None:
        return account.guess
    same_context = heard.last is not None and heard.last.at == line.guess.since
    ended = account.place.until is not None and not account.place.vanished
    if ended and not account.place.stands_on(latest.period.end):
        return account.guess  # a person said so since, and the guess ends with the place
    if same_context and account.answering == latest.answering.get(place):
        return replace(line.guess, pages=added(before.guessed.values()), shares=before.guessed)
    return account.guess
