"""What is remembered of one machine over a restart of the service.

Rows and device indexes are not in it: they are found again whenever a plan is made. What is in it
is evidence: who the machine is, by which profile and formulas it was read, and how it wants to
be asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.facts import text_of
from collector.adapters.snmp.plan import Held, Keep, Plan
from collector.adapters.snmp.session import Manners, Oid
from collector.domain.identity import DeviceIdentity, Sameness, compare
from collector.domain.meters import Meter

REFUSALS_LAST: Final = timedelta(days=1)
"""A name that spoiled a request is tried again after this: it may have been missing for a while."""


@dataclass(frozen=True, slots=True)
class Dossier:
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
        return self == Dossier()

    def is_of(self, plan: Plan) -> bool:
        """Say whether `plan` was made for this machine, be its firmware new.

        The same rule as for counting (`domain.identity`): a mark that is missing proves nothing.
        """
        return compare(self.identity, plan.identity) is not Sameness.OTHER

    def is_outdated_by(self, plan: Plan) -> bool:
        """Say whether `plan` shows other firmware than the manners were learnt with."""
        descr = described(plan)
        pairs = (
            (self.identity.firmware, plan.identity.firmware),
            (self.identity.object_id, plan.identity.object_id),
            (self.descr, descr),
        )
        return any(old is not None and new is not None and old != new for old, new in pairs)

    def updated(self, plan: Plan) -> "Dossier":
        """Return what still holds with the firmware that `plan` shows: no manners."""
        identity = replace(
            self.identity,
            firmware=plan.identity.firmware or self.identity.firmware,
            object_id=plan.identity.object_id or self.identity.object_id,
        )
        descr = described(plan) or self.descr
        return replace(self, identity=identity, descr=descr, manners=Manners(), learnt=None)

    def after(self, plan: Plan, identity: DeviceIdentity, manners: Manners) -> "Dossier":
        """Return what is known once the machine has answered `plan`, its formulas aside."""
        said = {oid for oid in (mib.SYS_DESCR, mib.SYS_OBJECT_ID) if oid in plan.marks}
        return replace(
            self,
            identity=identity,
            descr=described(plan) or self.descr,
            said=self.said | said,
            manners=manners,
        )

    def dated(self, before: "Dossier", now: datetime | None) -> "Dossier":
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


def described(plan: Plan) -> str | None:
    """Return the sysDescr that the machine had when `plan` was made, on one line."""
    return text_of(plan.marks.get(mib.SYS_DESCR))
