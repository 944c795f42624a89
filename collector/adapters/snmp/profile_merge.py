"""Puts a profile together with those it includes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from collector.adapters.snmp.profile_sources import Source, Table
from collector.adapters.snmp.profile_values import IdentityRules, Profile

_T = TypeVar("_T")


def under(profile: Profile, base: Profile) -> Profile:
    """Return `profile` with what `base` states where it states nothing itself.

    Candidates for names come after its own; a meter, choice or check of its own replaces the
    included one. Rules are its own, unless it takes the place of a profile of the same id.
    """
    chosen = {meter for choice in profile.choices for one in choice for meter in one}
    meters = {meter: how for meter, how in base.meters.items() if meter not in chosen}
    stated = set(profile.meters)
    choices = profile.choices or tuple(
        choice for choice in base.choices if not any(stated & set(one) for one in choice)
    )
    return replace(
        profile,
        rules=profile.rules or (base.rules if profile.id == base.id else ()),
        priority=base.priority if profile.priority is None else profile.priority,
        identity=_identity_under(profile.identity, base.identity),
        parts={**base.parts, **profile.parts},
        sources=_sources_under(profile.sources, base.sources),
        meters={**meters, **profile.meters},
        choices=choices,
        derived={**base.derived, **profile.derived},
        checks=profile.checks or base.checks,
        sheets_are_impressions=profile.sheets_are_impressions or base.sheets_are_impressions,
        life_family=profile.life_family or base.life_family,
        models=_joined(profile.models, base.models),
        rated_ipm=profile.rated_ipm or base.rated_ipm,
        nvram_step=profile.nvram_step or base.nvram_step,
        wrap=profile.wrap or base.wrap,
        sentinels=profile.sentinels | base.sentinels,
        proved=profile.proved,
        includes=(profile.includes | base.includes | {base.id}) - {profile.id},
        homes=_homes(profile, base),
    )


def _homes(profile: Profile, base: Profile) -> Mapping[str, str]:
    """Return where each source of the two is described; rows may be added to a table below."""
    found = {name: base.home_of(name) for name in base.sources} | dict(base.homes)
    for name, source in profile.sources.items():
        if name in base.sources and isinstance(source, Table) and not source.candidates:
            found |= {f"{name}[{row}]": profile.id for row in source.rows}
        else:
            found[name] = profile.home_of(name)
    return found


def _sources_under(own: Mapping[str, Source], base: Mapping[str, Source]) -> Mapping[str, Source]:
    """Put `own` in front of `base`; a table without a place adds its rows to the one below."""
    found = {**base, **own}
    for name, source in own.items():
        below = base.get(name)
        if isinstance(source, Table) and isinstance(below, Table) and not source.candidates:
            found[name] = replace(below, rows={**below.rows, **source.rows})
    return found


def _identity_under(own: IdentityRules, base: IdentityRules) -> IdentityRules:
    return IdentityRules(
        vendor=own.vendor or base.vendor,
        brands=_joined(own.brands, base.brands),
        serial=_joined(own.serial, base.serial),
        model=_joined(own.model, base.model),
        firmware=_joined(own.firmware, base.firmware),
    )


def _joined(own: tuple[_T, ...], base: tuple[_T, ...]) -> tuple[_T, ...]:
    """Return `own` before `base`, each once: two profiles may include the same third one."""
    return tuple(dict.fromkeys((*own, *base)))
