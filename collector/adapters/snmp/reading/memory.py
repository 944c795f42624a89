"""What is remembered of one machine over a restart of the service.

Rows and device indexes are not in it: they are found again whenever a plan is made. What is in it
is evidence: who the machine is, by which profile and formulas it was read, and how it wants to
be asked.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from dataclasses import fields as fields_of
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Manners, Oid, dotted, oid
from collector.adapters.snmp.condition.facts import text_of
from collector.adapters.snmp.plan import Held, Keep, ReadingPlan
from collector.domain.counting.identity import DeviceIdentity, Sameness, compare
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId

REFUSALS_LAST: Final = timedelta(days=1)
"""A name that spoiled a request is tried again after this: it may have been missing for a while."""


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """One machine, as it was learnt. A new one knows nothing.

    `descr` is its sysDescr on one line; `said` which of sysDescr and sysObjectID it answered.
    `learnt` is when profile, formulas or firmware last changed, `mannered` when `manners` did.
    """

    identity: DeviceIdentity = field(default_factory=DeviceIdentity)
    descr: str | None = None
    said: frozenset[Oid] = frozenset()
    profile: str | None = None
    meters: Mapping[Meter, Held] = field(default_factory=dict)
    manners: Manners = field(default_factory=Manners)
    learnt: datetime | None = None
    mannered: datetime | None = None

    @property
    def keep(self) -> Keep:
        """What a new plan holds on to."""
        return Keep(self.profile, self.said, self.meters)

    @property
    def is_blank(self) -> bool:
        """Say whether nothing is known."""
        return self == DeviceMemory()

    def is_of(self, plan: ReadingPlan) -> bool:
        """Say whether `plan` was made for this machine, be its firmware new.

        The same rule as for counting (`domain.identity`): a mark that is missing proves nothing.
        """
        return compare(self.identity, plan.identity) is not Sameness.OTHER

    def is_outdated_by(self, plan: ReadingPlan) -> bool:
        """Say whether `plan` shows other firmware than the manners were learnt with."""
        descr = described(plan)
        pairs = (
            (self.identity.firmware, plan.identity.firmware),
            (self.identity.object_id, plan.identity.object_id),
            (self.descr, descr),
        )
        return any(old is not None and new is not None and old != new for old, new in pairs)

    def updated(self, plan: ReadingPlan) -> "DeviceMemory":
        """Return what still holds with the firmware that `plan` shows: no manners."""
        identity = replace(
            self.identity,
            firmware=plan.identity.firmware or self.identity.firmware,
            object_id=plan.identity.object_id or self.identity.object_id,
        )
        descr = described(plan) or self.descr
        return replace(self, identity=identity, descr=descr, manners=Manners(), learnt=None)

    def after(
        self, plan: ReadingPlan, identity: DeviceIdentity, manners: Manners
    ) -> "DeviceMemory":
        """Return what is known once the machine has answered `plan`, but for its formulas."""
        said = {oid for oid in (mib.SYS_DESCR, mib.SYS_OBJECT_ID) if oid in plan.marks}
        return replace(
            self,
            identity=identity,
            descr=described(plan) or self.descr,
            said=self.said | said,
            manners=manners,
        )

    def dated(self, before: "DeviceMemory", now: datetime | None) -> "DeviceMemory":
        """Return this with the dates of what is new beside `before`."""
        manners = (self.manners, before.manners)
        found = [
            (one.profile, one.meters, one.descr, one.identity.firmware) for one in (self, before)
        ]
        return replace(
            self,
            learnt=now if found[0] != found[1] or self.learnt is None else self.learnt,
            mannered=now if manners[0] != manners[1] else self.mannered,
        )

    def manners_at(self, now: datetime | None) -> Manners:
        """Return how to ask the machine at `now`: refusals are believed for a day."""
        if now is not None and self.mannered is not None and now - self.mannered < REFUSALS_LAST:
            return self.manners
        return replace(self.manners, refused=frozenset())


# A machine's memory as JSON that people can read, and back.


_FORMAT: Final = 1


def written(device_memory: DeviceMemory) -> str:
    """Return `device_memory` as JSON, on one line."""
    manners = device_memory.manners
    return json.dumps(
        {
            "format": _FORMAT,
            "identity": {k: v for k, v in asdict(device_memory.identity).items() if v is not None},
            "descr": device_memory.descr,
            "said": _dotted(device_memory.said),
            "profile": device_memory.profile,
            "meters": {
                str(meter): [held.text, sorted(held.terms), held.cells]
                for meter, held in sorted(device_memory.meters.items())
            },
            "at_once": manners.at_once,
            "rows": manners.rows,
            "refused": _dotted(manners.refused),
            "by_next": _dotted(manners.by_next),
            "learnt": _iso(device_memory.learnt),
            "mannered": _iso(device_memory.mannered),
        },
        ensure_ascii=False,
    )


def read(text: str | None) -> DeviceMemory | None:
    """Return what `written` was given; None for no text, and for one that is none of it.

    What cannot be read is learnt again: nothing depends on it but politeness and the
    formulas, whose change the counting rules see by themselves.
    """
    if text is None:
        return None
    try:
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _read(fields: Mapping[str, Any]) -> DeviceMemory:
    if fields["format"] != _FORMAT:
        raise ValueError("written by another release")
    known = {one.name for one in fields_of(DeviceIdentity)}
    identity = {k: str(v) for k, v in fields["identity"].items() if k in known}
    return DeviceMemory(
        identity=DeviceIdentity(**identity),
        descr=fields["descr"],
        said=_oids(fields["said"]),
        profile=fields["profile"],
        meters={
            Meter(meter): Held(str(text), frozenset(terms), int(cells))
            for meter, (text, terms, cells) in fields["meters"].items()
        },
        manners=Manners(
            at_once=_whole(fields["at_once"]),
            rows=_whole(fields["rows"]),
            refused=_oids(fields["refused"]),
            by_next=_oids(fields["by_next"]),
        ),
        learnt=_time(fields["learnt"]),
        mannered=_time(fields["mannered"]),
    )


def _dotted(names: frozenset[Oid]) -> list[str]:
    return [dotted(name) for name in sorted(names)]


def _oids(texts: list[str]) -> frozenset[Oid]:
    return frozenset(oid(text) for text in texts)


def _whole(value: int | None) -> int | None:
    return None if value is None else int(value)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    at = None if text is None else datetime.fromisoformat(text)
    if at is not None and at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at


def described(plan: ReadingPlan) -> str | None:
    """Return the sysDescr that the machine had when `plan` was made, on one line."""
    return text_of(plan.marks.get(mib.SYS_DESCR))


# Finds and keeps what is known of machines in a memory that outlives the process.


class Memory(Protocol):
    """Where a reader keeps what it learnt of machines, over a restart. Never pages.

    Losing it costs requests, and the knowledge by what a machine was read so far. Raises
    LedgerError where it cannot be read or written.
    """

    async def recall(self, key: str) -> str | None:
        """Return what was last remembered under `key`, or None."""
        ...

    async def remember(self, key: str, text: str) -> None:
        """Keep `text` under `key` instead of what was there."""
        ...


class DeviceMemories:
    """One memory for each machine, and for each place which machine stood there last.

    Without a memory nothing is found and nothing kept. Raises LedgerError as the memory does.
    """

    def __init__(self, memory: Memory | None) -> None:
        """Write what is known down in `memory`."""
        self._memory = memory

    async def of_place(self, place: PlaceId) -> DeviceMemory:
        """Return what is known of the machine that stood at `place` last, if anything."""
        key = await self._recall(f"stands|{place}")
        return (read(await self._recall(key)) if key else None) or DeviceMemory()

    async def of_machine(self, place: PlaceId, identity: DeviceIdentity) -> DeviceMemory:
        """Return what is known of the machine with `identity`, if anything."""
        return read(await self._recall(_key(place, identity))) or DeviceMemory()

    async def keep(self, place: PlaceId, device_memory: DeviceMemory) -> None:
        """Write `device_memory` down, and that its machine stands at `place`."""
        if self._memory is None:
            return
        key = _key(place, device_memory.identity)
        for name, text in ((key, written(device_memory)), (f"stands|{place}", key)):
            if await self._memory.recall(name) != text:
                await self._memory.remember(name, text)

    async def _recall(self, key: str) -> str | None:
        return None if self._memory is None else await self._memory.recall(key)


def _key(place: PlaceId, identity: DeviceIdentity) -> str:
    """Return what a machine is known under; one that only tells its model, at its place alone."""
    if identity.serial is None and identity.mac is None:
        return f"machine|{place}|{identity.key}"
    return f"machine|{identity.key}"
