"""An SNMP session in memory that keeps every promise of the port, with failures on request."""

from collections.abc import Mapping, Sequence

from collector.adapters.snmp.client.session import Manners, Oid, Value
from collector.errors import DeviceError


class FakeSession:
    """Answers from `values`, which may be changed between requests.

    `failure` is raised by every request until it is taken away. `gets` and `walks` list what was
    asked, in order. `manners` is what `adopt` was told last, or a test put there; names that are
    refused by them are left out.
    """

    def __init__(self, values: Mapping[Oid, Value]) -> None:
        """Hold a copy of `values`."""
        self.values = dict(values)
        self.failure: DeviceError | None = None
        self.gets: list[tuple[Oid, ...]] = []
        self.walks: list[Oid] = []
        self.is_closed = False
        self.manners = Manners()

    def adopt(self, manners: Manners) -> None:
        """Ask by `manners` from now on."""
        self.manners = manners

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return the values of `oids` that are there."""
        self._begin()
        self.gets.append(tuple(oids))
        wanted = [name for name in oids if name not in self.manners.refused]
        return {name: self.values[name] for name in wanted if name in self.values}

    async def walk(
        self,
        root: Oid,
        limit: int = 4096,
        known: Sequence[Oid] = (),  # noqa: ARG002 # no walk is cut
    ) -> Mapping[Oid, Value]:
        """Return the values below `root` in order, at most `limit`."""
        self._begin()
        self.walks.append(root)
        below = sorted(name for name in self.values if name[: len(root)] == root and name != root)
        return {name: self.values[name] for name in below[:limit]}

    async def close(self) -> None:
        """Refuse further requests."""
        self.is_closed = True

    def _begin(self) -> None:
        if self.is_closed:
            raise RuntimeError("this session was closed")
        if self.failure is not None:
            raise self.failure
