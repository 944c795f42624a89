"""Readings that another program wrote down: JSON lines or CSV, as fields by line."""

from collector.adapters.readings_file.lines import NoReadings, fields_of

__all__ = ["NoReadings", "fields_of"]
