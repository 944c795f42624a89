"""Reads settings and fleet file, and refuses them with every problem in one report."""

import contextlib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from collector.domain.cost.factors import NO_FACTORS, Factors
from collector.domain.office.fleet import WHOLE_OFFICE, Fleet
from collector.errors import Problem, Spot, said
from collector.settings.credentials import DEFAULT, PUBLIC, SnmpVersion
from collector.settings.explain import explain, lacking_secrets, secret_keys, spot_of
from collector.settings.factors_file import read_factors
from collector.settings.fleet.toml import read_fleet
from collector.settings.layers import (
    EVERYONE_READS,
    SECRETS,
    Key,
    Layer,
    Tree,
    environment_layer,
    put,
    secrets_layer,
    secrets_unread,
)
from collector.settings.model import Settings
from collector.settings.sections import AlertsSettings, FleetSettings, OfficeSettings
from collector.settings.sinks import SinkSection
from collector.settings.values import Section
from collector.user_files.report import ProblemReport, hint
from collector.user_files.toml_file import TomlFile, read_toml

# Checks of the settings against the machine they are used on: files, folders, holidays.


_Spots = Callable[[Key], Spot]
"""A key -> where it is set."""


def check_outside(
    sections: Mapping[str, object], spots: _Spots, report: ProblemReport
) -> Path | None:
    """Add a problem for unusable paths, countries without holidays, notices that nobody gets.

    Return a sink's file that is there and may not be read by this user, if any: that is warned of.
    """
    unread: Path | None = None
    for name, section in sections.items():
        if isinstance(section, AlertsSettings):
            if section.enabled and not sections.get("receivers", {"": section}):
                report.problem(spots(("alerts", "enabled")), said("no_receiver"))
        elif isinstance(section, OfficeSettings):
            _check_holidays(section, spots, report)
        elif isinstance(section, FleetSettings) and section.profiles is not None:
            if not os.path.isdir(section.profiles):  # noqa: PTH112 - one that is shut is told later
                told = said("no_folder", path=section.profiles)
                report.problem(spots(("fleet", "profiles")), told)
        elif isinstance(section, SinkSection) and section.is_on:
            unread = _check_files(section, name, spots, report) or unread
    return unread


def _check_files(
    section: SinkSection, name: str, spots: _Spots, report: ProblemReport
) -> Path | None:
    unread: Path | None = None
    for key, path in section:
        if isinstance(path, Path) and _is_shut(path):
            unread = path
            report.warning(spots((name, key)), secrets_unread(path))
        elif isinstance(path, Path) and not path.is_file():
            report.problem(spots((name, key)), said("no_readable_file", path=path))
    return unread


def _is_shut(path: Path) -> bool:
    try:
        return path.is_file() and not os.access(path, os.R_OK)
    except PermissionError:
        return True


def _check_holidays(office: OfficeSettings, spots: _Spots, report: ProblemReport) -> None:
    if not office.country:
        return
    from holidays.registry import EntityLoader  # noqa: PLC0415 - whoever reads no settings

    if office.country not in EntityLoader.get_country_codes(include_aliases=False):
        told = said("no_holidays", country=office.country)
        report.problem(spots(("office", "country")), told)
    elif office.subdivision:
        _check_subdivision(office.country, office.subdivision, spots, report)


def _check_subdivision(country: str, part: str, spots: _Spots, report: ProblemReport) -> None:
    """Look at the parts of `country`; for that the library reads in every country of the world."""
    from holidays import country_holidays  # noqa: PLC0415 - as above

    known = country_holidays(country).subdivisions
    if part not in known:
        told = said("no_subdivision", part=part, country=country, hint=hint(part, known))
        report.problem(spots(("office", "subdivision")), told)


def warn_of_open_secrets(
    config_path: Path, tree: Mapping[str, object], report: ProblemReport
) -> None:
    """Warn where a file that everyone on this machine can read holds a secret."""
    try:
        mode = config_path.stat().st_mode
    except OSError:  # told already
        return
    if mode & EVERYONE_READS and _holds_secret(tree, secret_keys()):
        report.warning(Spot(config_path.name), said("open_file", path=config_path))


def _holds_secret(tree: Mapping[str, object], names: frozenset[str]) -> bool:
    return any(
        _holds_secret(value, names)
        if isinstance(value, dict)
        else name in names and value not in ("", "public")
        for name, value in tree.items()
    )


STATE_DIRECTORY: Final = "STATE_DIRECTORY"
LEDGER_NAME: Final = "ledger.sqlite3"
_S = TypeVar("_S", bound=Section)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration without a problem. Relative paths in it are resolved to absolute ones."""

    settings: Settings
    fleet: Fleet
    config_path: Path
    fleet_path: Path
    warnings: tuple[Problem, ...] = ()
    factors: Factors = NO_FACTORS


def load(
    config_path: Path, environ: Mapping[str, str], secrets_dirs: Sequence[Path] = ()
) -> Loaded:
    """Return settings, fleet and factors; environment wins over secret files, these over the file.

    `environ` is the process's environment; `secrets_dirs` are folders of secret files, read
    after systemd's `$CREDENTIALS_DIRECTORY`; where neither is stated, the folder `secrets` beside
    the configuration is read. Who may not read that one gets settings that lack its secrets, with a
    warning, and which refuse to hand out any. Raises ConfigError with every problem of all of
    them, of the fleet file and of the factors file.
    """
    report = ProblemReport()
    config_path = config_path.absolute()
    file = _file_layer(config_path, report)
    secrets = secrets_layer(environ, secrets_dirs, report, config_path.parent / SECRETS)
    layers = (environment_layer(environ, report), secrets, file)
    settings = _settings(layers, _defaults(layers, environ), config_path, report)
    fleet_path = _fleet_path(settings, layers, config_path.parent)
    year_begins = None if settings is None else settings.office.fiscal_year_start
    fleet = read_fleet(fleet_path, _credential_names(layers), report, year_begins)
    factors = _factors(settings, fleet, report)
    _warn_of_letters(settings, fleet, layers, report)
    warn_of_open_secrets(config_path, file.tree, report)
    report.refuse()
    if settings is None or fleet is None or factors is None:
        message = "a configuration was refused without a problem"
        raise AssertionError(message)
    return Loaded(settings, fleet, config_path, fleet_path, tuple(report.warnings), factors)


def load_office(
    config_path: Path, environ: Mapping[str, str]
) -> tuple[OfficeSettings, FleetSettings]:
    """Return two sections alone, for what needs neither secrets nor a fleet file.

    Raises ConfigError with every problem of the whole configuration where one of them is wrong.
    """
    report = ProblemReport()
    config_path = config_path.absolute()
    layers = (environment_layer(environ, report), _file_layer(config_path, report))
    report.refuse()
    sections = _sections_alone([layer.tree for layer in layers])
    office, fleet = sections.get("office"), sections.get("fleet")
    if not isinstance(office, OfficeSettings) or not isinstance(fleet, FleetSettings):
        loaded = load(config_path, environ)
        return loaded.settings.office, loaded.settings.fleet
    return office, _anchored(fleet, config_path.parent)


def _file_layer(path: Path, report: ProblemReport) -> Layer:
    file = read_toml(path, report, said("copy_settings"))
    return Layer.of(TomlFile(path.name) if file is None else file)


def _factors(
    settings: Settings | None, fleet: Fleet | None, report: ProblemReport
) -> Factors | None:
    if settings is None or settings.factors.file is None:
        return NO_FACTORS
    places = None if fleet is None else [one.id for one in fleet.places]
    return read_factors(settings.factors.file, places, report)


def _warn_of_letters(
    settings: Settings | None, fleet: Fleet | None, layers: Sequence[Layer], report: ProblemReport
) -> None:
    """Warn of receivers who want letters of departments that are not in the fleet file."""
    if settings is None or fleet is None:
        return
    known = [WHOLE_OFFICE, *(one.id for one in fleet.departments)]
    for name, one in settings.receivers.items():
        for department in one.letters:
            if department not in known:
                told = said("no_department", name=repr(department), hint=hint(department, known))
                report.warning(spot_of(("receivers", name, "letters"), layers), told)


def _settings(
    layers: Sequence[Layer], defaults: Tree, config_path: Path, report: ProblemReport
) -> Settings | None:
    sections = _sections(layers, defaults, report)
    whole = bool(sections)
    trees = [*(layer.tree for layer in layers), defaults]
    sections = {
        name: _anchored(section, config_path.parent) if isinstance(section, Section) else section
        for name, section in (sections or _sections_alone(trees)).items()
    }
    shut = check_outside(sections, lambda key: spot_of(key, layers), report)
    if not whole:
        return None
    settings = Settings.model_construct(**sections)
    settings.lack(next((one.unread for one in layers if one.unread is not None), shut))
    return settings


def _sections(layers: Sequence[Layer], defaults: Tree, report: ProblemReport) -> dict[str, Any]:
    """Return every section, or none where one of them is wrong: `report` says how."""
    trees = [*(layer.tree for layer in layers), defaults]

    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            # The library's own sources let a misspelt variable and a missing file pass.
            del init_settings, env_settings, dotenv_settings, file_secret_settings
            return tuple(InitSettingsSource(settings_cls, init_kwargs=dict(tree)) for tree in trees)

    try:
        return dict(Sourced())
    except ValidationError as exc:
        lacking = lacking_secrets(exc, layers) if _lacks_secrets(layers) else frozenset()
        if any(not put(defaults, key, _UNREAD) for key in sorted(lacking)) or not lacking:
            explain(exc, layers, report)
            return {}
    return _sections(layers, defaults, report)


_UNREAD: Final = "unread-secret"
"""Stands where one is needed and may be; the settings hand none out then."""


def _lacks_secrets(layers: Sequence[Layer]) -> bool:
    return any(layer.unread is not None for layer in layers)


def _sections_alone(trees: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return the sections that are right although others are wrong, to check them further."""
    sections: dict[str, object] = {}
    for name, info in Settings.model_fields.items():
        model = info.annotation
        if isinstance(model, type) and issubclass(model, Section):
            parts = (tree.get(name) for tree in reversed(trees))
            merged = {
                key: value
                for part in parts
                if isinstance(part, dict)
                for key, value in part.items()
            }
            with contextlib.suppress(ValidationError):  # told already, with its path
                sections[name] = model.model_validate(merged)
    return sections


def _defaults(layers: Sequence[Layer], environ: Mapping[str, str]) -> Tree:
    """Return what holds where nobody said anything and the model alone cannot know."""
    defaults: Tree = {name: {} for name in Settings.model_fields}
    if state := environ.get(STATE_DIRECTORY):
        defaults["ledger"] = {"path": str(Path(state.split(os.pathsep)[0]) / LEDGER_NAME)}
    version = _first(layers, ("credentials", DEFAULT, "version"))
    community = _first(layers, ("credentials", DEFAULT, "community"))
    open_default: Tree = {"version": SnmpVersion.V2C.value}
    if community is None and str(version or "").strip("vV") != SnmpVersion.V3:
        open_default["community"] = _UNREAD if _lacks_secrets(layers) else PUBLIC
    defaults["credentials"] = {DEFAULT: open_default}
    return defaults


def _first(layers: Sequence[Layer], key: tuple[str, ...]) -> object:
    return next((value for layer in layers if (value := layer.value(key)) is not None), None)


def _credential_names(layers: Sequence[Layer]) -> Collection[str]:
    names = {DEFAULT}
    for layer in layers:
        stated = layer.value(("credentials",))
        names.update(stated if isinstance(stated, dict) else ())
    return names


def _fleet_path(settings: Settings | None, layers: Sequence[Layer], base: Path) -> Path:
    """Return the fleet file; even where other settings are wrong it is read and reported on."""
    if settings is not None:
        return settings.fleet.file
    stated = _first(layers, ("fleet", "file"))
    return base / (stated if isinstance(stated, str) else "fleet.toml")


def _anchored(section: _S, base: Path) -> _S:
    """Return a section with its relative paths seen from `base`."""
    paths = {
        name: base / path
        for name in type(section).model_fields
        if isinstance(path := getattr(section, name), Path)
    }
    return section.model_copy(update=paths)
