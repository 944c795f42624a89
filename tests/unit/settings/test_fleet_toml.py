"""The fleet file is written whole or not at all."""

import tomllib
from pathlib import Path

import pytest

from collector.errors import ConfigError
from collector.settings.fleet.write import write_file, write_fleet_toml
from tests.unit.settings.files import FLEET, loaded


def test_the_written_file_reads_like_one_by_hand(tmp_path: Path) -> None:
    text = write_fleet_toml(loaded(tmp_path).fleet)
    body = [line for line in text.splitlines() if not line.startswith("#")]
    assert "\n".join(body).strip() == FLEET.strip()
    assert tomllib.loads(text) == tomllib.loads(FLEET)


def test_an_existing_file_is_only_replaced_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "fleet.toml"
    write_file(path, "第一")
    assert path.read_text(encoding="utf-8") == "第一"
    with pytest.raises(ConfigError, match="--force"):
        write_file(path, "b")
    assert path.read_text(encoding="utf-8") == "第一"
    path.chmod(0o640)
    write_file(path, "b", overwrite=True)
    assert path.read_text(encoding="utf-8") == "b"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["fleet.toml"]


def test_overwriting_nothing_is_writing(tmp_path: Path) -> None:
    write_file(tmp_path / "new.toml", "a", overwrite=True)
    assert (tmp_path / "new.toml").read_text(encoding="utf-8") == "a"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_file(tmp_path / "no" / "fleet.toml", "a")
