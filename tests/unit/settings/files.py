"""Writes small configurations for the settings' tests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from collector.errors import ConfigError, Spot
from collector.settings.load import Loaded, load
from tests.wording import english, japanese

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
    """Return file and key -> message of everything wrong with these files.

    That each problem names the line of its key is held here, and `path` is without it then.
    """
    with pytest.raises(ConfigError) as refused:
        loaded(folder, settings, fleet, environ, secrets)
    for one in refused.value.problems:
        assert one.path == str(one.spot)
        assert japanese(one.said) != one.message == english(one.said)
        check_line(folder, one.spot)
    return {without_line(one.spot): one.message for one in refused.value.problems}


def without_line(spot: Spot) -> str:
    return str(replace(spot, line=None))


def check_line(folder: Path, spot: Spot) -> None:
    """Hold that the line of `spot` is the one of its key, or of the table that lacks it."""
    path = folder / spot.file
    if not path.is_file() or not spot.key:
        return
    keys = re.findall(r"[\w-]+", re.sub(r'\[\d+\]|"[^"]*"', "", spot.key))
    if spot.line is None:
        assert not re.search(rf"(?m)^\W*{keys[0]}\b", path.read_text("utf-8")), spot
        return
    line = path.read_text("utf-8").splitlines()[spot.line - 1]
    assert any(key in line for key in keys), (spot, line)
