"""Laws of polling and publishing, for any story: a restart, an outage or a replay change nothing.

And whatever happens, what is published of days and months is what the ledger holds.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from collector.app.publish.deliver import Deliver
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL
from collector.domain.rows import Value
from collector.errors import SinkRefused, SinkUnavailable
from collector.ports import BEGINNING, END
from tests.fakes.ledger import FakeLedger
from tests.fakes.sink import FakeSink, PointKey
from tests.unit.app.office import AnOffice
from tests.unit.app.story import CHANGES, POLLS, Step, Story, play, run, steps

Points = Mapping[PointKey, Mapping[str, Value]]
FIGURES = ("copier_day", "department_day", "department_month")


def kept(ledger: FakeLedger) -> tuple[object, ...]:
    """Return all that a ledger holds, but the numbers of its log."""
    return (
        ledger._states,
        ledger._readings,
        ledger._usages,
        ledger._findings,
        ledger._days,
        ledger._changes,
        ledger._notes,
        sorted(ledger._log, key=lambda ref: (ref.kind, ref.key)),
    )


TO_AND_FRO = [
    *[Step(1, "print")] * 3,
    Step(1, "replace", 1),
    Step(1, "print", 1),
    Step(14, "print"),
    Step(41, "print"),
    *[Step(1, "print")] * 5,
    Step(7, "print", 1),
    Step(53, "print", 1),
]
"""One machine answers at two places in turn: who comes back twice within a day does not move."""


@given(steps(*POLLS, *CHANGES), st.integers(0, 40))
@example(TO_AND_FRO, 5)
def test_restart_in_the_middle_leaves_the_same_ledger(story: list[Step], when: int) -> None:
    async def both() -> None:
        unbroken = await play(story)
        broken = Story()
        await broken.begin()
        restarted = False
        for number, step in enumerate(story):
            if number >= when and not restarted and not broken.is_in_doubt():
                restarted = True
                await broken.restart()
            await broken.play(step)
        assert kept(broken.office.ledger) == kept(unbroken.office.ledger)

    run(both)


EXCHANGED_IN_SILENCE = [
    *[Step(1, "print")] * 6,
    Step(2635, "print"),
    Step(1139, "print", 1, 2),
    Step(890, "replace", 1),
    Step(1, "reset", 1),
]
"""What the machine that went printed in its last silence is an estimate, from its pace."""


@given(steps(*POLLS, *CHANGES))
@example(EXCHANGED_IN_SILENCE)
def test_no_page_is_counted_that_no_machine_printed(story: list[Step]) -> None:
    """Machines are moved, swapped and entered twice: one printed page is one page at most.

    An estimate may be more than was printed, within the range that it states: its low end and
    what is measured are never.
    """
    printed = sum(step.number for step in story if step.what == "print")
    after_resets = sum(step.number for step in story if step.what == "reset")

    async def tell() -> None:
        office = (await play(story)).office
        places = {day.place for day in await office.ledger.days(date.min, date.max)}
        every = [await office.ledger.usages(place, BEGINNING, END) for place in sorted(places)]
        counted = [one for usages in every for one in usages if one.meter == TOTAL]
        sure = sum(one.pages if one.low is None else one.low for one in counted)
        measured = sum(one.pages for one in counted if one.quality is Quality.MEASURED)
        estimated = sum(one.pages for one in counted if one.quality is not Quality.MEASURED)
        assert 0 <= max(sure, measured) <= printed + after_resets
        assert await office.pages() == measured + estimated

    run(tell)


def comparable(points: Points) -> dict[tuple[object, ...], dict[str, Value]]:
    """Return `points` without what follows the present on purpose.

    A silent row names the machine that stands there now; a reading is filed under the name of its
    place, and under whoever answered for it, when it was delivered.
    """
    found: dict[tuple[object, ...], dict[str, Value]] = {}
    for (name, tags, at), fields in points.items():
        shown = dict(fields)
        key: tuple[object, ...] = (name, tags, at)
        if name == "copier":
            key = (name, dict(tags)["place"], at)
            present = {"name", "label", "choice", "counted_in"}
            present |= {"model", "serial"} if shown["status"] == "silent" else set()
            shown = {one: shown[one] for one in shown.keys() - present}
        found[key] = shown
    return found


def says_nothing(fields: Mapping[str, Value]) -> bool:
    """Say whether a row of figures states no page: an explicit 0 beside no row at all."""
    plan = {"target", "remaining", "last_year", "places", "places_read", "elapsed", "ratio"}
    return not any(
        value
        for name, value in fields.items()
        if name not in plan and not isinstance(value, str | bool)
    )


def assert_same(sent: Points, scratch: Points) -> None:
    left, right = comparable(sent), comparable(scratch)
    for key in left.keys() | right.keys():
        if key in left and key in right:
            assert left[key] == right[key], key
        else:
            assert key[0] in FIGURES, key
            assert says_nothing(left.get(key) or right[key]), key


async def from_scratch(office: AnOffice) -> FakeSink:
    """Render everything that the ledger holds into an empty sink."""
    sink = FakeSink("scratch")
    deliver = Deliver(office.ledger, sink, office.renderer, office.clock, batch=5)
    while await deliver():
        pass
    return sink


async def assert_departments_have_every_page(story: Story, sent: Points) -> None:
    """Sums over departments of the published rows are the day table's, day by day."""
    office = story.office
    table: dict[object, int] = defaultdict(int)
    for day in await office.ledger.days(date.min, date.max):
        table[office.current.context.office.midnight(day.day)] += day.pages.get("total", 0)
    for name in ("copier_day", "department_day"):
        shown: dict[object, int] = defaultdict(int)
        for (measurement, _, at), fields in sent.items():
            if measurement == name:
                shown[at] += int(fields.get("total", 0))
        assert {at: pages for at, pages in shown.items() if pages} == {
            at: pages for at, pages in table.items() if pages
        }
    months = [fields["pages"] for (name, *_), fields in sent.items() if name == "department_month"]
    assert sum(months) == sum(table.values())


IN_VAIN = [*[Step(1, "print")] * 5, Step(1, "print", 2, 1), Step(1, "reset", 2, 5)]
IN_VAIN_FOR_A_WHILE = [
    *[Step(1, "print")] * 22,
    Step(1, "print", 2, 26),
    Step(1, "reset", 2, 30),
    Step(1, "print", 2),
    Step(1, "print", 2, 1),
]
IN_VAIN_OVERNIGHT = [
    *[Step(1, "print")] * 4,
    Step(1, "print", 2, 1),
    Step(895, "print"),
    Step(1, "reset", 2, 5),
]
"""What was counted is unmade: its day has no pages any more, or not of every meter, and its month
has nothing to go by for a forecast."""

outages = st.dictionaries(
    st.integers(0, 40), st.sampled_from([SinkUnavailable("away"), SinkRefused("401")]), max_size=6
)


@given(
    steps(*POLLS, *POLLS, *POLLS, "swap", "reorganise", "restart"),
    outages,
    st.sampled_from(["last", "last", 20]),
)
@example(IN_VAIN, {}, "last")
@example(IN_VAIN_FOR_A_WHILE, {}, "last")
@example(IN_VAIN_OVERNIGHT, {}, "last")
def test_after_any_outage_the_sink_holds_what_the_ledger_holds(
    story: list[Step], outages: dict[int, Exception], closing: int | str
) -> None:
    async def tell() -> None:
        played = Story(closing)
        await played.begin()
        office = played.office
        for number, step in enumerate(story):
            await played.play(step)
            if number in outages:
                office.sink.failures.append(outages[number])
            try:
                await office.deliver()
            except (SinkUnavailable, SinkRefused):
                continue
        office.sink.failures.clear()
        await office.refresh.new_day(played.day)
        await office.deliver_all()
        assert_same(office.sink.points, (await from_scratch(office)).points)
        await assert_departments_have_every_page(played, office.sink.points)

    run(tell)


@given(steps(*POLLS, *POLLS, "swap"), st.integers(0, 60))
def test_replay_from_anywhere_changes_nothing(story: list[Step], back_to: int) -> None:
    async def tell() -> None:
        office = (await play(story)).office
        await office.deliver_all()
        before = {key: dict(fields) for key, fields in office.sink.points.items()}
        await office.ledger.acknowledge(office.sink.name, back_to)
        await office.deliver_all()
        assert_same(office.sink.points, before)

    run(tell)
