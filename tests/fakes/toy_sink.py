"""A sink as somebody would add one: its section, its package, and nothing anywhere else."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, SecretStr

from collector.ports import Clock, Wording
from collector.settings.model import Settings
from collector.settings.sinks import SinkSection
from collector.settings.values import FilePath
from tests.fakes.sink import FakeSink

PASSWORD = "toys are secret"  # noqa: S105 - made up


class ToySection(SinkSection):
    """A toy; off by default."""

    enabled: bool = False
    """Whether anything is published."""

    password: SecretStr | None = None
    """Password of the toy."""

    key_file: FilePath | None = None
    """A file that must be there."""

    @property
    def is_on(self) -> bool:
        """Whether it is enabled."""
        return self.enabled


class WithToy(Settings):
    """The settings with the line that adds the section."""

    toy: ToySection = Field(default_factory=ToySection)
    """A toy; off by default."""


OPENED: list[tuple[Mapping[str, Any], str, FakeSink]] = []
"""What was told, for which site, and the sink that came of it."""


def open_sink(section: Mapping[str, Any], site: str, _clock: Clock, _say: Wording) -> FakeSink:
    """Return a sink in memory."""
    sink = FakeSink("toy")
    OPENED.append((section, site, sink))
    return sink
