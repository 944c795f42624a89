"""Made-up values in the place of real ones: the same for the same, and of the same shape.

A pseudonym has as many octets as the original, in UTF-8 as in Shift_JIS; digits stay digits,
capitals stay capitals, and what stands between them stays. So a text in a record with a length
field, or one that a pattern looks into, is read as before. It cannot be traced back without the
salt, which is thrown away after use, and two originals do not share one.
"""

import hashlib
import ipaddress
import string
from collections.abc import Callable
from typing import Final

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
