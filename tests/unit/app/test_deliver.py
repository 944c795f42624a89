"""Delivery: the cursor moves only over what the sink has, and nothing is lost on the way."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.app.publish.deliver import Deliver
from collector.app.publish.resting_months import RestingMonths
from collector.domain.counting.entries import PastMonth
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.meters import Meter
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.rows import Row
from collector.domain.sentence import verbatim
from collector.errors import LedgerError, SinkError, SinkRefused, SinkStumbled, SinkUnavailable
from collector.ports import Rejected
from tests.unit.app.office import RICOH, T0, AnOffice, answer
from tests.wording import english


@pytest.fixture
async def office() -> AnOffice:
    """Return an office with 19 log entries to deliver, seven a step."""
    office = AnOffice()
    for number in range(16):
        await office.poll("1f", answer(RICOH, 1000 + number))
        office.clock.forward(minutes=5)
    assert await office.deliver.backlog() == 19
    return office


def refuses(measurement: str, reason: str = "field type conflict") -> object:
    def judge(row: Row) -> str | None:
        return reason if row.measurement == measurement else None

    return judge


async def test_everything_is_delivered_in_several_bounded_steps(office: AnOffice) -> None:
    more = [await office.deliver() for _ in range(3)]
    assert more == [True, True, False]
    assert await office.deliver.backlog() == 0
    assert office.deliver.passed == 19
    assert office.deliver.delivered == sum(len(batch) for batch in office.sink.batches)
    copier = [key for key in office.sink.points if key[0] == "copier"]
    assert len(copier) == 16


async def test_nothing_waiting_sends_nothing(office: AnOffice) -> None:
    await office.deliver_all()
    sent = len(office.sink.batches)
    assert await office.deliver() is False
    assert len(office.sink.batches) == sent


@pytest.mark.parametrize("error", [SinkUnavailable("away"), SinkRefused("401: token")])
async def test_failure_leaves_the_cursor_and_the_same_rows_come_again(
    office: AnOffice, error: SinkError
) -> None:
    await office.deliver()
    cursor = await office.ledger.cursor("fake")
    office.sink.failures.extend([error, error])
    for _ in range(2):
        with pytest.raises(type(error)):
            await office.deliver()
        assert await office.ledger.cursor("fake") == cursor
        assert await office.deliver.backlog() == 12
    await office.deliver_all()
    assert len([key for key in office.sink.points if key[0] == "copier"]) == 16


def printed_today(office: AnOffice) -> int:
    (found,) = [f["total"] for key, f in office.sink.points.items() if key[0] == "copier_day"]
    return int(found)


async def not_answered(deliver: Deliver, office: AnOffice, total: int) -> None:
    """Let a delivery be under way while the sink gives no answer."""
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, total))
    office.sink.dawdles = True
    with pytest.raises(SinkUnavailable):
        await deliver()
    office.sink.dawdles = False


@pytest.mark.parametrize("has_ended", [False, True])
async def test_what_a_server_stores_late_over_newer_figures_is_put_right(has_ended: bool) -> None:
    office = AnOffice()
    deliver = rested(office)
    await print_and_deliver(office, deliver, 1000)
    await not_answered(deliver, office, 1010)
    if has_ended:
        deliver = rested(office)
    office.clock.forward(seconds=20)
    await print_and_deliver(office, deliver, 1025)
    assert printed_today(office) == 25
    office.sink.lands()
    assert printed_today(office) == 10  # as a database has it
    office.clock.forward(minutes=2)
    while await deliver():
        pass
    assert printed_today(office) == 25
    office.clock.forward(minutes=5)
    while await deliver():
        pass
    assert (published(office), await deliver.backlog()) == (25, 0)


async def test_a_broker_is_told_nothing_twice_for_that() -> None:
    office = AnOffice()
    office.sink.announces = True
    deliver = rested(office)
    await print_and_deliver(office, deliver, 1000)
    await not_answered(deliver, office, 1010)
    office.clock.forward(minutes=6)
    await print_and_deliver(office, deliver, 1025)
    sent = len(office.sink.batches)
    office.clock.forward(minutes=6)
    while await deliver():
        pass
    assert len(office.sink.batches) == sent


async def test_our_own_mistake_with_what_a_server_sent_costs_only_the_delivery(
    office: AnOffice,
) -> None:
    def stumble(_row: Row) -> str | None:
        raise RecursionError("nested too deep")

    office.sink.refuses = stumble
    with pytest.raises(SinkStumbled, match="RecursionError: nested too deep") as caught:
        await office.deliver()
    assert isinstance(caught.value.__cause__, RecursionError)
    assert await office.deliver.backlog() == 19
    office.sink.refuses = refuses("nothing")
    await office.deliver_all()
    assert await office.deliver.backlog() == 0


async def test_a_step_that_is_cut_off_is_halved_until_it_fits_and_grows_again(
    office: AnOffice,
) -> None:
    fits = 2

    def judge(_row: Row) -> str | None:
        if len(asked) > fits:
            raise asyncio.CancelledError
        return None

    asked: list[Row] = []
    sending = office.sink.send

    async def send(rows: Sequence[Row]) -> Sequence[Rejected]:
        asked[:] = [row for row in rows if row.measurement == "copier"]
        return await sending(rows)

    office.sink.send = send  # type: ignore[method-assign] # to see the rows of a step together
    office.sink.refuses = judge
    cut_off = 0
    while await office.deliver.backlog() > 9:
        try:
            await office.deliver()
        except asyncio.CancelledError:
            cut_off += 1
    assert 0 < cut_off < 12
    fits = 99
    before = len(office.sink.batches)
    await office.deliver_all()
    assert len(office.sink.batches) - before <= 5


async def test_cursor_is_the_sinks_own_and_survives_a_restart(office: AnOffice) -> None:
    await office.deliver()
    office.restart()
    assert await office.deliver.backlog() == 12
    assert await office.ledger.backlog("another") == 19


async def test_rejected_rows_become_one_finding_and_the_rest_is_delivered(office: AnOffice) -> None:
    office.sink.refuses = refuses("department_month")
    await office.deliver_all()
    assert await office.deliver.backlog() == 0
    found = await office.ledger.findings()
    assert [one.code for one in found] == [Code.ROW_REJECTED]
    (told,) = found
    assert told.subject == "fake"
    assert english(told.message) == (
        "fake refused a row of department_month: field type conflict. All that it refused for good:"
        " copier-fleet sinks list; once the cause is gone: copier-fleet sinks retry fake"
    )
    assert told.evidence["measurement"] == "department_month"
    assert told.severity is Severity.ERROR
    names = {key[0] for key in office.sink.points}
    days = {"copier_day", "department_day", "office_day"}
    assert names == {"copier", *days, "office_month", "copier_event"}
    assert office.deliver.delivered == sum(len(one) for one in office.sink.batches) - 2


async def test_rejected_event_never_becomes_a_finding_of_a_finding(office: AnOffice) -> None:
    await office.ledger.record_findings(
        [Finding(Code.METER_RESET, Severity.WARNING, "1f", verbatim("meters were reset"), T0)]
    )
    office.sink.refuses = lambda _: "no such database field"
    for _ in range(10):
        await office.deliver_all()
        office.clock.forward(minutes=1)
    assert await office.deliver.backlog() == 0
    assert await office.codes() == [Code.METER_RESET, Code.ROW_REJECTED]
    assert office.deliver.delivered == 0


async def test_reference_touched_while_its_row_is_on_its_way_comes_again(office: AnOffice) -> None:
    """What changes during a hand-over is behind the cursor's new place, never skipped."""
    send = office.sink.send
    state = {"printed": False}

    async def slow_send(rows: list[Row]) -> object:
        if not state["printed"]:
            state["printed"] = True
            await office.poll("1f", answer(RICOH, 1100))
        return await send(rows)

    office.sink.send = slow_send
    await office.deliver_all()
    (day,) = [f for (name, *_), f in office.sink.points.items() if name == "copier_day"]
    assert day["total"] == 100


async def test_ledger_that_fails_moves_nothing(office: AnOffice) -> None:
    office.ledger.broken = "disk full"
    with pytest.raises(LedgerError):
        await office.deliver()
    office.ledger.broken = None
    assert await office.ledger.cursor("fake") == 0
    assert office.sink.batches == []


async def test_replay_gives_the_same_state_again(office: AnOffice) -> None:
    await office.deliver_all()
    before = {key: dict(fields) for key, fields in office.sink.points.items()}
    await office.ledger.acknowledge("fake", 0)
    await office.deliver_all()
    assert office.sink.points == before


async def test_the_first_rejected_reading_is_named(office: AnOffice) -> None:
    office.sink.refuses = refuses("copier")
    office.clock.forward(microseconds=123456)
    await office.deliver()
    (found,) = await office.ledger.findings()
    assert found.at is not None
    assert found.at.microsecond == 0
    assert found.evidence["row_time"] == T0.isoformat()
    assert timedelta(0) < office.clock.at - T0


def rested(office: AnOffice, minutes: int = 5, batch: int = 1000) -> Deliver:
    rest = timedelta(minutes=minutes)
    resting = RestingMonths(office.ledger, office.current, office.clock, rest)
    return Deliver(
        *(office.ledger, office.sink, office.renderer, office.clock), batch=batch, resting=resting
    )


async def print_and_deliver(office: AnOffice, deliver: Deliver, total: int) -> int:
    """Return how many pages the running month is published with after `total` was read."""
    await office.poll("1f", answer(RICOH, total))
    while await deliver():
        pass
    return published(office)


def published(office: AnOffice, month: str = "2026-11") -> int:
    shown = [
        int(fields["pages"])
        for (name, tags, _), fields in office.sink.points.items()
        if name == "office_month" and dict(tags)["month"] == month
    ]
    return shown[0] if shown else 0


@pytest.mark.parametrize("batch", [2, 1000])
async def test_the_running_month_rests_and_days_do_not(batch: int) -> None:
    office = AnOffice()
    deliver = rested(office, batch=batch)
    await print_and_deliver(office, deliver, 1000)
    office.clock.forward(minutes=1)
    assert await print_and_deliver(office, deliver, 1007) == 7
    for minutes in range(1, 5):
        office.clock.forward(minutes=1)
        assert await print_and_deliver(office, deliver, 1007 + minutes) == 7
        day = [
            fields["total"] for key, fields in office.sink.points.items() if key[0] == "copier_day"
        ]
        assert day == [7 + minutes]
        assert await deliver.backlog() == 2
    office.clock.forward(minutes=1)
    while await deliver():
        pass
    assert (published(office), await deliver.backlog()) == (11, 0)


async def test_where_places_rest_too_a_day_comes_with_its_month_and_its_end_at_once() -> None:
    office = AnOffice()
    resting = RestingMonths(
        *(office.ledger, office.current, office.clock, timedelta(hours=1)), places=True
    )
    common = office.ledger, office.sink, office.renderer, office.clock
    deliver = Deliver(*common, resting=resting)

    def day() -> list[object]:
        return [
            fields["total"] for key, fields in office.sink.points.items() if key[0] == "copier_day"
        ]

    await print_and_deliver(office, deliver, 1000)
    office.clock.forward(hours=1)
    assert (await print_and_deliver(office, deliver, 1007), day()) == (7, [7])
    office.clock.forward(minutes=30)
    assert (await print_and_deliver(office, deliver, 1010), day()) == (7, [7])
    assert await deliver.backlog() == 3
    office.clock.forward(minutes=30)
    while await deliver():
        pass
    assert (published(office), day(), await deliver.backlog()) == (10, [10], 0)
    office.clock.forward(minutes=5)
    await print_and_deliver(office, deliver, 1012)
    assert day() == [10]
    office.clock.forward(hours=24)
    while await deliver():
        pass
    assert day() == [12], "a day that is over does not rest"


async def test_nothing_is_written_while_only_a_resting_month_waits() -> None:
    office = AnOffice()
    deliver = rested(office)
    for total in (1000, 1007, 1008):
        office.clock.forward(minutes=1)
        await print_and_deliver(office, deliver, total)
    log, cursor = await office.last_seq(), await office.ledger.cursor("fake")
    assert await deliver() is False
    assert (await office.last_seq(), await office.ledger.cursor("fake")) == (log, cursor)


@pytest.mark.parametrize("act", ["enter", "reload", "restart", "stop", "roll over"])
async def test_a_month_does_not_rest_where_a_person_acts_or_time_is_up(act: str) -> None:
    office = AnOffice()
    deliver = rested(office, minutes=60)
    for total, pages in ((1000, 0), (1007, 7), (1008, 7)):
        office.clock.forward(minutes=1)
        assert await print_and_deliver(office, deliver, total) == pages
    assert await deliver.backlog() == 2
    if act == "enter":
        signed = Signature("me", "typed", office.clock.at)
        entry = PastMonth(PlaceId("1f"), "2025-11", {Meter("total"): 9}, "sheet", signed)
        await office.ledger.amend([entry], [])
    elif act == "reload":
        office.reorganise(replace(office.current.context.fleet, targets={}))
    elif act == "restart":
        deliver = rested(office, minutes=60)
    elif act == "stop":
        deliver.hurry()
    else:
        office.clock.forward(days=40)
    while await deliver():
        pass
    assert (published(office), await deliver.backlog()) == (8, 0)


async def test_a_month_that_rests_is_not_lost_where_the_sink_is_away() -> None:
    office = AnOffice()
    deliver = rested(office)
    for total in (1000, 1007):
        office.clock.forward(minutes=1)
        await print_and_deliver(office, deliver, total)
    office.clock.forward(minutes=1)
    office.sink.failures.append(SinkUnavailable("away"))
    with pytest.raises(SinkUnavailable):
        await print_and_deliver(office, deliver, 1010)
    office.clock.forward(minutes=5)
    while await deliver():
        pass
    assert (published(office), await deliver.backlog()) == (10, 0)
