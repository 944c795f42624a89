"""What places come to, as tables and JSON. Pure: values in, cells out."""

from collections.abc import Mapping, Sequence

from collector.app.tally import MonthTally, Tally
from collector.cli.words import Words
from collector.domain.findings import Finding
from collector.domain.meters import TOTAL
from collector.domain.office import Office

MONTH_NUMBERS = (2, 3, 4, 5)


def to_dict(counted: Tally) -> Mapping[str, object]:
    """Return places with months and days, and all findings, as `count --json` prints them."""
    return {
        "places": {
            place: {
                "months": {name: _month(one) for name, one in own.months.items()},
                "days": {
                    day.day.isoformat(): {**day.pages, "estimated": day.estimated}
                    for day in own.days
                },
            }
            for place, own in counted.places.items()
        },
        "findings": [_finding(one, counted) for one in counted.findings],
    }


def _month(one: MonthTally) -> Mapping[str, object]:
    return {
        "pages": dict(one.pages),
        "low": one.low,
        "high": one.high,
        "estimated": one.estimated,
        "in_question": one.in_question,
    }


def _finding(one: Finding, counted: Tally) -> Mapping[str, object]:
    return {
        "code": one.code.value,
        "severity": one.severity.value,
        "place": one.subject,
        "at": None if one.at is None else one.at.isoformat(),
        "open": one.id in counted.waiting,
        "facts": dict(one.evidence),
    }


def month_headings(words: Words) -> list[str]:
    """Return the headings of `month_rows`."""
    keys = ("place", "month", "pages", "tally_range", "estimated", "tally_question")
    return [words(key) for key in keys]


def month_rows(counted: Tally) -> list[tuple[str, ...]]:
    """Return a row for each place and month; a range of one figure is left blank."""
    return [
        (
            place,
            name,
            f"{one.pages[TOTAL]:,}",
            "" if one.low == one.high else f"{one.low:,}–{one.high:,}",
            f"{one.estimated:,}" if one.estimated else "",
            f"{one.in_question:,}" if one.in_question else "",
        )
        for place, own in counted.places.items()
        for name, one in own.months.items()
    ]


def finding_headings(words: Words) -> list[str]:
    """Return the headings of `finding_rows`."""
    return [words(key) for key in ("place", "at", "code", "message")]


def finding_rows(counted: Tally, office: Office) -> Sequence[tuple[str, ...]]:
    """Return a row for each finding that waits for a person, oldest first."""
    return [
        (
            one.subject,
            "" if one.at is None else f"{one.at.astimezone(office.zone):%Y-%m-%d %H:%M}",
            one.code.value,
            one.message,
        )
        for one in counted.findings
        if one.id in counted.waiting
    ]
