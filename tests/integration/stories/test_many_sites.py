"""A short form of `make sites`: three sites, their centre and PostgreSQL under a few blows."""

from pathlib import Path

import pytest

from tests.sites.trial import Plan, tried

pytestmark = pytest.mark.integration

SHORT = Plan(
    *(3, 12, 12.0),
    every_s=0.5,
    ingest_kills=2,
    database_kills=1,
    site_kills=2,
    cuts=1,
    groups=2,
    faulty=0.2,
)


def test_nothing_is_lost_and_nothing_told_twice(tmp_path: Path) -> None:
    outcome = tried(SHORT, tmp_path)

    assert outcome.wrong == []
    assert (outcome.lost.total(), outcome.unknown.total()) == (0, 0)
    assert outcome.stored["readings"] > 12
    assert outcome.stored["statements"] >= 2
    assert outcome.blows["kills of the centre"] == 2
    assert outcome.blows["restored copies"] == 1
