"""What a profile knows of one model: its rated speed, and where its counters begin again at 0."""

from collections.abc import Iterator

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.facts import Facts, text_of
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_values import ModelFact, Profile

_SPEEDS = range(1, 1000)
"""Impressions a minute that a machine can be rated at; anything else in a name is no speed."""


def rated_ipm(
    profile: Profile, model: str | None, facts: Facts | None = None, *, low_confidence: bool = False
) -> int | None:
    """Return the rated speed in impressions a minute, None where it is not known.

    The profile's own figure for all its machines first, then the machine's own words, then what
    the name of the model says.
    """
    if profile.rated_ipm is not None:
        return profile.rated_ipm
    speeds = (_speed(one, model, facts) for one in _by_words_first(profile, low_confidence))
    return next((one for one in speeds if one is not None), None)


def wrap_of(
    profile: Profile, model: str | None, facts: Facts | None = None, *, low_confidence: bool = False
) -> int | None:
    """Return the modulus of this model's counters where the profile knows of one for it."""
    for one in _by_words_first(profile, low_confidence):
        if one.wrap is not None and _found(one, model, facts) is not None:
            return one.wrap
    return None


def _by_words_first(profile: Profile, low_confidence: bool) -> Iterator[ModelFact]:  # noqa: FBT001 # as handed on
    read = [one for one in profile.models if low_confidence or one.confidence != Confidence.LOW]
    yield from (one for one in read if one.words is not None)
    yield from (one for one in read if one.model is not None)


def _speed(fact: ModelFact, model: str | None, facts: Facts | None) -> int | None:
    found = _found(fact, model, facts)
    if found is None:
        return None
    digits = fact.ipm if fact.ipm is not None else found
    return int(digits) if str(digits).isdecimal() and int(digits) in _SPEEDS else None


def _found(fact: ModelFact, model: str | None, facts: Facts | None) -> str | None:
    """Return what stands in the pattern's group, empty without one; None where it is not found."""
    pattern = fact.words if fact.words is not None else fact.model
    texts = _words(facts) if fact.words is not None else (model,)
    for text in texts:
        match = pattern.search(text) if pattern is not None and text is not None else None
        if match is not None:
            return (match[1] or "") if match.re.groups else ""
    return None


def _words(facts: Facts | None) -> Iterator[str | None]:
    if facts is None:
        return
    device_id, printer = facts.device_id, facts.printer
    yield facts.descr
    yield printer.descr if printer is not None else None
    yield device_id[1] if device_id is not None else None
    yield text_of(facts.base.get(mib.PRINTER_NAME))
