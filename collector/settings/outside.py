"""Checks of the settings against the machine they are used on: files, folders, holidays."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import holidays

from collector.settings.explain import secret_keys
from collector.settings.layers import EVERYONE_READS
from collector.settings.problems import Report, did_you_mean
from collector.settings.sections import FleetSettings, OfficeSettings
from collector.settings.sinks import InfluxSettings, MqttSettings

_FILES: Final = ("ca_file", "cert_file", "key_file")


def check_outside(sections: Iterable[object], file: str, report: Report) -> None:
    """Add a problem for every path that cannot be used and every country without holidays."""
    for section in sections:
        if isinstance(section, OfficeSettings):
            _check_holidays(section, f"{file}: office", report)
        elif isinstance(section, FleetSettings) and section.profiles is not None:
            if not section.profiles.is_dir():
                report.problem(
                    f"{file}: fleet.profiles", f"there is no folder {section.profiles}; create it"
                )
        elif isinstance(section, InfluxSettings):
            _check_files(section, f"{file}: influx", report)
        elif isinstance(section, MqttSettings):
            _check_files(section, f"{file}: mqtt", report)


def _check_files(section: InfluxSettings | MqttSettings, path: str, report: Report) -> None:
    if not section.enabled:
        return
    for key in _FILES:
        name: Path | None = getattr(section, key, None)
        if name is not None and not (name.is_file() and os.access(name, os.R_OK)):
            report.problem(f"{path}.{key}", f"{name} is no readable file; check path and owner")


def _check_holidays(office: OfficeSettings, path: str, report: Report) -> None:
    if not office.country:
        return
    known = holidays.list_supported_countries(include_aliases=False)
    if office.country not in known:
        report.problem(
            f"{path}.country",
            f'the holidays of {office.country} are not known; correct it or set ""',
        )
    elif office.subdivision and office.subdivision not in known[office.country]:
        hint = did_you_mean(office.subdivision, known[office.country])
        report.problem(
            f"{path}.subdivision", f"{office.subdivision} is no part of {office.country}; {hint}"
        )


def warn_of_open_secrets(config_path: Path, tree: Mapping[str, object], report: Report) -> None:
    """Warn where a file that everyone on this machine can read holds a secret."""
    try:
        mode = config_path.stat().st_mode
    except OSError:  # told already
        return
    if mode & EVERYONE_READS and _holds_secret(tree, secret_keys()):
        report.warning(
            config_path.name,
            f"holds secrets and can be read by everyone; run: chmod o-r {config_path}",
        )


def _holds_secret(tree: Mapping[str, object], names: frozenset[str]) -> bool:
    return any(
        _holds_secret(value, names)
        if isinstance(value, dict)
        else name in names and value not in ("", "public")
        for name, value in tree.items()
    )
