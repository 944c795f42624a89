"""Which profile a machine is read with.

The order of evidence, strongest first:

1. sysObjectID (hrDeviceID of the printer where there is none), except marks that a rule calls
   weak: an HP print server sits in machines of other makers too.
2. sysDescr.
3. The IEEE-1284 device id and hrDeviceDescr.
4. Weak marks.
5. A signature (something answers below a maker's own counter table), only where the machine
   gave no sysObjectID, no sysDescr, no hrDeviceID and no device id at all, and its
   hrDeviceDescr, if any, told nothing. It is the last resort for cut-down agents and captures:
   machines imitate private trees of other makers (Brother answers HP's), so a tree that answers
   never outweighs what a machine calls itself. A weak signature is a standard's table, which
   claims no maker: it is looked for wherever nothing else recognised the machine.

A rule for a model or a firmware wins over one without, then the higher priority, the longer
sysObjectID prefix, the more conditions. A profile that includes another is the special case of
it and wins over it by any evidence that is not weak. A machine that nothing recognises is read
with the generic profile.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Session
from collector.adapters.snmp.condition.facts import Facts, enterprise, matches, starts
from collector.adapters.snmp.profiles.values import Profile, Profiles, Rule
from collector.adapters.snmp.profiles.views import meter_lines, written
from collector.adapters.snmp.reading.naming import said_names
from collector.adapters.snmp.reading.survey import Survey, identity_oids
from collector.domain.meters import TOTAL
from collector.domain.sentence import sentence
from collector.errors import Problem, Spot
from collector.user_files.report import problem_at

_OBJECT, _NAMED, _DESCRIBED, _WEAK = 4, 3, 2, 1
_Evidence = tuple[int, int, int, int, int]


async def recognise(
    session: Session, facts: Facts, profiles: Profiles, *, standards: bool = True
) -> Profile:
    """Return the profile to read the machine with; see `fitting`."""
    return (await fitting(session, facts, profiles, standards=standards))[0]


async def fitting(
    session: Session, facts: Facts, profiles: Profiles, *, standards: bool = True
) -> tuple[Profile, ...]:
    """Return the profile to read the machine with, then those that fit it just as well.

    Of those a user's own is preferred, then the first by name. Without `standards` nothing is
    asked for a standard's table: whoever searches a network has other devices before him.
    """
    found = await _recognised(session, facts, profiles)
    if found:
        best = max(found.values())
        ids = [name for name, evidence in found.items() if evidence == best]
        return tuple(
            sorted((profiles.by_id[name] for name in ids), key=lambda one: (not one.own, one.id))
        )
    silent = _said_nothing(facts)
    for profile, rule in _rules(profiles):
        if rule.signature is None or not (silent or (rule.weak and standards)):
            continue
        if await session.walk(rule.signature, limit=1):
            return (profile,)
    return (profiles.generic,)


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two profiles that recognise the same machines equally well, and by which of their rules."""

    one: Profile
    other: Profile
    rule: Rule
    other_rule: Rule

    @property
    def mark(self) -> str:
        """What both rules want of a machine."""
        return "; ".join(written(self.rule))


def rivals(profiles: Profiles) -> Iterator[Rivals]:
    """Yield profiles that recognise the same machines equally well.

    Found without a machine: only marks written alike are seen here. `profile_ambiguous` tells of
    the rest when a machine meets it.
    """
    every = sorted(profiles.by_id.values(), key=lambda one: one.id)
    for one, other in combinations(every, 2):
        if one.id in other.includes or other.id in one.includes:
            continue
        marks = {(_evidence(rule, other), written(rule)): rule for rule in other.rules}
        for rule in one.rules:
            twin = marks.get((_evidence(rule, one), written(rule)))
            if twin is not None:
                yield Rivals(one, other, rule, twin)
                break


def beaten(profile: Profile, profiles: Profiles) -> Iterator[tuple[Rule, Profile]]:
    """Yield the rules of `profile` that never decide, and who has the same with more weight."""
    for rule in profile.rules:
        mark, evidence = written(rule), _evidence(rule, profile)
        for other in profiles.by_id.values():
            if other.id in {profile.id, *profile.includes} or profile.id in other.includes:
                continue
            if any(
                written(one) == mark and _evidence(one, other) > evidence for one in other.rules
            ):
                yield rule, other
                break


async def _recognised(
    session: Session, facts: Facts, profiles: Profiles
) -> Mapping[str, _Evidence]:
    """Return the best evidence for each profile that nothing more special replaces."""
    found: dict[str, _Evidence] = {}
    for profile, rule in _rules(profiles):
        if rule.signature is None and _holds(rule, facts):
            evidence = _evidence(rule, profile)
            if evidence > found.get(profile.id, ()) and await _says(session, facts, profile, rule):
                found[profile.id] = evidence
    replaced = {
        below
        for name, evidence in found.items()
        for below in profiles.by_id[name].includes & set(found)
        if evidence[0] > _WEAK or found[below][0] <= _WEAK
    }
    return {name: evidence for name, evidence in found.items() if name not in replaced}


def _rules(profiles: Profiles) -> Iterator[tuple[Profile, Rule]]:
    ordered = sorted(profiles.by_id.values(), key=lambda one: (-(one.priority or 0), one.id))
    for profile in ordered:
        for rule in profile.rules:
            yield profile, rule


def _evidence(rule: Rule, profile: Profile) -> _Evidence:
    stated = (rule.object_id, rule.descr, rule.device_id, rule.device_descr)
    narrow = (rule.model, rule.firmware)
    return (
        _strength(rule),
        sum(one is not None for one in narrow),
        profile.priority or 0,
        len(rule.object_id or ()),
        sum(one is not None for one in stated),
    )


def _strength(rule: Rule) -> int:
    if rule.weak:
        return _WEAK
    if rule.object_id is not None:
        return _OBJECT
    return _NAMED if rule.descr is not None else _DESCRIBED


def _holds(rule: Rule, facts: Facts) -> bool:
    printer, device_id = facts.printer, facts.device_id
    prefix = rule.object_id
    number = facts.object_id or (enterprise(printer.id) if printer else None) or ()
    if prefix is not None and number[: len(prefix)] != prefix:
        return False
    if starts(number, rule.not_object_ids) or matches(rule.not_descr, facts.descr):
        return False
    if rule.printer and not _is_printer(facts):
        return False
    conditions = (
        (rule.descr, facts.descr),
        (rule.device_id, device_id[1] if device_id else None),
        (rule.device_descr, printer.descr if printer else None),
    )
    return all(pattern is None or matches(pattern, text) for pattern, text in conditions)


async def _says(session: Session, facts: Facts, profile: Profile, rule: Rule) -> bool:
    """Say whether model and firmware, by the profile's own candidates, are those of `rule`."""
    if rule.model is None and rule.firmware is None:
        return True
    survey = Survey(profile, facts, dict(facts.base))
    survey.values |= await session.get(tuple(dict.fromkeys(identity_oids(survey))))
    model, firmware = said_names(survey)
    return (rule.model is None or matches(rule.model, model)) and (
        rule.firmware is None or matches(rule.firmware, firmware)
    )


def _is_printer(facts: Facts) -> bool:
    return bool(facts.markers) or any(one.type == mib.TYPE_PRINTER for one in facts.devices)


def _said_nothing(facts: Facts) -> bool:
    named = any(device.id for device in facts.devices)
    return facts.object_id is None and facts.descr is None and not facts.device_id and not named


# What is not wrong with an office's own profile, yet hardly meant.


def hints(profiles: Profiles) -> Iterator[Problem]:
    """Yield what is worth a word about the own ones of `profiles`, file by file."""
    for two in rivals(profiles):
        mine, other, rule = two.one, two.other, two.rule
        if not mine.own:
            mine, other, rule = two.other, two.one, two.other_rule
        if mine.own:
            equal = sentence("profile.equal", one=mine.id, other=other.id, mark=two.mark)
            yield problem_at(_at(mine, rule), equal)
    own = [one for one in profiles.by_id.values() if one.own]
    included = {name for one in profiles.by_id.values() for name in one.includes}
    for profile in own:
        yield from _of(profile, profiles, is_included=profile.id in included)


def _of(profile: Profile, profiles: Profiles, *, is_included: bool) -> Iterator[Problem]:
    for rule, other in beaten(profile, profiles):
        mark, priority = "; ".join(written(rule)), other.priority or 0
        never = sentence("profile.never_used", other=other.id, mark=mark, priority=priority)
        yield problem_at(_at(profile, rule), never)
    if not (profile.rules or is_included or profile is profiles.generic):
        yield problem_at(Spot(profile.file), sentence("profile.recognises_none"))
    if TOTAL not in {line.meter for line in meter_lines(profile)}:
        yield problem_at(Spot(profile.file), sentence("profile.no_total"))


def _at(profile: Profile, rule: Rule) -> Spot:
    return Spot(profile.file) if rule.place is None else rule.place.spot
