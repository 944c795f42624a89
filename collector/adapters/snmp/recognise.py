"""Which profile a machine is read with.

The order of evidence, strongest first:

1. sysObjectID (hrDeviceID of the printer where there is none) and sysDescr, except marks that a
   rule calls weak: an HP print server sits in machines of other makers too.
2. The IEEE-1284 device id and hrDeviceDescr.
3. Weak marks.
4. A signature (something answers below a maker's own counter table), only where the machine
   gave no sysObjectID, no sysDescr, no hrDeviceID and no device id at all, and its
   hrDeviceDescr, if any, told nothing. It is the last resort for cut-down agents and captures:
   machines imitate private trees of other makers (Brother answers HP's), so a tree that answers
   never outweighs what a machine calls itself.

Within a step the higher priority wins, then the longer sysObjectID prefix. A machine that
nothing recognises is read with the generic profile.
"""

from collections.abc import Iterator

from collector.adapters.snmp.facts import Facts, enterprise, matches
from collector.adapters.snmp.profile_values import Profile, Profiles, Rule
from collector.adapters.snmp.session import Session

_NAMED, _DESCRIBED, _WEAK = 3, 2, 1


async def recognise(session: Session, facts: Facts, profiles: Profiles) -> Profile:
    """Return the profile to read the machine with."""
    found = [
        (_strength(rule), profile.priority, len(rule.object_id or ()), profile.id)
        for profile, rule in _rules(profiles)
        if rule.signature is None and _holds(rule, facts)
    ]
    if found:
        return profiles.by_id[max(found)[-1]]
    if _said_nothing(facts):
        for profile, rule in _rules(profiles):
            if rule.signature is not None and await session.walk(rule.signature, limit=1):
                return profile
    return profiles.generic


def _rules(profiles: Profiles) -> Iterator[tuple[Profile, Rule]]:
    ordered = sorted(profiles.by_id.values(), key=lambda one: (-one.priority, one.id))
    for profile in ordered:
        for rule in profile.rules:
            yield profile, rule


def _strength(rule: Rule) -> int:
    if rule.weak:
        return _WEAK
    return _NAMED if rule.object_id is not None or rule.descr is not None else _DESCRIBED


def _holds(rule: Rule, facts: Facts) -> bool:
    printer, device_id = facts.printer, facts.device_id
    prefix = rule.object_id
    number = facts.object_id or (enterprise(printer.id) if printer else None) or ()
    if prefix is not None and number[: len(prefix)] != prefix:
        return False
    conditions = (
        (rule.descr, facts.descr),
        (rule.device_id, device_id[1] if device_id else None),
        (rule.device_descr, printer.descr if printer else None),
    )
    return all(pattern is None or matches(pattern, text) for pattern, text in conditions)


def _said_nothing(facts: Facts) -> bool:
    named = any(device.id for device in facts.devices)
    return facts.object_id is None and facts.descr is None and not facts.device_id and not named
