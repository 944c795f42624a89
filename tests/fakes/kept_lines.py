"""An intake that keeps facts as lines: what was taken in twice stands there twice."""

from collections.abc import Sequence
from typing import Any, Final

from collector.adapters.centre.wire import fact_lines
from collector.app.centre.facts import Fact

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS centre.site_fact (
    site TEXT COLLATE "C" NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    line TEXT NOT NULL,
    PRIMARY KEY (site, number)
)
"""


class KeptLines:
    """An intake that works nothing out of facts; generation 0 is the one that runs."""

    async def migrate(self, connection: Any) -> None:  # noqa: ANN401 - one of asyncpg's
        """Make the table."""
        await connection.execute(_TABLE)

    async def apply(self, connection: Any, site: str, facts: Sequence[Fact]) -> None:  # noqa: ANN401 - as above
        """Append `facts`."""
        await connection.executemany(
            "INSERT INTO centre.site_fact (site, line) VALUES ($1, $2)",
            [(site, line) for line in fact_lines(facts)],
        )

    async def set_apart(self, connection: Any, site: str, generation: int) -> None:  # noqa: ANN401 - as above
        """Mark what is there with `generation`."""
        await connection.execute(
            "UPDATE centre.site_fact SET generation = $2 WHERE site = $1 AND generation = 0",
            *(site, generation),
        )
