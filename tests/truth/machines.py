"""Copiers as they are: two counters, a clock since power-on, and what they say when asked."""

import random
from dataclasses import dataclass
from typing import Any

MODELS = (
    *(("IM C3000", 30), ("IM C6000", 60), ("iR-ADV C5840", 40), ("TASKalfa 4054ci", 40)),
    *(("bizhub C360i", 36), ("ApeosPort C3070", 30), ("MX-3661", 36), ("e-STUDIO2518A", 25)),
)


@dataclass(slots=True)
class Machine:
    """One copier. `wrap` is where its counters begin again; `booted` its power-on (Unix time).

    `fields` are what its line holds of who it is; `families` whether it tells mono and colour.
    """

    fields: dict[str, Any]
    mono: int
    color: int
    booted: int
    families: bool
    wrap: int | None = None

    @property
    def total(self) -> int:
        """What its counters have come to, before any wrap."""
        return self.mono + self.color

    def print(self, mono: int, color: int) -> None:
        """Let paper out."""
        self.mono += mono
        self.color += color

    def set_total(self, value: int) -> None:
        """Let a person or a repair set the counters to `value`."""
        self.color = min(self.color, round(value * self.color / self.total) if self.total else 0)
        self.mono = value - self.color

    def meters(self) -> dict[str, int]:
        """Return what its counters show."""
        shown = {"total": self.total}
        if self.families:
            shown |= {"total_mono": self.mono, "total_color": self.color}
        if self.wrap is not None:
            shown = {name: value % self.wrap for name, value in shown.items()}
        return shown

    def answer(self, at: int) -> dict[str, Any]:
        """Return what it says at `at`, without time and place."""
        said = {**self.fields, "uptime_s": max(1, at - self.booted), "meters": self.meters()}
        if self.wrap is not None:
            said["wraps"] = dict.fromkeys(said["meters"], self.wrap)
        return said


def a_machine(dice: random.Random, at: int, *, life: int | None = None) -> Machine:
    """Return a copier that has been on for a while; `life` is its count, else anything."""
    model, ipm = dice.choice(MODELS)
    number = dice.randrange(10**6, 10**7)
    fields = {
        "serial": dice.choice((f"00{number}", f"SN-{number}a", f"{number}X")),
        "mac": ":".join(f"{dice.randrange(256):02x}" for _ in range(6)),
        "model": model,
    }
    if dice.random() < 0.5:
        fields["rated_ipm"] = ipm
    total = round(10 ** dice.uniform(2.5, 6)) if life is None else life
    color = round(total * dice.choice((0, 0.02, 0.2, 0.5)))
    booted = at - dice.randrange(3600, 200 * 86_400)
    return Machine(fields, total - color, color, booted, families=dice.random() < 0.7)
