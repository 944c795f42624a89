"""Sealed totals as a file that a site hands to its centre: JSON with a digest over all of it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from collector.domain.cost.sheets import Paper
from collector.domain.report.sealed_totals import SealedTotal, SiteTotals

FORMAT: Final = "copier-fleet sealed totals 1"
_MOST: Final = 2**53
_SEAL_DIGITS: Final = 64


def totals_text(totals: SiteTotals) -> str:
    """Return `totals` as the text of a file; the same totals always have the same text."""
    content = {
        "format": FORMAT,
        "site": totals.site,
        "fiscal_year_start": totals.year_begins,
        "statements": [fields_of_total(one) for one in totals.statements],
    }
    return json.dumps({**content, "digest": _digest(content)}, ensure_ascii=False, indent=1) + "\n"


def totals_in(text: str) -> SiteTotals:
    """Return the totals that `text` states; whether they can be so is another question.

    Raises ValueError, KeyError, TypeError or RecursionError where it is no such text, or was
    changed since it was written.
    """
    content = json.loads(text)
    digest = content.pop("digest")
    if content["format"] != FORMAT or digest != _digest(content):
        raise ValueError(content["format"])
    begins = _count(content["fiscal_year_start"])
    date(2000, begins, 1)
    statements = tuple(total_in(one) for one in content["statements"])
    return SiteTotals(_text(content["site"]), begins, statements)


def fields_of_total(one: SealedTotal) -> dict[str, object]:
    """Return `one` as the fields of a JSON object."""
    return {
        "period": [one.month, one.start.isoformat(), one.end.isoformat()],
        "revision": one.revision,
        "seal": one.seal,
        "previous": one.previous,
        "impressions": one.impressions,
        "excluded": one.excluded,
        "estimated": one.estimated,
        "sheets": _sheets(one.sheets),
        "sheets_without_excluded": _sheets(one.sheets_without),
        "places": one.places,
        "places_read": one.read,
        "people": one.people,
        "measured_since": None if one.since is None else one.since.isoformat(),
    }


def total_in(content: Mapping[str, Any]) -> SealedTotal:
    """Return what `fields_of_total` was given; raises ValueError, KeyError or TypeError."""
    name, start, end = content["period"]
    people, since = content["people"], content["measured_since"]
    return SealedTotal(
        *(_text(name), date.fromisoformat(start), date.fromisoformat(end)),
        revision=_count(content["revision"]),
        seal=_seal(content["seal"]),
        previous=_seal(content["previous"]) if content["previous"] else "",
        impressions=_count(content["impressions"]),
        excluded=_count(content["excluded"]),
        estimated=_count(content["estimated"]),
        sheets=_to_sheets(content["sheets"]),
        sheets_without=_to_sheets(content["sheets_without_excluded"]),
        places=_count(content["places"]),
        read=_count(content["places_read"]),
        people=None if people is None else _count(people),
        since=None if since is None else date.fromisoformat(since),
    )


def _digest(content: Mapping[str, object]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _sheets(one: Paper | None) -> list[int] | None:
    return None if one is None else [one.value, one.low, one.high]


def _to_sheets(content: Any) -> Paper | None:  # noqa: ANN401 - whatever the file has
    if content is None:
        return None
    value, low, high = map(_count, content)
    return Paper(value, low, high)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value


def _seal(value: object) -> str:
    text = _text(value)
    if len(text) != _SEAL_DIGITS or set(text) - set("0123456789abcdef"):
        raise ValueError(text)
    return text


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise TypeError(value)
    return value
