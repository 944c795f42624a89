"""Put readings that another program took through the rules of the daemon, in their order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from collector.app.ground import Ground, Standing
from collector.app.poll_place import PollPlace
from collector.app.trusted_clock import TrustedClock
from collector.domain.reading import Answer
from collector.domain.told import Told
from collector.errors import DeviceUnreachable
from collector.ports import Ledger, PollTarget


@dataclass(slots=True)
class _Replay:
    """A reader that says what the line says, and the clocks: one that it tells, one that counts."""

    line: Told

    async def read(self, target: PollTarget) -> Answer:
        """Answer as the line tells, or be silent."""
        if self.line.answer is None:
            raise DeviceUnreachable(target.place, "no answer")
        return self.line.answer

    async def close(self) -> None:
        """There is nothing to close."""

    def now(self) -> datetime:
        """Return the time by which the line was written down."""
        return self.line.at

    def monotonic(self) -> float:
        """Return seconds that go on where that time was wrong."""
        return self.line.came.timestamp()


async def poll_told(
    ledger: Ledger, ground: Ground, told: Iterable[Told], tick: Callable[[], None] = lambda: None
) -> None:
    """Poll, on `ledger`, every place as `told` (at least one line) says; `tick` after each line.

    Whereabouts, silences, findings and clock are judged as the daemon judges them.
    """
    lines = iter(told)
    replay = _Replay(next(lines))
    clock = TrustedClock(replay, replay.monotonic)
    polls = PollPlace(replay, ledger, clock, Standing(ground))
    await polls.remember()
    for line in chain([replay.line], lines):
        replay.line = line
        await polls(PollTarget(line.place, ""))
        await clock.look(ledger)
        tick()
