"""What a sink lost or refused comes again: by itself, or where a person says so, and only that."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.app.notes import REFUSED, TOLD_BEFORE
from collector.app.publish.refill import refusals, retry, rewind, rewind_to
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.rows import Row
from collector.domain.sentence import sentence, verbatim
from collector.errors import SinkUnavailable
from collector.ports import Rejected
from tests.fakes.sink import FakeSink
from tests.unit.app.office import OFFICE, RICOH, T0, AnOffice, answer
from tests.unit.app.story import run
from tests.wording import english, japanese

pytestmark = pytest.mark.slow


async def an_office(readings: int = 16) -> AnOffice:
    """Return an office where all is published and its mark was read there."""
    office = AnOffice()
    for number in range(readings):
        await office.poll("1f", answer(RICOH, 1000 + number))
        office.clock.forward(minutes=5)
    await later(office)
    return office


async def later(office: AnOffice) -> None:
    """Let time go by and a round be published, twice: a mark is written, then looked for."""
    for _ in range(2):
        office.clock.forward(minutes=11)
        await office.poll("1f", answer(RICOH, 2000 + office.clock.at.minute))
        await office.deliver_all()


async def told(office: AnOffice, code: Code = Code.SINK_EMPTIED) -> list[Finding]:
    return [one for one in await office.ledger.findings() if one.code is code]


@pytest.mark.parametrize("restarted", [False, True])
async def test_an_emptied_database_is_noticed_and_refilled(*, restarted: bool) -> None:
    office = await an_office()
    before = dict(office.sink.points)
    office.sink.empty()
    if restarted:
        office.restart()
    await later(office)
    assert before.keys() <= office.sink.points.keys()
    (found,) = await told(office)
    assert (found.subject, found.severity) == ("fake", Severity.WARNING)
    assert "emptied or made anew" in english(found.message)
    assert "送り直します" in japanese(found.message)
    await later(office)
    assert len(await told(office)) == 1


async def test_an_older_copy_gets_what_came_after_it() -> None:
    office = await an_office()
    older, marks = dict(office.sink.points), dict(office.sink.marks)
    await later(office)
    whole = dict(office.sink.points)
    office.sink.points, office.sink.marks = dict(older), dict(marks)
    office.sink.batches.clear()
    await later(office)
    assert whole.keys() <= office.sink.points.keys()
    (found,) = await told(office)
    assert "an older copy" in english(found.message)
    sent = {row.at for rows in office.sink.batches for row in rows if row.measurement == "copier"}
    assert T0 not in sent, "what the copy holds is not sent again"


async def test_a_new_database_and_one_that_nobody_may_read_are_no_news() -> None:
    office = AnOffice()
    office.sink.may_read = False
    await later(office)
    office.sink.empty()
    await later(office)
    assert office.sink.marks == {}
    assert await office.codes() == []


async def test_a_mark_that_was_never_read_is_not_missed() -> None:
    """A broker may hide a topic: what was written there is nothing that was there."""
    office = AnOffice()
    for _ in range(3):
        await later(office)
        office.sink.marks.clear()
        office.deliver.look_again()
    first = await told(office)
    office = AnOffice()
    real = office.sink.marked

    async def hidden(site: str) -> int | None:
        await real(site)
        return 0

    office.sink.marked = hidden  # type: ignore[method-assign] # what this broker does
    for _ in range(5):
        await later(office)
    assert await told(office) == []
    assert first


async def test_another_site_in_the_same_database_has_its_own_mark() -> None:
    office = await an_office()
    there = replace(office.current.context.office, site="school")
    office.current.context = replace(office.current.context, office=there)
    await later(office)
    assert office.sink.marks.keys() == {"hall", "school"}
    assert await told(office) == []


async def test_it_is_looked_for_seldom_and_after_each_failure() -> None:
    office = await an_office()
    asked: list[str] = []
    real = office.sink.marked

    async def marked(site: str) -> int | None:
        asked.append(site)
        return await real(site)

    office.sink.marked = marked  # type: ignore[method-assign] # to count the questions
    for minute in range(30):
        office.clock.forward(minutes=1)
        await office.poll("1f", answer(RICOH, 3000 + minute))
        await office.deliver_all()
    assert 2 <= len(asked) <= 4
    asked.clear()
    office.clock.forward(minutes=1)
    await office.poll("1f", answer(RICOH, 4000))
    office.sink.failures.append(SinkUnavailable("away"))
    with pytest.raises(SinkUnavailable):
        await office.deliver_all()
    await office.deliver_all()
    assert asked == ["hall"]


async def test_rewinding_publishes_everything_since_a_day_again() -> None:
    office = AnOffice()
    for day in range(6):
        await office.poll("1f", answer(RICOH, 1000 + day))
        office.clock.forward(days=1)
    await office.deliver_all()
    whole = {key: dict(fields) for key, fields in office.sink.points.items()}
    office.sink.points.clear()
    waiting = await rewind_to(office.ledger, "fake", date(2026, 11, 5), OFFICE)
    assert waiting == await office.deliver.backlog() > 0
    await office.deliver_all()
    since = {key for key in whole if key[2] >= OFFICE.midnight(date(2026, 11, 5))}
    months = {key for key in whole if key[0] in {"office_month", "department_month"}}
    assert since
    assert office.sink.points.keys() >= since | months
    assert ("copier", T0) not in {(key[0], key[2]) for key in office.sink.points}
    assert all(office.sink.points[key] == whole[key] for key in since - months)


async def test_rewinding_never_moves_a_cursor_on() -> None:
    office = AnOffice()
    await office.poll("1f", answer(RICOH, 1000))
    before = await office.deliver.backlog()
    assert await rewind(office.ledger, "fake", 10**6) == before
    assert await rewind_to(office.ledger, "fake", date(2031, 1, 1), OFFICE) == before


async def test_a_cursor_moved_back_while_rows_are_on_their_way_stays_back() -> None:
    office = await an_office()
    office.clock.forward(minutes=1)
    await office.poll("1f", answer(RICOH, 5000))
    send = office.sink.send

    async def slow_send(rows: list[Row]) -> object:
        office.sink.send = send  # type: ignore[method-assign] # once
        await rewind(office.ledger, "fake", 0)
        return await send(rows)

    office.sink.points.clear()
    office.sink.send = slow_send  # type: ignore[assignment, method-assign] # a person beside it
    await office.deliver_all()
    await office.deliver_all()
    assert T0 in {key[2] for key in office.sink.points if key[0] == "copier"}


async def test_what_was_announced_is_not_announced_again() -> None:
    office = AnOffice()
    office.sink.announces = True
    found = Finding(Code.METER_RESET, Severity.WARNING, "1f", verbatim("reset"), T0)
    await office.ledger.record_findings([found])
    await office.poll("1f", answer(RICOH, 1000))
    await office.deliver_all()
    news = replace(found, subject="2f")
    await office.ledger.record_findings([news])
    office.sink.points.clear()
    await rewind(office.ledger, "fake", 0)
    await office.deliver_all()
    events = [dict(key[1])["place"] for key in office.sink.points if key[0] == "copier_event"]
    assert events == ["2f"]
    assert any(key[0] == "copier" for key in office.sink.points)
    assert await TOLD_BEFORE.about("fake").get(office.ledger) is not None


def kinds(*names: str) -> object:
    return lambda row: f"bad {row.at.timestamp():.0f}" if row.measurement in names else None


async def test_what_was_refused_is_listed_by_cause_and_published_again_on_request() -> None:
    office = await an_office()
    office.sink.points.clear()
    await rewind(office.ledger, "fake", 0)
    office.sink.refuses = kinds("copier", "department_day", "office_month")
    await office.deliver_all()
    listed = await refusals(office.ledger, "fake")
    assert list(listed) == ["bad #"]
    (one,) = listed.values()
    assert one.rows > 16
    assert one.first <= T0 < one.last
    assert (one.told, one.keeps_less) == (True, False)
    assert len(await told(office, Code.ROW_REJECTED)) == 1
    office.sink.refuses = lambda _: None
    assert await retry(office.ledger, "fake") > 0
    await office.deliver_all()
    assert await refusals(office.ledger, "fake") == {}
    names = {key[0] for key in office.sink.points}
    assert names >= {"copier", "department_day", "office_month"}
    assert T0 in {key[2] for key in office.sink.points if key[0] == "copier"}


async def test_too_many_rows_refused_are_remembered_by_where_they_begin() -> None:
    office = AnOffice()
    for number in range(1100):
        await office.poll("1f", answer(RICOH, 1000 + number))
        office.clock.forward(minutes=1)
    office.sink.refuses = kinds("copier")
    await office.deliver_all()
    (one,) = (await refusals(office.ledger, "fake")).values()
    assert (one.rows, one.refs) == (1100, ())
    office.sink.refuses = lambda _: None
    await retry(office.ledger, "fake")
    await office.deliver_all()
    assert sum(key[0] == "copier" for key in office.sink.points) == 1100


async def test_a_database_that_keeps_less_is_one_finding_with_what_to_do() -> None:
    office = AnOffice()
    office.sink.sends_back = lambda row: (
        Rejected(row, "too old", sentence("influx.keep", span="168h0m0s", command="influx -e"))
        if row.measurement == "copier"
        else None
    )
    for number in range(30):
        await office.poll("1f", answer(RICOH, 1000 + number))
        office.clock.forward(minutes=5)
    await office.deliver_all()
    (found,) = await told(office, Code.DATABASE_KEEPS_LESS)
    assert "168h0m0s" in english(found.message)
    assert "copier-fleet sinks retry fake" in japanese(found.message)
    (one,) = (await refusals(office.ledger, "fake")).values()
    assert (one.rows, one.keeps_less) == (30, True)


async def test_a_damaged_list_of_refusals_is_an_empty_one() -> None:
    office = AnOffice()
    await office.ledger.set_note(REFUSED.about("fake").key, '{"x": {"rows": "many"}}')
    assert await refusals(office.ledger, "fake") == {}


class Sinking:
    """A sink to which things happen, beside a daemon that goes on."""

    def __init__(self, office: AnOffice) -> None:
        """Keep a copy of what it holds now."""
        self.office = office
        self.printed = 5000
        self.copy = dict(office.sink.points), dict(office.sink.marks)

    async def print_(self) -> None:
        self.printed += 1
        await self.office.poll("1f", answer(RICOH, self.printed))

    async def a_day_passes(self) -> None:
        self.office.clock.forward(days=1)
        await self.print_()

    async def deliver(self) -> None:
        await self.office.deliver_all()

    async def deliver_a_step(self) -> None:
        await self.office.deliver()

    async def empty(self) -> None:
        self.office.sink.empty()
        self.office.deliver.look_again()

    async def restore_the_copy(self) -> None:
        self.office.sink.points = {key: dict(fields) for key, fields in self.copy[0].items()}
        self.office.sink.marks = dict(self.copy[1])
        self.office.deliver.look_again()

    async def rewind(self) -> None:
        await rewind_to(self.office.ledger, "fake", date(2026, 11, 3), OFFICE)

    async def retry(self) -> None:
        await retry(self.office.ledger, "fake")

    async def refuse(self) -> None:
        self.office.sink.refuses = kinds("copier", "copier_day")

    async def take_all(self) -> None:
        self.office.sink.refuses = lambda _: None

    async def restart(self) -> None:
        self.office.restart()


ACTS = (
    *(Sinking.print_, Sinking.a_day_passes, Sinking.deliver, Sinking.deliver_a_step),
    *(Sinking.empty, Sinking.restore_the_copy, Sinking.rewind, Sinking.retry),
    *(Sinking.refuse, Sinking.take_all, Sinking.restart),
)


@given(st.lists(st.sampled_from(ACTS), max_size=15))
def test_whatever_happens_to_it_a_sink_ends_with_all_that_was_ever_published(
    acts: list[Callable[[Sinking], Awaitable[None]]],
) -> None:
    async def tell() -> None:
        office = await an_office(3)
        sinking = Sinking(office)
        for act in (*acts, Sinking.take_all, Sinking.print_, Sinking.deliver, Sinking.retry):
            office.clock.forward(minutes=11)
            await act(sinking)
        await office.deliver_all()
        scratch = FakeSink("scratch")
        for entry in await office.ledger.log_after(0, 10**6):
            await scratch.send(await office.renderer.rows([entry.ref]))
        assert office.sink.points.keys() >= scratch.points.keys()
        for key, fields in scratch.points.items():
            if key[0] in {"copier", "copier_day", "copier_event"}:
                assert office.sink.points[key] == fields

    run(tell)
