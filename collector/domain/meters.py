"""What a copier counts: the closed vocabulary of meters, and the unit of each.

A meter is *service x colour x size*. Units are never mixed: an impression is one printed
side (面), a sheet is one piece of paper (枚), a scan is one digitised side and no page.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, NewType

Meter = NewType("Meter", str)
"""Name of a meter, one of `METERS`: `total`, `copy_color`, `total_mono_large`, `scan`, ..."""


class Unit(StrEnum):
    """What one step of a meter stands for."""

    IMPRESSIONS = "impressions"
    SHEETS = "sheets"
    SCANS = "scans"
    UNSTATED = "unstated"
    """The maker does not say whether sides or sheets are counted; never convert it."""


SERVICES: Final = ("total", "copy", "print", "fax", "scan", "other")
COLOURS: Final = ("", "mono", "color")
SIZES: Final = ("", "large", "small")
"""`large` is A3/DLT and above, `small` the rest; no suffix means every size."""


def _names() -> Mapping[Meter, Unit]:
    table: dict[Meter, Unit] = {}
    for service in SERVICES:
        unit = Unit.SCANS if service == "scan" else Unit.IMPRESSIONS
        for colour in COLOURS:
            for size in SIZES:
                table[Meter("_".join(part for part in (service, colour, size) if part))] = unit
    table[Meter("sheets")] = Unit.SHEETS
    table[Meter("duplex_sheets")] = Unit.SHEETS
    table[Meter("duplex_impressions")] = Unit.IMPRESSIONS
    table[Meter("duplex")] = Unit.UNSTATED
    table[Meter("engine_total")] = Unit.UNSTATED
    return table


METERS: Final[Mapping[Meter, Unit]] = _names()
"""Every meter there is, with its unit.

`total` is the number the maker bills by. `engine_total` is the life count of the print engine
where the maker's billing total differs from it (Kyocera, HP, Brother); it is kept, never billed.
"""

BASES: Final[Mapping[str, Unit]] = {"sheets": Unit.SHEETS, "life_unstated": Unit.UNSTATED}
"""Totals of machines that state no impressions, by what they are made of (`Answer.formulas`): the
Printer-MIB's life count in sheets, and the one in a unit that the machine does not name."""

TOTAL: Final = Meter("total")
TOTAL_MONO: Final = Meter("total_mono")
TOTAL_COLOR: Final = Meter("total_color")


def _families() -> tuple[tuple[Meter, tuple[Meter, ...]], ...]:
    inks = tuple(colour for colour in COLOURS if colour)
    services = tuple(Meter(one) for one in ("copy", "print", "fax", "other"))
    colours = ((Meter(one), tuple(Meter(f"{one}_{ink}") for ink in inks)) for one in SERVICES)
    sizes = tuple(Meter(f"total_{size}") for size in SIZES if size)
    return ((TOTAL, services), *colours, (TOTAL, sizes))


FAMILIES: Final = _families()
"""A meter and the parts that it is the sum of, where a machine states them all; wholes first."""


def families_in(pages: Mapping[Meter, int]) -> Iterator[tuple[Meter, tuple[Meter, ...]]]:
    """Yield each whole with its parts, as far as they are in `pages` and add up to it."""
    for whole, parts in FAMILIES:
        there = tuple(part for part in parts if part in pages)
        if whole in pages and there and sum(pages[part] for part in there) == pages[whole]:
            yield whole, there


def meter(name: str) -> Meter:
    """Return `name` as a Meter; raises ValueError for a name outside the vocabulary."""
    if name not in METERS:
        message = f"unknown meter {name!r}"
        raise ValueError(message)
    return Meter(name)
