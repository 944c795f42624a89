"""Looks sealed statements over: every seal, the chain, the revisions, the sums.

A statement that was changed on disk is named. Whether its figures are still the present ones is
another question (`adjustments.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from collector.domain.accounts import added
from collector.domain.meters import Meter
from collector.domain.seal import canonical, seal_of
from collector.domain.statement import Sealed, Statement


class FaultKind(StrEnum):
    """What is wrong with a sealed statement.

    `SEAL`: its text no longer fits its seal. `CHAIN`: it does not name the seal before it.
    `REVISION`: one before it is missing. `LINES`: a revision does not repeat the one before.
    `SUMS`: its own figures do not add up. `WITNESS`: it was sealed as something else. `GONE`: it
    was sealed and is no longer there.
    """

    SEAL = "seal"
    CHAIN = "chain"
    REVISION = "revision"
    LINES = "lines"
    SUMS = "sums"
    WITNESS = "witness"
    GONE = "gone"


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
        if seal_of(one.text) != one.seal or canonical(statement) != one.text:
            faults.append(_fault(FaultKind.SEAL, statement))
        if statement.previous != previous:
            faults.append(_fault(FaultKind.CHAIN, statement))
        previous = one.seal
    return tuple(faults)


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
    named = {one.department for one in statement.departments}
    for line in statement.places:
        for department, pages in line.shares.items():
            if department not in named and any(pages.values()):
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
