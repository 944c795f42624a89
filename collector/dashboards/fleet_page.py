"""The IT staff's dashboard: who answers, what the counters say, toner, findings, the collector."""

from typing import Final

from collector.dashboards.frame import DashboardBuild, dashboard, last_update, named, variable
from collector.dashboards.panels import (
    BLUE,
    CHOSEN_PLACES,
    COUNT,
    DURATION,
    GREY,
    ORANGE,
    PERCENT_100,
    RED,
    SKY,
    SPAN,
    Json,
    TableColumn,
    Tile,
    alias,
    call,
    mapping,
    select,
    stat,
    state_timeline,
    steps,
    table,
    target,
    time_series,
)

# Rows of a copier come at least hourly, silent or not: whoever is in use has one in six hours.
LATELY: Final = "6h"
MONTH: Final = "31d"

_LEVELS: Final = steps((None, RED), (10, ORANGE), (20, BLUE))
_TROUBLE: Final = steps((None, BLUE), (1, ORANGE))


def build_fleet(build: DashboardBuild) -> Json:
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


def _figures(build: DashboardBuild) -> list[Json]:
    count: Json = {"unit": COUNT, "decimals": 0, "noValue": "0"}
    trouble = count | {"thresholds": _TROUBLE}
    newest = select(call("last", "level_pct", "level"), of="copier_supply", by=("place", "supply"))
    lowest = select(call("min", "level"), of=newest, where=())
    level: Json = {"unit": PERCENT_100, "decimals": 0, "thresholds": _LEVELS, "noValue": "–"}
    return [
        stat(
            Tile(1, 4, 4),
            build.entry("online_count"),
            _count_of("true"),
            count,
            since=LATELY,
        ),
        stat(
            Tile(2, 4, 4),
            build.entry("silent_count"),
            _count_of("false"),
            trouble,
            since=LATELY,
        ),
        stat(Tile(3, 4, 4), build.entry("lowest"), lowest, level, since="7d"),
        stat(
            Tile(4, 4, 4),
            build.entry("failed_now"),
            _collector("failed"),
            trouble,
            since=LATELY,
        ),
        stat(
            Tile(5, 4, 4),
            build.entry("backlog"),
            _collector("backlog"),
            count | {"thresholds": steps((None, BLUE), (1000, ORANGE))},
            since=LATELY,
        ),
        last_update(build, Tile(6, 4, 4)),
    ]


def _states(build: DashboardBuild) -> Json:
    return mapping(true=(build.words["online_yes"], SKY), false=(build.words["online_no"], RED))


def _copiers(build: DashboardBuild) -> Json:
    words = build.words
    query = _by_place(call("last", "silent_s"), "online", "status", "name", "model", "uptime_s")
    silence = steps((None, BLUE), (3600, ORANGE), (86400, RED))
    link = f"/d/copier-fleet-fleet-{build.language}?var-place=${{__data.fields.place_id}}"
    columns = [
        TableColumn("name", words["name"], link=link),
        TableColumn(
            "online",
            words["online"],
            width=100,
            display="color-text",
            mapping=_states(build),
        ),
        TableColumn(
            "silent_s", words["silent_s"], unit=DURATION, display="color-text", steps=silence
        ),
        TableColumn("status", words["status"], width=100),
        TableColumn("model", words["model"]),
        TableColumn("uptime_s", words["uptime_s"], unit=DURATION),
        TableColumn("place", "place_id", hidden=True),
    ]
    return table(
        Tile(7, 14, 11),
        build.entry("copiers"),
        query,
        columns,
        since=LATELY,
        sort=(words["silent_s"], True),
    )


def _toner(build: DashboardBuild) -> Json:
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
        TableColumn("place", words["place"]),
        TableColumn("name", words["supply"]),
        TableColumn(
            "level",
            words["level"],
            unit=PERCENT_100,
            decimals=0,
            display="lcd-gauge",
            steps=_LEVELS,
            max=100,
        ),
        TableColumn("state", words["state"], width=90),
    ]
    return table(
        Tile(8, 10, 11),
        build.entry("toner"),
        query,
        columns,
        since="7d",
        drop=("Time", "supply"),
        sort=(words["level"], False),
    )


def _events(build: DashboardBuild) -> Json:
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
        TableColumn("Time", words["time"], width=160),
        TableColumn(
            "severity", words["severity"], width=80, display="color-text", mapping=severity
        ),
        TableColumn("place", words["place"], width=120),
        TableColumn("message", words["message"]),
        TableColumn("code", words["code"], width=170),
    ]
    return table(
        Tile(9, 14, 10),
        build.entry("events"),
        query,
        columns,
        since=MONTH,
        drop=(),
        sort=(words["time"], True),
    )


def _days(build: DashboardBuild) -> Json:
    query = select(
        call("sum", "total", "pages"),
        of="copier_day",
        where=(SPAN, CHOSEN_PLACES),
        by=("time(1d)", "place"),
        then=f"fill(none) {build.day}",
    )
    return time_series(
        Tile(10, 10, 10),
        build.entry("copier_days"),
        [target(query, table=False, alias="$tag_place")],
        stacked_days=True,
        since=MONTH,
        series=named(build.names.places),
    )


def _timeline(build: DashboardBuild) -> Json:
    query = select(
        call("last", "online"),
        of="copier",
        where=(SPAN, CHOSEN_PLACES),
        by=("time($__interval)", "place"),
        then="fill(none)",
    )
    return state_timeline(
        Tile(11, 24, 9),
        build.entry("timeline"),
        target(query, table=False, alias="$tag_place"),
        _states(build),
        series=named(build.names.places, colors=False),
    )


def _meters(build: DashboardBuild) -> Json:
    words = build.words
    query = _by_place(call("last", "total"), "total_mono", "total_color", "model", "serial", "name")
    columns = [
        TableColumn("place", words["place_id"], width=120),
        TableColumn("name", words["name"]),
        TableColumn("model", words["model"]),
        TableColumn("serial", words["serial"]),
        *(
            TableColumn(name, words[name], unit=COUNT, decimals=0)
            for name in ("total", "total_mono", "total_color")
        ),
        TableColumn("Time", words["read_at"], width=160),
    ]
    return table(
        Tile(12, 14, 12),
        build.entry("meters"),
        query,
        columns,
        since=MONTH,
        drop=(),
        sort=(words["total"], True),
    )


def _line(build: DashboardBuild, ref: str, field: str) -> Json:
    query = select(call("max", field), of="collector", by=("time($__interval)",), then="fill(none)")
    return target(query, table=False, ref=ref, alias=build.words[field])


def _health(build: DashboardBuild) -> list[Json]:
    return [
        time_series(
            Tile(13, 10, 6),
            build.entry("polls"),
            [
                _line(build, "A", "polled"),
                _line(build, "B", "failed"),
                _line(build, "C", "slow"),
            ],
        ),
        time_series(
            Tile(14, 10, 6),
            build.entry("seconds"),
            [_line(build, "A", "cycle_s"), _line(build, "B", "lag_s")],
            unit="s",
        ),
    ]
