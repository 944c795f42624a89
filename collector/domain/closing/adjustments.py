"""The next revision of a sealed statement: the same lines, and what they lack, line by line.

For every place, department and meter the sealed figure and all adjustments together are then the
present one exactly (tests/properties/test_closing.py). Nothing sealed is ever written again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from collector.domain.closing.accounts import Account, ByDepartment, added, tree_of
from collector.domain.closing.draw_up import UNDECIDED
from collector.domain.closing.statement import Adjustment, Cause, Statement
from collector.domain.cost.sheets import NO_SHEETS, Paper, PlacePaper
from collector.domain.counting.ranges import EXACT, Margin
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import Assignment, DepartmentId, Fleet
from collector.domain.office.shares import PlaceId, apportion
from collector.domain.sentence import Sentence, notation, sentence


@dataclass(frozen=True, slots=True)
class Why:
    """What made a place's counted pages other than the sealed ones."""

    cause: Cause
    text: Sentence
    entry: str | None = None


RECOUNTED: Final = Why(Cause.RECOUNTED, sentence("reason.recounted"))
_MOVED: Final = Why(Cause.MOVED, sentence("reason.moved"))


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """What a statement says of one place, all its adjustments included."""

    counted: ByDepartment
    guessed: ByDepartment
    estimated: int = 0
    """Impressions by estimated splits, guesses not among them."""
    margins: Mapping[DepartmentId, Margin] = field(default_factory=dict)


def sealed_places(statement: Statement) -> Mapping[PlaceId, SealedPlace]:
    """Return what `statement` says of each place that it names."""
    counted: dict[PlaceId, list[ByDepartment]] = defaultdict(list)
    guessed: dict[PlaceId, list[ByDepartment]] = defaultdict(list)
    estimated: dict[PlaceId, int] = defaultdict(int)
    margins: dict[PlaceId, dict[DepartmentId, Margin]] = defaultdict(dict)
    for line in statement.places:
        guess = {} if line.guess is None else line.guess.shares
        counted[line.place] += [line.shares, _negative(guess)]
        guessed[line.place].append(guess)
        estimated[line.place] += line.estimated
        margins[line.place] = dict(line.margins)
    for one in statement.adjustments:
        kind = guessed if one.cause is Cause.GUESS else counted
        kind[one.place].append({one.department: one.pages})
        if one.cause is not Cause.GUESS:
            estimated[one.place] += one.estimated
            own = margins[one.place]
            own[one.department] = own.get(one.department, EXACT) + one.margin
    return {
        place: SealedPlace(
            _by_department(counted[place]),
            _by_department(guessed[place]),
            estimated[place],
            margins[place],
        )
        for place in {**counted, **guessed}
    }


def kept_shares(sealed: ByDepartment, pages: Mapping[Meter, int]) -> ByDepartment:
    """Return `pages` in the proportions in which they were sealed.

    For a place that left the fleet file: who answered for it then is known from the statement.
    """
    found: dict[DepartmentId, dict[Meter, int]] = defaultdict(dict)
    whole = added(sealed.values())
    for meter, count in pages.items():
        weights = {one: max(0, part.get(meter, 0)) for one, part in sorted(sealed.items())}
        if whole.get(meter, 0) == count:
            parts = {one: part.get(meter, 0) for one, part in sealed.items()}
        else:
            totals = {one: max(0, part.get(TOTAL, 0)) for one, part in sorted(sealed.items())}
            parts = apportion(count, weights if any(weights.values()) else totals)
        for department, part in parts.items():
            found[department][meter] = part
    return dict(found)


def is_changed(sealed: SealedPlace | None, counted: ByDepartment) -> bool:
    """Say whether the counted pages of a place are other than the sealed ones."""
    before = {} if sealed is None else sealed.counted
    return bool(_difference(before, counted))


def next_revision(
    latest: Statement,
    accounts: Iterable[Account],
    reasons: Mapping[PlaceId, Why],
    fleet: Fleet,
    at: datetime,
    say: Callable[[Sentence], str] = notation,
    pieces: ByDepartment | None = None,
) -> Statement | None:
    """Return the revision after `latest` as known at `at`, or None where nothing is new.

    That departments are parts of others than was sealed is new as well; `pieces` are what was
    counted by `pieces_counted`.

    `accounts` are the present figures of every place; one that is missing has none. `reasons` say
    why counted pages changed, by place; `say` words them, as they are sealed. Nobody has closed it
    yet.
    """
    sealed = sealed_places(latest)
    present = {one.place.id: one for one in accounts}
    papers = latest.paper()
    number = latest.revision + 1
    lines: list[Adjustment] = []
    for place in _ordered({**sealed, **present}, latest, fleet):
        before = sealed.get(place, SealedPlace({}, {}))
        account = present.get(place)
        why = reasons.get(place, RECOUNTED)
        own = _Adjusting(number, place, before, account, why, latest, say).lines()
        lines += _with_sheets(tuple(own), papers.get(place), account)
    revised = replace(
        latest,
        revision=number,
        closed_at=at.replace(microsecond=0),
        closed_by=UNDECIDED,
        adjustments=(*latest.adjustments, *lines),
        previous="",
        answering={**latest.answering, **{one.place.id: one.answering for one in present.values()}},
    )
    tree = tree_of(fleet, latest.period, revised.department_pages(), pieces or {})
    return replace(revised, tree=tree) if lines or tree != latest.tree else None


def _ordered(places: Iterable[PlaceId], latest: Statement, fleet: Fleet) -> list[PlaceId]:
    known = [one.place for one in latest.places] + [one.id for one in fleet.places]
    order = {place: number for number, place in reversed(list(enumerate(known)))}
    return sorted(places, key=lambda place: (order.get(place, len(order)), place))


@dataclass(frozen=True, slots=True)
class _Adjusting:
    """Works out one place's adjustments."""

    revision: int
    place: PlaceId
    before: SealedPlace
    account: Account | None
    why: Why
    latest: Statement
    say: Callable[[Sentence], str]

    def lines(self) -> Iterator[Adjustment]:
        """Yield the guess's lines, then moves between departments, then counted pages."""
        yield from self._guess_lines()
        now = {} if self.account is None else self.account.shares
        moved = self._moved(now)
        yield from self._lines(moved, _MOVED, {})
        counted = _difference(_by_department([self.before.counted, moved]), now)
        yield from self._lines(counted, self.why, self._estimates(counted), self._margins())

    def _guess_lines(self) -> Iterator[Adjustment]:
        guess = None if self.account is None else self.account.guess
        change = _difference(self.before.guessed, {} if guess is None else guess.shares)
        pages = sum(part.get(TOTAL, 0) for part in self.before.guessed.values())
        heard = None if self.account is None else self.account.heard_late
        if guess is not None:
            now = guess.pages.get(TOTAL, 0)
            text = sentence("reason.guess_changed", now=now, before=pages)
            text = _MOVED.text if now == pages else text
        elif heard is not None:
            text = sentence("reason.heard_again", at=heard, pages=pages)
        else:
            text = sentence("reason.guess_withdrawn", pages=pages)
        estimates = {one: part.get(TOTAL, 0) for one, part in change.items()}
        yield from self._lines(change, Why(Cause.GUESS, text, self.why.entry), estimates)

    def _moved(self, now: ByDepartment) -> ByDepartment:
        """Return the sealed pages that other departments answer for now; they add up to 0."""
        answering: tuple[Assignment, ...] = () if self.account is None else self.account.answering
        if answering == self.latest.answering.get(self.place, answering):
            return {}
        sealed = added(self.before.counted.values())
        pages = added(now.values())
        as_now: dict[DepartmentId, dict[Meter, int]] = defaultdict(dict)
        for meter, count in sealed.items():
            weights = {one: part.get(meter, 0) for one, part in sorted(now.items())}
            if count < 0 or not pages.get(meter):
                return {}
            for department, part in apportion(count, weights).items():
                as_now[department][meter] = part
        return _difference(self.before.counted, as_now)

    def _estimates(self, counted: ByDepartment) -> Mapping[DepartmentId, int]:
        """Return how the place's estimated impressions change, by department."""
        now = 0 if self.account is None else sum(self.account.estimated.values())
        change = now - self.before.estimated
        weights = {one: abs(part.get(TOTAL, 0)) for one, part in counted.items()}
        if change == 0 or not any(weights.values()):
            return {}
        sign = 1 if change > 0 else -1
        return {one: sign * part for one, part in apportion(abs(change), weights).items()}

    def _margins(self) -> Mapping[DepartmentId, Margin]:
        """Return how the margin of the counted pages changes, by department."""
        now = {} if self.account is None else self.account.margins
        before = self.before.margins
        return {one: now.get(one, EXACT) - before.get(one, EXACT) for one in {*now, *before}}

    def _lines(
        self,
        change: ByDepartment,
        why: Why,
        estimated: Mapping[DepartmentId, int],
        margins: Mapping[DepartmentId, Margin] | None = None,
    ) -> Iterator[Adjustment]:
        for department, pages in sorted(change.items()):
            yield Adjustment(
                revision=self.revision,
                place=self.place,
                department=department,
                pages=pages,
                reason=self.say(why.text),
                entry=why.entry,
                cause=why.cause,
                estimated=estimated.get(department, 0),
                margin=EXACT if margins is None else margins.get(department, EXACT),
            )


def _with_sheets(
    lines: tuple[Adjustment, ...], sealed: PlacePaper | None, account: Account | None
) -> Iterator[Adjustment]:
    """Yield `lines`, the last of each department with its change in sheets.

    Where the sheets were not sealed there is none. Where they are not known any more each page
    added or taken may be a sheet, or none.
    """
    now = None if account is None else account.paper
    last = {one.department: number for number, one in enumerate(lines)}
    for number, one in enumerate(lines):
        department = one.department
        if sealed is None or last[department] != number:
            yield one
        elif now is None:
            pages = sum(each.pages.get(TOTAL, 0) for each in lines if each.department == department)
            off = Paper(0, min(0, pages), max(0, pages))
            yield replace(one, sheets=off, a4=off + off)
        else:
            sheets = _of(now.shares, department) - _of(sealed.shares, department)
            a4 = _of(now.a4, department) - _of(sealed.a4, department)
            yield replace(one, sheets=sheets, a4=NO_SHEETS if sealed.a4 is None else a4)


def _of(shares: Mapping[DepartmentId, Paper] | None, department: DepartmentId) -> Paper:
    return (shares or {}).get(department, NO_SHEETS)


def _difference(before: ByDepartment, after: ByDepartment) -> ByDepartment:
    """Return `after` less `before`, without what is 0."""
    return _by_department([after, _negative(before)])


def _negative(shares: ByDepartment) -> ByDepartment:
    return {one: {meter: -count for meter, count in part.items()} for one, part in shares.items()}


def _by_department(several: Iterable[ByDepartment]) -> ByDepartment:
    """Return the sum by department and meter, without what is 0."""
    parts: dict[DepartmentId, list[Mapping[Meter, int]]] = defaultdict(list)
    for shares in several:
        for department, pages in shares.items():
            parts[department].append(pages)
    found = {}
    for department, several_pages in parts.items():
        whole = {meter: count for meter, count in added(several_pages).items() if count}
        if whole:
            found[department] = whole
    return found
