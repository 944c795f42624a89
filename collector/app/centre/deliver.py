"""Tell the centre what the log says, from where the two agree on: nothing lost, nothing twice."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from collector.app.centre.agreement import (
    MOST_LINES,
    MOST_OCTETS,
    TOLD,
    TOLD_PLACING,
    BatchTooLarge,
    Centre,
    CentreStanding,
    Contradiction,
    FactBatch,
    NotNext,
    ToldSoFar,
    agreed,
)
from collector.app.centre.facts import Fact
from collector.app.centre.tell import Teller, TellingLedger, mention_all
from collector.app.notes import CENTRE_SAYS, LEDGER_ID, Note
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.sentence import Sentence, sentence
from collector.errors import SinkError, SinkRefused, SinkUnavailable
from collector.ports import Clock, LogEntry

_WHY: Final = {
    Contradiction.OTHER_LEDGER: "centre.other_ledger",
    Contradiction.CENTRE_AHEAD: "centre.centre_ahead",
    Contradiction.DIFFERS: "centre.differs",
}
_LEAST_OCTETS: Final = 16 * 2**10
_AGREE_EVERY: Final = timedelta(hours=1)
"""So often the two agree anew where all is well: then the centre may have something to tell."""
_TURNS: Final = 3
"""So often in a row a batch may not be what the centre lacks, before it is left alone a while."""


class DeliverFacts:
    """Moves the centre's cursor. Call it until it returns False; each call is one bounded step."""

    def __init__(
        self,
        ledger: TellingLedger,
        centre: Centre,
        clock: Clock,
        say: Callable[[Sentence], str],
        batch: int = 1000,
    ) -> None:
        """Tell at most `batch` log entries a step; `say` words what stops the sending, in English.

        With the first step, and after each error, the two agree anew.
        """
        self._ledger = ledger
        self._centre = centre
        self._clock = clock
        self._say = say
        self._batch = batch
        self._octets = MOST_OCTETS
        self._teller = Teller(ledger)
        self._standing: CentreStanding | None = None
        self._agreed_at = clock.now()
        self._unanswered: FactBatch | None = None
        self._parts: list[tuple[str, ...]] = []
        self._until = 0
        self._turns = 0
        self.delivered = 0
        """Facts that were taken since the start."""
        self.set_aside = 0
        """Always 0: no fact is refused alone."""
        self.passed = 0
        """Batches that were taken since the start."""

    @property
    def name(self) -> str:
        """The sink's name, by which its cursor is kept."""
        return self._centre.name

    def hurry(self) -> None:
        """Nothing is kept for later in any case."""

    def look_again(self) -> None:
        """Agree anew with the next step."""
        self._standing = None

    async def backlog(self) -> int:
        """Return how many log entries are still to be dealt with."""
        return await self._ledger.backlog(self.name)

    async def __call__(self) -> bool:
        """Tell the next step and say whether more is waiting.

        Raises SinkUnavailable or SinkRefused with the cursor where the centre is known to stand.
        """
        try:
            more = await self._deliver()
        except SinkError as error:
            self._standing = None
            if isinstance(error, BatchTooLarge):
                self._octets, self._unanswered = max(_LEAST_OCTETS, self._octets // 2), None
            await self._note(str(error))
            raise
        except BaseException:  # cut off: whether it arrived is not known
            self._standing = None
            raise
        await self._note(self._centre.warning)
        return more

    async def _note(self, text: str) -> None:
        note = CENTRE_SAYS.about(self.name)
        if (await note.get(self._ledger) or "") != text:
            await note.put(self._ledger, text)

    async def _deliver(self) -> bool:
        if not timedelta(0) <= self._clock.now() - self._agreed_at < _AGREE_EVERY:
            self._standing = None
        if self._standing is None:
            self._standing = await self._agree()
        batch = self._unanswered
        if batch is None or not self._is_next(batch, self._standing):
            self._unanswered = batch = await self._next(self._standing)
        if batch is None:
            return False
        told = self._note_of_told()
        await told.put(self._ledger, (await told.get(self._ledger) or ToldSoFar()).with_sent(batch))
        try:
            standing = await self._centre.take(batch)
        except NotNext:
            return self._turn()
        await self._taken(batch, standing)
        return True

    @staticmethod
    def _is_next(batch: FactBatch, standing: CentreStanding) -> bool:
        stands = (standing.generation, standing.seq, standing.digest)
        return (batch.generation, batch.after, batch.previous) == stands

    def _turn(self) -> bool:
        """Agree anew; a centre that says both one and the other is left alone for a while."""
        self._standing = None
        self._turns += 1
        if self._turns >= _TURNS:
            self._turns = 0
            raise SinkUnavailable(self._say(sentence("centre.not_next")))
        return True

    async def _agree(self) -> CentreStanding:
        """Return where to go on from; raises SinkRefused where only a person can tell."""
        await mention_all(self._ledger)
        standing, ledger = await self._centre.standing(), await self._ledger_id()
        note = self._note_of_told()
        told = await note.get(self._ledger) or ToldSoFar()
        what = agreed(told, ledger, standing)
        if what is not None:
            await self._contradicted(told, what, ledger)
        self._agreed_at = self._clock.now()
        placing = standing.placing
        if placing is not None and placing != await TOLD_PLACING.get(self._ledger):
            await TOLD_PLACING.put(self._ledger, placing)
        after = await self._ledger.cursor(self.name)
        if standing.seq < after:
            await self._tell_emptied(after, standing)
        await note.put(self._ledger, told.with_taken(standing))
        if standing.seq != after:
            await self._ledger.acknowledge(self.name, standing.seq, after)
        self._parts = []
        return standing

    async def _contradicted(self, told: ToldSoFar, what: Contradiction, ledger: str) -> None:
        if told.contradiction is not what:
            await self._centre.contradict(what, ledger)
            at = self._clock.now().replace(microsecond=0)
            text = sentence("finding.centre_contradicts", said=sentence(_WHY[what]))
            facts = {"kind": what.value}
            finding = Finding(Code.CENTRE_CONTRADICTS, Severity.ERROR, self.name, text, at, facts)
            await self._ledger.record_findings([finding])
            told = ToldSoFar(told.generation, told.taken, told.sent, what)
            await self._note_of_told().put(self._ledger, told)
        raise SinkRefused(self._say(sentence(_WHY[what])))

    async def _tell_emptied(self, after: int, standing: CentreStanding) -> None:
        """Tell people that the centre has less than it had, and gets it again."""
        at = self._clock.now().replace(microsecond=0)
        changes = await self._ledger.backlog(self.name) + after - standing.seq
        key = "finding.sink_older" if standing.seq else "finding.sink_emptied"
        text = sentence(key, sink=self.name, changes=changes)
        facts = {"changes": changes}
        await self._ledger.record_findings(
            [Finding(Code.SINK_EMPTIED, Severity.WARNING, self.name, text, at, facts)]
        )

    async def _next(self, standing: CentreStanding) -> FactBatch | None:
        """Return the next batch, None where nothing waits."""
        if not self._parts:
            entries = await self._ledger.log_after(standing.seq, self._batch)
            if not entries:
                return None
            self._until, self._parts = self._fitting(entries, await self._teller.facts(entries))
        lines = self._parts.pop(0)
        last = standing.seq if self._parts else self._until
        start = (standing.generation, await self._ledger_id(), standing.seq, last, standing.digest)
        return FactBatch(*start, lines)

    def _fitting(
        self, entries: Sequence[LogEntry], facts: Sequence[Sequence[Fact]]
    ) -> tuple[int, list[tuple[str, ...]]]:
        """Return up to which of `entries` one batch goes, and its lines; of one alone, in parts."""
        while True:
            lines = self._centre.lines([one for some in facts for one in some])
            if self._fits(lines):
                return entries[-1].seq, [lines]
            if len(entries) == 1:
                return entries[-1].seq, self._cut(facts[0])
            half = len(entries) // 2
            entries, facts = entries[:half], facts[:half]

    def _fits(self, lines: Sequence[str]) -> bool:
        return len(lines) <= MOST_LINES and _octets(lines) <= self._octets

    def _cut(self, facts: Sequence[Fact]) -> list[tuple[str, ...]]:
        """Return `facts` as the lines of several batches, each of which says all by itself."""
        parts: list[tuple[str, ...]] = [()]
        for one in facts:
            lines = self._centre.lines([one])
            if parts[-1] and not self._fits([*parts[-1], *lines]):
                parts.append(())
            parts[-1] += lines
        return parts

    async def _taken(self, batch: FactBatch, standing: CentreStanding) -> None:
        """Move on to where the centre stands after `batch`."""
        self._turns, self._unanswered = 0, None
        if (standing.seq, standing.digest) != (batch.last, batch.digest):
            self._standing = None  # another has sent meanwhile: whose it was is found out
            return
        note = self._note_of_told()
        told = await note.get(self._ledger) or ToldSoFar(standing.generation)
        await note.put(self._ledger, told.with_taken(standing))
        await self._ledger.acknowledge(self.name, standing.seq)
        self._standing = standing
        self.delivered += len(batch.lines)
        self.passed += 1

    def _note_of_told(self) -> Note[ToldSoFar]:
        return TOLD.about(self.name)

    async def _ledger_id(self) -> str:
        return await LEDGER_ID.get(self._ledger) or ""


def _octets(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
