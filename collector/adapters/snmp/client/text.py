"""Words that a machine wrote, made fit to show: any charset, no control characters, no length."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

LIMIT: Final = 80
"""Longest text kept, in characters; SNMP allows 255 bytes, and some firmware ignores that."""

_MOST_OCTETS: Final = 4096
"""No more of a text than this is looked at, whatever an agent sends."""

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]+[0-~]|.?)"
)
_FOLDED: Final = re.compile(r"[\W_]+")
_PRINTABLE: Final = re.compile(rb"[ -~]*")
_HIRAGANA: Final = re.compile(rb"(?:0[ -~])+")
_SHIFTS: Final = (b"\x1b$", b"\x1b(")
"""What an ISO-2022-JP text switches its character sets by (RFC 1468)."""

_WESTERN: Final = frozenset({"ascii", "latin-1", "hp-roman8", "iso8859-15", "cp1252"})
_WIDE: Final = {"utf-16": ("utf-16-be", b"\xff\xfe"), "utf-32": ("utf-32-be", b"\xff\xfe\0\0")}
"""Without a byte order mark these are big-endian (RFC 2781); the mark that says otherwise."""


def decoded(raw: bytes, charset: str | None = None) -> str:
    """Return `raw` as text: by `charset`, else UTF-8 where valid, else Shift_JIS, else latin-1.

    `charset` is what the machine states (a codec's name). A text that firmware cut off in the
    middle of a character loses that character only.
    """
    for codec in _candidates(raw, charset):
        text = _by(codec, raw)
        if text is not None:
            return text
    return raw.decode("latin-1")


def _candidates(raw: bytes, charset: str | None) -> Iterator[str]:
    """Yield codecs by how well they fit.

    Every octet is a letter in a Western charset, so that stating one proves little (HP and
    Brother state Roman-8 whatever they send): valid multi-byte UTF-8 counts for more.
    """
    if any(shift in raw for shift in _SHIFTS):
        yield "iso2022_jp"
    if charset in _WESTERN and not raw.isascii() and _is_utf8(raw):
        yield "utf-8"
    if charset is not None and not _is_plain(raw, charset):
        yield charset
    yield from ("utf-8", "cp932")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_plain(raw: bytes, charset: str) -> bool:
    """Say whether `raw` is ASCII although a charset of wide characters is stated.

    Plain letters in pairs would be rare ideographs; only hiragana (30 xx) look so by themselves.
    """
    if not charset.startswith(("utf-16", "utf-32")):
        return False
    return _PRINTABLE.fullmatch(raw) is not None and _HIRAGANA.fullmatch(raw) is None


def _by(codec: str, raw: bytes) -> str | None:
    """Return `raw` decoded strictly, but for a last character that is cut off; None elsewise."""
    name, other_order = _WIDE.get(codec, (codec, None))
    if other_order is not None and raw.startswith(other_order):
        name = name.replace("be", "le")
    try:
        return raw.decode(name)
    except (UnicodeDecodeError, LookupError):
        pass
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(raw)
    except (UnicodeDecodeError, LookupError):
        return None
    return text if not text.isascii() else None


def clean(raw: bytes, limit: int = LIMIT, charset: str | None = None) -> str | None:
    """Return the words in `raw` on one line, at most `limit` characters, or None for nothing.

    NULs, terminal escapes, control, direction and private characters are gone.
    """
    return _line(raw[:_MOST_OCTETS], charset)[:limit].strip() or None


@lru_cache(maxsize=256)  # each profile looks at the machine's description anew
def _line(raw: bytes, charset: str | None) -> str:
    text = decoded(raw, charset).replace("\0", " ")
    if not text.isprintable():  # else it has neither controls nor blanks other than spaces
        text = _ESCAPES.sub("", text)
        text = "".join(" " if _is_blank(char) else char for char in text if not _is_unfit(char))
    return " ".join(text.split())


def _is_blank(char: str) -> bool:
    return char.isspace()


def _is_unfit(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" and not char.isspace()


def folded(label: str) -> str:
    """Return `label` without case, blanks and punctuation: how two labels are compared.

    Firmware of one maker writes "Counter: Machine Total" and "Counter:Machine Total".
    """
    return _FOLDED.sub("", unicodedata.normalize("NFKC", label)).casefold()
