"""Profiles as TOML files: the shipped ones in `makers/`, and a folder of the user's own.

A file is a profile of `format = 1`. `include` takes over another profile's sources, parts and
checks, and whatever meters the file does not state itself; identity candidates of the file come
first. A user's file replaces a shipped one of the same id. The keys are described in
`makers/README.md`; every problem of every file is reported at once.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from collector.adapters.snmp import profile_meters
from collector.adapters.snmp import profile_parts as part
from collector.adapters.snmp.profile_values import (
    Formula,
    IdentityRules,
    PartName,
    Profile,
    Profiles,
    RecordSource,
    Scalar,
    Source,
    Table,
    Template,
    Term,
)
from collector.adapters.snmp.section import Section
from collector.errors import ConfigError, Problem

FORMAT: Final = 1
SHIPPED: Final = Path(__file__).parent / "makers"
BUILT_IN: Final = frozenset({"life", "sheets"})
"""Sources every profile has: the Printer-MIB's life count in impressions, and in sheets."""


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
            drafts |= _read_folder(home, problems)
    profiles = {name: _merged(name, drafts, (), problems) for name in drafts}
    for name, profile in profiles.items():
        _check_references(profile, drafts[name].where, problems)
    if problems:
        raise ConfigError(problems)
    return Profiles(profiles, low_confidence)


def _read_folder(folder: Path, problems: list[Problem]) -> dict[str, _Draft]:
    if not folder.is_dir():
        problems.append(Problem(str(folder), "this folder of profiles does not exist"))
        return {}
    drafts: dict[str, _Draft] = {}
    for path in sorted(folder.glob("*.toml")):
        draft = _read_file(path, problems)
        if draft is None:
            continue
        if draft.profile.id in drafts:
            other = drafts[draft.profile.id].where
            problems.append(Problem(f"{path.name}: id", f"is already the id of {other}"))
        drafts[draft.profile.id] = draft
    return drafts


def _read_file(path: Path, problems: list[Problem]) -> _Draft | None:
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
    return _draft(top, path.name)


def _draft(top: Section, where: str) -> _Draft | None:
    name = top.text("id")
    if not name:
        top.problem("id", "must name the profile")
    origin = profile_meters.Origin.of(top)
    profile = Profile(
        id=name or "",
        rules=part.rules(top),
        priority=top.number("priority") or 0,
        identity=part.identity(top.section("identity")),
        parts=part.parts(top),
        sources=part.sources(top),
        meters=profile_meters.meters(top, origin),
        choices=profile_meters.choices(top, origin),
        checks=profile_meters.checks(top),
        sheets_are_impressions=top.flag("sheets_are_impressions"),
        rated_ipm=top.number("rated_ipm"),
        nvram_step=top.number("nvram_step"),
    )
    includes = top.texts("include")
    top.text("about")
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
        identity=_identity_under(profile.identity, base.identity),
        parts={**base.parts, **profile.parts},
        sources={**base.sources, **profile.sources},
        meters={**meters, **profile.meters},
        choices=choices,
        checks=profile.checks or base.checks,
        sheets_are_impressions=profile.sheets_are_impressions or base.sheets_are_impressions,
        rated_ipm=profile.rated_ipm or base.rated_ipm,
        nvram_step=profile.nvram_step or base.nvram_step,
    )


def _identity_under(own: IdentityRules, base: IdentityRules) -> IdentityRules:
    return IdentityRules(
        vendor=own.vendor or base.vendor,
        brands=own.brands + base.brands,
        serial=own.serial + base.serial,
        model=own.model + base.model,
        firmware=own.firmware + base.firmware,
    )


def _check_references(profile: Profile, where: str, problems: list[Problem]) -> None:
    for name, formula in _formulas(profile):
        for term in (*formula.terms, *formula.unless):
            wrong = _wrong_term(term, profile.sources)
            if wrong:
                problems.append(Problem(f"{where}: {name}", f"{formula.text!r}: {wrong}"))
    unknown = [name for name in _parts_named(profile) if name not in profile.parts]
    problems += [Problem(f"{where}: parts", f"no part is called {name!r}") for name in unknown]


def _formulas(profile: Profile) -> Iterator[tuple[str, Formula]]:
    for meter, alternatives in profile.meters.items():
        for formula in alternatives:
            yield f"meters.{meter}", formula
    for choice in profile.choices:
        for one in choice:
            for meter, formula in one.items():
                yield f"choose.{meter}", formula


def _wrong_term(term: Term, sources: Mapping[str, Source]) -> str | None:
    if term.source in BUILT_IN or isinstance(sources.get(term.source), Scalar):
        return f"{term.source} has no rows" if term.key is not None else None
    source = sources.get(term.source)
    if isinstance(source, Table):
        known = term.key == "*" or term.key in source.rows
        return None if known else f"table {term.source} has no row {term.key!r}"
    if isinstance(source, RecordSource):
        return None if part.is_tag(term.key) else f"{term.source}[..] needs two hex digits"
    return f"nothing is called {term.source!r}"


def _parts_named(profile: Profile) -> Iterator[str]:
    for template in _templates(profile):
        yield from (arc for arc in template if isinstance(arc, str))
    for source in profile.sources.values():
        if isinstance(source, Table):
            conditions = (source.only, source.never, *(row.where for row in source.rows.values()))
            for wanted in (said for one in conditions for said in one.values()):
                yield from (said.name for said in wanted if isinstance(said, PartName))


def _templates(profile: Profile) -> Iterator[Template]:
    rules = profile.identity
    for text in (*rules.serial, *rules.model, *rules.firmware):
        if text.oid is not None:
            yield text.oid
    for source in profile.sources.values():
        if isinstance(source, Scalar):
            yield from source.oids
        elif isinstance(source, RecordSource):
            yield source.oid
        else:
            for columns in source.candidates:
                named = (column.oid for column in columns.named.values())
                optional = (columns.code, columns.label, columns.maximum, *named)
                yield columns.value
                yield from (one for one in optional if isinstance(one, tuple))
