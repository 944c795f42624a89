"""What a site tells its centre: everything its ledger holds, in batches that fit."""

import copy
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.adapters.centre.wire import facts_in
from collector.app.centre import deliver as deliver_module
from collector.app.centre import tell
from collector.app.centre.agreement import (
    TOLD_PLACING,
    BatchTooLarge,
    CentreStanding,
    FactBatch,
    placing_in,
    placing_read,
    placing_text,
)
from collector.app.centre.deliver import DeliverFacts
from collector.app.centre.facts import (
    Closed,
    Days,
    Entered,
    Fact,
    FleetTold,
    Found,
    Read,
    Recounted,
)
from collector.app.centre.tell import Teller, mention_all
from collector.app.notes import COUNTED_SINCE, LEDGER_ID
from collector.domain.closing.seal import sealed
from collector.domain.office.fleet_facts import PlaceName
from collector.domain.report.comparison import Placing, ToldPlacing
from collector.errors import SinkError
from collector.ports import Amendment, LogEntry, LogRef
from collector.texts import ENGLISH
from tests.contract.ledger_cases import HERE, MINUTE, T0, finding, full, usage
from tests.contract.ledger_papers import WHO, entry, statement_of
from tests.fakes.centre import FakeCentre, FakeCentreStore
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger


async def a_ledger() -> FakeLedger:
    ledger = FakeLedger()
    await LEDGER_ID.put(ledger, "one")
    await ledger.record([full(T0 + n * MINUTE, 100 + n) for n in range(3)])
    before = await ledger.state(HERE)
    await ledger.amend([entry()], [Amendment(before, T0, before.track, (usage(T0 + MINUTE),))])
    await ledger.add_facts([PlaceName(HERE, "1階", WHO), PlaceName(HERE, "2階", WHO)], 0)
    await ledger.seal(sealed(statement_of()))
    await ledger.record_findings([finding(T0 + timedelta(days=9))])
    return ledger


async def told_of(ledger: FakeLedger, centre: FakeCentre | None = None) -> Sequence[Fact]:
    """Return all that a centre has been told once nothing waits."""
    centre = centre or FakeCentre(FakeCentreStore())
    centre.read = facts_in
    deliver = DeliverFacts(ledger, centre, FakeClock(T0), ENGLISH.say)
    for _ in range(200):
        with suppress(SinkError):
            if not await deliver():
                break
    assert await ledger.backlog("centre") == 0
    return centre.store.facts["hall"]


async def test_the_place_that_a_centre_tells_is_kept_and_asked_for_again_in_an_hour() -> None:
    ledger, store, clock = await a_ledger(), FakeCentreStore(), FakeClock(T0)
    deliver = DeliverFacts(ledger, FakeCentre(store), clock, ENGLISH.say)
    while await deliver():
        pass
    assert await TOLD_PLACING.get(ledger) is None
    mine = ToldPlacing("2026-10", Placing(3, 4, 9), 100, 300, 512.4, 498.0)
    store.placings = {"hall": mine}
    await deliver()
    assert await TOLD_PLACING.get(ledger) is None
    clock.forward(hours=1)
    await deliver()
    assert await TOLD_PLACING.get(ledger) == mine
    store.placings = {}
    clock.forward(hours=1)
    await deliver()
    assert await TOLD_PLACING.get(ledger) == mine


@pytest.mark.parametrize(
    "wrong",
    [
        *({"month": "2026-13"}, {"month": 5}, {"placing": None}, {"a_head": "many"}),
        *({"placing": {"first": 0, "last": 1, "of": 3}}, {"median": float("inf")}),
        *({"placing": {"first": 3, "last": 4, "of": 3}}, {"people_from": float("inf")}),
    ],
)
def test_a_place_that_is_none_is_no_place(wrong: dict[str, object]) -> None:
    mine = ToldPlacing("2026-10", Placing(3, 4, 9), 100, None, 512.4, 498.0)
    stated = json.loads(placing_text(mine))
    assert placing_in(stated) == placing_read(placing_text(mine)) == mine
    assert placing_in(stated | wrong) is None
    assert placing_in([*stated]) is None


def kinds(facts: Sequence[Fact]) -> set[type]:
    return {type(one) for one in facts}


async def test_all_that_a_ledger_holds_is_told() -> None:
    facts = await told_of(await a_ledger())
    assert kinds(facts) == {Read, Days, Found, Entered, FleetTold, Closed, Recounted}
    assert [one.position for one in facts if isinstance(one, FleetTold)] == [0, 1]
    reads = [one for one in facts if isinstance(one, Read)]
    assert [len(one.usages) for one in reads] == [2, 1, 0], "as the recount left them"
    assert {one.state.last for one in reads} == {None}


async def test_a_ledger_of_before_tells_its_papers_as_well() -> None:
    """Its log mentions none of them."""
    ledger = await a_ledger()
    for ref in list(ledger._log):
        if ref.kind in {"entry", "fact", "statement", "recount"}:
            del ledger._log[ref]
    assert kinds(await told_of(ledger)) >= {Entered, FleetTold, Closed}
    newest = max(ledger._log.values())
    await mention_all(ledger)
    assert max(ledger._log.values()) == newest, "once"


async def test_usages_whose_readings_are_gone_are_told_all_the_same() -> None:
    ledger = await a_ledger()
    await COUNTED_SINCE.about(HERE).put(ledger, T0 + timedelta(days=1))
    ledger._log = {ref: n for ref, n in ledger._log.items() if ref.kind == "day"}
    (again,) = [one for one in await told_of(ledger) if isinstance(one, Recounted)]
    assert (again.since, again.until) == (None, None)
    assert list(again.usages) == list(await ledger.usages(HERE, T0 - MINUTE, T0 + 9 * MINUTE))


async def test_a_long_recount_comes_in_parts_that_leave_nothing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tell, "_PART", 2)
    ledger = FakeLedger()
    await ledger.record([full(T0 + n * MINUTE, 100 + n) for n in range(7)])
    seq = LogEntry(1, LogRef("recount", f"{HERE}|{int(T0.timestamp())}"))
    ((*parts,),) = await Teller(ledger).facts([seq])
    assert len(parts) > 2
    assert all(isinstance(one, Recounted) for one in parts)
    spans = [(one.since, one.until) for one in parts if isinstance(one, Recounted)]
    assert spans[0][0] == T0
    assert spans[-1][1] is None
    assert [end for _, end in spans[:-1]] == [begin for begin, _ in spans[1:]]
    usages = [each for one in parts if isinstance(one, Recounted) for each in one.usages]
    assert usages == list(await ledger.usages(HERE, T0, T0 + 9 * MINUTE))


class Narrow(FakeCentre):
    """A way on which something takes no body with more octets than `most`."""

    def __init__(self, most: int) -> None:
        """Let so much through."""
        super().__init__(FakeCentreStore())
        self.most = most
        self.batches: list[FactBatch] = []

    async def take(self, batch: FactBatch) -> CentreStanding:
        if sum(len(line.encode()) + 1 for line in batch.lines) > self.most:
            raise BatchTooLarge("413")
        self.batches.append(batch)
        return await super().take(batch)


async def test_where_a_proxy_takes_no_large_body_smaller_ones_are_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deliver_module, "_LEAST_OCTETS", 512)
    ledger = await a_ledger()
    for place in ("3f", "4f", "5f"):
        await ledger.record([full(T0 + n * MINUTE, n, place) for n in range(20)])  # type: ignore[arg-type] # an id
    centre = Narrow(20_000)
    whole = await told_of(copy.deepcopy(ledger))
    assert len(await told_of(ledger, centre)) == len(whole)
    assert len(centre.batches) > 2


async def test_one_change_that_is_too_long_comes_in_several_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tell, "_PART", 2)
    monkeypatch.setattr(deliver_module, "MOST_OCTETS", 2_000)
    ledger = FakeLedger()
    await LEDGER_ID.put(ledger, "one")
    await ledger.record([replace(full(T0 + n * MINUTE, 100 + n), log=()) for n in range(30)])
    await ledger.touch([LogRef("recount", f"{HERE}|0")])
    centre = Narrow(10_000)
    facts = await told_of(ledger, centre)
    usages = [each for one in facts if isinstance(one, Recounted) for each in one.usages]
    assert usages == list(await ledger.usages(HERE, T0 - MINUTE, T0 + 99 * MINUTE))
    assert len(centre.batches) > 3
    assert {one.after for one in centre.batches[1:-1]} <= {one.last for one in centre.batches}
