"""What every test shares: surroundings of its own, no network unless marked, fixed Hypothesis."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import hypothesis
import pytest
from pytest_socket import disable_socket, enable_socket

from collector.texts import ENGLISH
from tests import surroundings

surroundings.enter()  # before any test module is read
gc.set_threshold(50_000, 20, 20)  # as the program has it: a tenth of all CPU
# `make check` draws few examples, since it is run again and again; `make test` the usual number.
hypothesis.settings.register_profile("few", max_examples=10, deadline=None)
hypothesis.settings.register_profile("fast", max_examples=60, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=5000, deadline=None)
hypothesis.settings.load_profile(os.environ.get(surroundings.TEST_PROFILE, "fast"))


_LONGEST: Final = (
    "tests/year/test_a_year.py",
    "tests/integration/test_town_hall.py",
    "tests/integration/stories/test_run_refill.py",
    "tests/integration/stories/test_run_refill_anew.py",
    "tests/integration/test_grafana_queries.py",
    "tests/integration/stories/test_run_disk.py",
    "tests/integration/test_influx_answers.py",
    "tests/integration/stories/test_run_retention.py",
    "tests/integration/stories/test_run_pages.py",
    "tests/integration/test_cli_demo.py",
    "tests/truth/test_truth.py",
    "tests/integration/stories/test_run_chaos.py",
    "tests/integration/stories/test_run_notices.py",
    "tests/integration/stories/test_run_monitoring.py",
    "tests/integration/stories/test_run_influx.py",
    "tests/integration/stories/test_run_kill.py",
    "tests/integration/stories/test_run_systemd.py",
    "tests/unit/domain/test_three_offices.py",
    "tests/properties/test_amend.py",
    "tests/properties/test_closing_stories.py",
)
"""What takes longest goes first, so that no process works alone at the end. A process that begins
a file of one or two tests is promised the next file as well."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, then all that start servers; short ones fill the end.

    To make the golden office takes longer than hundreds of tests: what reads it counts as slow.
    """
    for item in items:
        if "golden_office" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(
        key=lambda item: (
            places.get(item.nodeid.partition("::")[0], len(places)),
            item.get_closest_marker("integration") is None,
        )
    )


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


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """What language a test made the program speak is not the next one's."""
    output = sys.modules.get("collector.cli.output")
    before = None if output is None else output.SPOKEN.get()
    yield
    output = sys.modules.get("collector.cli.output")
    if output is not None:
        output.SPOKEN.set(before or ENGLISH)


@pytest.fixture(scope="session")
def golden_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the office of `tests/golden`, made once for all processes: only to be read."""
    from tests.golden import office  # noqa: PLC0415 - the program, which few processes need here

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return office.written(shared / "golden-office")


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
