"""InfluxDB 1.x, 2.x and 3.x as a sink: line protocol, batches, and what each answer means."""

from collections.abc import Mapping
from typing import Any

from collector.adapters.influx.sink import InfluxV1Sink, InfluxV2Sink, open_influx
from collector.adapters.influx.target import InfluxTarget, WriteApi
from collector.ports import Clock, Sink

__all__ = ["InfluxTarget", "InfluxV1Sink", "InfluxV2Sink", "WriteApi", "open_influx", "open_sink"]


def open_sink(section: Mapping[str, Any], site: str, clock: Clock) -> Sink:
    """Return the sink that the section `influx` describes; nothing is contacted yet."""
    del site, clock  # tag and time of every row already
    stated = {key: one for key, one in section.items() if key != "every_s"}  # deliveries keep to it
    return open_influx(InfluxTarget(**{**stated, "version": WriteApi(section["version"])}))
