"""How much an answer may hold. A hostile or broken agent costs a bounded time and memory.

The whole service stands still while an answer is decoded. So what cannot be one is turned away
before.
"""

from typing import Final

PARTS: Final = 4_096
"""Encoded values in one message, the outer ones included: about 1,300 varbinds. No request of
this client asks for a tenth of that."""

DEEPEST: Final = 6
"""Levels down to the values of an SNMPv3 answer in clear; SNMPv2c has one less. What is odd on
the last two is one value's own matter."""

OCTETS: Final = 8_192
"""Octets of one string that are kept, the rest is cut off. The longest a copier is known to send
are device ids and status pages of some 2,000."""

ARCS: Final = 128
"""Numbers of an object identifier (RFC 2578 section 3.5), each below 2^32."""

_MOST_ARC: Final = 2**32
_CONSTRUCTED: Final = 0x20
_LONG_TAG: Final = 0x1F
_LONG: Final = 0x80


def excess(data: bytes) -> str | None:
    """Say why `data` can be no SNMP message, in a few words, or None where it may be one.

    Looks at tags and lengths only (X.690 section 8.1; RFC 3417 section 8 wants definite lengths)
    and at nothing behind the outermost value.
    """
    ends = [len(data)]
    at = parts = 0
    while ends and parts <= PARTS:
        try:
            tag, start, end = contents(data, at)
        except ValueError:
            tag, start, end = 0, at, len(data) + 1
        if end > ends[-1]:
            if len(ends) < DEEPEST - 1:
                return "octets that are no SNMP message"
            tag, end = 0, ends[-1]
        parts += 1
        if parts == 1:
            ends = [end]
        if tag & _CONSTRUCTED and len(ends) < DEEPEST:
            ends.append(end)
            at = start
        else:
            at = end
        while ends and at >= ends[-1]:
            ends.pop()
    return "octets with more parts than an answer has" if ends else None


def contents(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag of the value at `at`, and where its content starts and ends.

    A tag of several octets is told by its first. Raises ValueError where there is no such value,
    or one whose length it does not say.
    """
    start = at + 1
    if data[at : at + 1] and data[at] & _LONG_TAG == _LONG_TAG:
        while data[start : start + 1] and data[start] & _LONG:
            start += 1
        start += 1
    if start >= len(data) or data[start] == _LONG:
        raise ValueError("no value")
    size = data[start]
    start += 1
    if size & _LONG:
        digits = size & ~_LONG
        size = int.from_bytes(data[start : start + digits], "big")
        start += digits
    return data[at], start, start + size


def is_name(arcs: tuple[int, ...]) -> bool:
    """Say whether `arcs` may be an object identifier."""
    return len(arcs) <= ARCS and all(0 <= arc < _MOST_ARC for arc in arcs)
