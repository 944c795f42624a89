"""Words that a machine wrote, made fit to show: any charset, no control characters, no length."""

import re
import unicodedata
from typing import Final

LIMIT: Final = 80
"""Longest text kept, in characters; SNMP allows 255 bytes, and some firmware ignores that."""

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.?)")
_FOLDED: Final = re.compile(r"[\W_]+")


def decoded(raw: bytes) -> str:
    """Return `raw` as text: UTF-8 where it is valid, else Shift_JIS, else latin-1.

    The Printer-MIB names one charset per locale, but agents send what their panel uses.
    """
    for charset in ("utf-8", "cp932"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def clean(raw: bytes, limit: int = LIMIT) -> str | None:
    """Return the words in `raw` on one line, at most `limit` characters, or None for nothing.

    NULs, terminal escapes, control, direction and private characters are gone.
    """
    text = _ESCAPES.sub("", decoded(raw.replace(b"\0", b" ")))
    kept = "".join(" " if _is_blank(char) else char for char in text if not _is_unfit(char))
    line = " ".join(kept.split())[:limit].strip()
    return line or None


def _is_blank(char: str) -> bool:
    return char.isspace()


def _is_unfit(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" and not char.isspace()


def folded(label: str) -> str:
    """Return `label` without case, blanks and punctuation: how two labels are compared.

    Firmware of one maker writes "Counter: Machine Total" and "Counter:Machine Total".
    """
    return _FOLDED.sub("", unicodedata.normalize("NFKC", label)).casefold()
