"""InfluxDB 1.x, 2.x and 3.x as a sink: line protocol, batches, and what each answer means."""

from collections.abc import Mapping
from typing import Any

from collector.adapters.influx.sink import (
    InfluxV1Sink,
    InfluxV2Sink,
    open_influx,
    why_blind,
)
from collector.adapters.influx.target import InfluxTarget, WriteApi
from collector.domain.sentence import Sentence
from collector.ports import Clock, Sink, Wording

__all__ = [
    "InfluxTarget",
    "InfluxV1Sink",
    "InfluxV2Sink",
    "WriteApi",
    "open_influx",
    "open_sink",
    "why_unread",
]


def open_sink(section: Mapping[str, Any], site: str, clock: Clock, say: Wording) -> Sink:
    """Return the sink that the section `influx` describes; nothing is contacted yet."""
    del site, clock, say  # tag, time and words of every row already
    stated = {key: one for key, one in section.items() if key != "every_s"}  # deliveries keep to it
    return open_influx(InfluxTarget(**{**stated, "version": WriteApi(section["version"])}))


async def why_unread(section: Mapping[str, Any], user: str, password: str) -> Sentence | None:
    """Return what to do where another account is shown nothing of the section `influx`.

    None where it reads; raises SinkError where it is refused or the server is away.
    """
    apart = {"version", "token", "username", "password", "every_s"}
    stated = {key: value for key, value in section.items() if key not in apart}
    return await why_blind(InfluxTarget(**stated, username=user, password=password))
