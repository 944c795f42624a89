"""Records a machine: what a profile author needs, read so that it decodes as the machine does."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value, oid
from collector.adapters.snmp.plan import ReadingPlan
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.walk import Bounds, LiveSession, RecordedRow, RecordedWalk
from collector.domain.counting.reading import Answer
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.errors import DeviceError, DeviceNonsense

_MIB_2: Final = oid("1.3.6.1.2.1")
_STANDARD: Final = (
    (*_MIB_2, 1),  # system
    (*_MIB_2, 25, 3, 2),  # hrDevice
    (*_MIB_2, 25, 3, 5),  # hrPrinter
    (*_MIB_2, 43),  # Printer-MIB
    (*_MIB_2, 2, 2, 1, 2),  # ifDescr
    (*_MIB_2, 2, 2, 1, 3),  # ifType
    (*_MIB_2, 2, 2, 1, 6),  # ifPhysAddress
)
_PWG: Final = (*mib.ENTERPRISES, 2699)
_MAKER: Final = len(mib.ENTERPRISES) + 1

USUAL: Final = Bounds(rows=20_000, tree=8_000, octets=8_000_000, seconds=600.0)
EVERYTHING: Final = Bounds(rows=200_000, tree=100_000, octets=64_000_000, seconds=7_200.0)


@dataclass(frozen=True, slots=True)
class Recording:
    """What a machine said. `answer` is what the daemon reads from it, None where that is nothing.

    `left_out` names what the machine has and the recording has not; `notes` are sentences on
    what stopped it early.
    """

    rows: Mapping[Oid, RecordedRow]
    plan: ReadingPlan
    answer: Answer | None
    left_out: tuple[Sentence, ...] = ()
    notes: tuple[Sentence, ...] = ()

    @property
    def values(self) -> Mapping[Oid, Value]:
        """The values without their types, as a session answers them."""
        return {name: value for name, (_, value) in self.rows.items()}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a machine is recorded: all of its trees or the usual ones, and how gently."""

    everything: bool
    bounds: Bounds
    pause: Callable[[], Awaitable[None]]
    tell: Callable[[int], None]


async def record(
    session: LiveSession, profiles: Profiles, discretion: Discretion, manner: Manner
) -> Recording:
    """Return a recording of the machine behind `session`, personal values still in it.

    First the machine is recognised, as the daemon does it, then walked, and last the counters are
    asked for once more in one request: they stand as they stood at one moment. Raises DeviceError
    where it cannot be recognised at all.
    """
    heard: dict[Oid, RecordedRow] = {}
    session.heard = heard
    plan = await resolve(session, profiles)
    object_id = heard.get(mib.SYS_OBJECT_ID, (0, b""))[1]
    roots = (_MIB_2, mib.ENTERPRISES) if manner.everything else _roots(object_id, plan, profiles)
    walk = RecordedWalk(session, discretion, manner.bounds, manner.pause, manner.tell)
    for root in roots:
        await walk.below(root)
    notes = walk.notes + await _last_look(session, plan)
    wanted = {*plan.oids, *mib.IEEE_1284}
    rows = {
        name: row
        for name, row in sorted(heard.items())
        if (name in wanted or _is_below(name, roots)) and discretion.barred(name) is None
    }
    seen = {discretion.barred(name) for name in heard}
    return Recording(
        rows,
        plan,
        _answer(plan, rows),
        tuple(discretion.left_out[one] for one in sorted(filter(None, seen))),
        tuple(notes),
    )


async def _last_look(session: LiveSession, plan: ReadingPlan) -> list[Sentence]:
    try:
        await session.get(plan.oids)
    except DeviceError as error:
        return [sentence("walk.last_look", why=verbatim(error.message))]
    return []


def _answer(plan: ReadingPlan, rows: Mapping[Oid, RecordedRow]) -> Answer | None:
    try:
        return decode(plan, {name: row[1] for name, row in rows.items()})
    except DeviceNonsense:
        return None


def _roots(object_id: Value, plan: ReadingPlan, profiles: Profiles) -> Sequence[Oid]:
    """Return where to walk: the standard trees, the machine's own, PWG, then other makers'.

    Machines carry trees of makers that they were built by or that they imitate, so each maker
    that any profile speaks of is asked; a tree that is not there costs one request.
    """
    own = [object_id] if isinstance(object_id, tuple) else []
    profile = profiles.by_id.get(plan.profile)
    named = [
        *own,
        *_oids(profile),
        *plan.oids,
        _PWG,
        *sorted(_oids(tuple(profiles.by_id.values()))),
    ]
    makers = [one[:_MAKER] for one in named if _is_below(one, (mib.ENTERPRISES,))]
    return (*_STANDARD, *dict.fromkeys(makers))


def _oids(thing: object) -> Iterable[Oid]:
    """Yield every object identifier inside a profile, whatever its parts are called."""
    if isinstance(thing, tuple):
        if len(thing) >= _MAKER and thing[: len(mib.ENTERPRISES)] == mib.ENTERPRISES:
            yield tuple(arc for arc in thing[:_MAKER] if isinstance(arc, int))
            return
        for one in thing:
            yield from _oids(one)
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from _oids(one)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for one in fields(thing):
            yield from _oids(getattr(thing, one.name))


def _is_below(name: Oid, roots: Iterable[Oid]) -> bool:
    return any(name[: len(root)] == root and len(name) > len(root) for root in roots)
