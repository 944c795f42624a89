"""The canonical text of a statement, the seal over it, and the way back.

The text is JSON with sorted keys and no blanks, so the same statement always has the same text.
The seal is the SHA-256 of that text, which itself names the seal before it: changing one sealed
statement breaks its own seal, and leaving one out breaks the next one's.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import pairwise, zip_longest
from typing import Any, Final, cast

from collector.domain.closing.accounts import added
from collector.domain.closing.statement import (
    Adjustment,
    BoundaryReading,
    Branch,
    Cause,
    DepartmentLine,
    GrowthSpan,
    Guess,
    Link,
    PlaceLine,
    Sealed,
    Statement,
)
from collector.domain.cost.sheets import NO_SHEETS, DuplexShare, Paper, PlacePaper, SheetRule
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import Margin
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import WHOLE_OFFICE, Assignment, DepartmentId
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure


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
        **_open(tree={one: _branches(own) for one, own in statement.tree.items()}),
        **_open(evidence=dict(statement.evidence)),
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
        tree={DepartmentId(one): _to_branches(own) for one, own in content.get("tree", {}).items()},
        evidence={PlaceId(one): digest for one, digest in content.get("evidence", {}).items()},
    )


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD: Final = re.compile(r',"period":(\[[^\[\]]*\]),"places":\[')


def linked(text: str, seal: str) -> Link:
    """Return the statement `text` as a link of the chain; raises as `parsed` does.

    Its period stands right before its places and the rest behind them, so that these, nearly all of
    the text, are passed over where it is canonical.
    """
    head, behind = _HEAD.search(text), text.rfind('],"previous":')
    if head is not None and behind > head.end():
        content = {"period": json.loads(head[1]), **json.loads("{" + text[behind + 2 :])}
    else:
        content = json.loads(text)
    name, start, end = content["period"]
    period = Period(name, date.fromisoformat(start), date.fromisoformat(end))
    return Link(period, content["revision"], content["previous"], text, seal)


def _without_places(text: str) -> dict[str, Any]:
    """Return what the statement `text` says beside its places, which are passed over likewise."""
    head, behind = _HEAD.search(text), text.rfind('],"previous":')
    if head is None or behind <= head.end():
        return cast("dict[str, Any]", json.loads(text))
    return {**json.loads(text[: head.end(1)] + "}"), **json.loads("{" + text[behind + 2 :])}


def sealed_totals(
    text: str, level: int | None = None, meter: Meter = TOTAL
) -> Mapping[DepartmentId, int]:
    """Return `meter` of every department in the statement `text`, with all its parts.

    Of `WHOLE_OFFICE` too, where any is named. As `Statement.grouped` does, adjustments included;
    raises as `parsed` does.
    """
    content = _without_places(text)
    found: dict[DepartmentId, int] = {}
    for one in content["departments"]:
        found[DepartmentId(one["department"])] = one["pages"].get(meter, 0)
    for one in content["adjustments"]:
        if one["pages"]:
            department = DepartmentId(one["department"])
            found[department] = found.get(department, 0) + one["pages"].get(meter, 0)
    if not found:
        return {}
    whole = {WHOLE_OFFICE: sum(found.values())}
    if not content.get("tree"):
        return {**found, **whole}
    name, start, end = content["period"]
    period = Period(name, date.fromisoformat(start), date.fromisoformat(end))
    lines = (DepartmentLine(one, "", None, {meter: pages}) for one, pages in found.items())
    tree = {DepartmentId(one): _to_branches(own) for one, own in content["tree"].items()}
    bare = Statement("", "", period, 1, _EPOCH, "", (), tuple(lines), tree=tree)
    grouped = bare.grouped(level).items()
    return {group: sum(one.get(meter, 0) for one in own.values()) for group, own in grouped} | whole


def _branches(own: Sequence[Branch]) -> list[object]:
    return [[one.start.isoformat(), list(one.above), _pages(one.pages)] for one in own]


def _to_branches(content: Sequence[Any]) -> tuple[Branch, ...]:
    return tuple(
        Branch(date.fromisoformat(start), tuple(map(DepartmentId, above)), _to_pages(pages))
        for start, above, pages in content
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


def _mark(mark: BoundaryReading | None) -> dict[str, object] | None:
    if mark is None:
        return None
    return {
        "at": _time(mark.at),
        "device": mark.device,
        "meters": _pages(mark.meters),
        "by_hand": mark.by_hand,
    }


def _to_mark(content: Mapping[str, Any] | None) -> BoundaryReading | None:
    if content is None:
        return None
    return BoundaryReading(
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
        **_open(paper=None if line.paper is None else _paper(line.paper)),
    }


def _paper(one: PlacePaper) -> dict[str, object]:
    return {
        "rule": one.rule.value,
        "sheets": {key: _sheets(own) for key, own in one.shares.items()},
        "a4": None if one.a4 is None else {key: _sheets(own) for key, own in one.a4.items()},
        **_open(duplex={key: [own.doubled, own.sides] for key, own in one.duplex.items()}),
        **_open(source=one.source, machines=one.machines),
    }


def _sheets(one: Paper) -> list[int]:
    return [] if one == NO_SHEETS else [one.value, one.low, one.high]


def _to_paper(content: Mapping[str, Any] | None) -> PlacePaper | None:
    if content is None:
        return None
    a4 = content["a4"]
    return PlacePaper(
        {DepartmentId(key): Paper(*one) for key, one in content["sheets"].items()},
        SheetRule(content["rule"]),
        None if a4 is None else {DepartmentId(key): Paper(*one) for key, one in a4.items()},
        {DepartmentId(key): DuplexShare(*one) for key, one in content.get("duplex", {}).items()},
        content.get("source", ""),
        content.get("machines", 0),
    )


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


def _span(span: GrowthSpan) -> list[object]:
    ends = [_time(span.start), _time(span.end)]
    return [span.meter, span.device, *ends, span.first, span.last]


def _to_span(content: Sequence[Any]) -> GrowthSpan:
    meter, device, start, end, first, last = content
    ends = (_to_time(start), _to_time(end))
    return GrowthSpan(Meter(meter), DeviceKey(device), *ends, first, last)


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
        paper=_to_paper(content.get("paper")),
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
        **_open(target_in="" if line.measure is Measure.IMPRESSIONS else line.measure.value),
        **_open(target_with_excluded=line.with_excluded),
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
        measure=Measure(content.get("target_in", Measure.IMPRESSIONS)),
        with_excluded=content.get("target_with_excluded", False),
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
        **_open(margin=_margin(one.margin), sheets=_sheets(one.sheets), a4=_sheets(one.a4)),
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
        sheets=Paper(*content.get("sheets", ())),
        a4=Paper(*content.get("a4", ())),
    )


# Looks sealed statements over: every seal, the chain, the revisions, the sums.
#
# A statement that was changed on disk is named. Whether its figures are still the present ones is
# another question (`adjustments.py`).


class FaultKind(StrEnum):
    """What is wrong with a sealed statement.

    `SEAL`: its text no longer fits its seal. `CHAIN`: it does not name the seal before it.
    `REVISION`: one before it is missing. `LINES`: a revision does not repeat the one before.
    `SUMS`: its own figures do not add up. `WITNESS`: it was sealed as something else. `GONE`: it
    was sealed and is no longer there. `READINGS`: those under it are not those that were sealed.
    """

    SEAL = "seal"
    CHAIN = "chain"
    REVISION = "revision"
    LINES = "lines"
    SUMS = "sums"
    WITNESS = "witness"
    GONE = "gone"
    READINGS = "readings"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with revision `revision` of `period`; `detail` names a place or figure."""

    kind: FaultKind
    period: str
    revision: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """What was told when a statement was sealed: its seal, kept outside the statements."""

    period: str
    revision: int
    seal: str


def broken_seals(chain: Sequence[Sealed]) -> tuple[Fault, ...]:
    """Return where text and seal, or the chain from one seal to the next, do not fit.

    `chain` holds all statements there are, in the order in which they were sealed.
    """
    faults: list[Fault] = []
    previous = ""
    for one in chain:
        statement = one.statement
        if not _fits(one):
            faults.append(_fault(FaultKind.SEAL, statement))
        if statement.previous != previous:
            faults.append(_fault(FaultKind.CHAIN, statement))
        previous = one.seal
    return tuple(faults)


def _fits(one: Sealed) -> bool:
    return seal_of(one.text) == one.seal and canonical(one.statement) == one.text


def torn(links: Sequence[Link], sound: Sequence[Link] = ()) -> tuple[Fault, ...]:
    """Return what `broken_seals` would, by the texts alone: which were changed, where one is gone.

    `sound` are links in which nothing was found: what stands there unchanged is not summed again.
    Whether a text is also one that this program writes is left to whoever reads its statement.
    """
    found: list[Fault] = []
    previous = ""
    for one, known in zip_longest(links, sound[: len(links)]):
        if one != known and seal_of(one.text) != one.seal:
            found.append(Fault(FaultKind.SEAL, one.period.name, one.revision))
        if one.previous != previous:
            found.append(Fault(FaultKind.CHAIN, one.period.name, one.revision))
        previous = one.seal
    return tuple(found)


def faults(chain: Sequence[Sealed], witnesses: Iterable[Witness] = ()) -> tuple[Fault, ...]:
    """Return all that is wrong with `chain`, in its order; what is gone comes last."""
    found = [*broken_seals(chain)]
    by_period: dict[str, list[Statement]] = defaultdict(list)
    for one in chain:
        by_period[one.statement.period.name].append(one.statement)
        found += _sums(one.statement)
    for revisions in by_period.values():
        found += _revisions(revisions)
    return (*dict.fromkeys(found), *_witnessed(chain, witnesses))


def _fault(kind: FaultKind, statement: Statement, detail: str = "") -> Fault:
    return Fault(kind, statement.period.name, statement.revision, detail)


def _revisions(revisions: Sequence[Statement]) -> Iterator[Fault]:
    first = revisions[0]
    if first.revision != 1 or first.adjustments:
        yield _fault(FaultKind.REVISION, first)
    for before, after in pairwise(revisions):
        if after.revision != before.revision + 1:
            yield _fault(FaultKind.REVISION, after)
        kept = len(before.adjustments)
        added_now = after.adjustments[kept:]
        if (
            after.places != before.places
            or after.departments != before.departments
            or after.adjustments[:kept] != before.adjustments
            or any(one.revision != after.revision for one in added_now)
        ):
            yield _fault(FaultKind.LINES, after)


def _sums(statement: Statement) -> Iterator[Fault]:
    for line in statement.places:
        guess = {} if line.guess is None else line.guess.pages
        if not _same(added(line.shares.values()), added([line.pages, guess])):
            yield _fault(FaultKind.SUMS, statement, line.place)
        if line.guess is not None and not _same(added(line.guess.shares.values()), guess):
            yield _fault(FaultKind.SUMS, statement, line.place)
        if any(span.last < span.first for span in line.spans):
            yield _fault(FaultKind.SUMS, statement, line.place)
    for one in statement.departments:
        shares = added(line.shares.get(one.department, {}) for line in statement.places)
        if not _same(one.pages, shares):
            yield _fault(FaultKind.SUMS, statement, one.department)
    yield from _branch_sums(statement)
    named = {one.department for one in statement.departments}
    for line in statement.places:
        for department, pages in line.shares.items():
            if department not in named and any(pages.values()):
                yield _fault(FaultKind.SUMS, statement, department)


def _branch_sums(statement: Statement) -> Iterator[Fault]:
    pages = statement.department_pages()
    for department, branches in statement.tree.items():
        parts = added(one.pages for one in branches)
        if len(branches) > 1 and not _same(parts, pages.get(department, {})):
            yield _fault(FaultKind.SUMS, statement, department)


def _same(one: Mapping[Meter, int], two: Mapping[Meter, int]) -> bool:
    return all(one.get(meter, 0) == two.get(meter, 0) for meter in {*one, *two})


def _witnessed(chain: Sequence[Sealed], witnesses: Iterable[Witness]) -> Iterator[Fault]:
    seals = {(one.statement.period.name, one.statement.revision): one.seal for one in chain}
    for one in witnesses:
        seal = seals.get((one.period, one.revision))
        if seal is None:
            yield Fault(FaultKind.GONE, one.period, one.revision)
        elif seal != one.seal:
            yield Fault(FaultKind.WITNESS, one.period, one.revision)
