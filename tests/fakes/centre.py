"""A centre in memory: its store as the port promises, and a way there that loses batches."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from collector.adapters.centre.wire import fact_lines
from collector.app.centre.agreement import (
    Caller,
    CentreStanding,
    Contradiction,
    FactBatch,
    NotNext,
    follows,
)
from collector.app.centre.facts import Fact
from collector.domain.report.comparison import ToldPlacing
from collector.errors import SinkUnavailable, StoreUnavailable


class FakeCentreStore:
    """Keeps the lines of each site in the order in which they were taken, by generation.

    `failure` is raised by every call while it is set. `tokens` are token -> site, revoked.
    """

    def __init__(self) -> None:
        """Begin with no site."""
        self.standings: dict[str, CentreStanding] = {}
        self.lines: dict[tuple[str, int], list[str]] = {}
        self.facts: dict[str, list[Fact]] = {}
        self.contradictions: list[tuple[str, int, Contradiction, str]] = []
        self.tokens: dict[str, tuple[str, bool]] = {}
        self.placings: dict[str, ToldPlacing] = {}
        self.failure: StoreUnavailable | None = None

    async def who(self, token: str) -> Caller:
        self._fail_if_told()
        found = self.tokens.get(token)
        return Caller() if found is None else Caller(*found)

    async def standing(self, site: str) -> CentreStanding:
        self._fail_if_told()
        standing = self.standings.get(site, CentreStanding())
        return replace(standing, placing=self.placings.get(site))

    async def tell_placings(self, told: Mapping[str, ToldPlacing]) -> None:
        self._fail_if_told()
        self.placings = dict(told)

    async def take(self, site: str, batch: FactBatch, facts: Sequence[Fact]) -> CentreStanding:
        self._fail_if_told()
        before = self.standings.get(site, CentreStanding())
        if not follows(batch, before):
            return before
        self.lines.setdefault((site, before.generation), []).extend(batch.lines)
        self.facts.setdefault(site, []).extend(facts)
        after = CentreStanding(before.generation, batch.ledger, batch.last, batch.digest)
        self.standings[site] = after
        return after

    async def contradict(self, site: str, what: Contradiction, ledger: str) -> None:
        self._fail_if_told()
        one = (site, self.standings.get(site, CentreStanding()).generation, what, ledger)
        if one not in self.contradictions:
            self.contradictions.append(one)

    def accept(self, site: str) -> None:
        """Begin a new generation of `site`, as a person does."""
        generation = self.standings.get(site, CentreStanding()).generation + 1
        self.standings[site] = CentreStanding(generation)

    async def close(self) -> None:
        """Nothing is open."""

    def _fail_if_told(self) -> None:
        if self.failure is not None:
            raise self.failure


class FakeCentre:
    """The way from `site` to a store. `accidents` happen to the next batches, one each.

    `before`: it never arrives; `after`: it is taken and the answer is lost; `late`: the sender
    gives up, and it arrives with whatever is asked next.
    """

    def __init__(self, store: FakeCentreStore, site: str = "hall") -> None:
        """Lose nothing at first."""
        self.name = "centre"
        self.warning = ""
        self.store = store
        self.site = site
        self.accidents: deque[str] = deque()
        self.late: list[FactBatch] = []
        self.read: Callable[[Sequence[str]], Sequence[Fact]] = lambda _: ()

    async def standing(self) -> CentreStanding:
        return await self.store.standing(self.site)

    async def take(self, batch: FactBatch) -> CentreStanding:
        for one in self.late:
            await self._give(one)
        self.late.clear()
        accident = self.accidents.popleft() if self.accidents else ""
        if accident == "late":
            self.late.append(batch)
        if accident in {"late", "before"}:
            raise SinkUnavailable("nothing came back")
        standing = await self._give(batch)
        if accident == "after":
            raise SinkUnavailable("nothing came back")
        if (standing.seq, standing.digest) != (batch.last, batch.digest):
            raise NotNext(standing)
        return standing

    async def _give(self, batch: FactBatch) -> CentreStanding:
        return await self.store.take(self.site, batch, self.read(batch.lines))

    async def contradict(self, what: Contradiction, ledger: str) -> None:
        await self.store.contradict(self.site, what, ledger)

    def lines(self, facts: Sequence[Fact]) -> tuple[str, ...]:
        return fact_lines(facts)

    async def check(self) -> str:
        return "a centre in memory"

    async def close(self) -> None:
        """Nothing is open."""
