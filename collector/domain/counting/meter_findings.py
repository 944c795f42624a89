"""What a person is told of a machine's meters: one finding a kind, however many meters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.growth import GrowthStep, MeterNews
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.meters import TOTAL, Meter
from collector.domain.sentence import Sentence, sentence

_NAMED: Final = 2
"""Meters named in a finding's sentence; its evidence holds all of them."""

_SEVERITIES: Final[Mapping[Code, Severity]] = {
    Code.METER_ROLLBACK: Severity.INFO,
    Code.METER_WRAPPED: Severity.INFO,
    Code.METER_SUSPECT: Severity.WARNING,
    Code.METER_GLITCH: Severity.INFO,
    Code.METER_RESET: Severity.WARNING,
    Code.PAGES_IN_QUESTION: Severity.WARNING,
    Code.ABOVE_PACE: Severity.WARNING,
    Code.METER_REDEFINED: Severity.WARNING,
}

_NOTATION: Final[Mapping[str, str]] = {
    "meter.moved": "{figures}",
    "meter.wrapped": "{figures} (wraps at {end})",
    "meter.counted_from": "{figures} (counted from {first})",
    "meter.redefined": "{last} by {before} -> {value} by {now}",
}
"""How evidence writes what a meter did: data, the same in every language, as ids depend on it."""


Evidence = dict[str, str | int | float | None]


def meter_finding(reading: Reading, news: MeterNews) -> Finding:
    """Return `news` as a finding, however many meters it is about.

    The evidence names each meter's values, `since` (the first reading it is about) and the facts.
    """
    evidence: Evidence = {
        str(name): _NOTATION[one.key].format_map(one.facts) for name, one in news.moves.items()
    }
    evidence.update(news.facts)
    if news.since is not None:
        evidence["since"] = news.since.isoformat()
    key = f"finding.{news.code.value}"
    if news.facts.get("scope") == "meters":
        key += ".alone"
    facts = {name: one for name in _FILLED_IN if (one := news.facts.get(name)) is not None}
    message = Sentence(key, {**facts, "meters": _shown(news.moves)})
    severity = _SEVERITIES[news.code]
    return Finding(news.code, severity, reading.place, message, reading.at, evidence)


_FILLED_IN: Final = ("pages", "estimated")
"""Facts of meter news that the sentence names."""


def _shown(moves: Mapping[Meter, Sentence]) -> Sentence:
    names = sorted(moves, key=lambda name: (name != TOTAL, name))
    shown = tuple(sentence("meter.did", meter=name, what=moves[name]) for name in names[:_NAMED])
    if len(names) > _NAMED:
        return sentence("meters.and_more", shown=shown, more=len(names) - _NAMED)
    return sentence("meters", shown=shown)


def weak_identity(reading: Reading) -> tuple[Finding, ...]:
    """Return the finding that the machine can only be told from others by weak marks, if so."""
    identity = reading.answer.identity
    if not identity.is_weak or reading.by_hand:
        return ()
    text = sentence("finding.weak_identity", device=str(identity.key))
    return (Finding(Code.WEAK_IDENTITY, Severity.INFO, reading.place, text, reading.at),)


def out_of_order(reading: Reading) -> Finding:
    """Return the finding that a reading came after a newer one."""
    text = sentence("finding.reading_out_of_order", at=reading.at)
    return Finding(Code.READING_OUT_OF_ORDER, Severity.WARNING, reading.place, text, reading.at)


def replaced(track: PlaceTrack, reading: Reading, guess: GrowthStep | None = None) -> Finding:
    """Return the finding that another machine stands at the place; its evidence has both meters.

    `guess` is what was estimated for the silence between the two.
    """
    old, new = track.identity, reading.answer.identity
    evidence: Evidence = {
        "old": old.key,
        "new": new.key,
        "old_last_read": track.at.isoformat(),
    }
    if guess is not None:
        pages = guess.last - guess.first
        evidence |= {"estimated": pages, "low": guess.low, "high": guess.high}
    evidence.update({f"old_{name}": meter.last for name, meter in track.meters.items()})
    evidence.update({f"new_{name}": value for name, value in reading.answer.meters.items()})
    text = _exchange(track, reading, guess)
    return Finding(
        Code.DEVICE_REPLACED, Severity.WARNING, reading.place, text, reading.at, evidence
    )


def _exchange(track: PlaceTrack, reading: Reading, guess: GrowthStep | None) -> Sentence:
    old, new, brought = track.identity, reading.answer.identity, reading.brought
    found = sentence(
        "finding.device_replaced",
        new=_machine(new, "machine.another"),
        old=_machine(old, "machine.one"),
        earlier=sentence("pages.not_counted_here")
        if brought is None
        else sentence("pages.counted_at", place=brought.place),
    )
    if guess is None:
        return found
    return sentence(
        "finding.device_replaced.guessed",
        said=found,
        pages=guess.last - guess.first,
        low=guess.low or 0,
        high=guess.high or 0,
    )


def _machine(identity: DeviceIdentity, nameless: str) -> Sentence:
    key = str(identity.key)
    return sentence("machine", model=identity.model or sentence(nameless), device=key)


def in_conflict(track: PlaceTrack, reading: Reading) -> Finding:
    """Return the finding, told once while it lasts, that several machines answer at one address."""
    one, other = sorted((track.identity.key, reading.answer.identity.key))
    text = sentence("finding.address_conflict", one=str(one), other=str(other))
    evidence: Evidence = {"one": one, "other": other}
    return Finding(
        Code.ADDRESS_CONFLICT, Severity.WARNING, reading.place, text, reading.at, evidence
    )


def still_distrusted(reading: Reading, since: datetime) -> Finding:
    """Return the finding that nothing was counted since a person called readings wrong."""
    text = sentence("finding.reading_distrusted", since=since)
    return Finding(Code.READING_DISTRUSTED, Severity.WARNING, reading.place, text, reading.at)
