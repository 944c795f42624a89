"""What a person is told of a machine's meters: one finding a kind, however many meters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.growth import GrowthStep, MeterNews
from collector.domain.counting.reading import Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.meters import TOTAL, Meter

_NAMED: Final = 2
"""Meters named in a finding's sentence; its evidence holds all of them."""

_ALONE: Final = (
    "some meters were reset while the others went on, so no board was exchanged; each goes on in a "
    "new epoch"
)

_QUESTION: Final = (
    "the counters stand where printing cannot have brought them; {estimated} pages were estimated "
    "for the time before and {pages} are in question until a person decides"
)

_TEXTS: Final[Mapping[Code, tuple[Severity, str]]] = {
    Code.METER_ROLLBACK: (
        Severity.INFO,
        "meters fell by a few pages after a power cut; nothing was counted, nothing needs doing",
    ),
    Code.METER_WRAPPED: (
        Severity.INFO,
        "meters passed the end of their range and began again at 0; every page was counted",
    ),
    Code.METER_SUSPECT: (
        Severity.WARNING,
        "meters read something the machine cannot have printed; held back until the next reading",
    ),
    Code.METER_GLITCH: (
        Severity.INFO,
        "what was read was wrong and was dropped; the pages were counted from what is around it",
    ),
    Code.METER_RESET: (
        Severity.WARNING,
        "the machine's meters were reset; counting goes on in a new epoch, please note the repair",
    ),
    Code.PAGES_IN_QUESTION: (
        Severity.WARNING,
        _QUESTION,
    ),
    Code.ABOVE_PACE: (
        Severity.WARNING,
        "{pages} pages are more than is usual here in the time; they are possible and were counted",
    ),
    Code.METER_REDEFINED: (
        Severity.WARNING,
        "meters are read by another formula and begin anew; compare with the panel",
    ),
}


Evidence = dict[str, str | int | float | None]


def meter_finding(reading: Reading, news: MeterNews) -> Finding:
    """Return `news` as a finding, however many meters it is about.

    The evidence names each meter's values, `since` (the first reading it is about) and the facts.
    """
    severity, text = _TEXTS[news.code]
    evidence: Evidence = {str(name): text for name, text in news.texts.items()}
    evidence.update(news.facts)
    if news.since is not None:
        evidence["since"] = news.since.isoformat()
    if news.facts.get("scope") == "meters":
        text = _ALONE
    message = f"{text.format_map(news.facts)}: {_shown(news.texts)}"
    return Finding(news.code, severity, reading.place, message, reading.at, evidence)


def _shown(changes: Mapping[Meter, str]) -> str:
    names = sorted(changes, key=lambda name: (name != TOTAL, name))
    shown = ", ".join(f"{name} {changes[name]}" for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def weak_identity(reading: Reading) -> tuple[Finding, ...]:
    """Return the finding that the machine can only be told from others by weak marks, if so."""
    identity = reading.answer.identity
    if not identity.is_weak or reading.by_hand:
        return ()
    text = (
        "the machine gives no serial number of its own (none, or one that factories leave in) and "
        f"is known as {identity.key}; have the service technician enter its serial number, or "
        "state its place in a profile of your own: serial = [{ oid = … }] under [identity]; if it "
        "is replaced by one of the same model, say so: copier-fleet findings resolve"
    )
    return (Finding(Code.WEAK_IDENTITY, Severity.INFO, reading.place, text, reading.at),)


def out_of_order(reading: Reading) -> Finding:
    """Return the finding that a reading came after a newer one."""
    text = f"a reading of {reading.at.isoformat()} came after a newer one and was not counted"
    return Finding(Code.READING_OUT_OF_ORDER, Severity.WARNING, reading.place, text, reading.at)


def replaced(track: PlaceTrack, reading: Reading, guess: GrowthStep | None = None) -> Finding:
    """Return the finding that another machine stands at the place; its evidence has both meters.

    `guess` is what was estimated for the silence between the two.
    """
    old, new = track.identity, reading.answer.identity
    earlier = "its earlier pages are not counted here"
    if reading.brought is not None:
        earlier = f"its pages until it was read there last are counted at {reading.brought.place}"
    text = (
        f"{new.model or 'another machine'} ({new.key}) stands where {old.model or 'one'} "
        f"({old.key}) stood; {earlier}, please confirm the exchange"
    )
    evidence: Evidence = {
        "old": old.key,
        "new": new.key,
        "old_last_read": track.at.isoformat(),
    }
    if guess is not None:
        pages = guess.last - guess.first
        text += (
            f"; {pages} pages ({guess.low} to {guess.high}) are estimated for the silence between"
        )
        evidence |= {"estimated": pages, "low": guess.low, "high": guess.high}
    evidence.update({f"old_{name}": meter.last for name, meter in track.meters.items()})
    evidence.update({f"new_{name}": value for name, value in reading.answer.meters.items()})
    return Finding(
        Code.DEVICE_REPLACED, Severity.WARNING, reading.place, text, reading.at, evidence
    )


def in_conflict(track: PlaceTrack, reading: Reading) -> Finding:
    """Return the finding, told once while it lasts, that several machines answer at one address."""
    one, other = sorted((track.identity.key, reading.answer.identity.key))
    text = (
        f"{one} and {other} answer in turn at this address; the pages of both are counted here, "
        "please give each an address of its own"
    )
    evidence: Evidence = {"one": one, "other": other}
    return Finding(
        Code.ADDRESS_CONFLICT, Severity.WARNING, reading.place, text, reading.at, evidence
    )


def still_distrusted(reading: Reading, since: datetime) -> Finding:
    """Return the finding that nothing was counted since a person called readings wrong."""
    text = (
        f"nothing has been counted since {since.isoformat()}, when a person called what is read "
        "here wrong; it has not become plausible again: decide anew whether it is a reset or "
        "another machine"
    )
    return Finding(Code.READING_DISTRUSTED, Severity.WARNING, reading.place, text, reading.at)
