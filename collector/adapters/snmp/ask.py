"""Asks what a plan wants to know."""

from collections.abc import Mapping, Sequence

from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.session import Oid, Session, Value


async def ask(
    session: Session, plan: Plan, questions: Sequence[Sequence[Oid]] = ()
) -> Mapping[Oid, Value]:
    """Return the answers to `questions` (none given: to all that is in `plan`): one GET for each.

    Before it comes one step into each table that the machine brings up to date only when it is
    walked (`Plan.refresh`; Samsung). Raises what the session raises.
    """
    for column in plan.refresh:
        await session.walk(column, limit=1)
    found: dict[Oid, Value] = {}
    for names in questions or ((*plan.oids, *plan.extra),):
        found |= await session.get(names)
    return found
