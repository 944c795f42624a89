"""A database that lost what it had is refilled by itself; what it refused, on request."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.servers.influx import InfluxServer
from tests.servers.mosquitto import mosquitto
from tests.stories import books
from tests.stories.copiers import Copiers
from tests.stories.program import command, daemon
from tests.stories.refill import (
    DATABASE,
    day_pages,
    emptied,
    influx_section,
    looked_for,
    machines,
    office,
    server,
    totals,
)
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

__all__ = ["machines", "server"]


@pytest.mark.parametrize("how", ["DROP DATABASE story", "DROP SERIES FROM /.*/"])
def test_an_emptied_influxdb_is_refilled_while_the_daemon_runs(
    tmp_path: Path, machines: Copiers, server: InfluxServer, how: str
) -> None:
    config = office(tmp_path, machines, influx_section(server))
    ledger = config.with_name("ledger.sqlite3")
    with daemon(config) as running:
        until(lambda: totals(server) == {900}, "the first reading")
        machines.print("hall", 25)
        until(lambda: totals(server) == {900, 925}, "the second")
        looked_for(running, ledger)
        server.query(how, DATABASE)
        assert totals(server) == set()

        running.hang_up()
        until(lambda: totals(server) >= {900, 925}, "all of it again")
        (told,) = emptied(ledger)
        assert "influx no longer holds what was published there" in told
        assert running.terminate() == 0, running.text
    assert len(emptied(ledger)) == 1
    listed = command("findings", "--config", config)
    assert "すべて送り直します" in listed.out.replace("\n", "")


def test_a_broker_that_forgot_has_every_state_again_and_no_old_news(
    tmp_path: Path, machines: Copiers
) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    base = "copier-fleet/story"
    with mosquitto(folders[0]) as first:
        config = office(tmp_path, machines, f"\n[mqtt]\nenabled = true\nport = {first.port}\n")
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "hall"), "the first reading")
            machines.print("hall", 25)
            until(
                lambda: f"{base}/mark" in asyncio.run(first.retained(f"{base}/#")), "a mark stands"
            )
            looked_for(running, ledger)
            assert running.terminate() == 0, running.text
    with mosquitto(folders[1]) as second:
        config.write_text(config.read_text().replace(str(first.port), str(second.port)))
        with daemon(config) as running:
            until(lambda: emptied(ledger), "told")

            def stands() -> bool:
                found = asyncio.run(second.retained(f"{base}/#"))
                return {f"{base}/place/hall/state", f"{base}/department/soumu/month"} <= {*found}

            until(stands, "states and months")
            assert running.terminate() == 0, running.text


def test_a_database_that_keeps_less_than_the_backlog_is_one_finding(
    tmp_path: Path, machines: Copiers, server: InfluxServer
) -> None:
    config = office(tmp_path, machines, influx_section(server))
    ledger = config.with_name("ledger.sqlite3")
    server.query(f"CREATE DATABASE {DATABASE} WITH DURATION 7d")
    readings = [
        {"place": "hall", "at": f"2026-0{month}-{day:02}T09:00:00+09:00", "meters": {"total": n}}
        for n, (month, day) in enumerate(((m, d) for m in (4, 5) for d in range(1, 29)), 100)
    ]
    told = tmp_path / "readings.jsonl"
    told.write_text("".join(json.dumps(one) + "\n" for one in readings))
    options = ("--config", str(config))
    books.begin(ledger)
    taken = command("history", "import", "--readings", told, "--apply", "--why", "移行", *options)
    assert taken.code in {0, 1}, taken.err
    with daemon(config) as running:
        until(lambda: 900 in totals(server), "what is young enough is taken")

        def refused() -> list[dict[str, object]]:
            return list(command("sinks", "list", "--json", *options).json["refused"])

        until(lambda: refused() and refused()[0]["rows"] >= 56, "the rest is refused")
        listed = command("sinks", "list", *options)
        rewound = command("sinks", "rewind", "influx", "--since", "2026-04-10", *options)
        (found,) = [
            text for code, _, text in books.findings(ledger) if code == "database_keeps_less"
        ]
        assert "It keeps points for 168h0m0s" in found
        assert 'ALTER RETENTION POLICY "autogen" ON "story" DURATION INF' in found
        assert (listed.code, rewound.code) == (1, 0), listed.err + rewound.err
        assert "データベースの保存期間より古いデータ" in listed.out.replace("\n", "")
        assert "2026-04-10 以降" in rewound.err

        server.query('ALTER RETENTION POLICY "autogen" ON "story" DURATION INF')
        retried = command("sinks", "retry", "influx", *options)
        assert retried.code == 0, retried.err
        running.hang_up()
        counted = sum(books.days(ledger).values())
        assert counted >= 55
        until(lambda: day_pages(server) == counted, "all of it")
        assert running.terminate() == 0, running.text
    assert refused() == []
    assert command("sinks", "list", *options).code == 0
    codes = [code for code, _, _ in books.findings(ledger)]
    assert codes.count("database_keeps_less") == 1
    assert "row_rejected" not in codes


def test_the_commands_work_without_the_daemon_and_tell_what_is_wrong(
    tmp_path: Path, machines: Copiers, server: InfluxServer
) -> None:
    config = office(tmp_path, machines, influx_section(server))
    options = ("--config", str(config))
    with daemon(config) as running:
        until(lambda: totals(server) == {900}, "the first reading")
        assert running.terminate() == 0, running.text
    done = command("sinks", "list", "--json", *options).json["sinks"][0]
    rewound = command("sinks", "rewind", "influx", "--since", "2020-01-01", *options)
    after = command("sinks", "list", "--json", *options).json["sinks"][0]
    unknown = command("sinks", "rewind", "mqtt", "--since", "2020-01-01", *options)

    assert (done["sink"], done["backlog"], done["lag_s"]) == ("influx", 0, None)
    assert rewound.code == 0
    assert after["cursor"] < done["cursor"]
    assert f"{after['backlog']:,} 件" in rewound.err
    assert after["lag_s"] >= 0
    assert unknown.code == 2
    assert "有効な送信先: influx" in unknown.err
