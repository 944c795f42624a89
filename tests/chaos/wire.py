"""A network between collector and copiers that loses, doubles, delays and damages what passes."""

import asyncio
import random
from dataclasses import dataclass

from collector.demo.agent import Behaviour, SimulatedAgent
from collector.demo.table import MibTable

_LATE_S = (0.5, 6.0)
"""Some are late within the patience of one question, some after the last of a poll."""

_MOST_BITS = 4


@dataclass(frozen=True, slots=True)
class Weather(Behaviour):
    """How likely, from 0 to 1, each thing happens to a datagram; by default nothing does."""

    loss: float = 0.0
    double: float = 0.0
    late: float = 0.0
    damage: float = 0.0


class WeatheredAgent(SimulatedAgent):
    """An agent behind such a network. `hit` counts the datagrams to which something happened."""

    def __init__(self, table: MibTable, community: str, dice: random.Random) -> None:
        """Begin in fine weather; `dice` decide what is hit."""
        super().__init__(table, community)
        self.behaviour: Weather = Weather()
        self.hit = 0
        self._dice = dice

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer what arrives; a question may be lost, or come twice."""
        if self._strikes(self.behaviour.loss):
            return
        super().datagram_received(data, addr)
        if self._strikes(self.behaviour.double):
            super().datagram_received(data, addr)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        weather = self.behaviour
        if self._strikes(weather.loss):
            return
        if self._strikes(weather.damage):
            answer = damaged(answer, self._dice)
        if self._strikes(weather.double):
            super()._send(answer, addr)
        if self._strikes(weather.late):
            loop = asyncio.get_running_loop()
            loop.call_later(self._dice.uniform(*_LATE_S), super()._send, answer, addr)
        else:
            super()._send(answer, addr)

    def _strikes(self, chance: float) -> bool:
        if chance <= 0 or self._dice.random() >= chance:
            return False
        self.hit += 1
        return True


def damaged(answer: bytes, dice: random.Random) -> bytes:
    """Return `answer` as no checksum would let it pass: bits turned, an end lost, an end added."""
    octets = bytearray(answer)
    match dice.randrange(5):
        case 0:
            return bytes(octets[: dice.randrange(len(octets))])
        case 1:
            return bytes(octets) + dice.randbytes(dice.randint(1, 40))
        case 2:
            begin = dice.randrange(len(octets))
            octets[begin : begin + 8] = dice.randbytes(len(octets[begin : begin + 8]))
        case _:
            for _ in range(dice.randint(1, _MOST_BITS)):
                octets[dice.randrange(len(octets))] ^= 1 << dice.randrange(8)
    return bytes(octets)
