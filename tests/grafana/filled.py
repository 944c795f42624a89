"""A real InfluxDB that was filled, asked as Grafana would ask it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.adapters.influx.line_protocol import render
from collector.domain.rows import Row
from tests.grafana.emulation import Frame, frame, interpolate, offered, pattern, transform
from tests.grafana.office_rows import NOW, office_rows
from tests.grafana.shipped import Json, Query, dashboards, panel_queries
from tests.servers.influx import InfluxServer, request

QUERIES = list(panel_queries())
OPTIONAL = frozenset(
    {"cost", "hours", "sheets", "fax", "copy", "print", "scan", "mono", "color", "level"}
)
"""What an office may never have; only one with bureaus has a level."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A database that was filled up to `now`.

    `absent` fields cannot be in it, for a reason, and `quiet` panels have nothing to tell. A
    dashboard is opened at the month `months_back` from the newest.
    """

    server: InfluxServer
    database: str
    now: datetime
    absent: frozenset[str] = OPTIONAL
    quiet: frozenset[str] = frozenset({"collector #11"})
    months_back: int = 0

    def ask(self, query: Query, values: Mapping[str, str]) -> Frame:
        """Return the answer to `query` as Grafana would send it."""
        interval = (query.panel or {}).get("interval", "10m")
        text = interpolate(
            query.text, until=self.now, span_s=query.span_s, interval=interval, values=values
        )
        return frame(self.server.query(text, self.database))

    def choices(self, name: str, variable: str, chosen: Mapping[str, str]) -> dict[str, str]:
        """Return value -> text of what a variable of the dashboard `name` offers, in its order."""
        (one,) = (v for v in dashboards()[name]["templating"]["list"] if v["name"] == variable)
        found = self.ask(Query(variable, one["query"], 0), chosen)
        key = "value" if one["query"].startswith("SHOW") else "choice"
        return offered(one, [row[key] for row in found])

    def opened(self, name: str) -> dict[str, str]:
        """Return what the variables of the dashboard `name` stand for when it is opened."""
        values: dict[str, str] = {}
        for one in dashboards()[name]["templating"]["list"]:
            if one["type"] == "custom":
                values[one["name"]] = one["current"]["value"]
            else:
                skipped = self.months_back if one["name"] == "month" else 0
                first = list(self.choices(name, one["name"], values))[skipped]
                values[one["name"]] = pattern([first])
        return values

    def shown(self, name: str, panel: Json, values: Mapping[str, str]) -> Frame:
        """Return the table that a panel of the dashboard `name` draws."""
        asked = [one for one in QUERIES if one.where.startswith(f"{name} #{panel['id']} ")]
        answers = [self.ask(one, values) for one in asked]
        return transform(answers, panel.get("transformations", ()))


def write(server: InfluxServer, database: str, rows: Iterable[Row]) -> None:
    server.query(f'CREATE DATABASE "{database}"')
    body = b"\n".join(map(render, rows))
    status, answer = request(server.url, "POST", f"/write?db={database}&precision=s", body)
    assert status == 204, answer


def fill_with_rows(server: InfluxServer) -> Filled:
    """Fill with a made office's rows, in the collector's own line protocol."""
    write(server, "made", office_rows())
    return Filled(server, "made", NOW)
