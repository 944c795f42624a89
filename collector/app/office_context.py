"""What the office is at the moment: the fleet, its calendar and the counting rules."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collector.domain.cost.factors import NO_FACTORS, Factors
from collector.domain.counting.judging import Rules
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import notation
from collector.ports import Wording


@dataclass(frozen=True, slots=True)
class ClosingRules:
    """When a month is closed: `grace_days` working days after its end at the earliest.

    Before that a copier that is silent is waited for. `automatic`: the daemon closes by itself.
    """

    grace_days: int = 3
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class OfficeContext:
    """One consistent set of facts that use cases work from.

    `heartbeat` is how long an unchanged machine may go without a stored reading; `silent_after`
    is how long one may be silent before that is a finding. `factors` turn pages into money, time
    and CO2. `say` words what is sealed: in one language for good. More than `unexplained_pct` per
    cent of the paper used that nothing accounts for are a finding.
    """

    fleet: Fleet
    office: Office
    rules: Rules = field(default_factory=Rules)
    heartbeat: timedelta = timedelta(hours=1)
    silent_after: timedelta = timedelta(hours=24)
    closing: ClosingRules = field(default_factory=ClosingRules)
    factors: Factors = NO_FACTORS
    say: Wording = notation
    unexplained_pct: int = 20

    def on_level(self, level: int | None) -> "OfficeContext":
        """Return this, looked at on that `level` of the departments' tree; None: on all of them."""
        return replace(self, fleet=replace(self.fleet, level=level))

    def office_at(self, place: PlaceId, at: datetime) -> Office:
        """Return the office with the working time that `place` has at the instant `at`."""
        return self.fleet.office_at(place, self.office, self.office.local_day(at))


class CurrentOffice:
    """Holds the context that is valid now; a reload puts another in its place, whole."""

    def __init__(self, context: OfficeContext) -> None:
        """Begin with `context`."""
        self.context = context
