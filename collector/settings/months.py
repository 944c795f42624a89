"""Names of closing months: 2026-11."""

import re
from typing import Final

_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def month_problem(text: str) -> str | None:
    """Say what is wrong with the name of a month, or None."""
    if _MONTH.fullmatch(text):
        return None
    return f"{text!r} is no month; write it like 2026-11"
