"""Closing day and zone as dated facts: a change takes effect with the next closing month."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from collector.domain.entries import Signature
from collector.domain.fleet_facts import OfficeTerms
from collector.domain.office import EarlierTerms, Office
from collector.domain.years import months_later


def office_under(office: Office, terms: Sequence[OfficeTerms]) -> Office:
    """Return `office` with its months closed, and its days begun, as `terms` say one by one.

    So are those of the calendars that it keeps.
    """
    earlier: list[EarlierTerms] = []
    for one, following in pairwise(terms):
        before = replace(office, closing_day=one.closing_day, earlier=tuple(earlier))
        last = months_later(following.since, -1)
        until = before.period(last).end
        earlier.append(EarlierTerms(last, until, one.closing_day, _zone(office, one.zone)))
    if not terms:
        return office
    now = terms[-1]
    zone = _zone(office, now.zone)

    def under(one: Office) -> Office:
        return replace(one, closing_day=now.closing_day, zone=zone, earlier=tuple(earlier))

    return replace(under(office), kept={name: under(one) for name, one in office.kept.items()})


def changed_terms(
    office: Office, terms: Sequence[OfficeTerms], today: date | None, signed: Signature
) -> OfficeTerms | None:
    """Return what the configured `office` adds to `terms`, None where it agrees with the last.

    `today` is None while nothing was ever counted: then it holds from the beginning. Otherwise
    the running month ends as it began, and the next one is the first of the new terms.
    """
    stated = (office.closing_day, str(office.zone))
    if terms and (terms[-1].closing_day, terms[-1].zone) == stated:
        return None
    since = ""
    if terms and today is not None:
        since = months_later(office_under(office, terms).period_of(today).name, 1)
    return OfficeTerms(since, *stated, signed)


def _zone(office: Office, name: str) -> tzinfo:
    return office.zone if str(office.zone) == name else ZoneInfo(name)
