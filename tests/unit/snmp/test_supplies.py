"""Supplies: what they are, how much is left, and no level that the machine did not state."""

import pytest

from collector.domain.counting.reading import Supply, SupplyKind, SupplyState
from tests.unit.snmp.machines import SUPPLY, Said, answer, named

COLORANT = "1.3.6.1.2.1.43.12.1.1.4"


def row(index: str, level: int, **cells: int | str | bytes) -> Said:
    """Return one row of prtMarkerSuppliesTable."""
    columns = {"colorant": 3, "class_": 4, "type_": 5, "name": 6, "unit": 7, "capacity": 8}
    found = {f"{SUPPLY}.{columns[name]}.1.{index}": value for name, value in cells.items()}
    return {f"{SUPPLY}.9.1.{index}": level, **found}


async def supplies(*said: Said, maker: str = "99999.1") -> tuple[Supply, ...]:
    return (await answer(named("ACME", maker), *said)).supplies


async def supply(*said: Said, maker: str = "99999.1") -> Supply:
    (found,) = await supplies(*said, maker=maker)
    return found


@pytest.mark.parametrize(
    ("type_", "class_", "kind"),
    [
        (3, 3, SupplyKind.TONER),
        (21, 3, SupplyKind.TONER),
        (4, 4, SupplyKind.WASTE),
        (18, 4, SupplyKind.WASTE),  # HP's toner collection unit
        (1, 4, SupplyKind.WASTE),
        (8, None, SupplyKind.WASTE),
        (4, 3, SupplyKind.WASTE),
        (6, 3, SupplyKind.INK),
        (9, 3, SupplyKind.DRUM),
        (10, 3, SupplyKind.DEVELOPER),
        (15, 3, SupplyKind.FUSER),
        (20, 3, SupplyKind.TRANSFER),
        (32, 3, SupplyKind.STAPLES),
        (1, 3, SupplyKind.OTHER),
        (7777, 3, SupplyKind.OTHER),
    ],
)
async def test_kinds(type_: int, class_: int | None, kind: SupplyKind) -> None:
    stated = {} if class_ is None else {"class_": class_}
    assert (await supply(row("1", 5, type_=type_, **stated))).kind is kind


async def test_of_a_waste_box_the_room_is_left_and_the_rest_is_full() -> None:
    """RFC 3805, prtMarkerSuppliesLevel: the remaining space if this supply is a receptacle."""
    waste = await supply(row("1", 30, class_=4, type_=4, capacity=120))
    assert (waste.level_pct, waste.full_pct) == (25.0, 75.0)
    toner = await supply(row("1", 30, class_=3, type_=3, capacity=120))
    assert (toner.level_pct, toner.full_pct) == (25.0, None)
    unsure = await supply(row("1", -3, class_=4, type_=4, capacity=120))
    assert (unsure.state, unsure.level_pct, unsure.full_pct) == (
        SupplyState.SOME_REMAINING,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("level", "capacity", "unit", "percent"),
    [
        (7500, 15000, 7, 50.0),
        (120, 100, 19, 100.0),
        (40, -2, 19, 40.0),
        (40, -2, 7, None),
        (400, -2, 19, None),
        (40, 0, 7, None),
        (40, -1, 7, None),
        (0, 100, 19, 0.0),
    ],
)
async def test_percentages_are_of_what_is_stated(
    level: int, capacity: int, unit: int, percent: float | None
) -> None:
    found = await supply(row("1", level, unit=unit, capacity=capacity))
    assert (found.remaining, found.level_pct) == (level, percent)


@pytest.mark.parametrize(
    ("maker", "level", "state", "percent"),
    [
        ("367.1.1", -100, SupplyState.EMPTY, 0.0),
        ("367.1.1", -3, SupplyState.SOME_REMAINING, None),
        ("367.1.1", -2, SupplyState.UNKNOWN, None),
        ("99999.1", -100, SupplyState.UNKNOWN, None),
        ("99999.1", 2**32 - 3, SupplyState.SOME_REMAINING, None),  # -3, unsigned
        ("99999.1", 2**32 - 100, SupplyState.UNKNOWN, None),
    ],
)
async def test_words_of_makers(
    maker: str, level: int, state: SupplyState, percent: float | None
) -> None:
    found = await supply(row("1", level, type_=3, capacity=100), maker=maker)
    assert (found.state, found.remaining, found.level_pct) == (state, None, percent)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Black Toner Cartridge S/N:CRUM-14092500123", "Black Toner Cartridge"),
        ("Fuser S/N:", "Fuser"),
        ("Black Toner Cartridge;SN3F00A1B2C4", "Black Toner Cartridge"),
        ("Toner, Serial Number: 12AB-9", "Toner"),
        ("SN-Toner 5", "SN-Toner 5"),
        ("Black Cartridge 507A HP CE400A\0", "Black Cartridge 507A HP CE400A"),
        ("  Black   Toner\r\n", "Black Toner"),
    ],
)
async def test_names_are_clean_and_carry_no_serial(written: str, name: str) -> None:
    assert (await supply(row("1", 5, name=written))).name == name


async def test_names_in_the_charset_that_is_stated() -> None:
    raw = "黒ﾄﾅｰ".encode("cp932")
    locale = {"1.3.6.1.2.1.43.7.1.1.4.1.2": 17, "1.3.6.1.2.1.43.5.1.1.2.1": 2}
    found = await supply(row("1", 5, name=raw), locale)
    assert (found.name, found.color) == ("黒ﾄﾅｰ", "black")


@pytest.mark.parametrize(
    ("colorant", "name", "color"),
    [
        (b"black\0", "TK-8527K", "black"),
        ("cyan ink", "x", "cyan"),
        ("Magenta", "x", "magenta"),
        ("tri-color ink cartridge", "x", "tri-color"),
        ("light cyan", "x", "light cyan"),
        ("unknown", "Yellow Toner", "yellow"),
        (None, "Toner (Cyan)", "cyan"),
        (None, "ﾏｾﾞﾝﾀ ﾄﾅｰ", "magenta"),
        (None, "Cartuccia toner nero", "black"),
        (None, "Waste Toner", None),
        (None, "Cyan/Magenta/Yellow", None),
        (None, "Light cyan ink", None),
    ],
)
async def test_colors(colorant: str | bytes | None, name: str, color: str | None) -> None:
    stated = {} if colorant is None else {f"{COLORANT}.1.7": colorant}
    number = 0 if colorant is None else 7
    assert (await supply(row("1", 5, colorant=number, name=name), stated)).color == color


async def test_a_supply_without_a_name_is_called_by_what_it_is() -> None:
    cyan = {f"{COLORANT}.1.2": "cyan"}
    assert (await supply(row("1", 5, type_=3, colorant=2, name=""), cyan)).name == "cyan toner"
    assert (await supply(row("7", 5))).name == "1.7"


async def test_supplies_keep_their_index_and_a_level_that_is_no_number_is_left_out() -> None:
    levels = {f"{SUPPLY}.9.0.13": 5, f"{SUPPLY}.9.0.2": "full", f"{SUPPLY}.9.1.1": 2**40}
    found = await supplies(levels, {f"{SUPPLY}.6.0.13": "Toner"})
    assert [(one.key, one.name) for one in found] == [("0.13", "Toner")]


async def test_a_machine_without_supplies_has_none() -> None:
    assert await supplies() == ()
