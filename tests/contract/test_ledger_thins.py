"""A ledger lets just those readings go that it is told to, with what is theirs alone."""

from dataclasses import replace
from datetime import timedelta

from collector.domain.counting.reading import Supply, SupplyKind, SupplyState
from collector.domain.old_readings import Thin
from collector.ports import (
    BEGINNING,
    END,
    Ledger,
    LogRef,
    Record,
)
from tests.contract.ledger_cases import (
    HERE,
    MINUTE,
    SECOND,
    T0,
    THERE,
    Opened,
    answer,
    reading,
    state,
)

TIMES = [T0 + number * MINUTE for number in range(10)]


def toner(remaining: int) -> tuple[Supply, ...]:
    return (Supply("1", "Black", SupplyState.LEVEL, remaining, 100, kind=SupplyKind.TONER),)


async def ten_readings(ledger: Ledger) -> None:
    for place in (HERE, THERE):
        for number, at in enumerate(TIMES):
            said = replace(
                reading(at, 100 + number, place),
                answer=answer(100 + number, supplies=toner(number // 3)),
            )
            ref = LogRef("reading", f"{place}|{int(at.timestamp())}")
            known = state(at, place, 100 + number)
            await ledger.record([Record(known, said, log=(ref,))])


def old(**changes: object) -> Thin:
    what = Thin(HERE, TIMES[0], TIMES[8], frozenset({TIMES[3]}), None, TIMES[8])
    return replace(what, **changes)  # type: ignore[arg-type] # fields by name


async def test_just_those_between_go_but_for_those_that_are_kept(opened: Opened) -> None:
    ledger = opened.ledger
    await ten_readings(ledger)
    others = await ledger.readings(THERE, BEGINNING, END)
    whole = await ledger.readings(HERE, BEGINNING, END)
    assert (await ledger.thinnable(old()))["readings"].rows == 6
    assert await ledger.readings(HERE, BEGINNING, END) == whole
    assert await ledger.thin(old(), 4) == 4
    assert await ledger.thin(old(), 4) == 2
    assert await ledger.thin(old(), 4) == 0
    ledger = await opened.restart()
    left = [whole[0], whole[3], *whole[8:]]
    assert await ledger.readings(HERE, BEGINNING, END) == left
    assert await ledger.readings(THERE, BEGINNING, END) == others
    keys = [entry.ref.key for entry in await ledger.log_after(0, 99)]
    assert [key for key in keys if key.startswith(HERE)] == [
        f"{HERE}|{int(one.at.timestamp())}" for one in left
    ]
    assert (await ledger.thinnable(old()))["readings"].rows == 0


async def test_what_a_sink_has_yet_to_get_stays(ledger: Ledger) -> None:
    await ten_readings(ledger)
    entries = await ledger.log_after(0, 99)
    fifth = next(one.seq for one in entries if one.ref.key == f"{HERE}|{int(TIMES[4].timestamp())}")
    assert await ledger.thin(old(published=fifth), 99) == 3
    assert await ledger.thin(old(published=0), 99) == 0
    times = [one.at for one in await ledger.readings(HERE, BEGINNING, END)]
    assert times == [TIMES[0], TIMES[3], *TIMES[5:]]


async def test_a_place_that_nobody_heard_of_has_nothing_to_let_go(ledger: Ledger) -> None:
    await ten_readings(ledger)
    nowhere = old(place="nowhere", since=T0 - timedelta(days=1), before=T0 + SECOND)
    assert await ledger.thin(nowhere, 9) == 0
    assert (await ledger.thinnable(nowhere))["readings"].rows == 0
