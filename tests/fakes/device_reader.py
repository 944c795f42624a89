"""A reader whose machines say what a test puts into their mouths."""

from collections import defaultdict

from collector.domain.counting.reading import Answer
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceError, DeviceUnreachable
from collector.ports import PollTarget


class FakeDeviceReader:
    """Implements `ports.DeviceReader`. `says` is what each place answers until it is changed.

    An error in `says` is raised; a place that is not in it is silent. `asked` counts the polls.
    """

    def __init__(self) -> None:
        """Begin with an office where every socket is empty."""
        self.says: dict[PlaceId, Answer | DeviceError] = {}
        self.asked: dict[PlaceId, int] = defaultdict(int)
        self.is_closed = False

    async def read(self, target: PollTarget) -> Answer:
        """Answer, or raise, as scripted."""
        assert not self.is_closed
        self.asked[target.place] += 1
        answer = self.says.get(target.place)
        if answer is None:
            raise DeviceUnreachable(target.place, "no answer; is it switched on?")
        if isinstance(answer, DeviceError):
            raise answer
        return answer

    async def close(self) -> None:
        """Refuse to be asked from now on."""
        self.is_closed = True
