"""Laws of amending: without news nothing changes; with news, days and usages stay one sum."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from collector.app.enter.amend import Amend
from collector.app.enter.recount import recount
from collector.domain.counting.entries import Decision, Entry, ManualReading, Verdict, Withdrawal
from collector.domain.meters import Meter
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from tests.unit.app.office import AnOffice
from tests.unit.app.story import CHANGES, PLACES, POLLS, Step, place_ids, play, run, steps

EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
TOTAL, COPY = Meter("total"), Meter("copy")


async def recounted(office: AnOffice, since: datetime) -> list[object]:
    ledger, context = office.ledger, office.current.context
    return [
        (await recount(ledger, context, place, since, await ledger.entries(place))).amendment
        for place in place_ids()
    ]


async def sums_fit(office: AnOffice) -> None:
    """Every place's days add up to its usages, meter by meter, and no row is without pages."""
    for place in place_ids():
        usages = await office.ledger.usages(place, *EVER)
        for meter in (TOTAL, COPY):
            counted = sum(one.pages for one in usages if one.meter == meter)
            assert await office.pages(place, meter) == counted


@given(steps(*POLLS, *CHANGES), st.integers(0, 60))
def test_recounting_without_news_changes_nothing(story: list[Step], days: int) -> None:
    async def one() -> None:
        office = (await play(story)).office
        since = office.clock.now() - timedelta(days=days)
        assert await recounted(office, since) == [None] * len(PLACES)
        assert await recounted(office, EVER[0]) == [None] * len(PLACES)

    run(one)


ACTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 50), st.sampled_from(Verdict) | st.integers(0, 90)),
    min_size=1,
    max_size=4,
)


async def entries_of(office: AnOffice, acts: list[tuple[int, int, Verdict | int]]) -> list[Entry]:
    """Return decisions on readings, and readings by hand just after them."""
    entries: list[Entry] = []
    for where, number, what in acts:
        place = PlaceId(PLACES[where])
        readings = await office.ledger.readings(place, *EVER)
        near = readings[number % len(readings)]
        signed = Signature("a", f"{len(entries)}", office.clock.now())
        if isinstance(what, Verdict):
            entries.append(Decision(f"f{place}{number}", place, near.at, what, signed))
        else:
            meters = {TOTAL: near.answer.meters[TOTAL] + what}
            entries.append(ManualReading(place, near.at + timedelta(seconds=7), meters, signed))
    return entries


@given(steps(*POLLS, *CHANGES), ACTS)
def test_whatever_is_entered_days_and_usages_stay_one_sum(
    story: list[Step], acts: list[tuple[int, int, Verdict | int]]
) -> None:
    async def one() -> None:
        office = (await play(story)).office
        amend = Amend(office.ledger, office.current.context)
        for entry in await entries_of(office, acts):
            await amend.carry_out(await amend.work_out([entry]))
            await sums_fit(office)
        assert await recounted(office, EVER[0]) == [None] * len(PLACES)

    run(one)


@given(steps(*POLLS, *CHANGES), ACTS)
def test_entries_at_once_or_one_by_one_come_to_the_same(
    story: list[Step], acts: list[tuple[int, int, Verdict | int]]
) -> None:
    async def one() -> None:
        ends = []
        for together in (True, False):
            office = (await play(story)).office
            amend = Amend(office.ledger, office.current.context)
            entries = await entries_of(office, acts)
            for batch in [entries] if together else [[entry] for entry in entries]:
                await amend.carry_out(await amend.work_out(batch))
            ends.append((office.ledger._usages, office.ledger._days))
        assert ends[0] == ends[1]

    run(one)


@given(steps(*POLLS, *CHANGES), ACTS)
def test_taking_back_what_was_entered_leaves_the_pages_as_before(
    story: list[Step], acts: list[tuple[int, int, Verdict | int]]
) -> None:
    async def one() -> None:
        office = (await play(story)).office
        before = dict(office.ledger._usages), dict(office.ledger._days)
        amend = Amend(office.ledger, office.current.context)
        entries = await entries_of(office, acts)
        await amend.carry_out(await amend.work_out(entries))
        signed = Signature("a", "a mistake", office.clock.now())
        back = [Withdrawal(entry.place, entry.id, signed) for entry in entries]
        await amend.carry_out(await amend.work_out(back))
        assert (office.ledger._usages, office.ledger._days) == before
        assert len(await office.ledger.entries()) == len({e.id for e in (*entries, *back)})

    run(one)


@given(steps(*POLLS, *CHANGES), ACTS, steps(*POLLS))
@example([Step(1, "print"), Step(1439, "print")], [(1, 0, 31)], [Step(1, "print", 1)])
@example(
    [Step(1, "print"), Step(1, "print", 0, 1), Step(1, "print")],
    [(0, 1, Verdict.GLITCH)],
    [Step(1, "print")],
)
@example(
    [Step(1, "replace", 0, 1), Step(1, "print"), Step(1439, "replace")],
    [(0, 0, 0)],
    [Step(1, "print", 0, 1)],
)
def test_the_daemon_goes_on_from_what_was_counted_anew(
    story: list[Step], acts: list[tuple[int, int, Verdict | int]], later: list[Step]
) -> None:
    """It remembers the place as it was before; the ledger makes it look again."""

    async def one() -> None:
        story_ = await play(story)
        office = story_.office
        amend = Amend(office.ledger, office.current.context)
        await amend.carry_out(await amend.work_out(await entries_of(office, acts)))
        for step in later:
            await story_.play(step)
        await sums_fit(office)
        assert await recounted(office, EVER[0]) == [None] * len(PLACES)

    run(one)
