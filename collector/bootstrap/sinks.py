"""The sinks that are switched on, each by its own package."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from collector.adapters.clock import SystemClock
from collector.texts import Texts

if TYPE_CHECKING:
    from collector.app.centre.agreement import Centre
    from collector.domain.sentence import Sentence
    from collector.ports import Clock, Sink, Wording
    from collector.settings.model import Settings

PACKAGES: Final[dict[str, str]] = {
    "centre": "collector.adapters.centre",
    "influx": "collector.adapters.influx",
    "mqtt": "collector.adapters.mqtt",
}
"""Section of the settings -> the package that publishes there, with all that is known of it.

Their libraries are slow to import (half a second each): only where one is switched on.
"""


READ_AS_THEY_ARE: Final = frozenset({"mqtt"})
"""Sinks whose events people read without a program in between: they speak the office's language."""


class SinkPackage(Protocol):
    """What a sink's package offers."""

    def open_sink(
        self, section: Mapping[str, Any], site: str, clock: "Clock", say: "Wording"
    ) -> "Sink | Centre":
        """Return the sink that its section describes, as plain values; nothing is contacted yet.

        `say` speaks the office's language, for a sink that people read as it is.
        """
        ...


def sink_names(settings: "Settings") -> tuple[str, ...]:
    """Return the names of the sinks that are switched on, as their cursors are called."""
    return tuple(name for name, section in settings.sinks().items() if section.is_on)


def sinks_of(settings: "Settings") -> "tuple[Sink | Centre, ...]":
    """Return every sink that is switched on; none is contacted yet.

    Raises ConfigError where one is, and this user may not read the secrets.
    """
    sections, office = settings.sinks(), settings.office
    if sink_names(settings):
        settings.refuse_unread()
    say = Texts(office.language, office.zone).say
    return tuple(
        sink_package(name).open_sink(sections[name].plain(), office.site, SystemClock(), say)
        for name in sink_names(settings)
    )


def sink_package(name: str) -> SinkPackage:
    """Return the package of the sink called `name`, imported."""
    return cast("SinkPackage", import_module(PACKAGES[name]))


async def why_grafana_reads_nothing(
    settings: "Settings", user: str, password: str
) -> "Sentence | None":
    """Return what to do where the account by which Grafana reads is shown nothing; None else.

    Raises SinkError where InfluxDB refuses it or is away.
    """
    from collector.adapters.influx import why_unread

    return await why_unread(settings.influx.plain(), user, password)
