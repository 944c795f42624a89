"""Public holidays of a country, by law and by year, from the `holidays` library."""

from datetime import date


def public_holidays(
    country: str, subdivision: str | None, first_year: int, last_year: int
) -> frozenset[date]:
    """Return the public holidays of `country` in these years, both inclusive.

    `country` is an ISO 3166 code, "" for none; settings refuse what the library does not know.
    Japan's include substitute holidays (振替休日) and citizens' holidays (国民の休日).
    """
    if not country:
        return frozenset()
    import holidays  # noqa: PLC0415 - only who asks for days waits for them

    years = range(first_year, last_year + 1)
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=years))
