"""What would be cut off, in Grafana, of each page of an awkward office, at three widths.

No Grafana draws here: `tests/grafana/layout.py` works out the room of each panel and what its
values need, from the answers of a real InfluxDB.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.grafana.filled import Filled, fill_with_rows
from tests.grafana.layout import Screen, cut, first_columns, font_size, stat_text
from tests.grafana.shipped import Json, dashboards
from tests.servers.influx import InfluxServer, influxd

pytestmark = pytest.mark.integration

DESK, WALL, PHONE = Screen(1600), Screen(1920, kiosk=True), Screen(420)
PANELS = [
    pytest.param(name, panel, id=f"{name} #{panel['id']}")
    for name, dashboard in dashboards().items()
    for panel in dashboard["panels"]
    if panel.get("targets") and panel["type"] not in ("timeseries", "state-timeline")
]

TABLES = [
    pytest.param(name, panel, id=f"{name} #{panel['id']}")
    for name, dashboard in dashboards().items()
    for panel in dashboard["panels"]
    if panel["type"] == "table"
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influxd(tmp_path_factory.mktemp("layout")) as started:
        yield started


@pytest.fixture(scope="module")
def made(server: InfluxServer) -> Filled:
    return fill_with_rows(server)


def texts(made: Filled, name: str) -> dict[str, str]:
    """Return what each variable of a page shows when it is opened."""
    values = made.opened(name)
    found: dict[str, str] = {}
    for one in dashboards()[name]["templating"]["list"]:
        if one["type"] == "custom":
            found[one["name"]] = one["current"]["text"]
        else:
            found[one["name"]] = next(iter(made.choices(name, one["name"], values).values()))
    return found


@pytest.mark.parametrize(("name", "panel"), PANELS)
def test_nothing_is_cut_on_a_desk_a_wall_and_a_phone(made: Filled, name: str, panel: Json) -> None:
    shown = made.shown(name, panel, made.opened(name))
    for screen in (DESK, WALL, PHONE):
        assert list(cut(panel, shown, screen, texts(made, name))) == [], screen


@pytest.mark.parametrize(("name", "panel"), TABLES)
def test_a_phone_shows_what_matters_first(made: Filled, name: str, panel: Json) -> None:
    """The first two columns; of departments also how far they are from their targets."""
    shown = made.shown(name, panel, made.opened(name))
    if shown:
        wanted = 3 if name.endswith("office") and panel["id"] == 10 else 2
        assert first_columns(panel, shown, PHONE) >= wanted


def test_the_main_message_is_read_from_three_metres(made: Filled) -> None:
    """Letters of 36 px on a wall screen (10 mm on 43 inches would be 20), the first two rows."""
    name = "ja/office"
    for number in (3, 4, 5, 6, 7, 8, 18):
        (panel,) = (one for one in dashboards()[name]["panels"] if one["id"] == number)
        (row,) = made.shown(name, panel, made.opened(name))
        assert panel["gridPos"]["y"] + panel["gridPos"]["h"] <= 6
        assert font_size(panel, stat_text(panel, row), WALL) >= 36, panel["title"]
    (advice,) = (one for one in dashboards()[name]["panels"] if one["id"] == 1)
    (row,) = made.shown(name, advice, made.opened(name))
    assert font_size(advice, stat_text(advice, row), WALL) >= 24


def test_a_wall_screen_ends_between_two_rows_of_panels() -> None:
    rows = (1080 - 16) // 38
    for name in ("ja/office", "en/office"):
        for panel in dashboards()[name]["panels"]:
            spot = panel["gridPos"]
            assert not spot["y"] < rows < spot["y"] + spot["h"], panel["title"]


def test_null_is_never_printed() -> None:
    """A column of Grafana's own colour of text is text, also where it has no value at all."""
    for dashboard in dashboards().values():
        for panel in dashboard["panels"]:
            if panel["type"] == "table":
                assert panel["fieldConfig"]["defaults"]["custom"]["displayMode"] == "color-text"
                assert panel["fieldConfig"]["defaults"]["noValue"] not in ("", "null")


def _broken(panel: Json, change: Mapping[str, Any]) -> Json:
    config = panel["fieldConfig"]
    overrides = [
        one | {"properties": [p for p in one["properties"] if p["id"] not in change]}
        for one in config["overrides"]
    ]
    extra = [{"id": key, "value": value} for key, value in change.items() if value is not None]
    overrides[0] = overrides[0] | {"properties": [*overrides[0]["properties"], *extra]}
    return panel | {"fieldConfig": config | {"overrides": overrides}}


def test_a_table_that_is_too_wide_is_found(made: Filled) -> None:
    """The table that was cut off: 1,880 px in 1,003."""
    name = "ja/office"
    (panel,) = (one for one in dashboards()[name]["panels"] if one["id"] == 10)
    shown = made.shown(name, panel, made.opened(name))
    narrow = panel | {"gridPos": panel["gridPos"] | {"w": 10}}
    thin = _broken(panel, {"custom.width": 40})

    assert any("columns of" in one for one in cut(narrow, shown, DESK, {}))
    assert any(one.startswith("部署") for one in cut(thin, shown, DESK, {}))
    long_title = panel | {"title": "長" * 100}
    assert any("title" in one for one in cut(long_title, shown, DESK, {}))
