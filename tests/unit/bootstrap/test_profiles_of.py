"""What the settings say of profiles reaches the reader."""

from pathlib import Path

import pytest

from collector.bootstrap.machines import profiles_of, reader_of
from collector.errors import ConfigError
from tests.unit.settings.files import loaded
from tests.unit.snmp.own import HEAD


def test_low_confidence_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert not profiles_of(loaded(tmp_path).settings).low_confidence
    asked = loaded(tmp_path, "[fleet]\nlow_confidence = true").settings
    assert profiles_of(asked).low_confidence
    by_variable = {"COPIER_FLEET__FLEET__LOW_CONFIDENCE": "true"}
    assert profiles_of(loaded(tmp_path, environ=by_variable).settings).low_confidence


def test_own_profiles_are_read_and_refused(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "acme.toml").write_text(HEAD, "utf-8")
    settings = loaded(tmp_path, '[fleet]\nprofiles = "profiles"').settings
    assert profiles_of(settings).by_id["acme"].own
    (folder / "acme.toml").write_text(HEAD + "[meters]\ntotl = 'life'", "utf-8")
    with pytest.raises(ConfigError, match="totl: is no meter; did you mean total"):
        reader_of(settings)
