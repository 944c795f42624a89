"""Put readings that another program took through the rules of the daemon, in their order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from collector.app.ground import Ground, Standing
from collector.app.poll_place import PollPlace
from collector.domain.reading import Answer
from collector.domain.told import Told
from collector.errors import DeviceUnreachable
from collector.ports import Ledger, PollTarget


@dataclass(slots=True)
class _Replay:
    """A reader that says what the line says, and a clock that shows the line's time."""

    line: Told = field(init=False)

    async def read(self, target: PollTarget) -> Answer:
        """Answer as the line tells, or be silent."""
        if self.line.answer is None:
            raise DeviceUnreachable(target.place, "no answer")
        return self.line.answer

    async def close(self) -> None:
        """There is nothing to close."""

    def now(self) -> datetime:
        """Return the time of the line."""
        return self.line.at


async def poll_told(
    ledger: Ledger, ground: Ground, told: Iterable[Told], tick: Callable[[], None] = lambda: None
) -> None:
    """Poll, on `ledger`, every place as `told` says and when it says; `tick` after each line.

    Whereabouts, silences, findings and clock are judged as the daemon judges them.
    """
    replay = _Replay()
    polls = PollPlace(replay, ledger, replay, Standing(ground))
    await polls.remember()
    for line in told:
        replay.line = line
        await polls(PollTarget(line.place, ""))
        tick()
