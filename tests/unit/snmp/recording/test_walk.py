"""A walk is bounded whatever the machine answers, and goes around what is left out."""

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from collector.adapters.snmp.client.session import Oid, dotted
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.walk import Bounds, RecordedRow, RecordedWalk
from collector.errors import DeviceError, DeviceNonsense, DeviceUnreachable
from tests.fakes.snmp_session import FakeSession
from tests.wording import english

ROOT: Final[Oid] = (1, 3, 6, 1, 4, 1, 1347)
LOG: Final[Oid] = (*ROOT, 47)
WIDE: Final = Bounds(rows=10_000, tree=10_000, octets=1_000_000, seconds=60)
Answer = Callable[[Oid], Sequence[Oid]]


class Machine(FakeSession):
    """Answers with what `behind` says stands behind a name; notes every question."""

    def __init__(self, behind: Answer, value: object = 1) -> None:
        """Every row holds `value`."""
        super().__init__({})
        self.heard: dict[Oid, RecordedRow] | None = {}
        self.asked: list[Oid] = []
        self._behind, self._value = behind, value

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        self.asked.append(name)
        names = self._behind(name)[:limit]
        for one in names:
            self.heard[one] = (2, self._value)  # type: ignore[index,assignment] # as the walk needs it
        return names


def rows(names: Sequence[Oid]) -> Answer:
    ordered = sorted(names)
    return lambda name: [one for one in ordered if one > name]


async def walk(
    machine: Machine, *roots: Oid, bounds: Bounds = WIDE, left_out: tuple[Oid, ...] = ()
) -> RecordedWalk:
    rests, told = 0, list[int]()

    async def pause() -> None:
        nonlocal rests
        rests += 1

    one = RecordedWalk(
        machine, Discretion(dict.fromkeys(left_out, "log")), bounds, pause, told.append
    )
    for root in roots:
        await one.below(root)
    assert rests == len(machine.asked) or one.notes
    assert told == sorted(told)
    return one


async def test_everything_below_a_root_and_nothing_else() -> None:
    names = [(*ROOT, 43, n, 1) for n in range(100)] + [(1, 3, 6, 1, 4, 1, 1348, 1)]
    one = await walk(Machine(rows(names)), ROOT)
    assert (one.rows, one.notes) == (100, [])


async def test_a_log_is_jumped_over_and_never_asked_into() -> None:
    names = [(*ROOT, 43, n) for n in range(5)]
    names += [(*LOG, 6, 1, 1, column, row) for column in range(17) for row in range(90)]
    names += [(*ROOT, 48, n) for n in range(5)]
    machine = Machine(rows(names))
    one = await walk(machine, ROOT, left_out=(LOG,))
    assert one.rows == 10
    assert not any(name[: len(LOG)] == LOG and name[-1] != 2**32 - 1 for name in machine.asked)
    assert len(machine.asked) == 3


async def test_a_root_that_is_left_out_is_not_asked_at_all() -> None:
    machine = Machine(rows([(*LOG, 1)]))
    await walk(machine, LOG, (*LOG, 6), left_out=(LOG,))
    assert machine.asked == []


async def test_a_machine_without_end_is_left_after_the_bound() -> None:
    endless = Machine(lambda name: [(*ROOT, 9, name[-1] + n) for n in range(1, 25)])
    one = await walk(endless, (*ROOT, 9, 0)[:-1], bounds=Bounds(500, 10_000, 10**6, 60))
    assert 500 <= one.rows < 530
    assert "the most that is asked for; --all asks for more" in english(one.notes[0])


async def test_no_tree_takes_all_rows_from_the_others() -> None:
    names = [(*ROOT, 1, n) for n in range(900)] + [(*ROOT, 2, n) for n in range(30)]
    one = await walk(
        Machine(rows(names)), (*ROOT, 1), (*ROOT, 2), bounds=Bounds(1_000, 100, 10**6, 60)
    )
    assert 130 <= one.rows < 160
    assert [english(note) for note in one.notes] == [
        "only 100 rows were taken below 1.3.6.1.4.1.1347.1; --all asks for more"
    ]


async def test_large_values_end_the_walk_too() -> None:
    large = Machine(rows([(*ROOT, n) for n in range(1000)]), value=b"x" * 60_000)
    one = await walk(large, ROOT, bounds=Bounds(10_000, 10_000, 1_000_000, 60))
    assert one.octets < 3_000_000
    assert one.notes


async def test_time_ends_the_walk_too() -> None:
    machine = Machine(rows([(*ROOT, n) for n in range(1000)]))
    one = await walk(machine, ROOT, bounds=Bounds(10_000, 10_000, 1_000_000, 0))
    assert (machine.asked, one.rows) == ([], 0)


@pytest.mark.parametrize(
    ("error", "asked"),
    [(DeviceNonsense("hall", "goes round in circles"), 3), (DeviceUnreachable("hall", "x"), 2)],
)
async def test_trouble_ends_one_root_and_two_silences_all(error: DeviceError, asked: int) -> None:
    class Troubled(Machine):
        async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
            await super().after(name, limit)
            raise error

    machine = Troubled(rows([]))
    one = await walk(machine, (*ROOT, 1), (*ROOT, 2), (*ROOT, 3))
    assert len(machine.asked) == len(one.notes) == asked


async def test_an_agent_that_ignores_the_jump_does_not_hold_the_walk() -> None:
    machine = Machine(lambda _: [(*LOG, 6, 1)])
    one = await walk(machine, ROOT, left_out=(LOG,))
    assert len(machine.asked) <= 2
    assert one.rows == 0
    assert [english(note) for note in one.notes] == [
        f"below {dotted(ROOT)}: does not go on behind {dotted(LOG)}.4294967295"
    ]


@pytest.mark.parametrize("back", [(1, 3, 6, 1, 2, 1, 1, 1, 0), ROOT])
async def test_a_tree_that_goes_back_is_told_and_what_was_read_is_kept(back: Oid) -> None:
    names = [(*ROOT, 43, n) for n in range(30)]
    machine = Machine(lambda name: [one for one in names if one > name] or [back])
    one = await walk(machine, ROOT, (*ROOT, 99))
    assert one.rows == 30
    assert [english(note) for note in one.notes] == [
        f"below {dotted(root)}: goes back to {dotted(back)}" for root in (ROOT, (*ROOT, 99))
    ]


async def test_what_cannot_be_passed_is_gone_round_once_by_the_same_ways() -> None:
    last = (*ROOT, 43, 10, 5)
    machine = Machine(lambda _: [last])
    one = await walk(machine, ROOT)
    assert one.rows == 1
    assert [english(note) for note in one.notes] == [
        f"below {dotted(ROOT)}: rows are given again: {dotted(last)}"
    ]
    assert len(machine.asked) == len(set(machine.asked)) == 5
