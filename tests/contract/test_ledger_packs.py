"""Readings that are over are laid together, and every ledger answers as if they were not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.counting.reading import Confirmation, Supply, SupplyKind, SupplyState
from collector.domain.counting.usage import Quality, Usage
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Pack, Thin
from collector.ports import (
    BEGINNING,
    END,
    Amendment,
    Ledger,
    LogRef,
    Reading,
    Record,
    Reread,
)
from tests.contract.ledger_cases import (
    CANON,
    HERE,
    MINUTE,
    RICOH,
    T0,
    THERE,
    TOTAL,
    Opened,
    answer,
    reading,
    state,
)

TIMES = [T0 + (number * 7 + (number > 5) * 120) * MINUTE for number in range(12)]
"""When the polls were; nobody answered for two hours before the seventh."""

LATER = T0 + timedelta(days=60)


def toner(remaining: int) -> tuple[Supply, ...]:
    return (Supply("1", "Black", SupplyState.LEVEL, remaining, 100, kind=SupplyKind.TONER),)


def said(number: int, at: datetime, place: PlaceId) -> Reading:
    """Return the reading of a poll: another machine from the ninth on, restarted at the fifth."""
    identity = CANON if number > 8 else RICOH
    found = answer(2**63 - 3 + 5 * number, identity, toner(number // 3))
    uptime_s = None if number == 6 else 3600 + number * 420 if number < 5 else number
    proof = Confirmation(at - 2 * MINUTE, 40 if number % 2 else None) if number % 3 else None
    found = replace(found, uptime_s=uptime_s, raw={"row[total]": 7, "lone": number})
    return replace(reading(at, place=place), answer=found, confirmed=proof)


def used(number: int, at: datetime, place: PlaceId) -> tuple[Usage, ...]:
    if number in {0, 9, 11}:
        return ()
    start = TIMES[number - 1] if number % 3 == 0 else at - 2 * MINUTE
    first = 2**63 - 3 + 5 * (number - 1)
    plain = Usage(place, RICOH.key, TOTAL, 1, start, at, first, first + 5)
    if number > 8:
        plain = replace(plain, device=CANON.key, epoch=2)
    if number == 4:
        return (replace(plain, quality=Quality.ESTIMATED, low=2, high=9),)
    return (replace(plain, last=first + 3),) if number == 7 else (plain,)


async def twelve_polls(ledger: Ledger) -> None:
    for number, at in enumerate(TIMES):
        for place in (HERE, THERE):
            refs = (LogRef("reading", f"{place}|{int(at.timestamp())}"), LogRef("month", "2026-11"))
            known = state(at, place, 100 + number)
            one = Record(known, said(number, at, place), used(number, at, place), log=refs)
            await ledger.record([one])


async def packed(ledger: Ledger, limit: int = 5, before: datetime = LATER) -> int:
    """Lay all together that can be, `limit` at once; return how many readings those were."""
    total = 0
    for place in await ledger.packable(before):
        while some := await ledger.pack(Pack(place, before), limit):
            assert some <= limit
            total += some
    return total


async def all_of(ledger: Ledger) -> list[object]:
    """Return every answer that readings, usages and their places in the log have a part in."""
    spans = [(BEGINNING, END), (TIMES[2], TIMES[6]), (TIMES[3] + MINUTE, TIMES[9])]
    found: list[object] = [await ledger.states(), await ledger.log_after(0, 999)]
    for since, until in spans:
        found += [await ledger.readings(one, since, until) for one in (HERE, THERE)]
        found += [await ledger.usages(one, since, until) for one in (HERE, THERE)]
        found += [await ledger.long_usages(since, until), await ledger.heard_between(since, until)]
        found += [await ledger.log_before(since, date(2027, 1, 1), "2027-01")]
    found += [await ledger.reading(HERE, at) for at in (*TIMES, T0 - MINUTE)]
    keys = [(place, at) for at in reversed(TIMES) for place in (THERE, HERE)]
    found.append(await ledger.readings_at([*keys, (HERE, T0 - MINUTE)]))
    for seq in (0, 3, 11, 99):
        await ledger.acknowledge("influx", seq)
        found += [await ledger.log_after(seq, limit) for limit in (1, 4, 99)]
        found += [await ledger.backlog("influx"), await ledger.waiting_since("influx")]
    found.append((await ledger.size()).rows["readings"])
    found.append((await ledger.size()).rows["usages"])
    return found


@pytest.mark.parametrize("limit", [1, 5, 99])
async def test_no_answer_changes_and_the_newest_reading_stays(opened: Opened, limit: int) -> None:
    ledger = opened.ledger
    await twelve_polls(ledger)
    before = await all_of(ledger)
    assert await ledger.packable(TIMES[0]) == {}
    assert await ledger.packable(TIMES[3]) == {HERE: TIMES[0], THERE: TIMES[0]}
    assert await packed(ledger, limit, TIMES[3]) == 2 * 3
    assert await all_of(ledger) == before
    assert await ledger.packable(LATER) == {HERE: TIMES[3], THERE: TIMES[3]}
    assert await packed(ledger, limit) == 2 * 8
    assert await all_of(ledger) == before
    assert await ledger.packable(LATER) == {}
    assert await ledger.pack(Pack(PlaceId("nowhere"), LATER), 9) == 0
    ledger = await opened.restart()
    assert await all_of(ledger) == before
    assert await packed(ledger) == 0


async def test_what_is_there_already_is_not_added_again(opened: Opened) -> None:
    await twelve_polls(opened.ledger)
    await packed(opened.ledger, 99)
    ledger = await opened.restart()
    before = await all_of(ledger)
    for number in (0, 3, 4, 6, 7, 9, 10):
        at = TIMES[number]
        known, uses = await ledger.state(HERE), used(number, at, HERE)
        for one in (
            Record(known, said(number, at, HERE)),
            Record(known, said(number, at, HERE), uses),
            Record(known, usages=uses),
        ):
            await ledger.record([one])
            assert await all_of(ledger) == before
            await packed(ledger, 99)


async def test_one_that_was_forgotten_takes_its_place_between_them(ledger: Ledger) -> None:
    await twelve_polls(ledger)
    await packed(ledger)
    between = TIMES[4] + MINUTE
    await ledger.record([Record(state(between, HERE), reading(between, 7))])
    times = [one.at for one in await ledger.readings(HERE, BEGINNING, END)]
    assert times == sorted([*TIMES, between])
    before = await all_of(ledger)
    assert await packed(ledger) > 0
    assert await all_of(ledger) == before


async def test_one_that_is_to_be_published_again_stands_behind_the_others(ledger: Ledger) -> None:
    await twelve_polls(ledger)
    await packed(ledger)
    ref = LogRef("reading", f"{HERE}|{int(TIMES[4].timestamp())}")
    newest = (await ledger.log_after(0, 999))[-1].seq
    await ledger.touch([ref])
    entries = await ledger.log_after(0, 999)
    assert [one.ref for one in entries].count(ref) == 1
    assert (entries[-1].ref, entries[-1].seq > newest) == (ref, True)
    before = await all_of(ledger)
    await packed(ledger)
    assert await all_of(ledger) == before


async def test_an_amendment_finds_what_was_laid_together(opened: Opened) -> None:
    ledger = opened.ledger
    await twelve_polls(ledger)
    await packed(ledger)
    kept = await ledger.usages(HERE, BEGINNING, TIMES[5])
    others = await ledger.usages(THERE, BEGINNING, END)
    known = await ledger.state(HERE)
    again = Usage(HERE, RICOH.key, TOTAL, 3, TIMES[5], TIMES[6], 10, 90)
    await ledger.amend([], [Amendment(known, TIMES[5], known.track, usages=(again,))])
    for _ in range(2):
        assert await ledger.usages(HERE, BEGINNING, END) == [*kept, again]
        assert await ledger.usages(THERE, BEGINNING, END) == others
        await packed(ledger)
        ledger = await opened.restart()


async def test_what_was_read_again_points_to_a_reading_that_is_there(ledger: Ledger) -> None:
    await twelve_polls(ledger)
    await packed(ledger)
    known, first = await ledger.state(HERE), await ledger.reading(HERE, TIMES[2])
    assert first is not None
    corrected = replace(first, answer=replace(first.answer, meters={TOTAL: 5}))
    again = (Reread("e1", corrected),)
    await ledger.amend([], [Amendment(known, TIMES[8], known.track, rereadings=again)])
    found = await ledger.rereadings(HERE, BEGINNING, END)
    assert [(one.reading.at, one.reading.answer.meters) for one in found] == [
        (TIMES[2], {TOTAL: 5})
    ]
    before = await all_of(ledger)
    await packed(ledger)
    assert (await ledger.packable(LATER)).get(HERE) is None
    assert await ledger.rereadings(HERE, BEGINNING, END) == found
    assert await all_of(ledger) == before


async def test_old_ones_go_from_what_is_laid_together_just_as_from_the_rest(
    opened: Opened,
) -> None:
    ledger = opened.ledger
    old = Thin(HERE, TIMES[1], TIMES[9], frozenset({TIMES[4]}), None, TIMES[9])
    await twelve_polls(ledger)
    loose = await ledger.thinnable(old)
    await packed(ledger, 2)
    others = await ledger.readings(THERE, BEGINNING, END)
    whole = await ledger.readings(HERE, BEGINNING, END)
    for _ in range(2):
        assert await ledger.thinnable(old) == loose
    assert await ledger.readings(HERE, BEGINNING, END) == whole
    assert loose["readings"].rows == 6
    assert [await ledger.thin(old, 4) for _ in range(3)] == [4, 2, 0]
    await packed(ledger)
    ledger = await opened.restart()
    left = [one for one in whole if one.at in {*TIMES[:2], TIMES[4], *TIMES[9:]}]
    assert await ledger.readings(HERE, BEGINNING, END) == left
    assert await ledger.readings(THERE, BEGINNING, END) == others
    assert (await ledger.thinnable(old))["readings"].rows == 0
    assert _readings_in(await ledger.log_after(0, 999)) == [one.at for one in left]


def _readings_in(entries: Sequence[object]) -> list[datetime]:
    keys = [one.ref.key for one in entries if one.ref.kind == "reading"]  # type: ignore[attr-defined] # entries
    times = [key.rpartition("|")[2] for key in keys if key.startswith(HERE)]
    return sorted(datetime.fromtimestamp(int(one), UTC) for one in times)


async def test_what_a_sink_has_yet_to_get_waits_as_before(ledger: Ledger) -> None:
    await twelve_polls(ledger)
    before = await all_of(ledger)
    entries = await ledger.log_after(0, 999)
    assert await ledger.pack(Pack(HERE, LATER, entries[5].seq), 99) == 11
    assert await ledger.pack(Pack(THERE, LATER, 0), 99) == 11
    assert await all_of(ledger) == before
