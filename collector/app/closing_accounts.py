"""Each place's account of a period, for its first statement and for its next revision."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from collector.app.closing_facts import PeriodFacts, places_of
from collector.app.closing_readings import ClosingReadings, Heard
from collector.app.closing_reasons import reason_of
from collector.app.ground import Ground
from collector.domain.accounts import (
    Account,
    Proof,
    added,
    answering,
    past_shares,
    shared_out,
    unknown_place,
)
from collector.domain.adjustments import (
    SealedPlace,
    Why,
    is_changed,
    kept_shares,
    sealed_places,
)
from collector.domain.entries import PastMonth
from collector.domain.fleet import WHOLE_OFFICE, Place
from collector.domain.identity import DeviceKey
from collector.domain.meters import TOTAL
from collector.domain.ranges import EXACT
from collector.domain.reading import PlaceId
from collector.domain.statement import Guess, Mark, Statement
from collector.ports import Ledger

Advance = Callable[[], None]
"""Called once for each place that is done."""

_NOTHING = SealedPlace({}, {})


class Accounts:
    """Draws up the accounts of one period."""

    def __init__(self, ledger: Ledger, ground: Ground, facts: PeriodFacts) -> None:
        """Work on the period of `facts`."""
        self._ground = ground
        self._facts = facts
        self._readings = ClosingReadings(ledger, ground, facts)

    async def first(self, advance: Advance) -> tuple[Account, ...]:
        """Return every place's account, with its readings and their proof."""
        found = []
        for place in places_of(self._facts, self._ground):
            heard = await self._readings.of(place)
            if self._is_gone(place.id):
                heard = replace(heard, silent=False, guess=None)  # it is silent on purpose
            found.append(self._with_evidence(self._counted(place), heard))
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
            account = self._as_sealed(self._counted(place), latest, before)
            if is_changed(before, account.shares) or before.guessed:
                heard = await self._readings.of(_as_asked(place, before))
                looked_at = self._with_evidence(self._counted(place), heard)
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
        found = {place.id: place for place in places_of(self._facts, self._ground)}
        names = {line.place: line.name for line in latest.places}
        names |= {one.place: one.place for one in latest.adjustments if one.place not in names}
        for place, name in names.items():
            if place not in found:
                known = self._ground.fleet.place(place)
                found[place] = known or replace(unknown_place(place), name=name)
        return list(found.values())

    def _counted(self, place: Place) -> Account:
        """Return what the day table says, or an old sheet where nothing was counted."""
        facts, ground = self._facts, self._ground
        spans = answering(place, facts.period)
        entry = facts.imported(place.id)
        if entry is not None and not any(facts.pages.get(place.id, {}).values()):
            shares = past_shares(entry, place, ground.office, facts.period)
            return Account(place, spans, shares, imported=entry, proof=_sheet_proof(entry, facts))
        days = facts.days_of(place.id)
        shared = shared_out(days, facts.estimated, ground.fleet, ground.office, facts.period)
        shares, guesses = shared.get(place.id, ({}, {}))
        return Account(
            place,
            spans,
            shares,
            {one: n for one, n in guesses.items() if n},
            margins=facts.margins.get(place.id, {}),
            questions=tuple(facts.questions.get(place.id, ())),
        )

    def _with_evidence(self, account: Account, heard: Heard) -> Account:
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
        return self._ground.fleet.place(place) is None

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


def _sheet_proof(entry: PastMonth, facts: PeriodFacts) -> Proof:
    """Return what an old sheet says of its readings; they were taken at the closings."""
    device = DeviceKey("")
    opening = Mark(facts.start, device, dict(entry.opening), by_hand=True)
    closing = Mark(facts.end, device, dict(entry.closing), by_hand=True)
    marks = (opening if entry.opening else None, closing if entry.closing else None)
    return Proof(*marks, edited=True)


def _as_asked(place: Place, before: SealedPlace) -> Place:
    """Return `place` as it was asked for: a sealed guess stays until a person says when it left."""
    return replace(place, until=None) if place.vanished and before.guessed else place


def _guess_now(
    account: Account, heard: Heard, latest: Statement, before: SealedPlace
) -> Guess | None:
    """Return the guess that holds now for a place that may have been sealed with one.

    While it stays silent on the same grounds, and the same departments answer for it, the sealed
    figure stands: a guess never wanders.
    """
    place = account.place.id
    line = latest.line(place)
    if account.guess is None or line is None or line.guess is None:
        return account.guess
    same_ground = heard.last is not None and heard.last.at == line.guess.since
    ended = account.place.until is not None and not account.place.vanished
    if ended and not account.place.stands_on(latest.period.end):
        return account.guess  # a person said so since, and the guess ends with the place
    if same_ground and account.answering == latest.answering.get(place):
        return replace(line.guess, pages=added(before.guessed.values()), shares=before.guessed)
    return account.guess
