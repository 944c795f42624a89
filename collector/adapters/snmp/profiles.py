"""Profiles as TOML files: the shipped ones in `makers/`, and a folder of the user's own.

A file is a profile of `format = 1`. `include` takes over another profile's sources, parts and
checks, and whatever meters the file does not state itself; identity candidates of the file come
first. A user's file replaces a shipped one of the same id, and may include it. The keys are
described in `makers/README.md`; every problem of every file is reported at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from collector.adapters.snmp.profile_files import Draft, read_files
from collector.adapters.snmp.profile_merge import under
from collector.adapters.snmp.profile_review import settled, wrongs
from collector.adapters.snmp.profile_values import Profile, Profiles
from collector.adapters.snmp.report import MOST, near, quoted
from collector.errors import ConfigError, Problem

SHIPPED: Final = Path(__file__).parent / "makers"


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
            message = f"this folder of profiles cannot be read ({exc.strerror})"
            problems.append(Problem(str(folder), message))
            return ()
    problems.append(Problem(str(folder), "this folder of profiles does not exist"))
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
    profiles = {name: drafts.merged(draft) for name, draft in drafts.every.items()}
    for name in sorted(profiles, key=lambda one: len(profiles[one].includes)):
        problems += islice(wrongs(profiles[name], drafts.every[name].report, problems), MOST)
    problems[:] = dict.fromkeys(problems)
    return Profiles({name: settled(one) for name, one in profiles.items()}, low_confidence)


@cache
def _shipped() -> tuple[Mapping[str, Draft], Sequence[Problem]]:
    """Return the shipped files, read once, and what is wrong with them."""
    problems: list[Problem] = []
    return read_files(sorted(SHIPPED.glob("*.toml")), problems, own=False), problems


@dataclass(frozen=True, slots=True)
class _Drafts:
    """Every file by id; `shipped` are those that a user's file of the same id replaces."""

    every: Mapping[str, Draft]
    shipped: Mapping[str, Draft]
    problems: list[Problem]
    _merged: dict[tuple[str, bool], Profile] = field(default_factory=dict)

    def merged(self, draft: Draft, above: tuple[Draft, ...] = ()) -> Profile:
        """Return the profile of `draft`, which those `above` it include, with its includes."""
        key = (draft.profile.id, draft.profile.own)
        if key not in self._merged:
            self._merged[key] = self._with_includes(draft, above)
        return self._merged[key]

    def _with_includes(self, draft: Draft, above: tuple[Draft, ...]) -> Profile:
        profile = draft.profile
        hides = profile.own and profile.id in self.shipped
        profile = replace(profile, hides=hides) if hides else profile
        for name in dict.fromkeys(draft.includes):
            other = self._included(draft, name)
            if other is None or any(other is one for one in (*above, draft)):
                why = "includes itself" if other else f"is no profile{near(name, self.every)}"
                where = draft.report.where(("include", draft.includes.index(name)))
                self.problems.append(Problem(where, f"{quoted(name)} {why}"))
                continue
            profile = under(profile, self.merged(other, (*above, draft)))
        return profile

    def _included(self, draft: Draft, name: str) -> Draft | None:
        """Return what `draft` means by `name`: by its own, the shipped one that it replaces."""
        is_own = draft.profile.own and name == draft.profile.id
        return self.shipped.get(name, draft) if is_own else self.every.get(name)
