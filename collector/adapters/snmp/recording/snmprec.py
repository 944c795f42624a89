"""Writes a recording as `.snmprec`: one `OID|TAG|VALUE` a line, in the order of an agent.

snmpsim serves the file and `decode` reads it; both pass over the lines that begin with `#`. The
last line says that the file is whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collector.adapters.snmp.recording.walk import Row
from collector.adapters.snmp.session import Oid, dotted
from collector.adapters.snmp.text import clean

HEAD: Final = "# copier-fleet capture"
END: Final = "# end of the recording"
_OCTETS: Final = frozenset({4, 64, 68})
_ADDRESS: Final = 64
_ADDRESS_OCTETS: Final = 4
_PRINTABLE: Final = range(0x20, 0x7F)


def text_of(rows: Mapping[Oid, Row], remarks: Sequence[str] = ()) -> str:
    """Return the whole file; each of `remarks` is a line at its head. Reading it gives `rows`."""
    lines = [
        f"{HEAD}: {_remark(one)}" if at == 0 else f"# {_remark(one)}" for at, one in _at(remarks)
    ]
    lines = lines or [HEAD]
    lines += [line(name, rows[name]) for name in sorted(rows)]
    return "\n".join([*lines, END, ""])


def line(name: Oid, row: Row) -> str:
    """Return one line: text as it is where it is plain, in hexadecimal otherwise."""
    tag, value = row
    if isinstance(value, int):
        return f"{dotted(name)}|{tag}|{value}"
    if isinstance(value, tuple):
        return f"{dotted(name)}|{tag}|{dotted(value)}"
    if tag == _ADDRESS and len(value) == _ADDRESS_OCTETS:
        return f"{dotted(name)}|{tag}|{dotted(tuple(value))}"
    if tag in _OCTETS and tag != _ADDRESS and _is_plain(value):
        return f"{dotted(name)}|{tag}|{value.decode('ascii')}"
    return f"{dotted(name)}|{tag}x|{value.hex()}"


def _is_plain(value: bytes) -> bool:
    """Say whether every reader gives `value` back: snmpsim drops blanks at the end of a line."""
    return value == value.strip() and all(octet in _PRINTABLE for octet in value)


def _at(remarks: Iterable[str]) -> Iterable[tuple[int, str]]:
    return enumerate(remarks)


def _remark(text: str) -> str:
    return clean(text.encode(), 400) or ""
