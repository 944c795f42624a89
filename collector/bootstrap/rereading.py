"""A corrected profile to read the past by, from a file or by its name."""

from pathlib import Path

from collector.adapters.snmp.profile_values import Profile, Profiles
from collector.adapters.snmp.profiles import files_of, load_files
from collector.adapters.snmp.reread import reread
from collector.app.replay import Corrected
from collector.domain.meters import Meter
from collector.domain.reading import Answer
from collector.errors import ConfigError, Problem
from collector.settings.model import Settings


def corrected_profile(settings: Settings, wanted: str, *, every_reading: bool) -> Corrected:
    """Return the profile in the file `wanted`, or of that name, as what to read the past by.

    It corrects the readings of its own name, or with `every_reading` all it is given. Raises
    ConfigError with every problem of the profiles, or where there is no such profile.
    """
    problems: list[Problem] = []
    fleet = settings.fleet
    own = files_of(fleet.profiles, problems) if fleet.profiles is not None else ()
    path = Path(wanted)
    named = path.suffix == ".toml"
    files = [*(one for one in own if one.name != path.name), path] if named else [*own]
    profiles = load_files(files, problems, low_confidence=fleet.low_confidence)
    if problems:
        raise ConfigError(problems)
    profile = _of_file(profiles, path) if named else profiles.by_id.get(wanted)
    if profile is None:
        known = ", ".join(sorted(profiles.by_id))
        raise ConfigError([Problem(wanted, f"is no profile; known are: {known}")])

    def read(answer: Answer) -> tuple[Answer, frozenset[Meter]]:
        return reread(answer, profile, low_confidence=profiles.low_confidence)

    return Corrected(profile.id, read, None if every_reading else frozenset({profile.id}))


def _of_file(profiles: Profiles, path: Path) -> Profile | None:
    return next((one for one in profiles.by_id.values() if one.own and one.file == path.name), None)
