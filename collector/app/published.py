"""Who was ever published: a series in a time-series database never vanishes by itself.

Rows of a department that no longer answers for anything (a backdated assignment took its pages,
it left the fleet file, nobody's place was assigned at last) would keep their old figures beside
the new owner's, and sums would count those pages twice. So the ledger notes which departments got
rows, and each of them gets an explicit 0 from then on.
"""

import json
from collections.abc import Collection, Iterable, Mapping

from collector.domain.fleet import Department, DepartmentId
from collector.domain.reading import PlaceId
from collector.ports import Ledger


async def departments_of_place(
    ledger: Ledger, place: PlaceId, now: Iterable[DepartmentId]
) -> set[DepartmentId]:
    """Return every department that days of `place` were ever published for, and note `now`."""
    key = f"departments-of|{place}"
    noted = await ledger.note(key) or ""
    known = {DepartmentId(one) for one in noted.split("\n") if one}
    both = known | set(now)
    if both != known:
        await ledger.set_note(key, "\n".join(sorted(both)))
    return both


async def departments_of_month(
    ledger: Ledger, month: str, now: Iterable[Department]
) -> tuple[Department, ...]:
    """Return every department published for a day of `month` or for `month` itself, by id.

    `now` are noted, with the names they have now.
    """
    key = f"departments-in|{month}"
    noted = json.loads(await ledger.note(key) or "{}")
    both = noted | {one.id: [one.name, one.name_en] for one in now}
    if both != noted:
        await ledger.set_note(key, json.dumps(both, ensure_ascii=False, sort_keys=True))
    return tuple(
        Department(DepartmentId(one), name, name_en)
        for one, (name, name_en) in sorted(both.items())
    )


async def figures_of_month(
    ledger: Ledger, month: str, now: Mapping[DepartmentId, Collection[str]]
) -> Mapping[DepartmentId, frozenset[str]]:
    """Return which figures of `month` were ever published as known, by department; note `now`."""
    key = f"figures-in|{month}"
    noted = json.loads(await ledger.note(key) or "{}")
    both = {one: sorted({*noted.get(one, ()), *figures}) for one, figures in now.items()}
    if noted != noted | both:
        await ledger.set_note(key, json.dumps(noted | both, ensure_ascii=False, sort_keys=True))
    return {one: frozenset(figures) for one, figures in both.items()}
