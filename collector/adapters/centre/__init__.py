"""The way from a site to the centre over HTTPS: a batch as text, who sends it, who takes it in."""

from collections.abc import Mapping
from typing import Any

from collector.adapters.centre.client import CentreClient, CentreTarget
from collector.app.centre.agreement import Centre
from collector.ports import Clock, Wording

__all__ = ["CentreClient", "CentreTarget", "open_sink"]


def open_sink(section: Mapping[str, Any], site: str, clock: Clock, say: Wording) -> Centre:
    """Return the centre that the section `centre` describes; nothing is contacted yet."""
    del say  # it is told facts
    return CentreClient(CentreTarget(site=site, **section), clock)
