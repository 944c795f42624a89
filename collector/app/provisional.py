"""Draws up what a month that is not closed would state now: places, readings, departments."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from collector.app.begun_and_open import BEGINNING
from collector.app.closing_accounts import Accounts, Advance
from collector.app.closing_facts import PeriodFacts, period_facts, places_of
from collector.app.closing_readings import ClosingReadings, Heard
from collector.app.ground import Ground
from collector.domain.accounts import Account, answering, shared_out
from collector.domain.closing import ClosingFacts, draw_up
from collector.domain.fleet import Place
from collector.domain.months import DepartmentMonth
from collector.domain.office import Period
from collector.domain.reading import PlaceId
from collector.domain.statement import Statement
from collector.ports import Ledger


async def provisional(
    ledger: Ledger,
    ground: Ground,
    period: Period,
    whole: DepartmentMonth,
    now: datetime,
    advance: Advance,
) -> Statement:
    """Return what closing `period` now would seal; of a running month, what is counted so far.

    `whole` is the office's month: it says which places are asked and not heard lately. A running
    month has no guesses; its closing readings are the last ones there are.
    """
    office = ground.office
    facts = await period_facts(ledger, ground, period, now)
    if period.end < office.local_day(now):
        accounts = await Accounts(ledger, ground, facts).first(advance)
    else:
        running = _Running(ledger, ground, facts, now)
        accounts = await running.accounts(frozenset(whole.asked), whole.missing, advance)
    return draw_up(ClosingFacts(office, ground.fleet, period, accounts), now)


class _Running:
    """The accounts of a month that is not over: as if its last readings were its closing."""

    def __init__(self, ledger: Ledger, ground: Ground, facts: PeriodFacts, now: datetime) -> None:
        self._ledger = ledger
        self._ground = ground
        self._facts = facts
        self._now = now

    async def accounts(
        self, asked: frozenset[PlaceId], missing: Collection[PlaceId], advance: Advance
    ) -> tuple[Account, ...]:
        """Return the account of every place that is `asked` or has pages."""
        heard = await self._ledger.heard_between(BEGINNING, self._now)
        before, after = self._facts.before[0], self._facts.after[0]
        until_now = replace(self._facts, end=self._now, before=(before, heard), after=(after, {}))
        readings = ClosingReadings(self._ledger, self._ground, until_now)
        found = []
        for place in places_of(self._facts, self._ground):
            if place.id in asked or place.id in self._facts.pages:
                account = self._account(place, await readings.of(place))
                found.append(replace(account, read=place.id not in missing))
            advance()
        return tuple(found)

    def _account(self, place: Place, heard: Heard) -> Account:
        facts, ground = self._facts, self._ground
        days = facts.days_of(place.id)
        shared = shared_out(days, facts.estimated, ground.fleet, ground.office, facts.period)
        shares, guesses = shared.get(place.id, ({}, {}))
        return Account(
            place=place,
            answering=answering(place, facts.period),
            shares=shares,
            estimated={one: count for one, count in guesses.items() if count},
            proof=heard.proof,
            margins=facts.margins.get(place.id, {}),
            questions=tuple(facts.questions.get(place.id, ())),
        )
