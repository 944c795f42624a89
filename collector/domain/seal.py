"""The canonical text of a statement, the seal over it, and the way back.

The text is JSON with sorted keys and no blanks, so the same statement always has the same text.
The seal is the SHA-256 of that text, which itself names the seal before it: changing one sealed
statement breaks its own seal, and leaving one out breaks the next one's.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from collector.domain.fleet import Assignment, DepartmentId
from collector.domain.identity import DeviceKey
from collector.domain.meters import Meter
from collector.domain.office import Period
from collector.domain.ranges import Margin
from collector.domain.reading import PlaceId
from collector.domain.statement import (
    Adjustment,
    Cause,
    DepartmentLine,
    Guess,
    Mark,
    PlaceLine,
    Sealed,
    Span,
    Statement,
)
from collector.domain.usage import Quality


def sealed(statement: Statement) -> Sealed:
    """Return `statement` with its canonical text and the seal over it."""
    text = canonical(statement)
    return Sealed(statement, text, seal_of(text))


def seal_of(text: str) -> str:
    """Return the seal over a statement's canonical text: 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(statement: Statement) -> str:
    """Return the one text of `statement`."""
    period = statement.period
    content = {
        "site": statement.site,
        "zone": statement.zone,
        "period": [period.name, period.start.isoformat(), period.end.isoformat()],
        "revision": statement.revision,
        "closed_at": _time(statement.closed_at),
        "closed_by": statement.closed_by,
        "places": [_place(one) for one in statement.places],
        "departments": [_department(one) for one in statement.departments],
        "adjustments": [_adjustment(one) for one in statement.adjustments],
        "previous": statement.previous,
        "answering": {
            place: [_assignment(one) for one in spans]
            for place, spans in statement.answering.items()
        },
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parsed(text: str) -> Statement:
    """Return the statement that `text` states; raises ValueError, KeyError or TypeError."""
    content: dict[str, Any] = json.loads(text)
    name, start, end = content["period"]
    return Statement(
        site=content["site"],
        zone=content["zone"],
        period=Period(name, date.fromisoformat(start), date.fromisoformat(end)),
        revision=content["revision"],
        closed_at=_to_time(content["closed_at"]),
        closed_by=content["closed_by"],
        places=tuple(_to_place(one) for one in content["places"]),
        departments=tuple(_to_department(one) for one in content["departments"]),
        adjustments=tuple(_to_adjustment(one) for one in content["adjustments"]),
        previous=content["previous"],
        answering={
            PlaceId(place): tuple(_to_assignment(one) for one in spans)
            for place, spans in content["answering"].items()
        },
    )


def _assignment(one: Assignment) -> list[object]:
    return [one.start.isoformat(), {str(key): share for key, share in one.shares.items()}]


def _to_assignment(content: Sequence[Any]) -> Assignment:
    start, shares = content
    return Assignment(
        date.fromisoformat(start), {DepartmentId(one): share for one, share in shares.items()}
    )


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _to_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _pages(pages: Mapping[Meter, int]) -> dict[str, int]:
    return {str(meter): count for meter, count in pages.items()}


def _to_pages(pages: Mapping[str, int]) -> dict[Meter, int]:
    return {Meter(meter): count for meter, count in pages.items()}


def _mark(mark: Mark | None) -> dict[str, object] | None:
    if mark is None:
        return None
    return {
        "at": _time(mark.at),
        "device": mark.device,
        "meters": _pages(mark.meters),
        "by_hand": mark.by_hand,
    }


def _to_mark(content: Mapping[str, Any] | None) -> Mark | None:
    if content is None:
        return None
    return Mark(
        _to_time(content["at"]),
        DeviceKey(content["device"]),
        _to_pages(content["meters"]),
        by_hand=content["by_hand"],
    )


def _place(line: PlaceLine) -> dict[str, object]:
    guess = line.guess
    return {
        "place": line.place,
        "name": line.name,
        "opening": _mark(line.opening),
        "closing": _mark(line.closing),
        "pages": _pages(line.pages),
        "shares": _by_department(line.shares),
        "quality": line.quality.value,
        "estimated": line.estimated,
        "guess": None if guess is None else _guess(guess),
        "breaks": list(line.breaks),
        "read": line.read,
        "spans": [_span(one) for one in line.spans],
        **_open(margins={key: _margin(one) for key, one in line.margins.items()}),
        **_open(questions=dict(line.questions)),
    }


def _open(**facts: object) -> dict[str, object]:
    """Return those of `facts` that say something: a text without them is as it always was."""
    return {key: value for key, value in facts.items() if value}


def _margin(one: Margin) -> list[int]:
    return [one.less, one.more] if one else []


def _guess(guess: Guess) -> dict[str, object]:
    return {
        "pages": _pages(guess.pages),
        "low": guess.low,
        "high": guess.high,
        "shares": _by_department(guess.shares),
        "since": None if guess.since is None else _time(guess.since),
    }


def _to_guess(content: Mapping[str, Any]) -> Guess:
    shares = _to_by_department(content["shares"])
    since = None if content["since"] is None else _to_time(content["since"])
    return Guess(_to_pages(content["pages"]), content["low"], content["high"], shares, since)


def _span(span: Span) -> list[object]:
    ends = [_time(span.start), _time(span.end)]
    return [span.meter, span.device, *ends, span.first, span.last]


def _to_span(content: Sequence[Any]) -> Span:
    meter, device, start, end, first, last = content
    ends = (_to_time(start), _to_time(end))
    return Span(Meter(meter), DeviceKey(device), *ends, first, last)


def _by_department(shares: Mapping[DepartmentId, Mapping[Meter, int]]) -> dict[str, object]:
    return {department: _pages(pages) for department, pages in shares.items()}


def _to_by_department(content: Mapping[str, Any]) -> dict[DepartmentId, dict[Meter, int]]:
    return {DepartmentId(one): _to_pages(pages) for one, pages in content.items()}


def _to_place(content: Mapping[str, Any]) -> PlaceLine:
    guess = content["guess"]
    return PlaceLine(
        place=PlaceId(content["place"]),
        name=content["name"],
        opening=_to_mark(content["opening"]),
        closing=_to_mark(content["closing"]),
        pages=_to_pages(content["pages"]),
        shares=_to_by_department(content["shares"]),
        quality=Quality(content["quality"]),
        estimated=content["estimated"],
        guess=None if guess is None else _to_guess(guess),
        breaks=_texts(content["breaks"]),
        read=content["read"],
        spans=tuple(_to_span(one) for one in content["spans"]),
        margins={
            DepartmentId(key): Margin(*one) for key, one in content.get("margins", {}).items()
        },
        questions=dict(content.get("questions", {})),
    )


def _texts(content: Sequence[str]) -> tuple[str, ...]:
    return tuple(content)


def _department(line: DepartmentLine) -> dict[str, object]:
    return {
        "department": line.department,
        "name": line.name,
        "name_en": line.name_en,
        "pages": _pages(line.pages),
        "target": line.target,
        "places": line.places,
        "places_read": line.places_read,
        "estimated": line.estimated,
        **_open(in_question=line.in_question),
    }


def _to_department(content: Mapping[str, Any]) -> DepartmentLine:
    return DepartmentLine(
        department=DepartmentId(content["department"]),
        name=content["name"],
        name_en=content["name_en"],
        pages=_to_pages(content["pages"]),
        target=content["target"],
        places=content["places"],
        places_read=content["places_read"],
        estimated=content["estimated"],
        in_question=content.get("in_question", 0),
    )


def _adjustment(one: Adjustment) -> dict[str, object]:
    return {
        "revision": one.revision,
        "place": one.place,
        "department": one.department,
        "pages": _pages(one.pages),
        "reason": one.reason,
        "entry": one.entry,
        "cause": one.cause.value,
        "estimated": one.estimated,
        **_open(margin=_margin(one.margin)),
    }


def _to_adjustment(content: Mapping[str, Any]) -> Adjustment:
    return Adjustment(
        revision=content["revision"],
        place=PlaceId(content["place"]),
        department=DepartmentId(content["department"]),
        pages=_to_pages(content["pages"]),
        reason=content["reason"],
        entry=content["entry"],
        cause=Cause(content["cause"]),
        estimated=content["estimated"],
        margin=Margin(*content.get("margin", ())),
    )
