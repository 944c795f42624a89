"""What every test shares: surroundings of its own, no network unless marked, fixed Hypothesis."""

import gc
import os
from collections.abc import Iterator

import hypothesis
import pytest
from pytest_socket import disable_socket, enable_socket

from tests import surroundings

surroundings.enter()  # before any test module is read
hypothesis.settings.register_profile("fast", max_examples=60, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=5000, deadline=None)
hypothesis.settings.load_profile(os.environ.get(surroundings.TEST_PROFILE, "fast"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what starts servers: its files are the longest, and short ones fill the end."""
    items.sort(key=lambda item: item.get_closest_marker("integration") is None)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage four thousand tests that stay, each time it looks."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _network(request: pytest.FixtureRequest) -> None:
    """Unit tests open no internet socket; asyncio's own socket pair stays allowed."""
    if request.node.get_closest_marker("integration"):
        enable_socket()
    else:
        disable_socket(allow_unix_socket=True)


@pytest.fixture(scope="session", autouse=True)
def _nobody_leans_on_default_folders() -> Iterator[None]:
    """What one test left in a default folder would be another's configuration or state."""
    yield
    own = surroundings.own_folders()
    left = [
        path
        for name in ("CONFIGURATION_DIRECTORY", "STATE_DIRECTORY")
        for path in own[name].rglob("*")
    ]
    assert left == []
