"""Profiles as TOML files: the shipped ones in `makers/`, and a folder of the user's own.

A file is a profile of `format = 1`. `include` takes over another profile's sources, parts and
checks, and whatever meters the file does not state itself; identity candidates of the file come
first. A user's file replaces a shipped one of the same id, and may include it. The keys are
described in `makers/README.md`; every problem of every file is reported at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.adapters.snmp.profile_files import Draft, read_files
from collector.adapters.snmp.profile_merge import under
from collector.adapters.snmp.profile_review import settled, wrongs
from collector.adapters.snmp.profile_values import Profile, Profiles
from collector.adapters.snmp.report import near
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
        return sorted(folder.glob("*.toml"))
    problems.append(Problem(str(folder), "this folder of profiles does not exist"))
    return ()


def load_files(
    files: Iterable[Path], problems: list[Problem], *, low_confidence: bool = False
) -> Profiles:
    """Return the shipped profiles and those in `files`, as far as they can be read.

    What is wrong goes to `problems`, each once, in the order of the files.
    """
    shipped = read_files(sorted(SHIPPED.glob("*.toml")), problems, own=False)
    drafts = _Drafts({**shipped, **read_files(files, problems, own=True)}, shipped)
    profiles = {name: drafts.merged(draft, (), problems) for name, draft in drafts.every.items()}
    for name in sorted(profiles, key=lambda one: len(profiles[one].includes)):
        problems += wrongs(profiles[name], drafts.every[name].report, problems)
    problems[:] = dict.fromkeys(problems)
    return Profiles({name: settled(one) for name, one in profiles.items()}, low_confidence)


@dataclass(frozen=True, slots=True)
class _Drafts:
    """Every file by id; `shipped` are those that a user's file of the same id replaces."""

    every: Mapping[str, Draft]
    shipped: Mapping[str, Draft]

    def merged(self, draft: Draft, above: tuple[Draft, ...], problems: list[Problem]) -> Profile:
        """Return the profile of `draft`, which those `above` it include, with its includes."""
        profile = draft.profile
        for place, name in enumerate(draft.includes):
            other = self._included(draft, name)
            if other is None or other in (*above, draft):
                why = "includes itself" if other else f"is no profile{near(name, self.every)}"
                where = draft.report.where(("include", place))
                problems.append(Problem(where, f"{name!r} {why}"))
                continue
            profile = under(profile, self.merged(other, (*above, draft), problems))
        return profile

    def _included(self, draft: Draft, name: str) -> Draft | None:
        """Return what `draft` means by `name`: by its own, the shipped one that it replaces."""
        is_own = draft.profile.own and name == draft.profile.id
        return self.shipped.get(name, draft) if is_own else self.every.get(name)
