"""Rows on a real influxd 1.x and a real VictoriaMetrics, read back, and what they refuse."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from collector.adapters.influx import InfluxTarget, InfluxV1Sink, InfluxV2Sink, open_influx
from collector.adapters.influx.line_protocol import clean_tag, clean_text
from collector.domain.rows import SCHEMA, FieldType, Row
from collector.errors import SinkRefused
from tests.fakes.rows import NASTY, any_row, copier_row, event_row, month_row
from tests.servers.fixtures import InfluxDatabase
from tests.servers.influx import InfluxServer, QueryFailedError, export, influxd, query, request

pytestmark = pytest.mark.integration

Point = tuple[tuple[tuple[str, str], ...], int, tuple[tuple[str, object], ...]]


def point(row: Row) -> Point:
    """Return what the server must say of `row`."""
    tags = {name: clean_tag(value) for name, value in row.tags.items()}
    fields = {
        name: clean_text(value) if isinstance(value, str) else value
        for name, value in row.fields.items()
    }
    return (
        tuple(sorted(tags.items())),
        int(row.at.timestamp()),
        tuple(sorted(fields.items())),
    )


def points(database: InfluxDatabase, measurement: str) -> set[Point]:
    """Return everything that stands in `measurement`."""
    shape = SCHEMA[measurement]
    found = database.query(f'SELECT * FROM "{measurement}" GROUP BY *')  # noqa: S608 - our own table's names
    return {
        (
            tuple(sorted((tag, row.get(tag, "")) for tag in shape.tags)),
            row["time"],
            tuple(
                # JSON does not tell a large float from an integer.
                (name, float(row[name]) if kind is FieldType.FLOAT else row[name])
                for name, kind in sorted(shape.fields.items())
                if row.get(name) is not None
            ),
        )
        for row in found
    }


async def test_every_nasty_text_comes_back(influx_database: InfluxDatabase) -> None:
    sink = open_influx(InfluxTarget(influx_database.url, database=influx_database.name))
    rows = [
        event_row(text, place=f"{number}{text}", code=text) for number, text in enumerate(NASTY)
    ]
    assert list(await sink.send(rows)) == []
    await sink.close()
    assert points(influx_database, "copier_event") == {point(row) for row in rows}


# No shrinking: each try is a database.
@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(rows=st.lists(any_row("department_month"), min_size=1, max_size=40))
async def test_any_row_comes_back(influx_database: InfluxDatabase, rows: list[Row]) -> None:
    name = f"{influx_database.name}_any"
    influx_database.server.query(f'DROP DATABASE "{name}"')
    # One point each: the first of several rows that share tags and time.
    distinct = list({point(row)[:2]: row for row in reversed(rows)}.values())
    sink = open_influx(InfluxTarget(influx_database.url, database=name))
    assert list(await sink.send(distinct)) == []
    await sink.close()
    database = InfluxDatabase(influx_database.server, name)
    assert points(database, "department_month") == {point(row) for row in distinct}


async def test_a_missing_database_is_created(influx_server: InfluxServer) -> None:
    target = InfluxTarget(influx_server.url, database='new "town" hall')
    sink = open_influx(target)
    assert "created at the first write" in await sink.check()
    assert list(await sink.send([copier_row("p1", 5)])) == []
    assert "1.6.7" in await sink.check()
    await sink.close()
    (row,) = influx_server.query("SELECT total FROM copier", target.database)
    assert row["total"] == 5


async def test_a_missing_database_is_not_created_unasked(influx_server: InfluxServer) -> None:
    target = InfluxTarget(influx_server.url, database="nowhere", create_database=False)
    sink = InfluxV1Sink(target)
    with pytest.raises(SinkRefused, match="create it with: influx -execute"):
        await sink.send([copier_row("p1", 5)])
    await sink.close()
    names = {row["name"] for row in influx_server.query("SHOW DATABASES")}
    assert "nowhere" not in names


async def test_points_that_conflict_with_a_type_are_set_aside(
    influx_database: InfluxDatabase,
) -> None:
    sink = InfluxV1Sink(InfluxTarget(influx_database.url, database=influx_database.name))
    rows = [copier_row(f"p{number}", number) for number in range(100)]
    spoiled = rows[40]
    line = f'copier,department=soumu,place=p40,site=hall online="yes" {int(spoiled.at.timestamp())}'
    _write(influx_database, line)
    rejected = await sink.send(rows)
    await sink.close()
    # Every row has the field `online`, and the shard now holds it as a string.
    assert [one.row for one in rejected] == rows
    assert "field type conflict" in rejected[0].reason


async def test_only_the_culprits_of_a_batch_are_set_aside(influx_database: InfluxDatabase) -> None:
    target = InfluxTarget(influx_database.url, database=influx_database.name)
    sink = InfluxV1Sink(target)
    at = int(copier_row("p", 1).at.timestamp())
    _write(influx_database, f"copier,place=spoiler uptime_s=1.5 {at}")
    rows = [copier_row(f"p{number}", number) for number in range(300)]
    culprits = [
        Row("copier", row.tags, {**row.fields, "uptime_s": 7}, row.at)
        for row in (rows[17], rows[18], rows[250])
    ]
    mixed = [*rows[:100], *culprits, *rows[100:]]
    rejected = await sink.send(mixed)
    await sink.close()
    assert [one.row for one in rejected] == culprits
    stored = influx_database.query("SELECT count(total) FROM copier")
    assert stored[0]["count"] == 300


async def test_points_older_than_the_retention_are_set_aside(
    influx_database: InfluxDatabase,
) -> None:
    name = influx_database.name
    influx_database.query(
        f'CREATE RETENTION POLICY "short" ON "{name}" DURATION 1h REPLICATION 1 DEFAULT'
    )
    sink = InfluxV1Sink(InfluxTarget(influx_database.url, database=name))
    rejected = await sink.send([month_row("soumu", 1, "2019-04")])
    await sink.close()
    assert "beyond retention policy" in rejected[0].reason


async def test_no_default_retention_policy_is_a_matter_for_a_person(
    influx_database: InfluxDatabase,
) -> None:
    influx_database.query(f'DROP RETENTION POLICY "autogen" ON "{influx_database.name}"')
    sink = InfluxV1Sink(InfluxTarget(influx_database.url, database=influx_database.name))
    with pytest.raises(SinkRefused, match="default retention policy"):
        await sink.send([copier_row("p1", 5)])
    await sink.close()


async def test_a_small_body_limit_only_halves_the_batches(tmp_path: Path) -> None:
    noise = random.Random(7)
    rows = [
        event_row("".join(noise.choices("abcdefghij0123456789", k=200)), place=f"p{number}")
        for number in range(200)
    ]
    with influxd(tmp_path, max_body_size=4000) as server:
        sink = InfluxV1Sink(InfluxTarget(server.url))
        assert list(await sink.send(rows)) == []
        await sink.close()
        (row,) = server.query("SELECT count(message) FROM copier_event", "copier_fleet")
        assert row["count"] == 200


async def test_logins(tmp_path: Path) -> None:
    admin, clerk = ("admin", "秘密 pass:word"), ("low", "low")
    with influxd(tmp_path, login=admin) as server:
        server.query(f"CREATE USER {clerk[0]} WITH PASSWORD '{clerk[1]}'")
        for name, password, said in (
            ("", "", "check the user and password"),
            (admin[0], "wrong", "check the user and password"),
            (*clerk, "create it with"),
        ):
            sink = open_influx(InfluxTarget(server.url, username=name, password=password))
            with pytest.raises(SinkRefused, match=said):
                await sink.send([copier_row("p1", 5)])
            await sink.close()
        sink = open_influx(InfluxTarget(server.url, username=admin[0], password=admin[1]))
        assert list(await sink.send([copier_row("p1", 5)])) == []
        await sink.close()
        assert len(server.query("SELECT total FROM copier", "copier_fleet")) == 1
        low = InfluxV1Sink(InfluxTarget(server.url, username=clerk[0], password=clerk[1]))
        with pytest.raises(SinkRefused, match=r"403.*right to write"):
            await low.send([copier_row("p1", 5)])
        await low.close()


async def test_v2_numbers_reach_victoria_metrics(victoria: InfluxServer) -> None:
    sink = InfluxV2Sink(InfluxTarget(victoria.url, org="hall"))
    rows = [copier_row(f"p{number}", 1000 + number, site="v2 test") for number in range(50)]
    assert list(await sink.send(rows)) == []
    assert "bucket copier_fleet" in await sink.check()
    await sink.close()
    found = export(victoria.url, '{__name__="copier_total",site="v2 test"}')
    assert {one["metric"]["place"]: one["values"] for one in found} == {
        row.tags["place"]: [row.fields["total"]] for row in rows
    }


def test_a_failed_query_says_so(influx_server: InfluxServer) -> None:
    with pytest.raises(QueryFailedError, match="error parsing query"):
        query(influx_server.url, None, "SELEKT 1")


def _write(database: InfluxDatabase, line: str) -> None:
    """Write one line as another program would."""
    status, body = request(database.url, "POST", f"/write?db={database.name}&precision=s", line)
    assert status == 204, body
