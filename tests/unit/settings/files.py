"""Writes small configurations for the settings' tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from collector.errors import ConfigError
from collector.settings.load import Loaded, load

FLEET = """
[[department]]
id = "soumu"
name = "総務課"

[[place]]
id = "2f"
name = "2階"
address = "192.0.2.1"

[[place.department]]
id = "soumu"
from = 2026-04-01
"""


def write(folder: Path, settings: str = "", fleet: str = FLEET) -> Path:
    """Write both files into `folder` and return the settings' path."""
    (folder / "fleet.toml").write_text(fleet, encoding="utf-8")
    path = folder / "collector.toml"
    path.write_text(settings, encoding="utf-8")
    path.chmod(0o600)
    return path


def loaded(
    folder: Path,
    settings: str = "",
    fleet: str = FLEET,
    environ: Mapping[str, str] | None = None,
    secrets: Sequence[Path] = (),
) -> Loaded:
    """Return what these two files load to."""
    return load(write(folder, settings, fleet), environ or {}, secrets)


def problems(
    folder: Path,
    settings: str = "",
    fleet: str = FLEET,
    environ: Mapping[str, str] | None = None,
    secrets: Sequence[Path] = (),
) -> dict[str, str]:
    """Return path -> message of everything wrong with these two files."""
    with pytest.raises(ConfigError) as refused:
        loaded(folder, settings, fleet, environ, secrets)
    return {one.path: one.message for one in refused.value.problems}
