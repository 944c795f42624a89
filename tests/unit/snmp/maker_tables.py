"""The counter tables of the makers, as agents answer them: dotted OIDs to values."""

from collections.abc import Iterable, Mapping

from collector.adapters.snmp.client.session import Value
from tests.unit.snmp.machines import (
    BROTHER,
    CANON,
    KONICA,
    PRINTER,
    RICOH_ROW,
    SHARP,
    P,
    Said,
    devices,
)

XEROX = P + "253.8.53.13.2.1."


def ricoh_rows(rows: Iterable[tuple[int | None, str, int]], *, step: int = 1) -> Said:
    """Return Ricoh's counter table: type code, English name, value."""
    found: dict[str, Value | str] = {}
    for at, (code, label, value) in enumerate(rows, start=1):
        index = at * step
        if code is not None:
            found[f"{RICOH_ROW}.2.{index}"] = code
        found[f"{RICOH_ROW}.5.{index}"] = label
        found[f"{RICOH_ROW}.9.{index}"] = value
    return found


def canon_codes(table: str, codes: Mapping[int, int]) -> Said:
    """Return one of Canon's code tables."""
    return {f"{CANON}{table}.4.{code}": value for code, value in codes.items()}


def canon_named(labels: Mapping[str, int]) -> Said:
    """Return Canon's table by number, each row with its label."""
    found: dict[str, Value | str] = {}
    for at, (label, value) in enumerate(labels.items(), start=1):
        found[f"{CANON}2.1.1.2.{at}"] = label
        found[f"{CANON}2.1.1.3.{at}"] = value
    return found


def xerox_rows(rows: Iterable[tuple[int, int, int, str | None]]) -> Said:
    """Return Xerox's detail table: device index, id, value, label."""
    found: dict[str, Value | str] = {}
    for device, number, value, label in rows:
        found[f"{XEROX}6.{device}.20.{number}"] = value
        if label is not None:
            found[f"{XEROX}8.{device}.20.{number}"] = label
    return found


def konica_cells(column: int, cells: Mapping[str, int], base: str = KONICA) -> Said:
    """Return Konica Minolta's cells, by `colour.function`."""
    return {f"{base}2.1.{column}.{cell}": value for cell, value in cells.items()}


def sharp_rows(rows: Iterable[tuple[str, int, str | None]], shift: int = 0) -> Said:
    """Return Sharp's table: index, value, label; the part's index shifted by `shift`."""
    found: dict[str, Value | str] = {}
    for index, value, label in rows:
        part, rest = index.split(".", 1)
        moved = f"{int(part) + shift}.{rest}"
        found[f"{SHARP}3.{moved}"] = value
        if label is not None:
            found[f"{SHARP}4.{moved}"] = label
    return found


def kyocera_parts(model: str, **parts: int) -> Said:
    """Return hrDeviceTable of a Kyocera: printer=1, copier=2, scanner=3, fax=4."""
    numbers = {"printer": 43, "copier": 44, "fax": 45, "scanner": 46}
    rows = {
        f"i{index}": (PRINTER if name == "printer" else "", model, f"{P}1347.{numbers[name]}.1.2.1")
        for name, index in parts.items()
    }
    status = {f"1.3.6.1.2.1.25.3.2.1.5.{index}": 2 for index in parts.values()}
    return {**devices(**rows), **status}


def brother_record(*parts: tuple[int, int], end: bytes = b"\xff") -> bytes:
    """Return Brother's record of tagged counters."""
    return b"".join(bytes((tag, 1, 4)) + value.to_bytes(4, "big") for tag, value in parts) + end


def brother_enum(table: str, codes: Mapping[int, int]) -> Said:
    """Return one of Brother's tables with an enum column."""
    found: dict[str, Value | str] = {}
    for row, (code, value) in enumerate(codes.items(), start=1):
        found[f"{BROTHER}{table}.1.2.{row}"] = code
        found[f"{BROTHER}{table}.1.3.{row}"] = value
    return found
