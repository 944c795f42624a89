"""How much an answer may hold. A hostile or broken agent costs a bounded time and memory.

pyasn1 needs some 30 microseconds for each varbind and nests by recursion; the whole service
stands still meanwhile. So what cannot be an answer is turned away before it is decoded.
"""

from typing import Final

PARTS: Final = 4_096
"""Encoded values in one message, the outer ones included: about 1,300 varbinds. No request of
this client asks for a tenth of that."""

DEEPEST: Final = 16
"""Levels of nesting; an SNMPv3 answer in clear has six."""

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
    while ends and parts <= PARTS and len(ends) <= DEEPEST:
        start, end = _content(data, at)
        if end is None or end > ends[-1]:
            return "octets that are no SNMP message"
        parts += 1
        if parts == 1:
            ends = [end]
        if data[at] & _CONSTRUCTED:
            ends.append(end)
            at = start
        else:
            at = end
        while ends and at >= ends[-1]:
            ends.pop()
    return "octets with more parts than an answer has" if ends else None


def _content(data: bytes, at: int) -> tuple[int, int | None]:
    """Return where the content of the value at `at` starts and ends; no end: it cannot be read."""
    start = at + 2
    if start > len(data) or data[at] & _LONG_TAG == _LONG_TAG or data[at + 1] == _LONG:
        return start, None
    size = data[at + 1]
    if size & _LONG:
        digits = size & ~_LONG
        size = int.from_bytes(data[start : start + digits], "big")
        start += digits
    return start, start + size


def is_name(arcs: tuple[int, ...]) -> bool:
    """Say whether `arcs` may be an object identifier."""
    return len(arcs) <= ARCS and all(0 <= arc < _MOST_ARC for arc in arcs)
