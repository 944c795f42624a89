"""The short form of `make chaos`: each fault for some seconds, and that a wrong page is seen."""

import random
import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.chaos.__main__ import Plan, run, servers_in, table
from tests.chaos.faults import FAULTS
from tests.chaos.trial import Score, Servers, on_trial
from tests.servers.influx import request
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

# One round of polls lies in it, wherever it begins.
EACH_S = 10.0


def test_no_fault_costs_or_invents_a_page(tmp_path: Path) -> None:
    plan = Plan(FAULTS, EACH_S, 2026, len(FAULTS), is_hurried=True, most_copiers=3)

    scores = run(plan, tmp_path)

    told = "\n".join(table(scores))
    assert [one.fault for one in scores] == [one.name for one in FAULTS]
    assert all(one.is_good for one in scores), told
    assert all(one.printed == one.counted == one.published for one in scores), told
    assert all(one.printed > 0 and one.ready_s and one.sizes for one in scores), told
    assert sum(sum(one.tried.values()) for one in scores) > len(FAULTS), told


def doctored(ledger: Path, copy: Path, statement: str) -> Path:
    """Return a copy of `ledger` that somebody edited."""
    shutil.copy(ledger, copy)
    with closing(sqlite3.connect(copy)) as shell:
        for (trigger,) in shell.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            shell.execute(f"DROP TRIGGER {trigger}")
        assert shell.execute(statement).rowcount == 1
        shell.commit()
    return copy


A_TOTAL = """
UPDATE usages AS u SET pages = pages + 7
WHERE meter = (SELECT id FROM names WHERE name = 'total')
AND place = (SELECT id FROM names WHERE name = 'generic-0')
AND ended = (SELECT max(ended) FROM usages WHERE place = u.place AND meter = u.meter)
"""
A_DAY = """
UPDATE days SET pages = json_set(pages, '$.total', json_extract(pages, '$.total') - 1)
WHERE place = (SELECT id FROM names WHERE name = 'ricoh-0')
AND day = (SELECT max(day) FROM days)
"""


def test_what_influxdb_stores_late_over_newer_figures_is_put_right(tmp_path: Path) -> None:
    with ExitStack() as stack:
        servers = servers_in(tmp_path / "servers", stack)
        trial = stack.enter_context(on_trial("late", tmp_path / "office", random.Random(7), 1))
        trial.publish_to(servers)
        trial.begin()
        (place,) = trial.places
        trial.machines.print(place, 10, 0)
        until(trial.gate.written.is_set, "a write")
        trial.gate.only = b"copier_day"
        trial.gate.moods.append("late")
        trial.machines.print(place, 5, 0)
        until(lambda: trial.gate.answered, "a write that is not answered")
        trial.machines.print(place, 2, 0)
        until(lambda: trial.published == trial.truth(), "the newest figures")
        trial.gate.may_land.set()
        until(lambda: trial.published != trial.truth(), "the late write")
        trial.settle()
        trial.stop()
        assert trial.score.is_good, "\n".join(table([trial.score]))


def test_a_page_too_many_or_too_few_is_seen_by_every_witness(tmp_path: Path) -> None:
    with ExitStack() as stack:
        servers = servers_in(tmp_path / "servers", stack)
        trial = stack.enter_context(on_trial("calm", tmp_path / "office", random.Random(7), 2))
        trial.publish_to(servers)
        assert trial.places == ["generic-0", "ricoh-0"]
        trial.begin()
        with trial.people_print():
            until(lambda: all(trial.truth().values()), "somebody printed at each")
        trial.settle()
        trial.stop()
        assert trial.score.is_good, "\n".join(table([trial.score]))
        whole, ledger = trial.truth(), trial.ledger

        def judged() -> Score:
            trial.score = Score("doctored")
            trial.compare(whole)
            assert not trial.score.is_good
            return trial.score

        trial.ledger = doctored(ledger, tmp_path / "usages", A_TOTAL)
        score = judged()
        assert score.off == {"usages generic-0": 7}
        assert (score.difference, score.counted - score.printed) == (7, 7)
        assert "doctored: usages generic-0: +7 pages" in table([score])

        trial.ledger = doctored(ledger, tmp_path / "days", A_DAY)
        assert judged().off == {"days ricoh-0": -1}

        trial.ledger = ledger
        line = b"copier_day,site=story,place=ricoh-0,department=soumu total=3i 86400"
        status, _ = request(
            servers.influx.url, "POST", f"/write?db={trial.database}&precision=s", line
        )
        assert status == 204
        assert judged().off == {"InfluxDB ricoh-0": 3}


class _Shown:
    """A broker that retains a reading of one copier, and of another only that it is silent."""

    async def retained(self, topic: str) -> dict[str, str]:
        base = topic.removesuffix("+/state")
        return {
            f"{base}generic-0/state": '{"online": true, "total": 107}',
            f"{base}ricoh-0/state": '{"online": false, "silent_s": 3}',
        }


def test_a_state_without_a_total_is_a_page_that_has_not_come_yet(tmp_path: Path) -> None:
    with on_trial("shown", tmp_path / "office", random.Random(7), 2) as trial:
        trial.servers = Servers(None, _Shown())  # type: ignore[arg-type] # asked for what is retained
        trial.database, trial._first = "shown", {"generic-0": 100, "ricoh-0": 5}
        assert trial._at_broker() == {"generic-0": 7}
