"""Wrong numbers that users of other programs met, one test a symptom ("Seen" quotes it)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.app.enter.amend import Amend
from collector.domain.counting.entries import Retiming
from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.meters import Meter
from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceNonsense, DeviceUnreachable
from collector.ports import LogRef
from tests.unit.app.office import CANON, DEPARTMENTS, KYOCERA, RICOH, T0, AnOffice, answer
from tests.unit.snmp import machines as made

P1 = PlaceId("1f")
TOTAL = Meter("total")


@pytest.fixture
def office() -> AnOffice:
    return AnOffice()


async def polled(office: AnOffice, *totals: int, identity: DeviceIdentity = RICOH) -> None:
    for total in totals:
        await office.poll("1f", answer(identity, total))
        office.clock.forward(minutes=5)


async def test_a_lower_total_after_an_exchange_is_a_new_epoch(office: AnOffice) -> None:
    """Seen: the total is lower after a printer change (fusioninventory 1186)."""
    await polled(office, 5000, 5100)
    await polled(office, 20, 35, identity=CANON)
    assert await office.pages("1f") == 115
    assert Code.DEVICE_REPLACED in await office.codes()


async def test_a_lower_total_after_a_failed_read_is_no_negative_month(office: AnOffice) -> None:
    """Seen: the total is lower after a failed read (fusioninventory 1186)."""
    await polled(office, 5000, 5100)
    await office.poll("1f", DeviceNonsense("1f", "garbage"))
    await polled(office, 4, 5110)
    assert await office.pages("1f") == 110
    assert all(day.pages[TOTAL] >= 0 for day in await office.ledger.days(date.min, date.max))


async def test_a_kyocera_total_is_the_panels_and_equals_its_sides() -> None:
    """Seen: the total must be 1-side + 2-side counters (glpi-agent 382, glpi 14571)."""
    found = await made.answer(
        made.named("KYOCERA Document Solutions Printing System", "1347.41"),
        made.devices(i1=(made.PRINTER, "TASKalfa 3253ci", "1.3.6.1.4.1.1347.43.1")),
        {
            f"{made.KYOCERA}43.10.1.1.12.1.1": 76_064,
            f"{made.KYOCERA}42.2.5.1.1.1.1": 72_358,
            f"{made.KYOCERA}42.2.5.1.1.2.1": 3_706,
        },
        made.life(76_498),
    )
    assert found.meters[TOTAL] == 72_358 + 3_706
    assert found.meters[Meter("engine_total")] == 76_498


async def test_of_two_totals_both_are_kept_and_named() -> None:
    """Seen: PRINTTOTAL 6462 and TOTAL 6466 on one Xerox (glpi-agent 1155)."""
    row = f"{made.P}253.8.53.13.2.1"
    found = await made.answer(
        made.named("Xerox C315 Color MFP", "253.8.62.1"),
        {f"{row}.6.1.20.1": 6462, f"{row}.8.1.20.1": "Total Impressions"},
        made.life(6466),
    )
    assert (found.meters[TOTAL], found.meters[Meter("engine_total")]) == (6466, 6462)
    assert found.provenance[TOTAL].source


async def test_more_colour_than_pages_is_told(office: AnOffice) -> None:
    """Seen: colour above the total, and the graph drawn wrong (glpi 16321)."""
    found = await made.answer(
        made.named("Canon iR-ADV C3530 /P", "1602.4.7"),
        {
            f"{made.CANON}1.3.1.4.{code}": count
            for code, count in ((101, 100), (108, 60), (122, 500), (123, 50))
        },
    )
    assert Code.CROSS_FOOT in {one.code for one in found.findings}
    await office.poll("1f", found)
    assert Code.CROSS_FOOT in await office.codes()


async def test_the_night_before_belongs_to_the_night_before(office: AnOffice) -> None:
    """Seen: a first reading at 01:00 is filed under today, but is yesterday's use (521)."""
    await polled(office, 1000)
    office.clock.at = T0 + timedelta(hours=14, minutes=58)  # 23:58 in Tokyo
    await polled(office, 1080)
    office.clock.at = T0 + timedelta(hours=16)  # 01:00
    await polled(office, 1080)
    days = await office.ledger.days(date.min, date.max)
    assert {one.day: one.pages[TOTAL] for one in days} == {date(2026, 11, 2): 80}


async def test_a_counter_that_is_not_there_is_absent_and_never_zero() -> None:
    """Seen: a missing counter stored as 0 (GLPI: int NOT NULL DEFAULT 0)."""
    found = await made.answer(
        made.named("KONICA MINOLTA bizhub C250i", "18334.1.1.1.2.1.181.2.4"),
        {f"{made.KONICA}1.1.0": 500, f"{made.KONICA}1.5.0": -1},
    )
    assert "scan" not in found.meters
    assert "copy" not in found.meters


@pytest.mark.parametrize("said", ["n/a", -1, -2, -3, 2**31, b"\xff\xff"])
async def test_what_is_no_number_is_never_stored_as_one(said: int | str | bytes) -> None:
    """Seen: a failed poll gave no number, 0 was stored, the next delta huge (LibreNMS 11037)."""
    value = said.encode() if isinstance(said, str) else said
    machine = made.named("KONICA MINOLTA bizhub 450i", "18334.1.1.1.2.1.181.2.4")
    try:
        found = await made.answer(machine, {f"{made.KONICA}2.1.5.1.1": value})
    except DeviceNonsense:
        return
    assert "copy_mono" not in found.meters


async def test_an_idle_copier_adds_nothing(office: AnOffice) -> None:
    """Seen: an unchanged counter reported the delta before once more (LibreNMS 3123)."""
    await polled(office, 1000, 1040, 1040, 1040, 1040)
    assert await office.pages("1f") == 40


async def test_three_marker_rows_are_not_total_colour_and_mono() -> None:
    """Seen: marker rows taken as total, colour and black by their order (snmp_printer)."""
    found = await made.answer(
        made.named("A printer of nobody"),
        made.life(1000, row="1.1"),
        made.life(400, row="1.2"),
        made.life(600, row="1.3"),
    )
    assert not {"total_mono", "total_color"} & {*found.meters}
    assert found.meters.get(TOTAL) in {None, 1000}


async def test_a_colour_kyocera_counts_its_colour_too() -> None:
    """Seen: the page count holds only black pages on a colour Kyocera (check_snmp_printer 13)."""
    found = await made.answer(
        made.named("KYOCERA Document Solutions Printing System", "1347.41"),
        made.devices(
            i1=(made.PRINTER, "TASKalfa 3051ci", "1.3.6.1.4.1.1347.43.1"),
            i2=("", "copier", "1.3.6.1.4.1.1347.44.1"),
        ),
        {
            f"{made.KYOCERA}43.10.1.1.12.1.1": 1000,
            f"{made.KYOCERA}42.3.1.2.1.1.1.1": 500,
            f"{made.KYOCERA}42.3.1.2.1.1.1.2": 10,
            f"{made.KYOCERA}42.3.1.2.1.1.1.3": 190,
            f"{made.KYOCERA}42.3.1.2.1.1.2.1": 200,
            f"{made.KYOCERA}42.3.1.2.1.1.2.3": 100,
        },
    )
    assert found.meters[TOTAL] == 1000
    assert found.meters[Meter("total_color")] == 300


async def test_pages_lost_by_a_power_cut_are_no_reset(office: AnOffice) -> None:
    """Seen: HP saves its counters every ten sheets, so a power cut takes up to nine back."""
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    restarted = answer(RICOH, 992)
    await office.poll("1f", DeviceUnreachable("1f", "off"))
    office.clock.forward(minutes=5)
    await office.poll("1f", _uptime(restarted, 30))
    office.clock.forward(minutes=5)
    await office.poll("1f", _uptime(answer(RICOH, 1003), 330))
    assert await office.pages("1f") == 3
    assert await office.codes() == [Code.METER_ROLLBACK]


async def test_a_counter_that_wraps_loses_no_page(office: AnOffice) -> None:
    """Seen: HP's page count wraps at 2^24 (oid-base)."""
    wide = 2**24
    for total in (wide - 5, 7, 7):
        await office.poll("1f", _wrapping(answer(RICOH, total), wide))
        office.clock.forward(minutes=5)
    assert await office.pages("1f") == 12


async def test_a_count_typed_back_after_a_board_swap_goes_on(office: AnOffice) -> None:
    """Seen: after a formatter swap the count must be typed back by hand (HP 5100 manual)."""
    await polled(office, 50_000)
    office.clock.forward(hours=3)
    await polled(office, 3)
    office.clock.forward(hours=1)
    await polled(office, 50_000, 50_012)
    assert await office.pages("1f") == 12


@pytest.mark.parametrize("serial", ["XXXXXXXXXX", "0000000000", "AAAAAAAAAA", "", " "])
async def test_a_bogus_serial_is_no_identity(serial: str) -> None:
    """Seen: boards that answer XXXXXXXXXX or zeros for a serial (HP Web Jetadmin manual)."""
    found = await made.answer(
        made.named("A printer of nobody"),
        {"1.3.6.1.2.1.43.5.1.1.17.1": serial},
        made.life(10),
    )
    assert found.identity.serial is None
    assert found.identity.is_weak


async def test_every_figure_says_where_it_comes_from() -> None:
    """Seen: readings differ from the panel by 1 to 2 % (PaperCut): explain, do not hide."""
    found = await made.answer(
        made.named("Canon iR-ADV C3530 /P", "1602.4.7"),
        {f"{made.CANON}1.3.1.4.101": 100, f"{made.CANON}1.3.1.4.301": 40},
    )
    assert {"total", "print"} <= {*found.provenance}
    assert all(one.source and one.confidence for one in found.provenance.values())
    assert {"code[101]", "code[301]"} <= {*found.raw}


async def test_another_machine_behind_the_address_is_noticed_at_its_first_answer(
    office: AnOffice,
) -> None:
    """Seen: the wrong printer behind the IP after a replacement (beat, WJA, Canon)."""
    await polled(office, 1000, 1010)
    await polled(office, 900_000, identity=KYOCERA)
    assert await office.pages("1f") == 10
    assert await office.codes() == [Code.DEVICE_REPLACED]


async def test_a_place_taken_out_of_the_fleet_keeps_its_pages(office: AnOffice) -> None:
    """Seen: a deleted printer loses its statistics (PSM, MyQ, Konica, Lexmark)."""
    await polled(office, 1000, 1070)
    office.reorganise(Fleet(DEPARTMENTS))
    await office.refresh.fleet()
    assert await office.pages("1f") == 70
    months = await office.rows(LogRef("month", "2026-11"))
    pages = {one.tags["department"]: one.fields["pages"] for one in months if len(one.tags) > 2}
    assert pages == {
        "soumu": 0,
        "zeimu": 0,
        "unassigned": 70,
    }


async def test_counters_need_no_job_log(office: AnOffice) -> None:
    """Seen: prints deleted before upload when the disk is reset (FUJIFILM): counters survive."""
    await polled(office, 1000)
    office.clock.forward(days=3)
    office.restart()
    await office.polls.remember()
    await polled(office, 1900)
    assert await office.pages("1f") == 900


def _uptime(one: Answer, seconds: int) -> Answer:
    return replace(one, uptime_s=seconds)


def _wrapping(one: Answer, wide: int) -> Answer:
    return replace(one, wraps={TOTAL: wide})


async def test_what_is_read_at_a_time_that_was_once_shown_too_early_counts_as_read(
    office: AnOffice,
) -> None:
    """Seen: two polls under a clock two hours ahead, and two hours later every page was moved."""
    total, uptime = 1000, 10**6
    ahead, minutes = timedelta(hours=2), timedelta(minutes=10)

    async def polls(number: int, wrong: timedelta = timedelta(0)) -> None:
        nonlocal total, uptime
        for _ in range(number):
            office.clock.at += wrong
            await office.poll("1f", replace(answer(RICOH, total), uptime_s=uptime))
            office.clock.at += minutes - wrong
            total, uptime = total + 3, uptime + 600

    await polls(6)
    await polls(2, ahead)
    await polls(6)
    office.restart()
    await office.polls.remember()
    await polls(24)
    assert await office.pages("1f") == 37 * 3

    amend = Amend(office.ledger, office.current.context)
    assert await amend.take_back(P1, T0, office.clock.at) == ()
    assert await office.pages("1f") == 37 * 3
    usages = await office.ledger.usages(P1, T0 - ahead, office.clock.at)
    assert {one.pages for one in usages} == {3}
    assert len(await office.ledger.entries(P1)) == 1


async def test_a_clock_that_was_ahead_by_two_errors_is_put_right_by_each(office: AnOffice) -> None:
    """Seen: five minutes ahead, then two hours; put right, all was moved by two hours."""
    total, uptime = 1000, 10**6
    minute = timedelta(minutes=1)

    async def polls(number: int, ahead: timedelta = timedelta(0)) -> None:
        nonlocal total, uptime
        for _ in range(number):
            office.clock.at += ahead
            await office.poll("1f", replace(answer(RICOH, total), uptime_s=uptime))
            office.clock.at += minute - ahead
            total, uptime = total + 3, uptime + 60

    await polls(6)
    await polls(5, 30 * minute)
    await polls(2, 120 * minute)
    await polls(6)
    assert await office.pages("1f") == 18 * 3
    entries = [one for one in await office.ledger.entries(P1) if isinstance(one, Retiming)]
    assert [round(one.seconds, -2) for one in entries] == [-1800, -7200]
    assert [len(one.times) for one in entries] == [5, 2]
    usages = await office.ledger.usages(P1, T0 - 60 * minute, office.clock.at)
    assert {one.pages for one in usages if one.meter == TOTAL} == {3}
    assert max(one.end for one in usages) < office.clock.at
