"""What comes to the figure on a panel, and which of several is preferred. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.session import line, parse_rows
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.calibration.counters import Counter, Place
from collector.calibration.labels import Fitness, fitness
from collector.domain.meters import METERS, Meter, Unit
from collector.domain.privacy.redaction_table import SecretKind
from collector.errors import ConfigError, said
from collector.user_files.report import refusal

Key = tuple[tuple[int, Place, int], ...]
"""What is added up: sign, place and weight of every number, in order."""

_FEW: Final = 2


class SumOrigin(IntEnum):
    """Where a sum comes from; the lower, the better."""

    PRESENT = 0
    """What the machine is read by now."""
    PROFILE = 1
    """Another formula of the profile for this very meter."""
    FOUND = 2
    """Found among the counters."""


class Class(IntEnum):
    """How likely it is that a sum is meant, by its words and terms; the lower, the likelier."""

    SAID = 0
    """Its labels say so."""
    PLAIN = 1
    """One or two counters that say nothing."""
    METERS = 2
    """Worked out from other meters: mono = total - color."""
    UNLIKE = 3
    """One counter whose label says something else."""
    LONG = 4
    """Three or four counters that say nothing."""
    UNLIKE_SUM = 5
    """Several counters whose labels say something else."""


@dataclass(frozen=True, slots=True)
class FittingFormula:
    """A formula that comes to the figure: its text, and the counters with their signs.

    With `meters` it is worked out from these meters instead, and `text` names them. `rank` is
    its place among the profile's own formulas.
    """

    text: str
    parts: tuple[tuple[int, Counter], ...]
    origin: SumOrigin
    judged: Class
    meters: tuple[tuple[int, Meter], ...] = ()
    rank: int = 0

    @property
    def key(self) -> Key:
        """What is added up, however it is written."""
        return key_of(
            (sign, (cell.oid, cell.tag), counter.weight)
            for sign, counter in self.parts
            for cell in counter.cells
        )

    @property
    def terms(self) -> int:
        """How many summands it has."""
        return len(self.parts) or len(self.meters)

    @property
    def grade(self) -> tuple[int, int, int]:
        """What decides between fits; two of the same grade are a tie."""
        return self.origin, self.judged, self.terms

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it adds up."""
        return frozenset(counter.table for _, counter in self.parts)


def key_of(numbers: Iterable[tuple[int, Place, int]]) -> Key:
    """Return sign, place and weight of numbers in one order."""
    return tuple(sorted(numbers, key=lambda one: (one[1][0], one[1][1] or 0, one[0])))


def found_fit(meter: Meter, parts: Sequence[tuple[int, Counter]]) -> FittingFormula:
    """Return a sum of counters as a fit of `meter`."""
    text = " ".join(f"{'-' if sign < 0 else '+'} {counter.name}" for sign, counter in parts)
    judged = _class(meter, parts)
    return FittingFormula(text.removeprefix("+ "), tuple(parts), SumOrigin.FOUND, judged)


def _class(meter: Meter, parts: Sequence[tuple[int, Counter]]) -> Class:
    words = fitness(meter, [(sign, counter.meaning) for sign, counter in parts])
    if words is Fitness.FITS:
        return Class.SAID
    if words is Fitness.OPEN:
        return Class.PLAIN if len(parts) <= _FEW else Class.LONG
    return Class.UNLIKE if len(parts) == 1 else Class.UNLIKE_SUM


def may_count(meter: Meter, counter: Counter) -> bool:
    """Say whether `counter` counts in the unit of `meter`, as far as the profile says."""
    unit = METERS[meter]
    return unit is Unit.UNSTATED or counter.known.unit in {None, unit}


def is_apart(parts: Sequence[tuple[int, Counter]]) -> bool:
    """Say whether no number is in two of `parts`."""
    places = [place for _, counter in parts for place in counter.places]
    return len(places) == len({*places})


def best_first(
    fits: Iterable[FittingFormula], shared: Callable[[FittingFormula], int] = lambda _: 0
) -> tuple[FittingFormula, ...]:
    """Return each fit once, under its best name, the preferred one first.

    `shared` says how many other meters are read from the same table: the more, the better.
    """
    found: dict[object, FittingFormula] = {}
    for fit in sorted(fits, key=lambda one: _order(one, shared)):
        found.setdefault(fit.key or fit.text, fit)
    return tuple(found.values())


def _order(fit: FittingFormula, shared: Callable[[FittingFormula], int]) -> tuple[object, ...]:
    naming = max((counter.naming for _, counter in fit.parts), default=0)
    return (*fit.grade, fit.rank, -shared(fit), naming, [one[1][0] for one in fit.key], fit.text)


RELATIONS: Final[Mapping[Meter, Sequence[tuple[tuple[int, Meter], ...]]]] = {
    Meter(name): [tuple((sign, Meter(part)) for sign, part in one) for one in how]
    for name, how in {
        **{
            service: [[(1, f"{service}_mono"), (1, f"{service}_color")]]
            for service in ("copy", "print", "fax", "scan")
        },
        **{
            f"{service}_{one}": [[(1, service), (-1, f"{service}_{other}")]]
            for service in ("total", "copy", "print", "fax", "scan")
            for one, other in (("mono", "color"), ("color", "mono"))
        },
        "total": [
            [(1, "total_mono"), (1, "total_color")],
            [(1, "copy"), (1, "print"), (1, "fax")],
            [(1, "copy"), (1, "print")],
        ],
        "total_small": [[(1, "total"), (-1, "total_large")]],
        "total_large": [[(1, "total"), (-1, "total_small")]],
    }.items()
}
"""How meters hang together by what they mean."""


# A calibration between two commands, as a text: the walk, and every round so far. Pure.
#
# Who looks after the machine and where it stands are left out.


# Rounds of one calibration: figures off the panel, and what the counters said at that moment.


TELLING: Final = 100
"""A smaller figure fits too many counters by chance; it proves nothing unless it moves."""


@dataclass(frozen=True, slots=True)
class Round:
    """One look at the panel. `values` are the machine's answers at about that time."""

    at: datetime
    figures: Mapping[Meter, int]
    values: Mapping[Oid, Value]


def is_telling(figures: Sequence[int]) -> bool:
    """Say whether these figures of one meter can prove a counter."""
    return max(figures, default=0) >= TELLING or len({*figures}) > 1


def went_back(rounds: Sequence[Round]) -> list[Meter]:
    """Return the meters whose figure is lower in a later round, which no counter does."""
    found: list[Meter] = []
    for meter in dict.fromkeys(meter for one in rounds for meter in one.figures):
        figures = [one.figures[meter] for one in rounds if meter in one.figures]
        if figures != sorted(figures):
            found.append(meter)
    return found


_KIND: Final = "copier-fleet calibration"
_FORMAT: Final = 1
_LEFT_OUT: Final = frozenset(
    {SecretKind.CONTACT, SecretKind.LOCATION, SecretKind.USER, SecretKind.SECRET}
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept: the machine by the name that was asked for and by its own key."""

    target: str
    machine: str
    rows: Mapping[Oid, RecordedRow]
    rounds: tuple[Round, ...]


def kept_text(kept: Kept, discretion: Discretion) -> str:
    """Return `kept` as JSON that `kept_from` reads."""
    rows = (
        line(oid, row)
        for oid, row in sorted(kept.rows.items())
        if discretion.kind_of(oid) not in _LEFT_OUT
    )
    document = {
        "what": _KIND,
        "format": _FORMAT,
        "target": kept.target,
        "machine": kept.machine,
        "rows": list(rows),
        "rounds": [_round(one) for one in kept.rounds],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _round(one: Round) -> dict[str, Any]:
    values = (line(oid, (_tag(value), value)) for oid, value in sorted(one.values.items()))
    figures = {str(meter): figure for meter, figure in one.figures.items()}
    return {"at": one.at.isoformat(), "figures": figures, "values": list(values)}


def _tag(value: Value) -> int:
    if isinstance(value, int):
        return 2
    return 4 if isinstance(value, bytes) else 6


def kept_from(text: str, name: str) -> Kept:
    """Return what the file `name` keeps; raises ConfigError where it is no such file."""
    try:
        document = _document(text)
        rounds = tuple(_round_from(one, name) for one in document["rounds"])
        rows = parse_rows("\n".join(document["rows"]), name)
        kept = Kept(str(document["target"]), str(document["machine"]), rows, rounds)
    except (ValueError, KeyError, TypeError, AttributeError, ConfigError) as exc:
        raise refusal(name, said("no_round")) from exc
    if not rounds:
        raise refusal(name, said("empty_round"))
    return kept


def _document(text: str) -> Any:  # noqa: ANN401 - whatever stands in the file
    document = json.loads(text)
    if document["what"] != _KIND or document["format"] != _FORMAT:
        raise ValueError(document["what"])
    return document


def _round_from(document: Mapping[str, Any], name: str) -> Round:
    figures = {Meter(meter): int(figure) for meter, figure in document["figures"].items()}
    if not figures.keys() <= METERS.keys():
        raise KeyError(*figures)
    lines: Sequence[str] = document["values"]
    values = {oid: value for oid, (_, value) in parse_rows("\n".join(lines), name).items()}
    at = datetime.fromisoformat(document["at"])
    if at.tzinfo is None:
        raise ValueError(document["at"])
    return Round(at, figures, values)
