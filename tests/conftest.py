"""What every test shares: no network unless a test is marked `integration`, fixed Hypothesis."""

import os

import hypothesis
import pytest
from pytest_socket import disable_socket, enable_socket

hypothesis.settings.register_profile("fast", max_examples=60, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=5000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("COPIER_FLEET_TEST_PROFILE", "fast"))


@pytest.fixture(autouse=True)
def _network(request: pytest.FixtureRequest) -> None:
    """Unit tests open no internet socket; asyncio's own socket pair stays allowed."""
    if request.node.get_closest_marker("integration"):
        enable_socket()
    else:
        disable_socket(allow_unix_socket=True)
