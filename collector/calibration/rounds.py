"""A calibration between two commands, as a text: the walk, and every round so far. Pure.

Who looks after the machine and where it stands are left out.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.session import parse_rows
from collector.adapters.snmp.recording.snmprec import line
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.domain.meters import METERS, Meter
from collector.domain.privacy.redaction_table import SecretKind
from collector.errors import ConfigError, Problem

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
        message = "keeps no round of a calibration, or is damaged; begin anew without --round2"
        raise ConfigError([Problem(name, message)]) from exc
    if not rounds:
        raise ConfigError([Problem(name, "keeps no round; begin anew without --round2")])
    return kept


def _document(text: str) -> Any:  # noqa: ANN401 - whatever stands in the file
    document = json.loads(text)
    if document["what"] != _KIND or document["format"] != _FORMAT:
        raise ValueError(document["what"])
    return document


def _round_from(document: Mapping[str, Any], name: str) -> Round:
    figures = {Meter(meter): int(figure) for meter, figure in document["figures"].items()}
    if not figures.keys() <= METERS.keys():
        raise ValueError("unknown meter")
    lines: Sequence[str] = document["values"]
    values = {oid: value for oid, (_, value) in parse_rows("\n".join(lines), name).items()}
    at = datetime.fromisoformat(document["at"])
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return Round(at, figures, values)
