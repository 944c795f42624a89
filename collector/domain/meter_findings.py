"""What a person is told of a machine's meters: one finding a kind, however many meters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from collector.domain.findings import Code, Finding, Severity
from collector.domain.judging import Ruling
from collector.domain.meters import TOTAL, Meter
from collector.domain.reading import Reading
from collector.domain.track import MeterTrack, PlaceTrack

_NAMED: Final = 2
"""Meters named in a finding's sentence; its evidence holds all of them."""

_ALONE: Final = (
    "some meters were reset while the others went on, so no board was exchanged; each goes on in a "
    "new epoch"
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
    Code.METER_JUMP_CONFIRMED: (
        Severity.WARNING,
        "an unlikely number of pages was confirmed and counted; compare with the panel",
    ),
    Code.METER_REDEFINED: (
        Severity.WARNING,
        "meters are read by another formula and begin anew; compare with the panel",
    ),
}


Evidence = dict[str, str | int | float | None]


def meter_findings(
    reading: Reading, rulings: Mapping[Meter, Ruling], before: Mapping[Meter, MeterTrack]
) -> tuple[Finding, ...]:
    """Join what happened to several meters at once into one finding a kind.

    `before` is the meters as they were: whether all that had counted fell together tells a reset
    of the machine from one of a meter alone. The evidence names each meter's values, `since` (the
    first reading it is about) and, for a reset, its `scope`.
    """
    codes = sorted({one.code for one in rulings.values() if one.code is not None})
    return tuple(_finding(reading, code, rulings, before) for code in codes)


def _finding(
    reading: Reading,
    code: Code,
    rulings: Mapping[Meter, Ruling],
    before: Mapping[Meter, MeterTrack],
) -> Finding:
    severity, text = _TEXTS[code]
    concerned = {name: one for name, one in rulings.items() if one.code is code}
    evidence: Evidence = {name: one.text for name, one in concerned.items()}
    since = [one.since for one in concerned.values() if one.since is not None]
    if since:
        evidence["since"] = min(since).isoformat()
    if code is Code.METER_RESET:
        others = [name for name in rulings if name not in concerned and before[name].last > 0]
        evidence["scope"] = "meters" if others else "machine"
        text = _ALONE if others else text
    shown = _shown({name: one.text for name, one in concerned.items()})
    return Finding(code, severity, reading.place, f"{text}: {shown}", reading.at, evidence)


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


def replaced(track: PlaceTrack, reading: Reading) -> Finding:
    """Return the finding that another machine stands at the place; its evidence has both meters."""
    old, new = track.identity, reading.answer.identity
    text = (
        f"{new.model or 'another machine'} ({new.key}) stands where {old.model or 'one'} "
        f"({old.key}) stood; its earlier pages are not counted here, please confirm the exchange"
    )
    evidence: Evidence = {
        "old": old.key,
        "new": new.key,
        "old_last_read": track.at.isoformat(),
    }
    evidence.update({f"old_{name}": meter.last for name, meter in track.meters.items()})
    evidence.update({f"new_{name}": value for name, value in reading.answer.meters.items()})
    return Finding(
        Code.DEVICE_REPLACED, Severity.WARNING, reading.place, text, reading.at, evidence
    )


def still_distrusted(reading: Reading, since: datetime) -> Finding:
    """Return the finding that nothing was counted since a person called readings wrong."""
    text = (
        f"nothing has been counted since {since.isoformat()}, when a person called what is read "
        "here wrong; it has not become plausible again: decide anew whether it is a reset or "
        "another machine"
    )
    return Finding(Code.READING_DISTRUSTED, Severity.WARNING, reading.place, text, reading.at)
