"""Real machines with rubbish in random places: only the agreed error, and no invented number."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Oid, Value, oid
from collector.adapters.snmp.plan import ReadingPlan
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.reread import reread
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.reading.slow_poll import ask_condition
from collector.adapters.snmp.recording.session import CaptureSession, parse_capture, to_json
from collector.domain.counting.findings import Code
from collector.domain.counting.reading import Answer
from collector.errors import DeviceNonsense
from tests.properties.documented import documented
from tests.unit.snmp.expected_captures import EXPECTED
from tests.unit.snmp.machines import CAPTURES
from tests.unit.snmp.whole import droppable
from tests.unit.snmp.whole_machines import WHOLE

PROFILES = load_profiles()
RECORDED = {
    name: parse_capture((CAPTURES / name).read_bytes().decode("latin-1")) for name in EXPECTED
}
MADE_UP = {name: machine.values() for name, machine in WHOLE.items()}
MACHINES: Mapping[str, Mapping[Oid, Value]] = {**RECORDED, **MADE_UP}
PROFILE_OF = {name: EXPECTED[name][0] for name in RECORDED} | {
    name: machine.profile for name, machine in WHOLE.items()
}
ROOTS = tuple(map(oid, ("1.3.6.1.4.1", "1.3.6.1.2.1.43", "1.3.6.1.2.1.25", "1.3.6.1.2.1.1")))
WHERE = {
    name: [one for one in machine if any(one[: len(root)] == root for root in ROOTS)]
    for name, machine in MACHINES.items()
}
JUNK: tuple[Value | None, ...] = (
    *(None, None, None, -1, -2, -3, -100, 2**31 * -1, 2**32 - 1, 2**32 - 3, 2**32, 2**64 - 1),
    *(b"", b" " * 12, b"\xff" * 300, b"x" * 65_000, b"\x1b[2J\x1b]0;name\x07 hello", b"-" * 9),
    *(b"not a number", b"1234567890123", b"12 34 56 78 9", b"\0" * 9, (1, 3, 6), (0, 0)),
    *((1, 3, 6, 1, 4, 1), (1,) * 128),
)
"""Sentinels, other types, long texts, terminal escapes; None is no answer. None is a counter."""


async def _ask(values: Mapping[Oid, Value], plan: ReadingPlan | None = None) -> Answer:
    session = CaptureSession(values)
    used = plan or await resolve(session, PROFILES)
    varbinds = await session.get(used.oids)
    return decode(used, varbinds, "hall", await ask_condition(session, used))


def _asked(values: Mapping[Oid, Value], plan: ReadingPlan | None = None) -> Answer | None:
    """Return what the machine says, or None where it says nothing of use."""
    try:
        return asyncio.run(_ask(values, plan))
    except DeviceNonsense as error:
        told = error.message
    assert told.isprintable()
    assert len(told) < 500
    return None


@cache
def _plan(name: str) -> ReadingPlan:
    return asyncio.run(resolve(CaptureSession(MACHINES[name]), PROFILES))


@cache
def _answer(name: str) -> Answer | None:
    return _asked(MACHINES[name])


@cache
def _clean(name: str) -> Mapping[str, int]:
    answer = _answer(name)
    return {} if answer is None else dict(answer.meters)


@cache
def _figures(name: str, *, partly: bool) -> Mapping[str, frozenset[int]]:
    """Return all that the machine may be read as: by its profile, or by what every machine has."""
    ids = {PROFILE_OF[name], *PROFILES.by_id[PROFILE_OF[name]].includes, "generic", "pwg"}
    found: dict[str, frozenset[int]] = {}
    for one in ids:
        for meter, sums in documented(MACHINES[name], PROFILES.by_id[one], partly=partly).items():
            found[meter] = found.get(meter, frozenset()) | sums
    return found


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, dict[Oid, Value]]:
    """Return a machine and what it answers with rubbish in some places, or in very many."""
    name = draw(st.sampled_from(sorted(MACHINES)))
    machine, where = dict(MACHINES[name]), WHERE[name]
    if draw(st.booleans()):
        drawn = draw(st.lists(st.sampled_from(where), min_size=1, max_size=6, unique=True))
        changes = {one: draw(st.sampled_from(JUNK)) for one in drawn}
    else:
        random = Random(draw(st.integers(0, 2**32)))
        often = draw(st.sampled_from([0.03, 0.2, 0.6]))
        changes = {one: random.choice(JUNK) for one in where if random.random() < often}
    machine |= {one: value for one, value in changes.items() if value is not None}
    return name, {one: value for one, value in machine.items() if changes.get(one, value) == value}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


@given(machine=spoilt())
def test_with_rubbish_anywhere_no_number_is_invented(
    machine: tuple[str, dict[Oid, Value]],
) -> None:
    """Every figure is one that the profile documents; the total is whole, or it is told."""
    name, values = machine
    answer = _asked(values)
    if answer is None:
        return
    for meter, value in answer.meters.items():
        assert value in _figures(name, partly=True).get(meter, ())
    total = answer.meters.get("total")
    is_whole = total is None or total in _figures(name, partly=False)["total"]
    assert is_whole or answer.findings
    assert total is not None or any(one.code is Code.TOTAL_MISSING for one in answer.findings)
    assert all(text.isprintable() and len(text) < 1000 for text in _texts(to_json(answer)))


@given(name=st.sampled_from(sorted(MACHINES)), data=st.data())
def test_rubbish_in_a_later_poll_leaves_meters_out_and_changes_none(
    name: str, data: st.DataObject
) -> None:
    """The plan was made while the machine was in its senses."""
    plan = _plan(name)
    cells = [cell.oid for planned in plan.meters for cell in planned.cells]
    where = st.sampled_from(cells * 2 + [*plan.oids, *plan.extra])
    drawn = data.draw(st.lists(where, min_size=1, max_size=4, unique=True))
    changes = {one: data.draw(st.sampled_from(JUNK)) for one in drawn}
    values = {**MACHINES[name], **changes}
    answer = _asked({one: value for one, value in values.items() if value is not None}, plan)
    if answer is None:
        return
    assert answer.meters.items() <= _clean(name).items()
    hit = {one.meter for one in plan.meters if {cell.oid for cell in one.cells} & set(drawn)}
    assert not hit & set(answer.meters)


@given(name=st.sampled_from(sorted(MACHINES)), random=st.integers(0, 2**32).map(Random))
def test_a_record_that_tells_less_changes_no_figure(name: str, random: Random) -> None:
    """Read again by its own profile: what a record does not tell stays as it was recorded."""
    answer = _answer(name)
    if answer is None or not answer.raw:
        return
    named = sorted({*answer.raw, *answer.lacks})
    hidden = set(random.sample(named, random.randint(0, len(named))))
    raw = {one: count for one, count in answer.raw.items() if one not in hidden}
    told = replace(answer, raw=raw, lacks=answer.lacks - hidden)
    again, unknown = reread(told, PROFILES.by_id[answer.profile])
    assert (again.meters, again.formulas) == (answer.meters, answer.formulas)
    assert hidden or not unknown


def test_what_is_documented_holds_what_is_read() -> None:
    """Else the laws above would be held against the wrong figures."""
    for name in MACHINES:
        whole = _figures(name, partly=False)
        assert all(value in whole[meter] for meter, value in _clean(name).items()), name
        assert all(sums <= _figures(name, partly=True)[one] for one, sums in whole.items()), name


DROPPABLE = {name: droppable(machine) for name, machine in MADE_UP.items()}
TOLD = {Code.CROSS_FOOT, Code.TABLE_AMBIGUOUS}


@given(name=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_what_is_not_answered_makes_no_meter_another_number(name: str, data: st.DataObject) -> None:
    """A meter keeps its figure, is absent, or a finding says that its parts no longer add up."""
    gone = data.draw(st.sets(st.sampled_from(DROPPABLE[name]), min_size=1, max_size=2))
    answer = _asked({one: value for one, value in MADE_UP[name].items() if one not in gone})
    assert answer is not None
    strays = {
        meter: value
        for meter, value in answer.meters.items()
        if not WHOLE[name].allows(meter, value)
    }
    assert not strays or TOLD & {one.code for one in answer.findings}


@given(name=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_whatever_is_not_answered_nothing_is_counted_twice(name: str, data: st.DataObject) -> None:
    """Whatever subset a machine answers, no meter exceeds what it has counted in all."""
    kept = data.draw(st.sets(st.sampled_from(DROPPABLE[name]), max_size=40))
    stays = set(MADE_UP[name]) - set(DROPPABLE[name])
    answer = _asked({one: value for one, value in MADE_UP[name].items() if one in kept | stays})
    most = max([*WHOLE[name].meters.values(), *WHOLE[name].otherwise.values()])
    assert answer is None or all(0 <= value <= most for value in answer.meters.values())
