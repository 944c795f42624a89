"""Site and centre agree on the log through every accident: nothing lost, nothing twice."""

import asyncio
import copy
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from collector.adapters.centre.wire import facts_in
from collector.app.centre.deliver import DeliverFacts
from collector.app.centre.facts import FleetTold, Found
from collector.app.notes import LEDGER_ID
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.office.fleet_facts import PlaceName, Signature
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.errors import SinkError, SinkRefused
from collector.texts import ENGLISH
from tests.fakes.centre import FakeCentre, FakeCentreStore
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger

T0 = datetime(2026, 11, 2, tzinfo=UTC)

STEPS = st.lists(
    st.sampled_from(
        ["write", "write", "fact", "send", "send", "before", "after", "late", "restart", "replace"]
    ),
    max_size=40,
)


@dataclass
class Site:
    """One site under test, and what was written into its ledger."""

    store: FakeCentreStore
    ledger: FakeLedger = field(default_factory=FakeLedger)
    written: int = 0
    named: int = 0

    def __post_init__(self) -> None:
        """Reach the store by a way of its own."""
        self.centre = FakeCentre(self.store)
        self.centre.read = facts_in
        self.restart()

    def restart(self) -> None:
        self.deliver = DeliverFacts(self.ledger, self.centre, FakeClock(T0), ENGLISH.say, batch=3)

    async def write(self) -> None:
        at: datetime = T0 + timedelta(seconds=self.written)
        text = sentence("finding.ledger_restored")
        found = Finding(Code.OFFICE_CHANGED, Severity.INFO, f"n{self.written}", text, at)
        await self.ledger.record_findings([found])
        self.written += 1

    async def fact(self) -> None:
        signed = Signature("test", "", T0)
        facts = [PlaceName(PlaceId("1f"), f"名{self.named}", signed)]
        await self.ledger.add_facts(facts, self.named)
        self.named += 1

    async def send(self) -> None:
        with suppress(SinkError):
            await self.deliver()

    async def finish(self) -> None:
        """Send until nothing waits; the way is good now."""
        self.centre.accidents.clear()
        self.deliver.look_again()  # as the first change after that would
        for _ in range(500):
            with suppress(SinkError):
                if not await self.deliver():
                    return
        raise AssertionError("it never ends")

    def taken(self) -> list[str]:
        """Return what the centre has of this site's newest generation, one name a fact."""
        generation = self.store.standings[self.centre.site].generation
        facts = facts_in(self.store.lines.get((self.centre.site, generation), []))
        return [
            one.finding.subject if isinstance(one, Found) else f"fact{one.position}"
            for one in facts
            if isinstance(one, Found | FleetTold) and _is_of_ours(one)
        ]


def _is_of_ours(one: Found | FleetTold) -> bool:
    return isinstance(one, FleetTold) or one.finding.code is Code.OFFICE_CHANGED


async def a_site(store: FakeCentreStore | None = None, name: str = "one") -> Site:
    site = Site(store or FakeCentreStore())
    await LEDGER_ID.put(site.ledger, name)
    return site


@example(["write", "late", "late", "send", "replace"])  # an emptied centre is handed an old batch
@given(STEPS)
def test_what_the_centre_has_is_what_was_written_in_order_and_once(steps: list[str]) -> None:
    asyncio.run(_accidents(steps))


async def _accidents(steps: list[str]) -> None:
    site = await a_site()
    for step in steps:
        match step:
            case "write":
                await site.write()
            case "fact":
                await site.fact()
            case "send":
                await site.send()
            case "restart":
                site.restart()
            case "replace":
                site.store.standings.clear()
                site.store.lines.clear()
            case _:
                site.centre.accidents.append(step)
                await site.send()
        if site.store.standings:
            _is_a_beginning(site)
        if "replace" not in steps:
            standing = await site.centre.standing()
            assert await site.ledger.cursor("centre") <= standing.seq
    await site.finish()
    assert not site.store.contradictions
    taken = site.taken() if site.store.standings else []
    assert sorted(taken) == sorted(
        [*(f"n{n}" for n in range(site.written)), *(f"fact{n}" for n in range(site.named))]
    )


def _is_a_beginning(site: Site) -> None:
    """Assert that the centre has a beginning of what was written of each kind."""
    taken = site.taken()
    findings = [one for one in taken if one.startswith("n")]
    facts = [one for one in taken if one.startswith("fact")]
    assert findings == [f"n{n}" for n in range(len(findings))]
    assert facts == [f"fact{n}" for n in range(len(facts))]


@given(st.integers(0, 6), st.integers(1, 6), st.integers(0, 6), st.booleans())
def test_a_site_restored_from_a_copy_overwrites_nothing(
    before: int, lost: int, anew: int, sends_at_once: bool
) -> None:
    asyncio.run(_restored(before, lost, anew, sends_at_once))


async def _restored(before: int, lost: int, anew: int, sends_at_once: bool) -> None:
    site = await a_site()
    for _ in range(before):
        await site.write()
    await site.finish()
    backup = copy.deepcopy(site.ledger)
    for _ in range(lost):
        await site.write()
    await site.finish()
    there, had = dict(site.store.standings), site.taken()
    site.ledger = backup
    site.restart()
    for _ in range(anew):
        if sends_at_once:
            await site.send()
        await site.write()
    for _ in range(3):
        try:
            await site.deliver()
        except SinkRefused:
            continue
        raise AssertionError("it was not noticed")
    assert (site.store.standings, site.taken()) == (there, had)
    codes = [one.code for one in await backup.findings()]
    assert codes.count(Code.CENTRE_CONTRADICTS) == 1, "told once at the site"
    assert len(site.store.contradictions) == 1, "and at the centre"
    site.store.accept("hall")
    await site.finish()
    ours = [one for one in await backup.findings() if one.code is Code.OFFICE_CHANGED]
    assert sorted(site.taken()) == sorted(one.subject for one in ours)


@given(st.integers(1, 5), st.integers(1, 5))
def test_two_ledgers_under_one_name_never_mix(first: int, second: int) -> None:
    asyncio.run(_two(first, second))


async def _two(first: int, second: int) -> None:
    site = await a_site()
    other = await a_site(site.store, "two")
    for _ in range(first):
        await site.write()
    await site.finish()
    had = site.taken()
    for _ in range(second):
        await other.write()
    for _ in range(2):
        try:
            await other.deliver()
        except SinkRefused:
            continue
        raise AssertionError("it was not noticed")
    assert site.taken() == had
    assert [(what.value, of) for _, _, what, of in site.store.contradictions] == [
        ("other_ledger", "two")
    ]


@given(st.integers(0, 4), st.integers(1, 4), st.booleans())
def test_a_copy_of_a_ledger_used_elsewhere_is_told_apart(
    before: int, more: int, was_cut_off: bool
) -> None:
    asyncio.run(_copied(before, more, was_cut_off=was_cut_off))


async def _copied(before: int, more: int, *, was_cut_off: bool) -> None:
    site = await a_site()
    for _ in range(before):
        await site.write()
    await site.finish()
    other = Site(site.store, copy.deepcopy(site.ledger), written=100)
    for _ in range(more):
        await site.write()
        await other.write()
    if was_cut_off:  # it may be there: only the digest tells that it is not
        other.centre.accidents.append("before")
        await other.send()
    await site.finish()
    there, had = dict(site.store.standings), site.taken()
    for _ in range(2):
        try:
            await other.deliver()
        except SinkRefused:
            continue
        raise AssertionError("it was not noticed")
    assert (site.store.standings, site.taken()) == (there, had)
    ((_, _, what, _),) = site.store.contradictions
    assert what.value in {"differs", "centre_ahead"}
    # One step sends three changes at most.
    assert what.value == "differs" or not was_cut_off or more > 3
