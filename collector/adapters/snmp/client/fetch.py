"""One GET of many names: as one request, and in parts where the agent cannot answer it whole."""

from collections.abc import Awaitable, Callable
from typing import Final

from collector.adapters.snmp.client.codec import Blank, Reply, Request, RequestKind, Status
from collector.adapters.snmp.client.limits import AgentLimits
from collector.adapters.snmp.client.peer import NoAnswer, Peer, nonsense, refusal
from collector.adapters.snmp.client.session import Oid, Value
from collector.domain.sentence import sentence
from collector.errors import DeviceError

LARGE: Final = 8
"""Names up to which the silence of a machine that was not heard just before means: switched off."""

_SILENCES: Final = 12
"""Silent requests of one GET after which it is given up: each costs a timeout."""

_SHORTEST: Final = 3

Ask = Callable[[Request, int | None], Awaitable[Reply]]
"""Asks a question, so many times at most (None: as often as usual)."""

_Part = tuple[Oid, ...]


class Fetch:
    """Gets names once, and learns for the next time.

    A name that spoils a request is found where the agent points at it, else by halving, and is
    `refused` from then on. A size is blamed only where smaller requests are answered and the
    large one fails again: a machine that was merely waking must not be asked in pieces for ever.
    """

    def __init__(self, ask: Ask, limits: AgentLimits, peer: Peer) -> None:
        """Ask by `ask`; nothing is asked yet."""
        self._asked_by = ask
        self._limits = limits
        self._peer = peer
        self._found: dict[Oid, Value] = {}
        self._denied: set[Oid] = set()
        self._spoilers: set[Oid] = set()
        self._error: DeviceError | None = None
        self._was_answered = False
        self._lives = limits.heard
        self._is_fussy = False
        self._silences = 0

    async def __call__(self, names: _Part) -> dict[Oid, Value]:
        """Return the values there are of `names`; raises where there are only errors."""
        limits = self._limits
        odd = limits.refused | limits.by_next
        await self._get(tuple(name for name in names if name not in odd) if odd else names)
        if len(self._found) == len(names):
            return self._found
        await self._get_by_next(tuple(name for name in names if name in limits.by_next))
        if self._error is not None and not self._was_answered:
            raise self._error
        await self._seek()
        limits.refused |= self._spoilers - limits.by_next
        return self._found

    async def _get(self, part: _Part) -> bool:
        """Ask for `part`; say whether requests of this size were answered without an error."""
        left_out_beyond: int | None = None
        while part:
            size = self._limits.at_once or len(part)
            if len(part) > size:
                return all([await self._get(one) for one in _chunks(part, size)])
            reply = await self._answer_to(part)
            if reply is None:
                return await self._after_silence(part)
            if reply.error == Status.NO_SUCH_NAME and 1 <= reply.index <= len(part):
                part = self._without_unknown(part, reply.index)
            elif reply.error == Status.NO_ERROR and reply.found:
                if left_out_beyond is not None:
                    self._limits.limit(left_out_beyond)
                left_out_beyond = len(reply.found)
                part = self._take(part, reply)
            else:
                return await self._after_error(part, reply)
        return True

    async def _answer_to(self, part: _Part) -> Reply | None:
        """Return the answer, or None where the agent lives and is silent to just this."""
        alone = len(part) == 1
        tries = 1 if self._is_fussy and not alone else None
        try:
            return await self._ask(RequestKind.GET, part, tries)
        except NoAnswer as exc:
            self._silences += 1
            if self._silences > _SILENCES:
                raise
            if self._is_fussy:
                if alone:
                    self._blame(part[0], exc)
                return None
            if alone or not await self._answers_less(part):
                raise
        try:
            return await self._ask(RequestKind.GET, part, 1)
        except NoAnswer:
            self._is_fussy = True
            return None

    async def _answers_less(self, part: _Part) -> bool:
        """Say whether the machine that is silent to `part` answers its first name alone."""
        if len(part) <= self._limits.answered or (len(part) <= LARGE and not self._lives):
            return False
        try:
            await self._ask(RequestKind.GET, part[:1], 1)
        except NoAnswer:
            return False
        return True

    async def _after_silence(self, part: _Part) -> bool:
        if len(part) > 1:
            first, second = _halves(part)
            if await self._both(first, second):
                self._limits.limit(len(first))
        return False

    async def _after_error(self, part: _Part, reply: Reply) -> bool:
        """Find what the error is about: one name, or the size."""
        if reply.error == Status.AUTHORIZATION_ERROR and reply.index == 0:
            raise refusal(self._peer, part, reply)  # about who asks, not about what is asked
        if len(part) == 1:
            self._blame(part[0], refusal(self._peer, part, reply), reply.error)
            return False
        first, second = _halves(part)
        smaller = len(first)
        if reply.error == Status.TOO_BIG:
            self._limits.limit(smaller)
        elif 1 <= reply.index <= len(part):
            at = reply.index - 1
            first, second = part[at : at + 1], part[:at] + part[at + 1 :]
        if await self._both(first, second) and reply.error != Status.TOO_BIG:
            again = await self._ask(RequestKind.GET, part, None)
            if again.error != Status.NO_ERROR or not again.found:
                self._limits.limit(smaller)
        return False

    async def _both(self, first: _Part, second: _Part) -> bool:
        results = [await self._get(first), await self._get(second)]
        return all(results)

    def _take(self, part: _Part, reply: Reply) -> _Part:
        """Move what `reply` says into what is found; return what the agent left out."""
        self._was_answered = True
        if reply.is_ordinary:
            self._limits.answered = max(self._limits.answered, len(part))
            self._found.update(reply.found)  # type: ignore[arg-type] # it has no Blank
            return ()
        named = {name for name, _ in reply.found}
        if not named.issubset(part):
            raise nonsense(self._peer, sentence("nonsense.other_oids"))
        self._limits.answered = max(self._limits.answered, len(named))
        for name, value in reply.found:
            if isinstance(value, Blank):
                self._denied.add(name)
            else:
                self._found[name] = value
        return tuple(name for name in part if name not in named)

    def _without_unknown(self, part: _Part, index: int) -> _Part:
        self._was_answered = True
        self._denied.add(part[index - 1])
        self._spoilers.add(part[index - 1])
        return part[: index - 1] + part[index:]

    def _blame(self, name: Oid, why: DeviceError, error: int = Status.NO_ERROR) -> None:
        """Leave `name` out from now on, unless nothing but errors comes back at all."""
        self._spoilers.add(name)
        if error == Status.NO_SUCH_NAME:
            self._was_answered = True
        if error != Status.NO_ACCESS:
            self._denied.add(name)
        self._error = self._error or why

    async def _get_by_next(self, names: _Part) -> None:
        for part in _chunks(names, self._limits.at_once or len(names)):
            await self._next(part, None)
        gone = {name for name in names if name not in self._found}
        self._limits.by_next -= gone
        self._limits.sought -= gone

    async def _seek(self) -> None:
        """Try GETNEXT for what GET denied: some agents have it all the same.

        Nothing depends on it, so an agent that does not answer is left in peace.
        """
        names = tuple(sorted(self._limits.seek(self._denied - self._found.keys())))
        try:
            for part in _chunks(names, self._limits.at_once or len(names)):
                await self._next(part, 1)
        except DeviceError:
            return

    async def _next(self, part: _Part, tries: int | None) -> None:
        """Ask for what follows the names just before those of `part`."""
        part = tuple(name for name in part if len(name) >= _SHORTEST)
        while part:
            reply = await self._ask(RequestKind.NEXT, tuple(map(_before, part)), tries)
            if reply.error == Status.NO_ERROR:
                for name, value in reply.found:
                    if name in part and not isinstance(value, Blank):
                        self._was_answered = True
                        self._found[name] = value
                        self._limits.by_next.add(name)
                return
            if 1 <= reply.index <= len(part):
                part = part[: reply.index - 1] + part[reply.index :]
            elif len(part) > 1:
                first, part = _halves(part)
                await self._next(first, tries)
            else:
                return

    async def _ask(self, kind: RequestKind, names: _Part, tries: int | None) -> Reply:
        reply = await self._asked_by(Request(kind, names), tries)
        self._lives = True
        return reply


def _before(name: Oid) -> Oid:
    """Return a name that `name` is the next one after, if the agent has it at all."""
    return (*name[:-1], name[-1] - 1) if name[-1] else name[:-1]


def _chunks(names: _Part, size: int) -> list[_Part]:
    return [names[start : start + size] for start in range(0, len(names), size or 1)]


def _halves(part: _Part) -> tuple[_Part, _Part]:
    middle = (len(part) + 1) // 2
    return part[:middle], part[middle:]
