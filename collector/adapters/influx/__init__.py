"""InfluxDB 1.x, 2.x and 3.x as a sink: line protocol, batches, and what each answer means."""

from collector.adapters.influx.auto import open_influx
from collector.adapters.influx.target import InfluxTarget, WriteApi
from collector.adapters.influx.v1 import InfluxV1Sink
from collector.adapters.influx.v2 import InfluxV2Sink

__all__ = ["InfluxTarget", "InfluxV1Sink", "InfluxV2Sink", "WriteApi", "open_influx"]
