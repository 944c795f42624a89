"""What a profile reads, and how it knows its machines, in short."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collector.adapters.snmp.profile_review import LEAST_FIRST
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_values import Formula, Profile, Rule
from collector.adapters.snmp.session import dotted
from collector.domain.meters import METERS, Meter

_ENTERPRISES = "1.3.6.1.4.1."


@dataclass(frozen=True, slots=True)
class MeterLine:
    """One way to read a meter; of several with the same `group` the first that fits is taken.

    `group` is empty for a meter chosen by itself, else it names the set: `set 2`, `derived`.
    """

    meter: Meter
    formula: Formula
    group: str = ""


def meter_lines(profile: Profile) -> tuple[MeterLine, ...]:
    """Return every way of `profile` to read a meter, in the order of the meters."""
    found = [
        MeterLine(meter, formula, f"set {number}")
        for choice in profile.choices
        for number, one in enumerate(choice, start=1)
        for meter, formula in one.items()
    ]
    found += [MeterLine(meter, one) for meter, how in profile.meters.items() for one in how]
    found += [
        MeterLine(meter, one, "derived") for meter, how in profile.derived.items() for one in how
    ]
    order = list(METERS)
    return tuple(sorted(found, key=lambda line: order.index(line.meter)))


def meters_by_confidence(profile: Profile) -> Mapping[Confidence, tuple[Meter, ...]]:
    """Return the meters of `profile` by the confidence of their surest formula."""
    surest: dict[Meter, Confidence] = {}
    for line in meter_lines(profile):
        known = surest.setdefault(line.meter, line.formula.confidence)
        surest[line.meter] = max(known, line.formula.confidence, key=LEAST_FIRST.index)
    return {
        level: tuple(meter for meter, one in surest.items() if one is level) for level in Confidence
    }


def meters_read(profile: Profile, *, low_confidence: bool) -> tuple[Meter, ...]:
    """Return the meters that `profile` reads where the machine has them."""
    found = dict.fromkeys(
        line.meter for line in meter_lines(profile) if is_read(line, low_confidence=low_confidence)
    )
    return tuple(found)


def is_read(line: MeterLine, *, low_confidence: bool) -> bool:
    """Say whether this way to read a meter is used at all."""
    return low_confidence or line.formula.confidence is not Confidence.LOW


def marks_of(profile: Profile) -> str:
    """Return in short how machines are recognised: enterprises, then kinds of names."""
    numbers = dict.fromkeys(
        dotted(rule.object_id).removeprefix(_ENTERPRISES)
        for rule in profile.rules
        if rule.object_id is not None
    )
    names = dict.fromkeys(name for rule in profile.rules for name in _names(rule))
    found = [f"sysObjectID {', '.join(numbers)}"] if numbers else []
    return "; ".join([*found, *names]) or "any other printer"


def _names(rule: Rule) -> Iterator[str]:
    for name, pattern in (
        ("sysDescr", rule.descr),
        ("device id", rule.device_id),
        ("hrDeviceDescr", rule.device_descr),
        ("model", rule.model),
        ("firmware", rule.firmware),
    ):
        if pattern is not None:
            yield name
    if rule.signature is not None:
        yield "signature"


def conditions(rule: Rule) -> Mapping[str, str | list[str] | bool]:
    """Return what `rule` states, by the keys of a profile file."""
    oids = {"object_id": rule.object_id, "signature": rule.signature}
    patterns = {
        "descr": rule.descr,
        "device_id": rule.device_id,
        "device_descr": rule.device_descr,
        "model": rule.model,
        "firmware": rule.firmware,
        "not_descr": rule.not_descr,
    }
    found: dict[str, str | list[str] | bool] = {
        key: dotted(oid) for key, oid in oids.items() if oid is not None
    }
    found |= {key: one.pattern for key, one in patterns.items() if one is not None}
    if rule.not_object_ids:
        found["not_object_id"] = [dotted(one) for one in rule.not_object_ids]
    return found | {key: True for key in ("printer", "weak") if getattr(rule, key)}


def written(rule: Rule) -> tuple[str, ...]:
    """Return the conditions of `rule` as a profile writes them: `descr '^ACME'`."""
    found: list[str] = []
    for key, value in conditions(rule).items():
        if value is True:
            found.append(key)
        else:
            values = value if isinstance(value, list) else [str(value)]
            is_oid = key.endswith("object_id") or key == "signature"
            found += [f"{key} {one}" if is_oid else f"{key} '{one}'" for one in values]
    return tuple(found)
