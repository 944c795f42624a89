"""Polling a place: what is written down, what is told, and that nothing is told or counted twice.

"Seen" in a docstring quotes a symptom that users of other programs reported.
"""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.app.enter.amend import Amend
from collector.app.enter.replay import replay_place
from collector.app.poll.poll_place import PollPlace
from collector.domain.counting.entries import ManualReading, Retiming
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.reading import (
    Answer,
    DeviceStatus,
    Supply,
    SupplyState,
    Tray,
    Trouble,
)
from collector.domain.counting.usage import Quality
from collector.domain.meters import Meter
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import verbatim
from collector.errors import (
    DeviceNonsense,
    DeviceNotAsked,
    DeviceRefused,
    DeviceUnreachable,
    LedgerError,
)
from collector.ports import Record
from tests.unit.app.office import CANON, KYOCERA, RICOH, T0, AnOffice, answer, fleet, place
from tests.wording import english

P1 = PlaceId("1f")
REFUSED = DeviceRefused("1f", "SNMPv3: unknown user; check credential `v3`")
NOBODY = DeviceUnreachable("1f", "no answer")
RUBBISH = DeviceNonsense("1f", "the answer cannot be understood")
HOUR = timedelta(hours=1)


@pytest.fixture
def office() -> AnOffice:
    return AnOffice()


async def stored(office: AnOffice, name: str = "1f") -> list[datetime]:
    found = await office.ledger.readings(PlaceId(name), T0 - 400 * HOUR, T0 + 4000 * HOUR)
    return [one.at for one in found]


async def changes(office: AnOffice) -> list[tuple[datetime, bool, int]]:
    keys = [ref.key for ref in await office.log() if ref.kind == "state"]
    times = [datetime.fromtimestamp(int(key.rpartition("|")[2]), UTC) for key in keys]
    found = [await office.ledger.change(P1, at) for at in times]
    return [(one.at, one.online, one.silent_s) for one in found if one is not None]


async def test_growth_is_counted_and_the_first_reading_is_not(office: AnOffice) -> None:
    first = await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    second = await office.poll("1f", answer(RICOH, 1012))
    assert (first.ok, first.turned, second.ok) == (True, False, True)
    assert await office.pages("1f") == 12
    assert await stored(office) == [T0, T0 + timedelta(minutes=5)]


async def test_failed_poll_writes_no_reading_and_the_next_counts_only_what_was_printed(
    office: AnOffice,
) -> None:
    """Seen: Failed poll returned a non-number, 0 stored as legit, next delta huge (LibreNMS)."""
    await office.poll("1f", answer(RICOH, 5000))
    for error in (RUBBISH, REFUSED, RUBBISH):
        office.clock.forward(minutes=5)
        outcome = await office.poll("1f", error)
        assert not outcome.ok
        assert outcome.reason == error.message
    assert await stored(office) == [T0]
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 5003))
    assert await office.pages() == 3


async def test_a_machine_that_we_could_not_ask_is_not_called_silent(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 5000))
    before = await changes(office)
    for _ in range(5):
        office.clock.forward(minutes=5)
        outcome = await office.poll("1f", DeviceNotAsked("1f", "too many files open"))
        assert (outcome.ok, outcome.unasked, outcome.turned) == (False, True, False)
        assert outcome.findings == ()
    assert await changes(office) == before
    office.clock.forward(minutes=5)
    assert (await office.poll("1f", NOBODY)).turned is False  # one lost poll is no news


async def test_idle_copier_stores_only_its_hourly_heartbeat(office: AnOffice) -> None:
    """Seen: Unchanged counter re-reported the previous delta (LibreNMS): idle is 0 every time."""
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1010))
    start = office.clock.at
    for _ in range(36):
        office.clock.forward(minutes=5)
        await office.poll("1f")
    assert await office.pages() == 10
    assert await stored(office) == [T0, start, start + HOUR, start + 2 * HOUR, start + 3 * HOUR]
    assert (await office.ledger.state(P1)).seen_at == office.clock.at


async def test_changed_toner_is_stored_although_no_page_was_printed(office: AnOffice) -> None:
    full = Supply("black", "Black toner", SupplyState.LEVEL, 100, 100)
    await office.poll("1f", replace(answer(RICOH, 1000), supplies=(full,)))
    office.clock.forward(minutes=5)
    await office.poll("1f", replace(answer(RICOH, 1000), supplies=(replace(full, remaining=99),)))
    assert await stored(office) == [T0, T0 + timedelta(minutes=5)]


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ({}, {"errors": (Trouble.JAMMED,)}, True),
        ({}, {"trays": (Tray("1", "A4", SupplyState.LEVEL, 0),)}, True),
        ({"status": DeviceStatus.IDLE}, {"status": DeviceStatus.ASLEEP}, True),
        ({"status": DeviceStatus.STOPPED}, {"status": DeviceStatus.IDLE}, True),
        ({"status": DeviceStatus.IDLE}, {"status": DeviceStatus.PRINTING}, False),
        ({"status": DeviceStatus.WARMUP}, {"status": DeviceStatus.IDLE}, False),
    ],
)
async def test_a_changed_condition_is_stored_and_everyday_work_is_not(
    office: AnOffice, before: dict[str, object], after: dict[str, object], *, kept: bool
) -> None:
    await office.poll("1f", replace(answer(RICOH, 1000), **before))
    office.clock.forward(minutes=5)
    await office.poll("1f", replace(answer(RICOH, 1000), **after))
    assert len(await stored(office)) == 1 + kept


async def test_one_lost_poll_is_no_news_and_two_in_a_row_are_told_once(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    turns = []
    for _ in range(6):
        office.clock.forward(minutes=5)
        turns.append((await office.silent("1f")).turned)
    assert turns == [False, True, False, False, False, False]
    assert await changes(office) == [(T0 + timedelta(minutes=10), False, 600)]
    office.clock.forward(minutes=5)
    back = await office.poll("1f", answer(RICOH, 1002))
    again = await office.poll("1f", answer(RICOH, 1002))
    assert (back.turned, again.turned) == (True, False)
    assert (await changes(office))[1:] == [(office.clock.at, True, 0)]
    assert await office.codes() == []


async def test_a_lost_poll_now_and_then_never_turns_a_place(office: AnOffice) -> None:
    for number in range(6):
        await office.poll("1f", answer(RICOH, 1000 + number))
        office.clock.forward(minutes=5)
        assert not (await office.silent("1f")).turned
        office.clock.forward(minutes=5)
    assert await changes(office) == []


async def test_place_that_never_answered_is_silent_from_the_first_poll(office: AnOffice) -> None:
    assert (await office.silent("1f")).turned
    state = await office.ledger.state(P1)
    assert (state.online, state.seen_at, state.track) == (False, None, None)


async def test_refusal_is_told_at_once_and_once(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    outcomes = []
    for _ in range(40):
        office.clock.forward(minutes=20)
        outcomes.append(await office.poll("1f", REFUSED))
    assert outcomes[0].turned
    assert outcomes[0].refused
    assert [one.turned for one in outcomes[1:]] == [False] * 39
    assert await office.codes() == [Code.DEVICE_REFUSED]
    (finding,) = await office.ledger.findings()
    assert (finding.subject, english(finding.message)) == ("1f", REFUSED.message)


async def test_nonsense_is_told_once_however_its_words_vary(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    for number in range(12):
        office.clock.forward(minutes=40)
        await office.poll("1f", DeviceNonsense("1f", f"byte {number} makes no sense"))
    assert await office.codes() == [Code.DEVICE_NONSENSE]


async def test_silence_has_an_hourly_row_and_one_finding_after_a_day(office: AnOffice) -> None:
    """Seen: Log spam every 4 s when off (Home Assistant): a row an hour, one finding a silence."""
    await office.poll("1f", answer(RICOH, 1000))
    for _ in range(60 * 3):
        office.clock.forward(minutes=20)
        await office.silent("1f")
    rows = await changes(office)
    hours = [silent_s / 3600 for _, online, silent_s in rows if not online]
    assert 58 <= len(hours) <= 60
    assert all(0.9 < after - before < 1.4 for before, after in itertools.pairwise(hours))
    assert await office.codes() == [Code.DEVICE_SILENT]
    (finding,) = await office.ledger.findings()
    assert finding.at is not None
    assert timedelta(hours=24) <= finding.at - T0 < timedelta(hours=25, minutes=1)
    assert finding.severity is Severity.WARNING


async def test_each_silence_of_a_day_is_told(office: AnOffice) -> None:
    for _ in range(2):
        await office.poll("1f", answer(RICOH, 1000))
        for _ in range(30):
            office.clock.forward(hours=1)
            await office.silent("1f")
    assert await office.codes() == [Code.DEVICE_SILENT] * 2


async def test_rubbish_in_the_hour_of_the_limit_does_not_hide_the_silence(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    for hour in range(1, 30):
        office.clock.forward(hours=1)
        await (office.poll("1f", RUBBISH) if hour in {24, 25} else office.silent("1f"))
    assert sorted(await office.codes()) == [Code.DEVICE_NONSENSE, Code.DEVICE_SILENT]


def with_doubt(code: Code, total: int = 1000) -> object:
    finding = Finding(code, Severity.WARNING, "device", verbatim("total is not mono + color"))
    return replace(answer(RICOH, total), findings=(finding,))


async def test_what_the_decoder_finds_is_told_once_not_each_poll(office: AnOffice) -> None:
    """Seen: Colour > total, graph drawn wrong (GLPI): told, once, at the place, with the time."""
    for number in range(5):
        await office.poll("1f", with_doubt(Code.CROSS_FOOT, 1000 + number))
        office.clock.forward(minutes=5)
    (finding,) = await office.ledger.findings()
    assert (finding.code, finding.subject, finding.at) == (Code.CROSS_FOOT, "1f", T0)


async def test_what_the_decoder_finds_is_told_again_after_it_was_gone(office: AnOffice) -> None:
    for says in (
        with_doubt(Code.CROSS_FOOT),
        answer(RICOH, 1000),
        with_doubt(Code.CROSS_FOOT),
        with_doubt(Code.TOTAL_MISSING),
    ):
        await office.poll("1f", says)
        office.clock.forward(minutes=5)
    assert await office.codes() == [Code.CROSS_FOOT, Code.CROSS_FOOT, Code.TOTAL_MISSING]


async def test_replacement_counts_nothing_of_the_new_machine_and_is_told(office: AnOffice) -> None:
    """Seen: wrong printer behind the IP after a replacement: no negative month, no huge one."""
    await office.poll("1f", answer(RICOH, 90_000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 90_010))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(CANON, 350))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(CANON, 357))
    assert await office.pages() == 17
    assert await office.codes() == [Code.DEVICE_REPLACED]


async def test_poll_that_happens_while_a_machine_restarts_resets_nothing(office: AnOffice) -> None:
    """Seen: a poll coincides with a restart (Home Assistant): some meters are missing."""
    whole = answer(RICOH, 1000, copy=400)
    await office.poll("1f", whole)
    office.clock.forward(minutes=5)
    await office.poll("1f", replace(answer(RICOH, None, copy=400), uptime_s=3))
    office.clock.forward(minutes=5)
    await office.poll("1f", replace(answer(RICOH, 1002, copy=401), uptime_s=300))
    assert (await office.pages(), await office.pages(meter="copy")) == (2, 1)
    assert await office.codes() == []


async def test_days_of_machines_and_places_survive_each_other(office: AnOffice) -> None:
    """Seen: a deleted printer loses its statistics: here they stay with the place."""
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1030))
    office.clock.forward(days=3)
    await office.poll("1f", answer(KYOCERA, 5))
    days = await office.ledger.days(date(2026, 11, 1), date(2026, 11, 30))
    (day,) = (one for one in days if any(one.pages.values()))  # the silence is guessed at 0
    assert (day.place, day.day, day.pages) == (P1, date(2026, 11, 2), {Meter("total"): 30})


async def test_a_ledger_that_fails_stops_the_poll_and_nothing_is_believed(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    office.ledger.broken = "disk full"
    office.clock.forward(minutes=5)
    with pytest.raises(LedgerError):
        await office.poll("1f", answer(RICOH, 1010))
    office.ledger.broken = None
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1010))
    assert await office.pages() == 10


async def test_what_is_known_is_known_after_a_restart(office: AnOffice) -> None:
    await office.poll("1f", with_doubt(Code.CROSS_FOOT))
    office.clock.forward(minutes=5)
    for _ in range(2):
        await office.silent("2f")
    before = office.polls.states
    office.restart()
    assert office.polls.states == {}
    await office.polls.remember()
    for name, state in before.items():
        known = office.polls.states[name]
        assert (known.track, known.seen_at, known.online) == (
            state.track,
            state.seen_at,
            state.online,
        )
    await office.poll("1f", with_doubt(Code.CROSS_FOOT, 1004))
    assert await office.pages() == 4
    assert await office.codes() == [Code.CROSS_FOOT]


async def test_clock_set_back_counts_nothing_and_loses_nothing(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=-30)
    await office.poll("1f", answer(RICOH, 1005))
    await office.silent("1f")
    await office.silent("1f")
    office.clock.forward(hours=1)
    await office.poll("1f", answer(RICOH, 1010))
    assert await office.pages() == 10
    assert all(silent_s >= 0 for _, _, silent_s in await changes(office))


async def test_poll_cut_short_while_the_ledger_writes_counts_nothing_twice(
    office: AnOffice,
) -> None:
    """The daemon gives up a poll that takes too long; the ledger may have committed it."""
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    write = office.ledger.record

    async def commits_and_hangs(records: Sequence[Record]) -> None:
        await write(records)
        await asyncio.sleep(3600)

    office.ledger.record = commits_and_hangs  # the store is done, its answer never comes
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await office.poll("1f", answer(RICOH, 1010))
    office.ledger.record = write
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1013))
    assert await office.pages("1f") == 13


async def test_place_that_never_answers_is_told_after_a_day_over_a_restart_too(
    office: AnOffice,
) -> None:
    """A mistyped address is a silence like any other: it must not stay unnoticed."""
    for _ in range(23):
        await office.poll("1f", NOBODY)
        office.clock.forward(minutes=61)
    office.restart()
    await office.polls.remember()
    codes: list[Code] = []
    for _ in range(5):
        outcome = await office.poll("1f", NOBODY)
        codes += [finding.code for finding in outcome.findings]
        office.clock.forward(minutes=61)
    assert codes == [Code.DEVICE_SILENT]
    assert (await changes(office))[-1][2] > 24 * 3600


async def test_a_poll_under_a_clock_a_day_ahead_is_put_right_by_the_next(office: AnOffice) -> None:
    """Seen: one poll with the clock ahead, and nothing counted until that day."""
    start = office.clock.at
    total, uptime = 1000, 10**6

    async def hourly(polls: int, *, ahead: timedelta = timedelta(0)) -> None:
        nonlocal total, uptime
        for _ in range(polls):
            office.clock.at += ahead
            await office.poll("1f", replace(answer(RICOH, total), uptime_s=uptime))
            office.clock.at += HOUR - ahead
            total, uptime = total + 3, uptime + 3600

    await hourly(20)
    await hourly(3, ahead=timedelta(days=40))
    await hourly(20)
    assert await office.pages("1f") == 42 * 3
    days = await office.ledger.days(date.min, date.max, P1)
    assert max(one.day for one in days) <= (start + timedelta(days=2)).date()
    (entry,) = await office.ledger.entries(P1)
    assert isinstance(entry, Retiming)
    assert entry.seconds == -40 * 86_400
    state = await office.ledger.state(P1)
    assert state.seen_at == office.clock.at - HOUR
    assert Code.READING_OUT_OF_ORDER not in await office.codes()


async def test_a_clock_set_back_loses_nothing_and_is_told_once(office: AnOffice) -> None:
    up = 10**6

    async def hourly(first: int, last: int) -> None:
        for hour in range(first, last):
            says = replace(answer(RICOH, 1000 + 2 * hour), uptime_s=up + 3600 * hour)
            await office.poll("1f", says)
            office.clock.forward(hours=1)

    await hourly(0, 10)
    office.clock.forward(hours=-8)
    await hourly(10, 15)
    assert await office.ledger.entries(P1) == []
    assert (await office.codes()).count(Code.READING_OUT_OF_ORDER) == 1
    office.clock.forward(hours=8)
    await hourly(15, 20)
    assert await office.pages("1f") == 38


async def test_the_parts_of_a_total_follow_what_was_read_off_the_panel(office: AnOffice) -> None:
    """Seen: the month of a panel reading had its total and neither black nor colour of it."""

    def says(total: int, color: int) -> Answer:
        return answer(RICOH, total, total_mono=total - color, total_color=color)

    await office.poll("1f", says(1000, 100))
    office.clock.forward(hours=1)
    read_at = office.clock.at
    entry = ManualReading(P1, read_at, {Meter("total"): 1050}, Signature("sato", "panel", T0))
    amend = Amend(office.ledger, office.current.context)
    await amend.carry_out(await amend.work_out([entry]))
    by_life = await office.ledger.usages(P1, T0, read_at)
    assert {one.meter: one.pages for one in by_life} == {
        Meter("total"): 50,
        Meter("total_mono"): 45,
        Meter("total_color"): 5,
    }
    marked = {one.meter: (one.quality, one.low, one.high) for one in by_life}
    assert marked[Meter("total")] == (Quality.EDITED, None, None)
    assert marked[Meter("total_color")] == (Quality.ESTIMATED, 0, 5)
    office.clock.forward(hours=1)
    office.polls = PollPlace(office.reader, office.ledger, office.clock, office.current)
    await office.poll("1f", says(1100, 140))
    by_growth = await office.ledger.usages(P1, T0, read_at)
    assert {one.meter: one.pages for one in by_growth} == {
        Meter("total"): 50,
        Meter("total_mono"): 30,
        Meter("total_color"): 20,
    }
    assert await office.pages("1f", "total_color") == 40
    assert await office.pages("1f", "total_mono") == 60


async def test_a_panel_reading_below_what_was_read_takes_no_part_along(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000, total_mono=900, total_color=100))
    office.clock.forward(hours=1)
    entry = ManualReading(
        P1, office.clock.at, {Meter("total"): 900}, Signature("sato", "panel", T0)
    )
    amend = Amend(office.ledger, office.current.context)
    await amend.carry_out(await amend.work_out([entry]))
    office.clock.forward(hours=1)
    office.polls = PollPlace(office.reader, office.ledger, office.clock, office.current)
    await office.poll("1f", answer(RICOH, 1010, total_mono=905, total_color=105))
    assert await office.pages("1f") == 10
    assert await office.pages("1f", "total_color") == 5


SIX = [f"p{n}" for n in range(6)]


async def _all_silent(office: AnOffice, names: Sequence[str], hours: int) -> None:
    for _ in range(hours):
        office.clock.forward(hours=1)
        for name in names:
            await office.silent(name)


async def test_a_wrong_community_at_many_places_is_one_finding() -> None:
    """None of six answers: the key they share is the reason, and it is told once."""
    office = AnOffice()
    office.reorganise(fleet(*map(place, SIX)))
    await _all_silent(office, SIX, 40)
    (finding,) = await office.ledger.findings()
    assert (finding.code, finding.subject) == (Code.CREDENTIAL_SILENT, "p0")
    assert "none of the 6 places asked with [credentials.default] answers" in english(
        finding.message
    )
    assert "credentials__default__community" in english(finding.message)
    office.restart()
    await office.polls.remember()
    await _all_silent(office, SIX, 5)
    assert await office.codes() == [Code.CREDENTIAL_SILENT]


async def test_where_one_of_them_answers_each_silence_is_its_own() -> None:
    office = AnOffice()
    office.reorganise(fleet(*map(place, SIX)))
    for _ in range(40):
        office.clock.forward(hours=1)
        await office.poll("p0", answer(RICOH, 1000))
        for name in SIX[1:]:
            await office.silent(name)
    found = await office.ledger.findings()
    assert sorted(one.subject for one in found) == SIX[1:]
    assert {one.code for one in found} == {Code.DEVICE_SILENT}


async def test_two_silent_places_are_no_reason_to_doubt_their_key() -> None:
    office = AnOffice()
    office.reorganise(fleet(*map(place, SIX[:2])))
    await _all_silent(office, SIX[:2], 30)
    assert await office.codes() == [Code.DEVICE_SILENT] * 2


async def test_rubbish_that_was_taken_for_a_reset_is_taken_back_from_days_and_usages(
    office: AnOffice,
) -> None:
    """Zeros for hours, some of them growing; then the machine is back where it stood."""
    totals = (50_000, 50_010, 0, 0, 7, 30, 50_014, 50_015)
    for total in totals:
        await office.poll("1f", answer(RICOH, total))
        office.clock.forward(minutes=5)
    assert await office.pages("1f") == 15
    usages = await office.ledger.usages(P1, T0 - HOUR, T0 + 100 * HOUR)
    assert sum(one.pages for one in usages) == 15
    assert await office.codes() == [Code.METER_SUSPECT, Code.METER_RESET, Code.METER_GLITCH]
    office.restart()
    await office.polls.remember()
    await office.poll("1f", answer(RICOH, 50_020))
    assert await office.pages("1f") == 20
    assert len(await stored(office)) == len(totals) + 1


async def test_what_is_taken_back_comes_to_what_counting_again_comes_to(office: AnOffice) -> None:
    """The daemon's amendment and a replay of the stored readings agree, over a month's end too."""
    office.clock.at = office.current.context.office.midnight(date(2026, 12, 1)) - 4 * HOUR
    for total in (1000, 1004, 2**31 - 1, 2**31 - 1, 2**31 + 5, 2**31 + 5, 1009, 1010):
        await office.poll("1f", answer(RICOH, total))
        office.clock.forward(hours=1)
    assert await office.pages("1f") == 10
    signed = Signature("a", "b", office.clock.at)
    context = office.current.context
    again = await replay_place(office.ledger, context, P1, T0, signed)
    assert again.recount.amendment is None


async def test_a_copier_silent_for_two_weeks_is_asked_for_once(office: AnOffice) -> None:
    """Seen: a copier was carried away, and its pages were guessed for months."""
    await office.poll("1f", answer(RICOH, 1000))
    for _ in range(20):
        office.clock.forward(days=1)
        await office.silent("1f")
        await office.silent("1f")
    told = await office.codes()
    assert told.count(Code.STILL_THERE) == 1
    assert told.index(Code.DEVICE_SILENT) < told.index(Code.STILL_THERE)
    await office.silent("2f")
    office.clock.forward(days=30)
    await office.silent("2f")
    await office.silent("2f")
    assert [
        one.subject for one in await office.ledger.findings() if one.code is Code.STILL_THERE
    ] == ["1f"], "nothing is guessed for what was never read"
