"""Which spellings are one word, and what a mistyped one was probably meant to be."""

import unicodedata
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 60
_MOST: Final = 1_000
"""Among more names than this no near one is sought: it would take longer than a person waits."""


def fold(text: str) -> str:
    """Return `text` so that spellings of one word are equal: width, capitals, blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the one of `known` that is most like `word`, capitals aside; None where none is."""
    import difflib  # noqa: PLC0415 - only mistakes need it, and every start would wait for it

    folded = {name.casefold(): name for name in known}
    if len(word) > _LONGEST or len(folded) > _MOST:
        return None
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=cutoff)
    return folded[found[0]] if found else None
