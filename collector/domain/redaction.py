"""Puts personal values out of sight, in texts and in octets, by pseudonyms of the same length.

Known values (a serial number, an address, a name) are found wherever they stand: alone, inside
longer texts, in any spelling of theirs, in UTF-8, Shift_JIS and UTF-16. Unknown ones are found by
the shapes of `collector.domain.redaction_table`. The same value gets the same pseudonym
everywhere, and everything else keeps its place.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from collector.domain.identity import real_serial
from collector.domain.pseudonyms import MAC_OCTETS, Pseudonyms
from collector.domain.redaction_table import (
    INSIDE_DOMAINS,
    MAKER_WORDS,
    ORDINARY_WORDS,
    PERSONAL_SHAPES,
    Kind,
    Shape,
)

SHORTEST_PART: Final = 4
"""A shorter name is replaced only where it is the whole value: "2F" is a part of much else."""

_UNAMBIGUOUS: Final = 6
"""From so many characters on, a value is found inside words too (`NPI1A2B3C`)."""

_STRONG: Final = frozenset({Kind.SERIAL, Kind.MAC, Kind.IP, Kind.SECRET})
_PERSONS: Final = frozenset({Kind.CONTACT, Kind.USER})
_CHARSETS: Final = ("utf-8", "cp932", "utf-16-be", "utf-16-le")
_TELEPHONE: Final = range(9, 14)
_NOBODY: Final = ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")  # masks and loopback stay


@dataclass(frozen=True, slots=True)
class Known:
    """A value that must not be seen. A MAC is written 00:1b:…, an IP address as usual."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class _Form:
    """One way a known value is written; `say` gives the pseudonym of what was found."""

    kind: Kind
    pattern: str
    length: int
    say: Callable[[str], str]


class Redaction:
    """Replaces what is personal. `hidden` counts what was replaced, by kind."""

    def __init__(self, pseudonyms: Pseudonyms, known: Iterable[Known] = ()) -> None:
        """Replace `known` values wherever they stand, by `pseudonyms`, and shapes besides."""
        self.pseudonyms = pseudonyms
        self.hidden: Counter[Kind] = Counter()
        values = [one for one in dict.fromkeys(known) if one.text.strip()]
        strong = [one for one in values if one.kind in _STRONG]
        weak = [one for one in values if one.kind not in _STRONG]
        self._strong = _Finder(_forms(strong, self._say_known))
        self._weak = _Finder(_forms(_with_words(weak), self._say_known))

    def text(self, text: str, *, described: bool = False) -> str:
        """Return `text` with everything personal replaced, as long as before.

        `described`: it is a machine's own description, in which only sure shapes count.
        """
        return self._replaced(text, described=described)

    def octets(self, raw: bytes, *, described: bool = False) -> bytes:
        """Return `raw` likewise, as many octets as before. It may be text, a record, anything."""
        return self._replaced(raw.decode("latin-1"), described=described).encode("latin-1")

    def whole(self, kind: Kind, raw: bytes) -> bytes:
        """Return the pseudonym of a value that is of `kind` from its first octet to its last."""
        self.hidden[kind] += 1
        if kind is Kind.SECRET:
            return b"*" * len(raw)
        if kind is Kind.MAC and len(raw) == MAC_OCTETS:
            return self.pseudonyms.mac(raw)
        if kind is Kind.IP and len(raw) in {4, 16}:
            return self.address(raw)
        for charset in ("utf-8", "cp932", "latin-1"):
            try:
                made = self._say_name(raw.decode(charset)).encode(charset)
            except UnicodeError:
                continue
            if len(made) == len(raw):
                return made
        return bytes(len(raw))

    def address(self, raw: bytes) -> bytes:
        """Return the pseudonym of an IPv4 or IPv6 address in octets; nobody's stays."""
        address = ipaddress.ip_address(raw)
        made = self._say(Kind.IP, str(address))
        return raw if made is None else ipaddress.ip_address(made).packed

    def _replaced(self, text: str, *, described: bool) -> str:
        """Lay the pseudonyms over `text`, the surest last; all are as long as what they cover."""
        letters = list(text)
        for shape in PERSONAL_SHAPES:
            if shape.sure or not described:
                for at, made in self._shaped(shape, text):
                    self._lay(shape.kind, letters, at, made)
        for finder in (self._weak, self._strong):
            for kind, at, made in finder.found(text):
                self._lay(kind, letters, at, made)
        return "".join(letters)

    def _lay(self, kind: Kind, letters: list[str], at: int, made: str) -> None:
        letters[at : at + len(made)] = made
        self.hidden[kind] += 1

    def _shaped(self, shape: Shape, text: str) -> Iterator[tuple[int, str]]:
        for match in shape.pattern.finditer(text):
            group = "value" if "value" in match.groupdict() else 0
            found = match[group]
            made = self._say(shape.kind, found)
            if made is not None and made != found and len(made) == len(found):
                yield match.start(group), made

    def _say(self, kind: Kind, found: str) -> str | None:
        """Return the pseudonym of what looks like `kind`, or None where it is nobody's."""
        if kind is Kind.MAC:
            return self._say_mac(found)
        if kind is Kind.IP:
            return self._say_ip(found)
        if kind is Kind.UUID:
            return self.pseudonyms.hexadecimal(found)
        nobodys = (
            (kind is Kind.SERIAL and real_serial(found) is None)
            or (kind in {Kind.HOST, Kind.URL} and _is_makers(found))
            or (kind is Kind.PHONE and sum(map(str.isdigit, found)) not in _TELEPHONE)
        )
        return None if nobodys else self.pseudonyms.text(found)

    def _say_known(self, kind: Kind, found: str) -> str | None:
        if kind is Kind.SECRET:
            return "*" * len(found)
        return self._say(kind, found) if kind in _STRONG else self._say_name(found)

    def _say_name(self, name: str) -> str:
        """Return the pseudonym of a name; a serial number or address in it gets its own."""
        made = list(self.pseudonyms.text(name))
        for _, at, one in self._strong.found(name):
            made[at : at + len(one)] = one
        return "".join(made)

    def _say_mac(self, found: str) -> str | None:
        octets = bytes.fromhex(re.sub(r"[^0-9A-Fa-f]", "", found))
        if not any(octets) or octets == b"\xff" * MAC_OCTETS:
            return None
        digits = iter(self.pseudonyms.mac(octets).hex())
        made = "".join(one if one in ":-." else next(digits) for one in found)
        return made.upper() if any(map(str.isupper, found)) else made

    def _say_ip(self, found: str) -> str | None:
        try:
            address = ipaddress.ip_address(found)
        except ValueError:
            return None
        if isinstance(address, ipaddress.IPv6Address):
            nobody = address.is_unspecified or address.is_loopback or address.is_multicast
            return None if nobody or address.ipv4_mapped else self.pseudonyms.ipv6(found)
        if any(address in ipaddress.ip_network(net) for net in _NOBODY):
            return None
        return self.pseudonyms.ipv4(found)


class _Finder:
    """Finds known values in a text, the longest first."""

    def __init__(self, forms: Iterable[_Form]) -> None:
        self._forms = sorted(forms, key=lambda one: -one.length)
        patterns = "|".join(f"({one.pattern})" for one in self._forms)
        self._pattern = re.compile(patterns, re.ASCII) if patterns else None

    def found(self, text: str) -> Iterator[tuple[Kind, int, str]]:
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            form = self._forms[(match.lastindex or 1) - 1]
            made = form.say(match[0])
            if len(made) == len(match[0]):
                yield form.kind, match.start(), made


def _with_words(values: Iterable[Known]) -> Iterator[Known]:
    """Yield `values`, and of persons each word that can be a name of its own."""
    for one in values:
        yield one
        if one.kind in _PERSONS:
            for word in re.findall(r"\w+", one.text):
                if not word.isdigit() and word != one.text:
                    yield Known(one.kind, word)


def _forms(values: Iterable[Known], say: Callable[[Kind, str], str | None]) -> Iterator[_Form]:
    for one in values:
        if one.kind is Kind.MAC:
            yield from _mac_forms(one, say)
        else:
            yield from _text_forms(one, say)


def _text_forms(one: Known, say: Callable[[Kind, str], str | None]) -> Iterator[_Form]:
    text = one.text.strip()
    shortest = SHORTEST_PART if text.isascii() else SHORTEST_PART // 2
    if len(text) < shortest or text.casefold() in ORDINARY_WORDS:
        return
    for charset in (None, *_CHARSETS):
        try:
            shown = text if charset is None else text.encode(charset).decode("latin-1")
        except UnicodeError:
            continue
        if charset == "utf-8" and text.isascii():
            continue
        pattern = re.escape(shown)
        if shown.isascii():
            pattern = f"(?i:{pattern})"
        if one.kind is Kind.IP:
            pattern = rf"(?<![\d:])(?<!\d\.){pattern}(?![\d:]|\.\d)"
        elif (len(text) < _UNAMBIGUOUS or text.isdigit()) and shown == text:
            pattern = rf"(?<![\w.]){pattern}(?!\w|\.\w)"
        yield _Form(one.kind, pattern, len(shown), _speaker(one.kind, charset, say))


def _speaker(
    kind: Kind, charset: str | None, say: Callable[[Kind, str], str | None]
) -> Callable[[str], str]:
    def plain(found: str) -> str:
        made = say(kind, found)
        return found if made is None else made

    def encoded(found: str) -> str:
        try:
            text = found.encode("latin-1").decode(charset or "latin-1")
            return plain(text).encode(charset or "latin-1").decode("latin-1")
        except UnicodeError:
            return "*" * len(found)

    return plain if charset is None else encoded


def _mac_forms(one: Known, say: Callable[[Kind, str], str | None]) -> Iterator[_Form]:
    octets = bytes.fromhex(one.text.replace(":", ""))
    if not any(octets):
        return
    speak = _speaker(Kind.MAC, None, say)
    pairs = [f"{octet:02x}" for octet in octets]
    fours = ["".join(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]
    digits = "".join(pairs)
    for text in (":".join(pairs), "-".join(pairs), " ".join(pairs), ".".join(fours), digits):
        yield _Form(Kind.MAC, f"(?i:{re.escape(text)})", len(text), speak)

    def last_half(found: str) -> str:
        made = speak(digits)[len(digits) // 2 :]
        return made.upper() if any(map(str.isupper, found)) else made

    half = digits[len(digits) // 2 :]
    pattern = rf"(?<=[G-Zg-z_-])(?i:{half})(?![0-9A-Za-z])"
    yield _Form(Kind.MAC, pattern, len(half), last_half)

    def raw(found: str) -> str:
        made = bytes.fromhex(re.sub("[^0-9a-f]", "", speak(found.encode("latin-1").hex())))
        return made.decode("latin-1")

    view = octets.decode("latin-1")
    yield _Form(Kind.MAC, re.escape(view), len(view), raw)


def _is_makers(host: str) -> bool:
    labels = re.split(r"[/:?]", host, maxsplit=1)[0].casefold().split(".")
    return labels[-1] not in INSIDE_DOMAINS.split("|") and not MAKER_WORDS.isdisjoint(labels[-3:])
