"""Public holidays of a country, by law and by year, from the `holidays` library."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from holidays import HolidayBase

_COUNTRIES: Final = "holidays.countries"


def public_holidays(
    country: str, subdivision: str | None, first_year: int, last_year: int
) -> frozenset[date]:
    """Return the public holidays of `country` in these years, both inclusive.

    `country` is an ISO 3166 code, "" for none; settings refuse what the library does not know.
    Japan's include substitute holidays (振替休日) and citizens' holidays (国民の休日).
    """
    if not country:
        return frozenset()
    years = range(first_year, last_year + 1)
    return frozenset(_calendar_of(country)(subdiv=subdivision, years=years))


def _calendar_of(country: str) -> "type[HolidayBase]":
    """Return the class of `country`, which must be known, and import no other country's."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - only who asks for days waits for it

    name, (kind, *_) = next(one for one in COUNTRIES.items() if one[1][1] == country)
    with _without_the_others():
        module = importlib.import_module(f"{_COUNTRIES}.{name}")
    found: type[HolidayBase] = getattr(module, kind)
    return found


@contextmanager
def _without_the_others() -> Iterator[None]:
    """Keep the library's package of countries from importing all 250: a tenth of a second.

    What stands for it meanwhile knows no more than where they lie.
    """
    import holidays  # noqa: PLC0415 - as above

    if _COUNTRIES in sys.modules:
        yield
        return
    package = ModuleType(_COUNTRIES)
    package.__path__ = [f"{folder}/countries" for folder in holidays.__path__]
    sys.modules[_COUNTRIES] = package
    try:
        yield
    finally:
        del sys.modules[_COUNTRIES]
