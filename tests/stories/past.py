"""A ledger with a past: machines polled by the real use case into a real file, at told times."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollPlace
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceUnreachable
from collector.ports import PollTarget
from tests.fakes.clock import FakeClock
from tests.fakes.device_reader import FakeDeviceReader


@dataclass(frozen=True, slots=True)
class Poll:
    """At `at` (with its zone), `place` answers with these meters; `total` None: it is silent."""

    at: datetime
    place: str
    total: int | None
    serial: str = "3081R900123"
    uptime_s: int = 10**6


def answer_of(poll: Poll) -> Answer:
    """Return what the machine says: all of its pages are black copies.

    Its profile is called "ours" and names two counters: `count`, and `twice` that.
    """
    total = poll.total or 0
    identity = DeviceIdentity(vendor="Ricoh", model="IM C3000", serial=poll.serial)
    meters = {Meter("total"): total, Meter("total_mono"): total, Meter("copy"): total}
    raw = {"count": total, "twice": 2 * total}
    return Answer(identity, meters, uptime_s=poll.uptime_s, profile="ours", rated_ipm=40, raw=raw)


async def lay_down(path: Path, context: OfficeContext, polls: Iterable[Poll]) -> None:
    """Leave a ledger at `path` as the daemon would after `polls`, which are in order of time."""
    reader = FakeDeviceReader()
    ledger = await SqliteLedger.open(path)
    clock: FakeClock | None = None
    use_case: PollPlace | None = None
    try:
        for poll in polls:
            if clock is None or use_case is None:
                clock = FakeClock(poll.at)
                use_case = PollPlace(reader, ledger, clock, CurrentOffice(context))
                await use_case.remember()
            clock.at = poll.at
            place = PlaceId(poll.place)
            silent = DeviceUnreachable(place, "no answer")
            reader.says[place] = silent if poll.total is None else answer_of(poll)
            await use_case(PollTarget(place, "192.0.2.1"))
    finally:
        await ledger.close()
