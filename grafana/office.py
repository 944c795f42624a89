"""The whole office in a few big figures, and how fresh they are."""

from typing import Final

from grafana.frame import Build
from grafana.panels import BLUE, COUNT, ORANGE, PERCENT, PLAIN, RED, Json, Spot, stat, steps
from grafana.queries import alias, call, select

# A period has at most 31 days, so its first instant, where its row stands, lies within 32; the
# newest row of each department is the running month, and nobody has to compute one.
THIS_MONTH: Final = "32d"
LIMITS: Final = steps((None, BLUE), (0.8, ORANGE), (1.0, RED))


def _whole_office(figure: str, *fields: str, where: tuple[str, ...] = ()) -> str:
    """Return one figure over the newest rows of all departments."""
    newest = select(call("last", "pages"), *fields, of="department_month", by=("department",))
    return select(figure, of=newest, where=where)


def office(build: Build) -> list[Json]:
    """Return the row of big figures at the top."""
    count: Json = {"unit": COUNT, "decimals": 0}
    used = alias('1.0 * sum("pages") / sum("target")', "ratio")
    ratio = _whole_office(used, "target", where=('"target" > 0',))
    return [
        stat(
            Spot(1, 0, 0, 5, 4),
            build.entry("office_total"),
            _whole_office(call("sum", "pages")),
            count,
            since=THIS_MONTH,
        ),
        stat(
            Spot(2, 5, 0, 5, 4),
            build.entry("office_ratio"),
            ratio,
            {"unit": PERCENT, "decimals": 0, "thresholds": LIMITS},
            since=THIS_MONTH,
        ),
        stat(
            Spot(3, 10, 0, 5, 4),
            build.entry("office_forecast"),
            _whole_office(call("sum", "forecast"), "forecast"),
            count,
            since=THIS_MONTH,
        ),
        stat(
            Spot(4, 15, 0, 5, 4),
            build.entry("office_last_year"),
            _whole_office(call("sum", "last_year"), "last_year"),
            count | {"noValue": "–"},
            since=THIS_MONTH,
        ),
        last_update(build, Spot(5, 20, 0, 4, 4)),
        _completeness(build, Spot(15, 0, 4, 24, 2)),
    ]


def _completeness(build: Build, spot: Spot) -> Json:
    """Return in words how far the office's month rests on readings, and what is in question."""
    text = "completeness" if build.language == "ja" else "completeness_en"
    return stat(
        spot,
        build.entry("completeness"),
        select(call("last", text, "text"), of="office_month"),
        {"thresholds": PLAIN},
        since=THIS_MONTH,
        fields="/^text$/",
    )


def last_update(build: Build, spot: Spot) -> Json:
    """Return how long ago the collector last finished a round."""
    return stat(
        spot,
        build.entry("updated"),
        select(call("last", "polled"), of="collector"),
        {"unit": "dateTimeFromNow", "thresholds": PLAIN},
        since=THIS_MONTH,
        fields="/^Time$/",
    )
