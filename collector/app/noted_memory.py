"""What readers learn of machines, kept among the ledger's notes: losing it never loses pages."""

from collector.ports import Ledger

_PREFIX = "learnt|"


class NotedMemory:
    """Keeps texts by key, over a restart."""

    def __init__(self, ledger: Ledger) -> None:
        """Keep everything in `ledger`, apart from the notes of other use cases."""
        self._ledger = ledger

    async def recall(self, key: str) -> str | None:
        """Return what was last remembered under `key`, or None."""
        return await self._ledger.note(_PREFIX + key)

    async def remember(self, key: str, text: str) -> None:
        """Keep `text` under `key` instead of what was there."""
        await self._ledger.set_note(_PREFIX + key, text)
