"""Supplies and trays of a reading as rows."""

from collections.abc import Iterator

from collector.domain.reading import Reading, Supply, Tray
from collector.domain.rows import Row, Value


def stock_rows(reading: Reading, site: str) -> Iterator[Row]:
    """Yield a row for each supply and each tray of `reading`; what is not known has no field."""
    tags = {"site": site, "place": reading.place}
    for supply in reading.answer.supplies:
        fields = _amounts(supply) | {"kind": supply.kind.value}
        if supply.color is not None:
            fields["color"] = supply.color
        if supply.full_pct is not None:
            fields["full_pct"] = float(supply.full_pct)
        yield Row("copier_supply", tags | {"supply": supply.key}, fields, reading.at)
    for tray in reading.answer.trays:
        fields = _amounts(tray) | {"status": tray.status.value}
        if tray.media is not None:
            fields["media"] = tray.media
        yield Row("copier_tray", tags | {"tray": tray.key}, fields, reading.at)


def _amounts(one: Supply | Tray) -> dict[str, Value]:
    fields: dict[str, Value] = {"state": one.state.value, "name": one.name}
    if one.level_pct is not None:
        fields["level_pct"] = float(one.level_pct)
    if one.remaining is not None:
        fields["remaining"] = one.remaining
    if one.capacity is not None:
        fields["capacity"] = one.capacity
    return fields
