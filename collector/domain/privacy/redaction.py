"""Puts personal values out of sight, in texts and in octets, by pseudonyms of the same length.

Known values (a serial number, an address, a name) are found wherever they stand: alone, inside
longer texts, in any spelling of theirs, in UTF-8, Shift_JIS and UTF-16. Unknown ones are found by
the shapes of `collector.domain.privacy.redaction_table`. The same value gets the same pseudonym
everywhere, and everything else keeps its place.
"""

import hashlib
import ipaddress
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from collector.domain.counting.identity import real_serial
from collector.domain.privacy.redaction_table import (
    INSIDE_DOMAINS,
    MAKER_WORDS,
    ORDINARY_WORDS,
    PERSONAL_SHAPES,
    SecretKind,
    Shape,
)

# Made-up values in the place of real ones: the same for the same, and of the same shape.
#
# A pseudonym has as many octets as the original, in UTF-8 as in Shift_JIS; digits stay digits,
# capitals stay capitals, and what stands between them stays. So a text in a record with a length
# field, or one that a pattern looks into, is read as before. It cannot be traced back without the
# salt, which is thrown away after use, and two originals do not share one.


MAC_OCTETS: Final = 6
_MAKER_OCTETS: Final = 3
_GROUPS: Final = 8
_TRIES: Final = 200
_MOST: Final = 50_000
"""Originals that are remembered: a log that runs for years must not fill the memory."""

_POOLS: Final = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロ",
    "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛ",
    "абвгдежзиклмнопрстуфхцчшщыэюя",
    "àáâãäåæçèéêëìíîïðñòóôõöøùúûüý",
    "가나다라마바사아자차카타파하거너더러",
    "𠀀𠀁𠀂𠀃𠀄𠀅𠀆𠀇𠀈𠀉𠀊𠀋𠀌𠀍𠀎𠀏",
)


def _size(letter: str) -> tuple[int, int]:
    """Return how many octets a letter takes in UTF-8 and in Shift_JIS, 0 where it has none."""
    return len(letter.encode("utf-8", "replace")), len(letter.encode("cp932", "ignore"))


_BY_SIZE: Final = {_size(pool[0]): pool for pool in _POOLS}


class Pseudonyms:
    """Invents values and remembers them, so that no two originals share one."""

    def __init__(self, salt: bytes) -> None:
        """Invent from `salt`, which must be new and secret; the same salt gives the same values."""
        self._salt = salt
        self._owners: dict[str, str] = {}
        self._turns: dict[str, int] = {}

    def text(self, original: str) -> str:
        """Return the pseudonym of a text; its spellings in capitals and small letters agree."""
        key = f"text {original.casefold()}"
        return self._made(key, original, lambda dice: _alike(original, dice))

    def mac(self, original: bytes) -> bytes:
        """Return a hardware address of the same maker (its first three octets, IEEE 802)."""
        maker, rest = original[:_MAKER_OCTETS], len(original) - _MAKER_OCTETS
        text = original.hex()
        made = self._made(f"mac {text}", text, lambda dice: (maker + dice[: max(0, rest)]).hex())
        return bytes.fromhex(made)

    def ipv4(self, original: str) -> str:
        """Return an address whose four numbers have as many digits as those of `original`."""
        parts = original.split(".")
        return self._made(
            f"ipv4 {original}",
            original,
            lambda dice: ".".join(_of_digits(*one) for one in zip(parts, dice, strict=False)),
        )

    def ipv6(self, original: str) -> str:
        """Return an address written alike: zeros stay, so do `::` and the mark of the link.

        All spellings of one address get the spellings of one pseudonym.
        """
        address = ipaddress.IPv6Address(original)
        whole = address.exploded.replace(":", "")
        keep = 4 if address.is_link_local else 0
        made = self._made(
            f"ipv6 {whole}", whole, lambda dice: whole[:keep] + _nibbles(whole[keep:], dice)
        )
        return _spelt_like(original, made)

    def hexadecimal(self, original: str) -> str:
        """Return a UUID or the like: hexadecimal digits stay such, zeros and marks stay."""
        key = f"hex {original.casefold()}"
        return self._made(key, original, lambda dice: _nibbles(original, dice))

    def _made(self, key: str, original: str, make: Callable[[bytes], str]) -> str:
        if key in self._turns:
            return make(self._dice(key, self._turns[key]))
        if len(self._turns) >= _MOST:
            self._turns.clear()
            self._owners.clear()
        for turn in range(_TRIES):
            text = make(self._dice(key, turn))
            name = text.casefold()
            if name != original.casefold() and self._owners.setdefault(name, key) == key:
                self._turns[key] = turn
                return text
        self._turns[key] = 0
        return make(self._dice(key, 0))

    def _dice(self, key: str, turn: int) -> bytes:
        """Return octets that nobody can foretell without the salt."""
        seed = b"%d %d " % (len(self._salt), turn) + self._salt + key.encode("utf-8", "replace")
        return hashlib.shake_256(seed).digest(256)


def _alike(original: str, dice: bytes) -> str:
    return "".join(_letter(letter, dice[at % len(dice)]) for at, letter in enumerate(original))


def _letter(letter: str, number: int) -> str:
    for pool in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if letter in pool:
            return pool[number % len(pool)]
    if letter.isascii() or not letter.isalnum():
        return letter
    pool = _BY_SIZE.get(_size(letter), letter)
    return pool[number % len(pool)]


def _of_digits(part: str, number: int) -> str:
    lowest, choices = {1: (1, 9), 2: (10, 90)}.get(len(part), (100, 124))
    return str(lowest + number % choices)


def _nibbles(digits: str, dice: bytes) -> str:
    some = "123456789abcdef"
    made = (
        digit if digit == "0" or digit not in string.hexdigits else some[one % len(some)]
        for digit, one in zip(digits, dice, strict=False)
    )
    return "".join(
        one.upper() if digit.isupper() else one for digit, one in zip(digits, made, strict=False)
    )


def _spelt_like(spelling: str, made: str) -> str:
    """Return `made`, 32 hexadecimal digits, in the groups and capitals of `spelling`."""
    head, gap, tail = spelling.partition("::")
    first = head.split(":") if head else []
    last = tail.split(":") if tail else []
    places = [*range(len(first)), *range(_GROUPS - len(last), _GROUPS)]
    shown = [
        _group(text, made[4 * at : 4 * at + 4])
        for text, at in zip([*first, *last], places, strict=True)
    ]
    return ":".join(shown[: len(first)]) + gap + ":".join(shown[len(first) :])


def _group(text: str, digits: str) -> str:
    digits = digits[4 - len(text) :]
    return digits.upper() if any(letter.isupper() for letter in text) else digits


SHORTEST_PART: Final = 4
"""A shorter name is replaced only where it is the whole value: "2F" is a part of much else."""

_UNAMBIGUOUS: Final = 6
"""From so many characters on, a value is found inside words too (`NPI1A2B3C`)."""

_STRONG: Final = frozenset({SecretKind.SERIAL, SecretKind.MAC, SecretKind.IP, SecretKind.SECRET})
_PERSONS: Final = frozenset({SecretKind.CONTACT, SecretKind.USER})
_CHARSETS: Final = ("utf-8", "cp932", "utf-16-be", "utf-16-le")
_TELEPHONE: Final = range(9, 14)
_NOBODY: Final = ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")  # masks and loopback stay


@dataclass(frozen=True, slots=True)
class KnownSecret:
    """A value that must not be seen. A MAC is written 00:1b:…, an IP address as usual."""

    kind: SecretKind
    text: str


@dataclass(frozen=True, slots=True)
class _Form:
    """One way a known value is written; `say` gives the pseudonym of what was found."""

    kind: SecretKind
    pattern: str
    length: int
    say: Callable[[str], str]


class Redaction:
    """Replaces what is personal. `hidden` counts what was replaced, by kind."""

    def __init__(self, pseudonyms: Pseudonyms, known: Iterable[KnownSecret] = ()) -> None:
        """Replace `known` values wherever they stand, by `pseudonyms`, and shapes besides."""
        self.pseudonyms = pseudonyms
        self.hidden: Counter[SecretKind] = Counter()
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

    def whole(self, kind: SecretKind, raw: bytes) -> bytes:
        """Return the pseudonym of a value that is of `kind` from its first octet to its last."""
        self.hidden[kind] += 1
        if kind is SecretKind.SECRET:
            return b"*" * len(raw)
        if kind is SecretKind.MAC and len(raw) == MAC_OCTETS:
            return self.pseudonyms.mac(raw)
        if kind is SecretKind.IP and len(raw) in {4, 16}:
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
        made = self._say(SecretKind.IP, str(address))
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

    def _lay(self, kind: SecretKind, letters: list[str], at: int, made: str) -> None:
        letters[at : at + len(made)] = made
        self.hidden[kind] += 1

    def _shaped(self, shape: Shape, text: str) -> Iterator[tuple[int, str]]:
        for match in shape.pattern.finditer(text):
            group = "value" if "value" in match.groupdict() else 0
            found = match[group]
            made = self._say(shape.kind, found)
            if made is not None and made != found and len(made) == len(found):
                yield match.start(group), made

    def _say(self, kind: SecretKind, found: str) -> str | None:
        """Return the pseudonym of what looks like `kind`, or None where it is nobody's."""
        if kind is SecretKind.MAC:
            return self._say_mac(found)
        if kind is SecretKind.IP:
            return self._say_ip(found)
        if kind is SecretKind.UUID:
            return self.pseudonyms.hexadecimal(found)
        nobodys = (
            (kind is SecretKind.SERIAL and real_serial(found) is None)
            or (kind in {SecretKind.HOST, SecretKind.URL} and _is_makers(found))
            or (kind is SecretKind.PHONE and sum(map(str.isdigit, found)) not in _TELEPHONE)
        )
        return None if nobodys else self.pseudonyms.text(found)

    def _say_known(self, kind: SecretKind, found: str) -> str | None:
        if kind is SecretKind.SECRET:
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

    def found(self, text: str) -> Iterator[tuple[SecretKind, int, str]]:
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            form = self._forms[(match.lastindex or 1) - 1]
            made = form.say(match[0])
            if len(made) == len(match[0]):
                yield form.kind, match.start(), made


def _with_words(values: Iterable[KnownSecret]) -> Iterator[KnownSecret]:
    """Yield `values`, and of persons each word that can be a name of its own."""
    for one in values:
        yield one
        if one.kind in _PERSONS:
            for word in re.findall(r"\w+", one.text):
                if not word.isdigit() and word != one.text:
                    yield KnownSecret(one.kind, word)


def _forms(
    values: Iterable[KnownSecret], say: Callable[[SecretKind, str], str | None]
) -> Iterator[_Form]:
    for one in values:
        if one.kind is SecretKind.MAC:
            yield from _mac_forms(one, say)
        else:
            yield from _text_forms(one, say)


def _text_forms(one: KnownSecret, say: Callable[[SecretKind, str], str | None]) -> Iterator[_Form]:
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
        if one.kind is SecretKind.IP:
            pattern = rf"(?<![\d:])(?<!\d\.){pattern}(?![\d:]|\.\d)"
        elif (len(text) < _UNAMBIGUOUS or text.isdigit()) and shown == text:
            pattern = rf"(?<![\w.]){pattern}(?!\w|\.\w)"
        yield _Form(one.kind, pattern, len(shown), _speaker(one.kind, charset, say))


def _speaker(
    kind: SecretKind, charset: str | None, say: Callable[[SecretKind, str], str | None]
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


def _mac_forms(one: KnownSecret, say: Callable[[SecretKind, str], str | None]) -> Iterator[_Form]:
    octets = bytes.fromhex(one.text.replace(":", ""))
    if not any(octets):
        return
    speak = _speaker(SecretKind.MAC, None, say)
    pairs = [f"{octet:02x}" for octet in octets]
    fours = ["".join(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]
    digits = "".join(pairs)
    for text in (":".join(pairs), "-".join(pairs), " ".join(pairs), ".".join(fours), digits):
        yield _Form(SecretKind.MAC, f"(?i:{re.escape(text)})", len(text), speak)

    def last_half(found: str) -> str:
        made = speak(digits)[len(digits) // 2 :]
        return made.upper() if any(map(str.isupper, found)) else made

    half = digits[len(digits) // 2 :]
    pattern = rf"(?<=[G-Zg-z_-])(?i:{half})(?![0-9A-Za-z])"
    yield _Form(SecretKind.MAC, pattern, len(half), last_half)

    def raw(found: str) -> str:
        made = bytes.fromhex(re.sub("[^0-9a-f]", "", speak(found.encode("latin-1").hex())))
        return made.decode("latin-1")

    view = octets.decode("latin-1")
    yield _Form(SecretKind.MAC, re.escape(view), len(view), raw)


def _is_makers(host: str) -> bool:
    labels = re.split(r"[/:?]", host, maxsplit=1)[0].casefold().split(".")
    return labels[-1] not in INSIDE_DOMAINS.split("|") and not MAKER_WORDS.isdisjoint(labels[-3:])
