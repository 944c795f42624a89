"""A sink gets everything, is left alone when it is bad, and says so once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from collector.errors import LedgerError, SinkRefused, SinkStumbled, SinkUnavailable
from collector.runtime.deliverer import Deliverer, DeliveryPace
from tests.unit.runtime.virtual_time import run

AWAY = SinkUnavailable("no route to 192.0.2.7:8086")
REFUSES = SinkRefused("401: token is not valid; put a new one into influx__token")


@dataclass
class FakeSink:
    """`rows` wait; each hand-over takes `batch` of them, unless `trouble` is set."""

    rows: int = 0
    batch: int = 10
    trouble: Exception | None = None
    hangs: bool = False
    tries: list[float] = field(default_factory=list)

    async def deliver(self) -> bool:
        self.tries.append(asyncio.get_running_loop().time())
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
        self.rows -= min(self.batch, self.rows)
        return self.rows > 0

    async def backlog(self) -> int:
        return self.rows


Story = Callable[[FakeSink, Deliverer], Awaitable[None]]


def play(sink: FakeSink, story: Story, drain_s: float = 10.0, roll: float = 1.0) -> float:
    """Run a deliverer through `story`, then finish it; return how long finishing took."""

    async def main() -> float:
        deliverer = Deliverer("influx", sink.deliver, sink.backlog, lambda: roll)
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            group.create_task(deliverer.run())
            await story(sink, deliverer)
            asked = loop.time()
            deliverer.finish(drain_s)
        return loop.time() - asked

    return run(main())


async def nothing(_sink: FakeSink, _deliverer: Deliverer) -> None:
    await asyncio.sleep(0)


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.message) for record in caplog.records]


def test_backlog_goes_out_at_start_batch_by_batch() -> None:
    sink = FakeSink(rows=95)

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(1)
        assert sink.rows == 0
        assert len(sink.tries) == 10

    play(sink, story)


def test_new_rows_go_out_soon_after_the_wake_up_and_together() -> None:
    sink = FakeSink()

    async def story(_sink: FakeSink, deliverer: Deliverer) -> None:
        await asyncio.sleep(10)
        before = len(sink.tries)
        for _ in range(5):
            sink.rows += 1
            deliverer.wake()
            await asyncio.sleep(0.1)
        await asyncio.sleep(3)
        assert sink.rows == 0
        assert len(sink.tries) == before + 1

    play(sink, story)


def test_forgotten_wake_up_costs_a_minute_and_no_row() -> None:
    sink = FakeSink()

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(10)
        sink.rows = 3
        await asyncio.sleep(DeliveryPace().idle_s + DeliveryPace().linger_s)
        assert sink.rows == 0

    play(sink, story)


def test_sink_that_is_away_is_two_lines_however_often_it_is_tried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "collector")
    sink = FakeSink(rows=25, trouble=AWAY)

    async def story(_sink: FakeSink, deliverer: Deliverer) -> None:
        for _ in range(3600):
            deliverer.wake()
            await asyncio.sleep(1)
        assert sink.rows == 25
        sink.trouble = None
        await asyncio.sleep(121)
        assert sink.rows == 0

    play(sink, story)

    assert 30 < len(sink.tries) < 50
    assert told(caplog) == [
        ("WARNING", "sink is away; rows are kept and sent later"),
        ("INFO", "sink takes rows again"),
    ]
    away, back = (vars(record) for record in caplog.records)
    assert (away["sink"], away["reason"]) == ("influx", "no route to 192.0.2.7:8086")
    assert (away["rows_waiting"], back["rows_waited"]) == (25, 25)


@pytest.mark.parametrize(
    "trouble", [SinkUnavailable("503", retry_after_s=1e9), SinkRefused("401: wrong token")]
)
def test_a_sink_is_tried_at_once_when_a_person_says_so(trouble: Exception) -> None:
    sink = FakeSink(rows=5, trouble=trouble)

    async def story(_sink: FakeSink, deliverer: Deliverer) -> None:
        await asyncio.sleep(1)
        sink.trouble = None
        await asyncio.sleep(30)
        assert sink.rows == 5
        deliverer.retry()
        await asyncio.sleep(0.1)
        assert sink.rows == 0

    play(sink, story)


def test_a_server_that_asks_for_ever_is_tried_again_within_a_quarter_of_an_hour() -> None:
    sink = FakeSink(rows=5, trouble=SinkUnavailable("503", retry_after_s=1e9))

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(3601)
        assert [round(one) for one in sink.tries] == [0, 900, 1800, 2700, 3600]

    play(sink, story)


def test_a_mistake_of_our_own_is_told_with_its_traceback_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stumbled = SinkStumbled("RecursionError: nested too deep")
    stumbled.__cause__ = RecursionError("nested too deep")
    sink = FakeSink(rows=5, trouble=stumbled)

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(300)
        sink.trouble = None
        await asyncio.sleep(121)
        assert sink.rows == 0

    play(sink, story)

    (first,) = (one for one in caplog.records if one.levelname == "ERROR")
    assert first.exc_info is not None
    assert first.exc_info[1] is stumbled.__cause__


def test_waits_grow_to_a_ceiling_and_start_small_again_after_success() -> None:
    sink = FakeSink(rows=1, trouble=AWAY)

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(500)
        gaps = [b - a for a, b in zip(sink.tries, sink.tries[1:], strict=False)]
        assert gaps == [2, 4, 8, 16, 32, 64, 120, 120, 120]
        sink.trouble = None
        await asyncio.sleep(200)
        sink.trouble, sink.rows, count = AWAY, 1, len(sink.tries)
        await asyncio.sleep(70)
        first, second = sink.tries[count : count + 2]
        assert second - first == 2

    play(sink, story)


def test_server_that_says_when_is_not_asked_before() -> None:
    sink = FakeSink(rows=1, trouble=SinkUnavailable("429: too many requests", retry_after_s=90))

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(89)
        assert len(sink.tries) == 1
        await asyncio.sleep(2)
        assert len(sink.tries) == 2

    play(sink, story, roll=0.0)


def test_refusing_sink_is_loud_once_and_asked_seldom(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "collector")
    sink = FakeSink(rows=1, trouble=REFUSES)

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(3601)
        assert len(sink.tries) == 13

    play(sink, story)

    assert told(caplog) == [
        ("ERROR", "sink refuses rows until a person acts; all are kept"),
        ("WARNING", "sink could not be drained; the rows stay in the ledger"),
    ]
    assert "put a new one into influx__token" in vars(caplog.records[0])["reason"]


def test_hand_over_that_never_ends_counts_as_away(caplog: pytest.LogCaptureFixture) -> None:
    sink = FakeSink(rows=1, hangs=True)

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(130)
        assert len(sink.tries) == 2

    play(sink, story)

    assert vars(caplog.records[0])["reason"] == "nothing came back within 120 s"


def test_finishing_drains_what_came_last() -> None:
    sink = FakeSink()

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(10)
        sink.rows = 35

    assert play(sink, story) == 0
    assert sink.rows == 0


def test_finishing_tries_a_sink_that_was_away_once_more() -> None:
    sink = FakeSink(rows=35, trouble=AWAY)

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(600)
        sink.trouble = None

    assert play(sink, story) == 0
    assert sink.rows == 0


def test_finishing_does_not_wait_for_a_sink_longer_than_allowed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink = FakeSink()

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(10)
        sink.rows, sink.hangs = 35, True

    assert play(sink, story, drain_s=7.0) == 7.0
    assert vars(caplog.records[-1])["rows_waiting"] == 35


def test_finishing_does_not_wait_for_a_hand_over_that_hangs_already() -> None:
    sink = FakeSink(rows=1, hangs=True)

    async def story(_sink: FakeSink, _deliverer: Deliverer) -> None:
        await asyncio.sleep(10)
        assert len(sink.tries) == 1

    assert play(sink, story, drain_s=7.0) == 7.0


def test_ledger_failure_is_not_the_sinks() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        play(FakeSink(rows=1, trouble=LedgerError("disk full")), nothing)

    assert isinstance(caught.value.exceptions[0], LedgerError)
