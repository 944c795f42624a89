"""What may stand in ids, names and addresses: they become topics, tags and packets."""

import ipaddress
import re
import unicodedata
from typing import Final

LONGEST_ID: Final = 64
LONGEST_NAME: Final = 200
_LONGEST_HOST: Final = 253
_HOST_PART: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_LOOKS_NUMERIC: Final = re.compile(r"[0-9.]+")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})

ID_RULE: Final = (
    f"use letters (Japanese too), digits and - _ . only, begin with a letter or digit, "
    f"at most {LONGEST_ID} characters"
)


def tidy(text: str) -> str:
    """Return `text` without blanks around it, in composed Unicode (NFC)."""
    return unicodedata.normalize("NFC", text).strip()


def id_problem(text: str) -> str | None:
    """Say what is wrong with an id, or None. A good one fits an MQTT topic and a tag as it is."""
    if not text:
        return f"is empty; {ID_RULE}"
    good = all(letter.isalnum() or letter in "-_." or _is_mark(letter) for letter in text)
    if good and text[0].isalnum() and len(text) <= LONGEST_ID:
        return None
    return f"{text!r} is no usable id; {ID_RULE}"


def name_problem(text: str) -> str | None:
    """Say what is wrong with a name for people, or None."""
    if not text:
        return "is empty; write a name"
    if len(text) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} characters; shorten it"
    if any(unicodedata.category(letter) in _HIDDEN for letter in text):
        return "holds a line break or an invisible character; type it again"
    return None


def address_problem(text: str) -> str | None:
    """Say why `text` cannot be polled, or None for an IPv4 or IPv6 address or a host name."""
    if not text:
        return "is empty; write the copier's IP address or host name"
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return _host_problem(text)
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        return f"{text} is no address of one machine; write the copier's own address"
    return None


def canonical_address(text: str) -> str:
    """Return one spelling for all spellings of an address, to find it listed twice."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text.rstrip(".").casefold()


def _host_problem(text: str) -> str | None:
    if text.startswith("[") and text.endswith("]"):
        return f"write the IPv6 address without brackets: {text[1:-1]}"
    if _LOOKS_NUMERIC.fullmatch(text):
        plain = ".".join(part.lstrip("0") or "0" for part in text.split("."))
        if plain != text and address_problem(plain) is None:
            return f"{text} has leading zeros, which some systems read as octal; write {plain}"
        return f"{text} is no IPv4 address; it needs four numbers from 0 to 255 like 192.0.2.10"
    parts = text.removesuffix(".").split(".")
    if len(text) <= _LONGEST_HOST and all(_HOST_PART.fullmatch(part) for part in parts):
        return None
    return f"{text!r} is neither an IP address nor a host name; write one like 192.0.2.10"


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")
