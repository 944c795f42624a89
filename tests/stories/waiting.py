"""Waiting for something to become true, within a bound, instead of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

from tests.patience import PATIENCE_S

Found = TypeVar("Found")

_LOOK_EVERY_S = 0.05


class NeverHappenedError(AssertionError):
    """What a story waited for did not come within its bound."""


def until(look: Callable[[], Found], what: str, within_s: float = PATIENCE_S) -> Found:
    """Return what `look` returns as soon as it is true; raises NeverHappenedError."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        if time.monotonic() > deadline:
            message = f"not within {within_s:g} s: {what}; last seen: {found!r}"
            raise NeverHappenedError(message)
        time.sleep(_LOOK_EVERY_S)
    return found
