"""The IT staff's dashboard: who answers, what the counters say, toner, findings, the collector."""

from typing import Final

from grafana.frame import Build, dashboard, named, variable
from grafana.office import last_update
from grafana.panels import (
    BLUE,
    COUNT,
    DURATION,
    GREY,
    ORANGE,
    PERCENT_100,
    RED,
    SKY,
    Json,
    Spot,
    mapping,
    stat,
    state_timeline,
    steps,
    target,
    time_series,
)
from grafana.queries import CHOSEN_PLACES, SPAN, alias, call, select
from grafana.tables import Column, table

# Rows of a copier come at least hourly, silent or not: whoever is in use has one in six hours.
LATELY: Final = "6h"
MONTH: Final = "31d"

_LEVELS: Final = steps((None, RED), (10, ORANGE), (20, BLUE))
_TROUBLE: Final = steps((None, BLUE), (1, ORANGE))


def build_fleet(build: Build) -> Json:
    """Return the dashboard `fleet`."""
    return dashboard(
        build,
        "fleet",
        panels=[
            *_figures(build),
            _copiers(build),
            _toner(build),
            _events(build),
            _days(build),
            _timeline(build),
            _meters(build),
            *_health(build),
        ],
        variables=[variable(build, "copier", "place", many=True)],
        since="now-7d",
        refresh="1m",
    )


def _count_of(online: str) -> str:
    newest = select(call("last", "online"), of="copier", by=("place",))
    return select(call("count", "online", "copiers"), of=newest, where=(f'"online" = {online}',))


def _collector(field: str) -> str:
    return select(call("last", field), of="collector")


def _by_place(*columns: str) -> str:
    """Return `columns` of each chosen place."""
    return select(*columns, of="copier", where=(SPAN, CHOSEN_PLACES), by=("place",))


def _figures(build: Build) -> list[Json]:
    count: Json = {"unit": COUNT, "decimals": 0, "noValue": "0"}
    trouble = count | {"thresholds": _TROUBLE}
    newest = select(call("last", "level_pct", "level"), of="copier_supply", by=("place", "supply"))
    lowest = select(call("min", "level"), of=newest, where=())
    level: Json = {"unit": PERCENT_100, "decimals": 0, "thresholds": _LEVELS, "noValue": "–"}
    return [
        stat(
            Spot(1, 0, 0, 4, 4),
            build.entry("online_count"),
            _count_of("true"),
            count,
            since=LATELY,
        ),
        stat(
            Spot(2, 4, 0, 4, 4),
            build.entry("silent_count"),
            _count_of("false"),
            trouble,
            since=LATELY,
        ),
        stat(Spot(3, 8, 0, 4, 4), build.entry("lowest"), lowest, level, since="7d"),
        stat(
            Spot(4, 12, 0, 4, 4),
            build.entry("failed_now"),
            _collector("failed"),
            trouble,
            since=LATELY,
        ),
        stat(
            Spot(5, 16, 0, 4, 4),
            build.entry("backlog"),
            _collector("backlog"),
            count | {"thresholds": steps((None, BLUE), (1000, ORANGE))},
            since=LATELY,
        ),
        last_update(build, Spot(6, 20, 0, 4, 4)),
    ]


def _states(build: Build) -> Json:
    return mapping(true=(build.words["online_yes"], SKY), false=(build.words["online_no"], RED))


def _copiers(build: Build) -> Json:
    words = build.words
    query = _by_place(call("last", "silent_s"), "online", "status", "name", "model", "uptime_s")
    silence = steps((None, BLUE), (3600, ORANGE), (86400, RED))
    link = f"/d/copier-fleet-fleet-{build.language}?var-place=${{__data.fields.place_id}}"
    columns = [
        Column("name", words["name"], link=link),
        Column(
            "online",
            words["online"],
            width=100,
            display="color-text",
            mapping=_states(build),
        ),
        Column("silent_s", words["silent_s"], unit=DURATION, display="color-text", steps=silence),
        Column("status", words["status"], width=100),
        Column("model", words["model"]),
        Column("uptime_s", words["uptime_s"], unit=DURATION),
        Column("place", "place_id", hidden=True),
    ]
    return table(
        Spot(7, 0, 4, 14, 11),
        build.entry("copiers"),
        query,
        columns,
        since=LATELY,
        sort=(words["silent_s"], True),
    )


def _toner(build: Build) -> Json:
    words = build.words
    newest = select(
        *(call("last", "level_pct", "level"), "name", "state"),
        of="copier_supply",
        where=(SPAN, CHOSEN_PLACES),
        by=("place", "supply"),
    )
    lowest = alias('bottom("level", 60)', "level")
    query = select(lowest, "place", "supply", "name", "state", of=newest, where=())
    columns = [
        Column("place", words["place"]),
        Column("name", words["supply"]),
        Column(
            "level",
            words["level"],
            unit=PERCENT_100,
            decimals=0,
            display="lcd-gauge",
            steps=_LEVELS,
            max=100,
        ),
        Column("state", words["state"], width=90),
    ]
    return table(
        Spot(8, 14, 4, 10, 11),
        build.entry("toner"),
        query,
        columns,
        since="7d",
        drop=("Time", "supply"),
        sort=(words["level"], False),
    )


def _events(build: Build) -> Json:
    words = build.words
    query = select(
        *("severity", "place", "code", "message"),
        of="copier_event",
        where=(SPAN, CHOSEN_PLACES),
        then="ORDER BY time DESC LIMIT 200",
    )
    severity = mapping(
        info=(words["info"], GREY), warning=(words["warning"], ORANGE), error=(words["error"], RED)
    )
    columns = [
        Column("Time", words["time"], width=160),
        Column("severity", words["severity"], width=80, display="color-text", mapping=severity),
        Column("place", words["place"], width=120),
        Column("message", words["message"]),
        Column("code", words["code"], width=170),
    ]
    return table(
        Spot(9, 0, 15, 14, 10),
        build.entry("events"),
        query,
        columns,
        since=MONTH,
        drop=(),
        sort=(words["time"], True),
    )


def _days(build: Build) -> Json:
    query = select(
        call("sum", "total", "pages"),
        of="copier_day",
        where=(SPAN, CHOSEN_PLACES),
        by=("time(1d)", "place"),
        then=f"fill(none) {build.day}",
    )
    return time_series(
        Spot(10, 14, 15, 10, 10),
        build.entry("copier_days"),
        [target(query, table=False, alias="$tag_place")],
        stacked_days=True,
        since=MONTH,
        series=named(build.names.places),
    )


def _timeline(build: Build) -> Json:
    query = select(
        call("last", "online"),
        of="copier",
        where=(SPAN, CHOSEN_PLACES),
        by=("time($__interval)", "place"),
        then="fill(none)",
    )
    return state_timeline(
        Spot(11, 0, 25, 24, 9),
        build.entry("timeline"),
        target(query, table=False, alias="$tag_place"),
        _states(build),
        series=named(build.names.places, colors=False),
    )


def _meters(build: Build) -> Json:
    words = build.words
    query = _by_place(call("last", "total"), "total_mono", "total_color", "model", "serial", "name")
    columns = [
        Column("place", words["place_id"], width=120),
        Column("name", words["name"]),
        Column("model", words["model"]),
        Column("serial", words["serial"]),
        *(
            Column(name, words[name], unit=COUNT, decimals=0)
            for name in ("total", "total_mono", "total_color")
        ),
        Column("Time", words["read_at"], width=160),
    ]
    return table(
        Spot(12, 0, 34, 14, 12),
        build.entry("meters"),
        query,
        columns,
        since=MONTH,
        drop=(),
        sort=(words["total"], True),
    )


def _line(build: Build, ref: str, field: str) -> Json:
    query = select(call("max", field), of="collector", by=("time($__interval)",), then="fill(none)")
    return target(query, table=False, ref=ref, alias=build.words[field])


def _health(build: Build) -> list[Json]:
    return [
        time_series(
            Spot(13, 14, 34, 10, 6),
            build.entry("polls"),
            [
                _line(build, "A", "polled"),
                _line(build, "B", "failed"),
                _line(build, "C", "slow"),
            ],
        ),
        time_series(
            Spot(14, 14, 40, 10, 6),
            build.entry("seconds"),
            [_line(build, "A", "cycle_s"), _line(build, "B", "lag_s")],
            unit="s",
        ),
    ]
