"""Counting a place again comes to what was counted, and hears what was heard."""

from dataclasses import replace

import pytest

from collector.app.enter.amend import Amend
from collector.app.enter.recount import recount
from collector.app.enter.replay import Corrected, outcome_of, replay_place
from collector.domain.counting.entries import ManualReading, Withdrawal
from collector.domain.counting.reading import Answer
from collector.domain.counting.usage import Usage
from collector.domain.meters import Meter
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from tests.unit.app.office import RICOH, T0, AnOffice, answer

P1 = PlaceId("1f")


@pytest.fixture
def office() -> AnOffice:
    """Return the small office."""
    return AnOffice()


async def test_an_answer_not_believed_tells_nothing_of_what_the_panel_left_out(
    office: AnOffice,
) -> None:
    """Seen: the parts followed growth that was held back, once somebody had them counted again."""

    def says(total: int, color: int) -> Answer:
        return answer(RICOH, total, total_mono=total - color, total_color=color)

    await office.poll("1f", says(1000, 100))
    office.clock.forward(hours=1)
    read_at = office.clock.at
    entry = ManualReading(P1, read_at, {Meter("total"): 1050}, Signature("sato", "panel", T0))
    amend = Amend(office.ledger, office.current.context)
    await amend.carry_out(await amend.work_out([entry]))
    office.restart()
    for hours, said, color in ((25, says(1010, 110), 5), (1, says(1100, 140), 20)):
        office.clock.forward(hours=hours)
        await office.poll("1f", said)
        known = await office.ledger.entries(P1)
        again = await recount(office.ledger, office.current.context, P1, T0, known)
        assert again.amendment is None
        by_panel = await office.ledger.usages(P1, T0, read_at)
        assert sum(one.pages for one in by_panel if one.meter == "total_color") == color


async def test_the_last_poll_is_read_again_with_the_reading_that_it_confirmed(
    office: AnOffice,
) -> None:
    """Only the amendment stores it; by the formula of before it would begin another epoch."""

    def corrected(said: Answer) -> tuple[Answer, frozenset[Meter]]:
        meters = {name: value + 5 for name, value in said.meters.items()}
        return replace(said, meters=meters, formulas={Meter("total"): "new"}), frozenset()

    async def counted() -> list[Usage]:
        known = await ledger.entries(P1)
        assert (await recount(ledger, ground, P1, T0, known)).amendment is None
        return [*await ledger.usages(P1, T0, office.clock.at)]

    ledger, ground = office.ledger, office.current.context
    for total in (1000, 1003, 1003):
        await office.poll("1f", replace(answer(RICOH, total), formulas={Meter("total"): "old"}))
        office.clock.forward(minutes=5)
    before = await counted()
    amend, signed = Amend(ledger, ground), Signature("sato", "profile", office.clock.at)
    replayed = await replay_place(ledger, ground, P1, T0, signed, Corrected("ricoh", corrected))
    outcome = outcome_of([replayed], ground)
    await ledger.amend(outcome.entries, outcome.amendments, outcome.log)
    assert [(one.first, one.last) for one in await counted()] == [(1005, 1008)]
    track = (await ledger.state(P1)).track
    assert track is not None
    assert track.top_epoch == 1
    back = Withdrawal(P1, replayed.entry.id, signed)
    await amend.carry_out(await amend.work_out([back]))
    assert await counted() == before
