"""Everything that the daemon reads until it delivers, for `forked`; the shipped profiles too."""

import collector.adapters.influx
import collector.adapters.log_output
import collector.adapters.mqtt
import collector.bootstrap.service
import collector.bootstrap.watched
import collector.cli.run  # noqa: F401 - read, and used by the copies
from collector.adapters.snmp.profiles.load import load_profiles

load_profiles()
