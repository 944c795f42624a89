"""How much room each panel has in Grafana, and how much what it shows needs.

Sizes are those of Grafana 9.3's light theme, read from its source and held against pictures of it:
rows of 30 px and gaps of 8, margins of 16, a menu of 56 px beside the page, cells with 6 px around
text of 14 px. Below 769 px of width all panels lie one below the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import radians, sin
from typing import Any
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from tests.grafana.emulation import Frame
from tests.grafana.shipped import Json

ROW, GAP, MARGIN, MENU, STACKED_BELOW = 30, 8, 16, 56, 769
CELL_PADDING, TABLE_MARGIN, HEADER, TITLE, TABLE_ROW = 12, 18, 36, 32, 36
FLEXIBLE_MIN = 150
SORT_ARROW = 18
ZONE = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Screen:
    """A browser's width, with Grafana's menu beside the page or (`kiosk`) without."""

    width: int
    kiosk: bool = False

    @property
    def stacked(self) -> bool:
        return self.width < STACKED_BELOW

    @property
    def page(self) -> int:
        return self.width - 2 * MARGIN - (0 if self.kiosk or self.stacked else MENU)

    def of(self, panel: Json) -> tuple[int, int]:
        """Return the width and height of `panel`."""
        spot = panel["gridPos"]
        columns = 24 if self.stacked else spot["w"]
        width = int((self.page + GAP) * columns / 24) - GAP
        return width, spot["h"] * (ROW + GAP) - GAP


def text_width(text: str, size: float = 14) -> float:
    """Return about how wide `text` is: 1 em for a character of East Asia, else as in Roboto."""
    return sum(map(_em, text)) * size


def _em(one: str) -> float:
    if east_asian_width(one) in "WFA":
        return 1.0
    if one.isdigit():
        return 0.56
    if one in " .,:;'|!/()[]-%":
        return 0.34 if one != "%" else 0.75
    return 0.66 if one.isupper() else 0.53


def filled(text: str, texts: Mapping[str, str]) -> str:
    """Return a title with what its variables are called."""
    for name, shown in texts.items():
        text = text.replace(f"${{{name}:text}}", shown)
    return text


def config_of(panel: Json, column: str) -> Json:
    """Return the field configuration of `column`: defaults, then what overrides say."""
    found: Json = {**panel["fieldConfig"]["defaults"]}
    found |= {f"custom.{name}": value for name, value in found.pop("custom", {}).items()}
    for one in panel["fieldConfig"]["overrides"]:
        if one["matcher"] == {"id": "byName", "options": column}:
            found |= {item["id"]: item["value"] for item in one["properties"]}
    return found


def displayed(value: object, config: Json) -> str:
    """Return what a cell or tile says of `value`."""
    for mapping in config.get("mappings") or ():
        text = _mapped(value, mapping)
        if text is not None:
            return text
    if value is None:
        return str(config["noValue"])
    unit = config.get("unit", "")
    if unit.startswith("time:"):
        return f"{datetime.fromtimestamp(value, UTC).astimezone(ZONE):%Y-%m-%d %H:%M}"
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    return {
        "percentunit": f"{value * 100:.0f}%",
        "percent": f"{value:.0f}%",
        "locale": f"{value:,.0f}",
    }.get(unit, f"{value:.0f}")


def _mapped(value: object, mapping: Json) -> str | None:
    options = mapping["options"]
    if mapping["type"] == "value":
        key = (
            str(value).lower()
            if isinstance(value, bool)
            else f"{value:g}"
            if isinstance(value, float)
            else str(value)
        )
        return options[key]["text"] if key in options else None
    if mapping["type"] == "special" and options["match"] == "empty":
        return options["result"]["text"] if value == "" else None
    if mapping["type"] == "range":
        is_in = isinstance(value, int | float) and value >= options["from"]
        return options["result"]["text"] if is_in else None
    assert mapping["type"] == "regex"
    return options["result"]["text"] if isinstance(value, str) and " " in value else None


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is drawn: its title, its width, and the widest text in it."""

    title: str
    width: float
    needed: float
    long: bool


def table_columns(panel: Json, table: Frame, room: float) -> list[Column]:
    """Return the visible columns of a table in a panel that is `room` wide."""
    names = [name for name in table[0] if not config_of(panel, name).get("custom.hidden")]
    fixed = {name: config_of(panel, name).get("custom.width") for name in names}
    flexible = [name for name, width in fixed.items() if width is None]
    left = room - TABLE_MARGIN - sum(width or 0 for width in fixed.values())
    least = {name: config_of(panel, name).get("custom.minWidth", FLEXIBLE_MIN) for name in names}
    share = left / len(flexible) if flexible else 0
    sorted_by = {one["displayName"] for one in panel["options"]["sortBy"]}
    found = []
    for name in names:
        config = config_of(panel, name)
        texts = [displayed(row.get(name), config) for row in table]
        needed = max(map(text_width, texts))
        if config.get("custom.displayMode") == "basic":
            needed += 60  # a bar that is seen at all
        header = text_width(name) + (SORT_ARROW if name in sorted_by else 0)
        is_long = bool(config.get("custom.inspect"))
        width = fixed[name] or max(share, least[name])
        found.append(Column(name, width, max(needed, header) + CELL_PADDING, is_long))
    return found


def cut(panel: Json, table: Frame, screen: Screen, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield what of `panel` has no room on `screen`.

    On a narrow screen a table may be wider than the page; what is seen of it first is not cut.
    """
    width, height = screen.of(panel)
    title = filled(panel["title"], texts)
    if text_width(title) > width - 48:
        yield f"the title {title!r}"
    if panel["type"] == "table" and table:
        shown = table_columns(panel, table, width)
        total = sum(one.width for one in shown)
        if total > width - TABLE_MARGIN and not screen.stacked:
            yield f"columns of {total:.0f} px in {width - TABLE_MARGIN}"
        seen = shown[: first_columns(panel, table, screen)] if screen.stacked else shown
        yield from (
            f"{one.title}: {one.needed:.0f} px in {one.width:.0f}"
            for one in seen
            if one.needed > one.width and not one.long
        )
    if panel["type"] == "stat" and table:
        yield from _small(panel, table[0], width, height)
    if panel["type"] == "barchart" and table:
        yield from _labels(panel, table, width, height)


def first_columns(panel: Json, table: Frame, screen: Screen) -> int:
    """Return how many columns of a table are wholly seen without moving it."""
    width, _ = screen.of(panel)
    at = 0.0
    for number, one in enumerate(table_columns(panel, table, width)):
        at += one.width
        if at > width - TABLE_MARGIN:
            return number
    return len(table_columns(panel, table, width))


def stat_text(panel: Json, row: Mapping[str, Any]) -> str:
    """Return what a tile says."""
    wanted = panel["options"]["reduceOptions"]["fields"].strip("/^$")
    name = wanted or next(
        key for key, value in row.items() if key != "Time" and not isinstance(value, str)
    )
    return displayed(row[name], config_of(panel, name))


def font_size(panel: Json, text: str, screen: Screen) -> float:
    """Return the size that Grafana gives to the text of a tile: as large as there is room."""
    width, height = screen.of(panel)
    return min((width - 24) / max(text_width(text, 1), 1e-9), (height - TITLE - 8) * 0.75)


def _small(panel: Json, row: Mapping[str, Any], width: int, height: int) -> Iterator[str]:
    text = stat_text(panel, row)
    size = min((width - 24) / max(text_width(text, 1), 1e-9), (height - TITLE - 8) * 0.75)
    if size < 10:
        yield f"{text!r} in letters of {size:.0f} px"


def _labels(panel: Json, table: Frame, width: int, height: int) -> Iterator[str]:
    options = panel["options"]
    longest = max(text_width(str(row[options["xField"]]), 12) for row in table)
    if options["orientation"] == "horizontal" and longest > width * 0.55:
        yield f"names of {longest:.0f} px beside bars in {width}"
    if options["xTickLabelRotation"] and longest * sin(radians(45)) > height * 0.6:
        yield f"names of {longest:.0f} px below bars in {height}"
