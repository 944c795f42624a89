"""What a session has learnt of its agent, while it is learning."""

from dataclasses import dataclass, field
from typing import Final

from collector.adapters.snmp.client.session import Manners, Oid

ROWS: Final = 24
"""Rows that a GETBULK asks for, until the agent shows that it is too many."""

_SOUGHT: Final = 4_096


@dataclass(slots=True)
class AgentLimits:
    """The changing side of `Manners`, and what need not outlive the session.

    `heard` says that the agent answered its last question; `answered` is how many names it ever
    answered at once; `sought` are names that GETNEXT was tried for.
    """

    at_once: int | None = None
    rows: int = ROWS
    refused: set[Oid] = field(default_factory=set)
    by_next: set[Oid] = field(default_factory=set)
    heard: bool = False
    answered: int = 0
    bulk_works: bool = False
    sought: set[Oid] = field(default_factory=set)

    @classmethod
    def of(cls, manners: Manners) -> "AgentLimits":
        """Return what `manners` say, for a session to go on learning."""
        rows = min(max(manners.rows or ROWS, 1), ROWS)
        at_once = None if manners.at_once is None else max(manners.at_once, 1)
        return cls(at_once, rows, set(manners.refused), set(manners.by_next))

    @property
    def manners(self) -> Manners:
        """What is worth remembering."""
        rows = None if self.rows == ROWS else self.rows
        return Manners(self.at_once, rows, frozenset(self.refused), frozenset(self.by_next))

    def limit(self, size: int) -> None:
        """Learn that `size` names are answered at once, and more are not."""
        self.at_once = min(size, self.at_once or size)

    def seek(self, names: set[Oid]) -> set[Oid]:
        """Return those of `names` that GETNEXT was not tried for; it is, then."""
        unsought = names - self.sought
        if len(self.sought) + len(unsought) > _SOUGHT:
            self.sought.clear()
        self.sought |= unsought
        return unsought
