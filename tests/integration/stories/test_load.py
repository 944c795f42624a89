"""A short form of `make sites-load`: every figure is there, and what was sent is what is stored."""

import json
from pathlib import Path

import pytest

from tests.sites.load import PARTS, Plan, failed, lines, main, measured

pytestmark = pytest.mark.integration

SHORT = Plan(
    *(3, 60, 60.0, 3.0),
    gather_s=1.0,
    processes=(1, 2),
    step_s=2.0,
    growth=(1, 3),
    growth_readings=24,
    sizes=(1, 8),
    live_sites=2,
    outage_s=60.0,
)
EXPECTED = {
    "steady": (
        *("readings taken a second", "backlog at the end, readings", "ms to an answer, p99"),
        *("answers 429", "ms CPU a reading, centre", "ms CPU a reading, PostgreSQL"),
        *("ms CPU a reading, sender", "octets a reading on the line", "octets a reading, WAL"),
        *("octets a reading, tables", "octets a reading, indexes", "reached first"),
    ),
    "ceiling": ("1 process: taken of 180/s", "2 processes: reached first then"),
    "growth": (
        *("1 sites: ms CPU a reading, centre", "3 sites: ms CPU a reading, PostgreSQL"),
        *("rows of readings beside before", "then, 3 sites: ms CPU a reading, centre"),
    ),
    "sizes": ("1 in a batch: on the line", "8 in a batch: octets a reading, WAL"),
    "outage": (
        "s until no site lags",
        "answers 429",
        "live elsewhere, ms from due to answered, max",
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_each_figure_is_there_and_what_was_sent_is_stored(name: str, tmp_path: Path) -> None:
    ((told, figures),) = measured(SHORT, [name], tmp_path)

    sent = [one for what, one in figures.items() if what.endswith("sent")]
    stored = [one for what, one in figures.items() if what.endswith("stored")]
    assert sent == stored
    assert all(float(one) > 0 for one in sent)
    assert not failed(figures), figures
    assert set(EXPECTED[name]) <= figures.keys()
    assert told == name
    assert len([*lines(name, figures)]) == 1 + len(figures)


def test_the_figures_are_kept_with_the_machine(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    sizes = ["sizes", "--sites=2", "--sizes=4", "--growth-readings=16"]

    assert main([*sizes, "--json", str(kept)]) == 0

    told = json.loads(kept.read_text("utf-8"))
    assert told["machine"]["cores"] >= 1
    assert told["plan"]["sites"] == 2
    assert told["figures"]["sizes"]["stored"] == told["figures"]["sizes"]["sent"] > 0
