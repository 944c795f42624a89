"""Machines that move, return, change places or are entered twice: no page at two places.

"Seen" in a docstring quotes a symptom that users of other programs reported.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.usage import Quality, Usage
from collector.domain.office.shares import PlaceId
from tests.unit.app.office import CANON, RICOH, T0, AnOffice, answer
from tests.wording import english


@pytest.fixture
def office() -> AnOffice:
    return AnOffice()


@pytest.mark.parametrize("silent_hours", [0, 3])
async def test_moved_machine_is_told_at_its_new_place_once(
    office: AnOffice, silent_hours: int
) -> None:
    """Seen: Duplicates after IP change (GLPI): one finding, no page lost, none at two places."""
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1010))
    for _ in range(silent_hours):
        office.clock.forward(hours=1)
        await office.silent("1f")
    for total in range(1500, 1800, 10):
        office.clock.forward(minutes=20)
        await office.silent("1f")
        await office.poll("2f", answer(RICOH, total))
    assert await office.codes() == [Code.DEVICE_MOVED]
    (finding,) = await office.ledger.findings()
    assert (finding.subject, finding.evidence["from"]) == ("2f", "1f")
    assert (await office.pages("1f"), await office.pages("2f")) == (10, 780)
    (known,) = [one for one in await usages(office, "2f") if one.first == 1010]
    assert (known.pages, known.quality, known.low) == (490, Quality.ESTIMATED, 0)


async def test_machine_that_comes_back_is_not_counted_twice(office: AnOffice) -> None:
    """Away for a day: what it printed is known, each page once, at the place that read it next."""
    await office.poll("1f", answer(RICOH, 1000))
    for total in (1100, 1300):
        office.clock.forward(hours=4)
        await office.silent("1f")
        await office.silent("1f")
        await office.poll("2f", answer(RICOH, total))
    office.clock.forward(hours=4)
    await office.silent("2f")
    await office.poll("1f", answer(RICOH, 1300))
    office.clock.forward(minutes=5)
    await office.silent("2f")
    await office.poll("1f", answer(RICOH, 1303))
    assert (await office.pages("1f"), await office.pages("2f")) == (3, 300)
    assert await office.codes() == [Code.DEVICE_MOVED] * 2


async def test_two_machines_that_change_places(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    await office.poll("2f", answer(CANON, 8000))
    for more in range(0, 40, 10):
        office.clock.forward(minutes=5)
        await office.poll("1f", answer(CANON, 8000 + more))
        await office.poll("2f", answer(RICOH, 1000 + more))
    assert (await office.pages("1f"), await office.pages("2f")) == (30, 30)
    assert sorted(await office.codes()) == [Code.DEVICE_MOVED] * 2 + [Code.DEVICE_REPLACED] * 2


async def test_one_machine_entered_under_two_addresses_is_counted_once(office: AnOffice) -> None:
    """Its pages are counted at one place, and a person is told once, not at every poll."""
    for total in range(1000, 1200, 2):
        await office.poll("1f", answer(RICOH, total))
        await office.poll("2f", answer(RICOH, total))
        office.clock.forward(minutes=5)
    assert await office.pages() == 198
    assert await office.codes() == [Code.DEVICE_MOVED] * 2
    assert {one.subject for one in await office.ledger.findings()} == {"1f", "2f"}


async def test_machine_is_counted_again_when_its_second_entry_is_removed(office: AnOffice) -> None:
    for total in (1000, 1010, 1020):
        await office.poll("1f", answer(RICOH, total))
        await office.poll("2f", answer(RICOH, total))
        office.clock.forward(minutes=5)
    for total in range(1030, 1400, 10):
        await office.poll("1f", answer(RICOH, total))
        office.clock.forward(minutes=5)
    assert await office.pages("2f") == 20
    assert await office.pages("1f") > 200
    assert await office.pages() <= 390


async def test_machines_without_serial_are_never_taken_for_one_that_moved(office: AnOffice) -> None:
    twin = DeviceIdentity(vendor="Ricoh", model="SP 3600", object_id="1.3.6.1.4.1.367.1.1")
    for name in ("1f", "2f"):
        await office.poll(name, answer(twin, 1000))
    assert await office.codes() == [Code.WEAK_IDENTITY] * 2


async def test_machine_that_moved_before_a_restart_is_not_told_again(office: AnOffice) -> None:
    """Places in any order: which one comes first in the ledger decides nothing."""
    await office.poll("2f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1000))
    office.restart()
    await office.polls.remember()
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1004))
    assert await office.codes() == [Code.DEVICE_MOVED]
    assert await office.pages("1f") == 4


async def test_exchanged_machine_that_turns_up_after_a_restart_has_moved(office: AnOffice) -> None:
    for says in (answer(RICOH, 1000), answer(CANON, 70), answer(CANON, 75)):
        await office.poll("1f", says)
        office.clock.forward(minutes=5)
    office.restart()
    await office.polls.remember()
    office.clock.forward(days=1)
    await office.poll("2f", answer(RICOH, 1200))
    assert sorted(await office.codes()) == [Code.DEVICE_MOVED, Code.DEVICE_REPLACED]
    assert await office.pages() == 5 + 200


async def test_a_machine_that_comes_back_while_another_has_its_last_place_is_counted(
    office: AnOffice,
) -> None:
    """Two copiers on a round trip: neither is taken for a machine polled twice."""
    await office.poll("1f", answer(RICOH, 1000))
    await office.poll("2f", answer(CANON, 500))
    office.clock.forward(minutes=5)
    await office.poll("2f", answer(RICOH, 1010))
    await office.poll("1f", answer(CANON, 510))
    for restarted in (False, True):
        office.clock.forward(minutes=5)
        if restarted:
            office.restart()
            await office.polls.remember()
        await office.poll("1f", answer(RICOH, 1040))
        await office.poll("2f", answer(CANON, 540))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1047))
    assert await office.pages("1f") == 10 + 30 + 7
    assert await office.pages() == (1047 - 1000) + (540 - 500)


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_machine_that_answers_at_two_places_in_turn_is_one_finding_a_day(
    office: AnOffice, *, restarts: bool
) -> None:
    """Seen: an address conflict of some days, 87 findings and most of its pages lost."""
    for number in range(40):
        if restarts:
            office.restart()
            await office.polls.remember()
        await office.poll("1f", answer(RICOH, 1000 + 2 * number))
        office.clock.forward(minutes=30)
        await office.silent("1f")
        await office.silent("1f")
        await office.poll("2f", answer(RICOH, 1001 + 2 * number))
        office.clock.forward(minutes=30)
        await office.silent("2f")
        await office.silent("2f")
    assert await office.pages() == 79
    told = await office.codes()
    assert told.count(Code.DEVICE_MOVED) == 2, "there, and once back"
    assert told.count(Code.ADDRESS_CONFLICT) == 2


async def usages(office: AnOffice, name: str) -> Sequence[Usage]:
    return await office.ledger.usages(PlaceId(name), T0 - timedelta(days=1), T0 + timedelta(days=9))


async def test_an_exchange_by_a_machine_that_moved_says_where_its_pages_are(
    office: AnOffice,
) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    await office.poll("2f", answer(CANON, 500))
    office.clock.forward(minutes=5)
    await office.silent("2f")
    await office.poll("1f", answer(CANON, 510))
    replaced, moved = sorted(await office.ledger.findings(), key=lambda one: one.code, reverse=True)
    assert (replaced.code, moved.code) == (Code.DEVICE_REPLACED, Code.DEVICE_MOVED)
    assert "are counted at 2f" in english(replaced.message)
    assert "not counted here" not in english(replaced.message)
    assert moved.evidence["pages"] == 10
