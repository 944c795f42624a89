"""Where the configuration is looked for when none is named."""

from pathlib import Path

import pytest

from collector.cli.language import default_config


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        (None, "/etc/copier-fleet/collector.toml"),
        ("", "/etc/copier-fleet/collector.toml"),
        ("/srv/town", "/srv/town/collector.toml"),
        ("/srv/a:/srv/b", "/srv/a/collector.toml"),
    ],
)
def test_the_default_follows_the_service_manager(
    stated: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONFIGURATION_DIRECTORY")
    if stated is not None:
        monkeypatch.setenv("CONFIGURATION_DIRECTORY", stated)
    assert default_config() == Path(found)
