"""Asks what a plan wants to know."""

from collections.abc import Mapping, Sequence

from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.session import Oid, Session, Value


async def ask(
    session: Session, plan: Plan, names: Sequence[Oid] | None = None
) -> Mapping[Oid, Value]:
    """Return the answers to `names` (None: to `plan.oids`): one GET.

    Before it comes one step into each table that the machine brings up to date only when it is
    walked (`Plan.refresh`; Samsung). Raises what the session raises.
    """
    for column in plan.refresh:
        await session.walk(column, limit=1)
    return await session.get(plan.oids if names is None else names)
