"""Writes a recording as `.snmprec`: one `OID|TAG|VALUE` a line, in the order of an agent.

snmpsim serves the file and `decode` reads it; both pass over the lines that begin with `#`. The
last line says that the file is whole.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from collector.adapters.snmp.client.session import Oid, dotted
from collector.adapters.snmp.client.text import clean, decoded
from collector.adapters.snmp.recording.walk import RecordedRow

HEAD: Final = "# copier-fleet capture"
END: Final = "# end of the recording"
_OCTETS: Final = frozenset({4, 64, 68})
_ADDRESS: Final = 64
_ADDRESS_OCTETS: Final = 4
_PRINTABLE: Final = range(0x20, 0x7F)
_LONGEST_REMARK: Final = 400


def text_of(rows: Mapping[Oid, RecordedRow], remarks: Sequence[str] = ()) -> str:
    """Return the whole file; each of `remarks` is a line at its head. Reading it gives `rows`.

    Words that stand in hexadecimal are shown besides, so that a person can look them through.
    """
    first, *more = [_remark(one) for one in remarks] or [""]
    lines = [f"{HEAD}: {first}" if first else HEAD, *(f"# {one}" for one in more)]
    for name in sorted(rows):
        lines.append(line(name, rows[name]))
        words = _words(rows[name])
        if words is not None:
            lines.append(f"#   reads: {words}")
    return "\n".join([*lines, END, ""])


def line(name: Oid, row: RecordedRow) -> str:
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


def _words(row: RecordedRow) -> str | None:
    """Return the words of a value that is written in hexadecimal, or None where it has none."""
    tag, value = row
    if not isinstance(value, bytes) or tag == _ADDRESS or _is_plain(value):
        return None
    text = decoded(value.strip(b"\0\r\n\t "))
    if not any(letter.isalpha() for letter in text) or _is_binary(value):
        return None
    return clean(value, _LONGEST_REMARK)


def _is_binary(value: bytes) -> bool:
    return any(octet < _PRINTABLE.start and octet not in b"\0\r\n\t\x1b" for octet in value)


def _remark(text: str) -> str:
    return clean(text.encode(), _LONGEST_REMARK) or ""
