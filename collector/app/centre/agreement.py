"""How far a centre has a site's log, and how the two come to agree on that.

The site's ledger is the log. A batch speaks of all that stands in it after one sequence number up
to another, and bears a digest that is chained to that of the batch before: who has the same digest
has been told the same from the beginning. The centre takes only what follows upon what it has, and
the site's cursor moves only to where the centre stands.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from math import isfinite
from typing import Any, Final, Protocol, runtime_checkable

from collector.app.centre.facts import Fact
from collector.app.notes import Note
from collector.domain.report.comparison import Placing, ToldPlacing
from collector.errors import SinkError, SinkUnavailable

MOST_OCTETS: Final = 4 * 2**20
MOST_LINES: Final = 5_000
"""Of one batch, unpacked, on both sides."""


@dataclass(frozen=True)
class FactBatch:
    """What stands in the log of `ledger` with after < seq <= last, as `lines` of text.

    `previous` is the digest of the batch before, empty for the first of a `generation`, whose
    `after` is 0. What one change of the log comes to may be too long for one batch: those before
    the last of it end where they begin.
    """

    generation: int
    ledger: str
    after: int
    last: int
    previous: str
    lines: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all of it, in hexadecimal."""
        head = (self.generation, self.ledger, self.after, self.last, self.previous)
        found = hashlib.sha256(repr(head).encode())
        for line in self.lines:
            found.update(b"\n")
            found.update(line.encode())
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class CentreStanding:
    """Where a centre stands with a site: it has all of `ledger`'s log up to `seq`.

    `generation` grows when a person lets the site begin anew; of each one the centre starts with
    `seq` 0, an empty `digest` and no `ledger`.
    """

    generation: int = 1
    ledger: str = ""
    seq: int = 0
    digest: str = ""
    placing: ToldPlacing | None = field(default=None, compare=False)
    """What this site is told of its place among others, if anything; None where nobody asked."""


class Contradiction(StrEnum):
    """Why site and centre cannot agree; a person finds out what happened.

    `OTHER_LEDGER`: the centre has the log of another ledger under this site's name.
    `CENTRE_AHEAD`: it has more than the site ever sent: the site's ledger is an older copy.
    `DIFFERS`: both have as much, and not the same.
    """

    OTHER_LEDGER = "other_ledger"
    CENTRE_AHEAD = "centre_ahead"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class ToldSoFar:
    """What a site knows of what it told: (seq, digest) of batches in one `generation`.

    `taken` are those that the centre was heard to have, the newest last; of those of long ago some
    are forgotten. `sent` are those after the newest that nobody answered, and all that an emptied
    centre had: any of them may be there, for a line may hand one over long after.
    `contradiction` is what people were told of; nothing is sent while it holds.
    """

    generation: int = 0
    taken: tuple[tuple[int, str], ...] = ()
    sent: tuple[tuple[int, str], ...] = ()
    contradiction: Contradiction | None = None

    def with_sent(self, batch: FactBatch) -> "ToldSoFar":
        """Return what is known when `batch` is about to be sent."""
        mark = (batch.last, batch.digest)
        sent = (*(one for one in self.sent if one != mark), mark)
        return replace(self, sent=sent[-_KEPT:])

    def with_taken(self, standing: CentreStanding) -> "ToldSoFar":
        """Return what is known once the centre stands at `standing`, as this site had it.

        What was sent before may still be taken where it goes on from there; nothing of an earlier
        generation may. Its digest says all that the centre has then, so nobody else's passes.
        """
        mark = (standing.seq, standing.digest)
        if standing.generation != self.generation:
            return ToldSoFar(standing.generation)
        if mark == self.newest:
            return replace(self, contradiction=None)
        if mark == _NOTHING:
            return ToldSoFar(self.generation, (), (*self.taken, *self.sent)[-_KEPT:])
        kept = [one for one in self.taken if one[0] <= standing.seq and one != mark]
        sent = tuple(one for one in self.sent if one[0] > standing.seq)
        return ToldSoFar(self.generation, (*kept[-_KEPT:], mark), sent)

    @property
    def newest(self) -> tuple[int, str]:
        """Where the centre was heard to stand last."""
        return self.taken[-1] if self.taken else _NOTHING


_NOTHING: Final = (0, "")
_KEPT: Final = 64
"""So many batches a centre may have lost, restored from a copy, and still go on by itself."""


def _told_text(told: ToldSoFar) -> str:
    return json.dumps([told.generation, told.taken, told.sent, told.contradiction])


def _told_read(text: str) -> ToldSoFar:
    generation, taken, sent, what = json.loads(text)
    there, on_the_way = (
        tuple((int(seq), str(digest)) for seq, digest in some) for some in (taken, sent)
    )
    contradiction = None if what is None else Contradiction(what)
    return ToldSoFar(int(generation), there, on_the_way, contradiction)


def placing_text(told: ToldPlacing) -> str:
    """Return `told` as JSON."""
    return json.dumps(asdict(told), sort_keys=True)


def placing_read(text: str) -> ToldPlacing:
    """Return what `placing_text` wrote; raises ValueError, LookupError or TypeError."""
    return _placing(json.loads(text))


def placing_in(stated: object) -> ToldPlacing | None:
    """Return the placing that JSON states, None where it is none: no fact waits for that."""
    try:
        return _placing(stated) if isinstance(stated, dict) else None
    except (ValueError, LookupError, TypeError, OverflowError):
        return None


def _placing(stated: Mapping[str, Any]) -> ToldPlacing:
    place, below = stated["placing"], stated["people_below"]
    month = date.fromisoformat(str(stated["month"]) + "-01")
    first, last, of = (int(place[name]) for name in ("first", "last", "of"))
    a_head, middle = float(stated["a_head"]), float(stated["median"])
    if not (1 <= first <= last <= of and isfinite(a_head) and isfinite(middle)):
        raise ValueError(stated)
    return ToldPlacing(
        f"{month:%Y-%m}",
        Placing(first, last, of),
        int(stated["people_from"]),
        None if below is None else int(below),
        *(a_head, middle),
    )


TOLD_PLACING: Final = Note("told-placing", placing_text, placing_read)
"""The office's place among those of its size, as its centre last told it."""

TOLD: Final = Note("centre-told", _told_text, _told_read)
"""About a sink: what this ledger knows of what the centre was told."""


def agreed(told: ToldSoFar, ledger: str, standing: CentreStanding) -> Contradiction | None:
    """Return None where the site of `ledger` may go on from `standing`, else why it may not.

    A centre that has nothing of this generation is always agreed with: all is sent from the
    beginning.
    """
    if (standing.seq, standing.digest) == _NOTHING:
        return None
    if standing.ledger != ledger:
        return Contradiction.OTHER_LEDGER
    known = (*told.taken, *told.sent)
    if standing.generation == told.generation and (standing.seq, standing.digest) in known:
        return None
    furthest = max((seq for seq, _ in known), default=0)
    is_ahead = standing.seq > furthest or standing.generation != told.generation
    return Contradiction.CENTRE_AHEAD if is_ahead else Contradiction.DIFFERS


def follows(batch: FactBatch, standing: CentreStanding) -> bool:
    """Say whether `batch` is what a centre at `standing` lacks next.

    One that it has already, that leaves a gap, or of another generation does not follow.
    """
    if (batch.generation, batch.after, batch.previous) != (
        *(standing.generation, standing.seq, standing.digest),
    ):
        return False
    moves = batch.last > batch.after or (batch.last == batch.after and bool(batch.lines))
    return moves and standing.ledger in {"", batch.ledger}


class BatchTooLarge(SinkUnavailable):
    """Something on the way takes no body of this size: a smaller one may pass."""


class NotNext(SinkError):
    """The centre did not take a batch, for it stands elsewhere than the batch says."""

    def __init__(self, standing: CentreStanding) -> None:
        """Keep where it stands."""
        self.standing = standing
        super().__init__(str(standing.seq))


@runtime_checkable
class Centre(Protocol):
    """The centre as its site sees it. Every method raises SinkUnavailable or SinkRefused.

    What is sent twice changes nothing the second time; what was taken is on disk there.
    """

    name: str
    warning: str
    """What is odd although all is taken, in English; empty where nothing is."""

    async def standing(self) -> CentreStanding:
        """Return where the centre stands with this site."""
        ...

    async def take(self, batch: FactBatch) -> CentreStanding:
        """Return where the centre stands after `batch`; raises NotNext where it does not follow."""
        ...

    async def contradict(self, what: Contradiction, ledger: str) -> None:
        """Let the centre's people know that `what` holds for the site of `ledger`."""
        ...

    def lines(self, facts: Sequence[Fact]) -> tuple[str, ...]:
        """Return `facts` as the lines of a batch."""
        ...

    async def check(self) -> str:
        """Return one sentence on who answered."""
        ...

    async def close(self) -> None:
        """Release the connection; safe to call twice."""
        ...


class CentreStore(Protocol):
    """What the centre keeps, for all sites. Every method raises StoreUnavailable or StoreFull."""

    async def who(self, token: str) -> "Caller":
        """Return whose `token` it is."""
        ...

    async def standing(self, site: str) -> CentreStanding:
        """Return where the centre stands with `site`; a site that was never heard begins anew."""
        ...

    async def take(self, site: str, batch: FactBatch, facts: Sequence[Fact]) -> CentreStanding:
        """Keep `batch` where it follows, all of it or nothing, on disk; return where that leaves.

        One that does not follow changes nothing: the standing tells.
        """
        ...

    async def contradict(self, site: str, what: Contradiction, ledger: str) -> None:
        """Note once that `what` holds between this generation of `site` and that ledger."""
        ...

    async def close(self) -> None:
        """Release every connection."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token was shown: that of `site`, None where nobody knows it; `revoked` if so."""

    site: str | None = None
    revoked: bool = False
