"""A memory that shows what was put into it."""


class FakeMemory:
    """Implements the reader's `Memory` in a dictionary; `writes` counts what was remembered."""

    def __init__(self) -> None:
        """Begin without a memory."""
        self.notes: dict[str, str] = {}
        self.writes = 0

    async def recall(self, key: str) -> str | None:
        return self.notes.get(key)

    async def remember(self, key: str, text: str) -> None:
        self.writes += 1
        self.notes[key] = text
