"""A secret in every form in which a server, a library or a log may give it back."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from string import ascii_letters, digits
from typing import Final
from urllib.parse import quote, quote_plus

from collector.domain.privacy.redaction_table import STRUCK_OUT

SHORTEST_SECRET: Final = 4
"""A shorter secret would strike out half of every word; it is struck out only as a field."""

_ROUNDS: Final = 2
"""A text inside a text is escaped twice: a repr within a field's quotes, a URL within a URL."""

_BASE64: Final = frozenset(f"{ascii_letters}{digits}+/_-=")
_SHORTEST_BASE64: Final = 4


def striking_out(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return what puts three stars for each of `secrets` of four characters or more.

    They are found as they are, escaped as in JSON, Python, HTML and addresses, in hexadecimal, and
    in base64 wherever they stand in what was encoded: a login is `user:password`.
    """
    known = {one for one in secrets if len(one) >= SHORTEST_SECRET}
    if not known:
        return str
    forms = set(known)
    for _ in range(_ROUNDS):
        forms |= {other for one in forms for other in _escaped(one)}
    plain = _any_of(re.escape(one) for one in sorted(forms, key=len, reverse=True))
    coded = _any_of(form for one in sorted(known) for form in _coded(one))
    return lambda text: plain.sub(STRUCK_OUT, _decoded_struck_out(text, coded))


def _any_of(forms: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(forms))


def _decoded_struck_out(text: str, coded: re.Pattern[str]) -> str:
    """Return `text` without any run of base64 in which one of `coded` stands.

    Looked for from the inside: a pattern with the run around it would take hours for a long one.
    """
    parts, done = [], 0
    for found in coded.finditer(text):
        start, end = found.span()
        if start < done:
            continue
        while start > done and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        parts += [text[done:start], STRUCK_OUT]
        done = end
    return "".join([*parts, text[done:]])


def _escaped(text: str) -> Iterator[str]:
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield html.escape(text)
    for address in (quote(text, safe="", errors="replace"), quote_plus(text, errors="replace")):
        yield address
        yield re.sub("%..", lambda found: found[0].lower(), address)


def _coded(secret: str) -> Iterator[str]:
    octets = secret.encode("utf-8", "replace")
    yield f"(?i:{octets.hex()})"
    for before in range(3):
        # Whole letters of base64 that come of nothing but the secret.
        letters = b64encode(b"\0" * before + octets).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = (before + len(octets)) * 8 // 6
        core = letters[first:last]
        if len(core) >= _SHORTEST_BASE64:
            core = re.escape(core).replace(r"\+", "[+-]").replace("/", "[/_]")
            yield core
