"""Profiles as TOML files: the shipped ones in `makers/`, and a folder of the user's own.

A file is a profile of `format = 1`. `include` takes over another profile's sources, parts and
checks, and whatever meters the file does not state itself; identity candidates of the file come
first. A user's file replaces a shipped one of the same id. The keys are described in
`makers/README.md`; every problem of every file is reported at once.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from collector.adapters.snmp import profile_meters
from collector.adapters.snmp import profile_parts as part
from collector.adapters.snmp.profile_counted import wrap
from collector.adapters.snmp.profile_review import settled, wrongs
from collector.adapters.snmp.profile_sources import Source, Table
from collector.adapters.snmp.profile_values import IdentityRules, Profile, Profiles
from collector.adapters.snmp.section import Section
from collector.errors import ConfigError, Problem

FORMAT: Final = 1
SHIPPED: Final = Path(__file__).parent / "makers"


@dataclass(frozen=True, slots=True)
class _Draft:
    profile: Profile
    includes: tuple[str, ...]
    where: str


def load_profiles(folder: Path | None = None, *, low_confidence: bool = False) -> Profiles:
    """Return the shipped profiles, with those of `folder` added or put in their place.

    Raises ConfigError with every problem of every file.
    """
    problems: list[Problem] = []
    drafts: dict[str, _Draft] = {}
    for home in (SHIPPED, folder):
        if home is not None:
            drafts |= _read_folder(home, problems, own=home is folder)
    profiles = {name: _merged(name, drafts, (), problems) for name in drafts}
    for name, profile in profiles.items():
        problems += wrongs(profile, drafts[name].where)
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return Profiles({name: settled(one) for name, one in profiles.items()}, low_confidence)


def _read_folder(folder: Path, problems: list[Problem], *, own: bool) -> dict[str, _Draft]:
    if not folder.is_dir():
        problems.append(Problem(str(folder), "this folder of profiles does not exist"))
        return {}
    drafts: dict[str, _Draft] = {}
    for path in sorted(folder.glob("*.toml")):
        draft = _read_file(path, problems, own=own)
        if draft is None:
            continue
        if draft.profile.id in drafts:
            other = drafts[draft.profile.id].where
            problems.append(Problem(f"{path.name}: id", f"is already the id of {other}"))
        drafts[draft.profile.id] = draft
    return drafts


def _read_file(path: Path, problems: list[Problem], *, own: bool) -> _Draft | None:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        problems.append(Problem(path.name, f"cannot be read as TOML: {exc}"))
        return None
    top = Section(data, f"{path.name}: ", problems)
    version = top.number("format")
    if version != FORMAT:
        top.problem("format", f"must be {FORMAT}; this program reads no other format")
        return None
    return _draft(top, path.name, own=own)


def _draft(top: Section, where: str, *, own: bool) -> _Draft | None:
    name = top.text("id")
    if not name:
        top.problem("id", "must name the profile")
    origin = profile_meters.Origin.of(top)
    profile = Profile(
        id=name or "",
        rules=part.rules(top),
        priority=top.number("priority"),
        identity=part.identity(top.section("identity")),
        parts=part.parts(top),
        sources=part.sources(top),
        meters=profile_meters.meters(top, origin),
        choices=profile_meters.choices(top, origin),
        derived=profile_meters.derived(top, origin),
        checks=profile_meters.checks(top),
        sheets_are_impressions=top.flag("sheets_are_impressions"),
        rated_ipm=top.number("rated_ipm"),
        nvram_step=top.number("nvram_step"),
        wrap=wrap(top),
        sentinels=top.numbers("sentinels"),
        about=top.text("about") or "",
        file=where,
        own=own,
    )
    includes = top.texts("include")
    top.done()
    return _Draft(profile, includes, where) if name else None


def _merged(
    name: str, drafts: Mapping[str, _Draft], above: tuple[str, ...], problems: list[Problem]
) -> Profile:
    draft = drafts[name]
    profile = draft.profile
    for other in draft.includes:
        if other in (*above, name) or other not in drafts:
            why = "includes itself" if other in drafts else "is no profile"
            problems.append(Problem(f"{draft.where}: include", f"{other!r} {why}"))
            continue
        profile = _under(profile, _merged(other, drafts, (*above, name), problems))
    return profile


def _under(profile: Profile, base: Profile) -> Profile:
    chosen = {meter for choice in profile.choices for one in choice for meter in one}
    meters = {meter: how for meter, how in base.meters.items() if meter not in chosen}
    stated = set(profile.meters)
    choices = profile.choices or tuple(
        choice for choice in base.choices if not any(stated & set(one) for one in choice)
    )
    return replace(
        profile,
        priority=base.priority if profile.priority is None else profile.priority,
        identity=_identity_under(profile.identity, base.identity),
        parts={**base.parts, **profile.parts},
        sources=_sources_under(profile.sources, base.sources),
        meters={**meters, **profile.meters},
        choices=choices,
        derived={**base.derived, **profile.derived},
        checks=profile.checks or base.checks,
        sheets_are_impressions=profile.sheets_are_impressions or base.sheets_are_impressions,
        rated_ipm=profile.rated_ipm or base.rated_ipm,
        nvram_step=profile.nvram_step or base.nvram_step,
        wrap=profile.wrap or base.wrap,
        sentinels=profile.sentinels | base.sentinels,
        includes=profile.includes | base.includes | {base.id},
    )


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
        brands=own.brands + base.brands,
        serial=own.serial + base.serial,
        model=own.model + base.model,
        firmware=own.firmware + base.firmware,
    )
