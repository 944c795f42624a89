"""Profiles as TOML files: the shipped ones in `makers/`, and a folder of the user's own.

A file is a profile of `format = 1`. `include` takes over another profile's sources, parts and
checks, and whatever meters the file does not state itself; identity candidates of the file come
first. A user's file replaces a shipped one of the same id, and may include it. The keys are
described in `makers/README.md`; every problem of every file is reported at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from collector.adapters.snmp.profiles.file_tables import ProfileFile
from collector.adapters.snmp.profiles.parse import profile_of
from collector.adapters.snmp.profiles.review import settled, wrongs
from collector.adapters.snmp.profiles.values import (
    CounterTable,
    IdentityRules,
    Profile,
    Profiles,
    Source,
)
from collector.errors import ConfigError, Problem, Spot, said
from collector.user_files.report import MOST, ProblemReport, hint, problem_at, quoted
from collector.user_files.tables import tell
from collector.user_files.toml_file import TomlFile, read_toml, unreadable

# Puts a profile together with those it includes.


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
        if name in base.sources and isinstance(source, CounterTable) and not source.candidates:
            found |= {f"{name}[{row}]": profile.id for row in source.rows}
        else:
            found[name] = profile.home_of(name)
    return found


def _sources_under(own: Mapping[str, Source], base: Mapping[str, Source]) -> Mapping[str, Source]:
    """Put `own` in front of `base`; a table without a place adds its rows to the one below."""
    found = {**base, **own}
    for name, source in own.items():
        below = base.get(name)
        if (
            isinstance(source, CounterTable)
            and isinstance(below, CounterTable)
            and not source.candidates
        ):
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


# Reads profile files, each by itself: what it states and what it includes.


FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """One file: the profile as far as the file itself states it."""

    profile: Profile
    includes: tuple[str, ...]
    file: TomlFile


def read_files(
    paths: Iterable[Path], problems: list[Problem], *, own: bool, whole_paths: bool = False
) -> Mapping[str, ProfileDraft]:
    """Return the files by the id of their profile; what is wrong with them goes to `problems`.

    Problems call a file by its name, or with `whole_paths` as `paths` do.
    """
    drafts: dict[str, ProfileDraft] = {}
    for path in paths:
        report = ProblemReport(most=MOST)
        name = str(path) if whole_paths else path.name
        draft = _read_file(path, name, report, own=own)
        if draft is not None:
            other = drafts.setdefault(draft.profile.id, draft)
            if other is not draft:
                report.problem(draft.file.spot(("id",)), said("id_of_file", file=other.file.name))
                drafts[draft.profile.id] = draft
        report.in_order()
        problems += report.taken(name)
    return drafts


def _read_file(path: Path, name: str, report: ProblemReport, *, own: bool) -> ProfileDraft | None:
    file = read_toml(path, report, name=name, is_bounded=True)
    if file is None:
        return None
    stated = file.tree.get("format")
    if stated != FORMAT or isinstance(stated, bool | float):
        report.problem(file.spot(("format",)), said("format", format=FORMAT))
        return None
    tables = ProfileFile.model_validate(file.tree)
    tell(tables, file.spot, report)
    if tables.id is None:
        return None
    return ProfileDraft(profile_of(tables, file, own=own), tables.include or (), file)


SHIPPED: Final = Path(__file__).parents[1] / "makers"


def load_profiles(folder: Path | None = None, *, low_confidence: bool = False) -> Profiles:
    """Return the shipped profiles, with those of `folder` added or put in their place.

    Raises ConfigError with every problem of every file.
    """
    problems: list[Problem] = []
    files = files_of(folder, problems) if folder is not None else ()
    profiles = load_files(files, problems, low_confidence=low_confidence)
    if problems:
        raise ConfigError(problems)
    return profiles


def files_of(folder: Path, problems: list[Problem]) -> Sequence[Path]:
    """Return the profile files in `folder`; a folder that is not there is a problem."""
    if folder.is_dir():
        try:
            return sorted(one for one in folder.iterdir() if _is_profile(one))
        except OSError as exc:
            problems.append(problem_at(Spot(str(folder)), unreadable(folder, exc)))
            return ()
    problems.append(problem_at(Spot(str(folder)), said("no_profile_folder")))
    return ()


def _is_profile(path: Path) -> bool:
    """Say whether `path` is meant as a profile: editors leave hidden files beside it."""
    return path.suffix == ".toml" and not path.name.startswith(".")


def load_files(
    files: Iterable[Path],
    problems: list[Problem],
    *,
    low_confidence: bool = False,
    whole_paths: bool = False,
) -> Profiles:
    """Return the shipped profiles and those in `files`, as far as they can be read.

    What is wrong goes to `problems`, each once, in the order of the files, which are called by
    their names, or with `whole_paths` as `files` do.
    """
    shipped, wrong = _shipped()
    problems += wrong
    own = read_files(files, problems, own=True, whole_paths=whole_paths)
    drafts = _Drafts({**shipped, **own}, shipped, problems)
    untouched = {
        name: one for name, one in _sound().items() if own.keys().isdisjoint({name, *one.includes})
    }
    others = _reviewed(drafts, [name for name in drafts.every if name not in untouched])
    problems[:] = dict.fromkeys(problems)
    profiles = {**untouched, **others}
    return Profiles({name: profiles[name] for name in drafts.every}, low_confidence)


def _reviewed(drafts: "_Drafts", names: Iterable[str]) -> Mapping[str, Profile]:
    """Return the profiles called `names` with their includes; what is wrong goes to the drafts'."""
    profiles = {name: drafts.merged(drafts.every[name]) for name in names}
    problems = drafts.problems
    for name in sorted(profiles, key=lambda one: len(profiles[one].includes)):
        found = islice(wrongs(profiles[name], drafts.every[name].file, problems), MOST)
        problems += drafts.blamed(profiles[name], found)
    return {name: settled(one) for name, one in profiles.items()}


@cache
def _sound() -> Mapping[str, Profile]:
    """Return the shipped profiles, reviewed once; none where something is wrong with them."""
    shipped, wrong = _shipped()
    drafts = _Drafts(shipped, shipped, [*wrong])
    profiles = _reviewed(drafts, shipped)
    return {} if drafts.problems else profiles


@cache
def _shipped() -> tuple[Mapping[str, ProfileDraft], Sequence[Problem]]:
    """Return the shipped files, read once, and what is wrong with them."""
    problems: list[Problem] = []
    return read_files(sorted(SHIPPED.glob("*.toml")), problems, own=False), problems


@dataclass(frozen=True, slots=True)
class _Drafts:
    """Every file by id; `shipped` are those that a user's file of the same id replaces."""

    every: Mapping[str, ProfileDraft]
    shipped: Mapping[str, ProfileDraft]
    problems: list[Problem]
    _merged: dict[tuple[str, bool], Profile] = field(default_factory=dict)

    def merged(self, draft: ProfileDraft, above: tuple[ProfileDraft, ...] = ()) -> Profile:
        """Return the profile of `draft`, which those `above` it include, with its includes."""
        key = (draft.profile.id, draft.profile.own)
        if key not in self._merged:
            self._merged[key] = self._with_includes(draft, above)
        return self._merged[key]

    def blamed(self, profile: Profile, found: Iterable[Problem]) -> Iterator[Problem]:
        """Yield what was `found` wrong with `profile`, told where a person can mend it.

        A shipped file is as it was; what it lacks is missing in the user's file that it includes.
        """
        own = [self.every[one] for one in sorted(profile.includes) if self.every[one].profile.own]
        if profile.own or not own:
            yield from found
            return
        for problem in islice(found, 1):
            told = said("breaks_shipped", name=quoted(profile.id), reason=problem.said)
            yield problem_at(own[0].file.spot(("id",)), told, is_cut=True)

    def _with_includes(self, draft: ProfileDraft, above: tuple[ProfileDraft, ...]) -> Profile:
        profile = draft.profile
        hides = profile.own and profile.id in self.shipped
        profile = replace(profile, hides=hides) if hides else profile
        for name in dict.fromkeys(draft.includes):
            other = self._included(draft, name)
            if other is None or any(other is one for one in (*above, draft)):
                where = draft.file.spot(("include", draft.includes.index(name)))
                told = said("no_profile", name=quoted(name), hint=hint(name, self.every))
                told = said("includes_itself", name=quoted(name)) if other else told
                self.problems.append(problem_at(where, told))
                continue
            profile = under(profile, self.merged(other, (*above, draft)))
        return profile

    def _included(self, draft: ProfileDraft, name: str) -> ProfileDraft | None:
        """Return what `draft` means by `name`: by its own, the shipped one that it replaces."""
        is_own = draft.profile.own and name == draft.profile.id
        return self.shipped.get(name, draft) if is_own else self.every.get(name)
