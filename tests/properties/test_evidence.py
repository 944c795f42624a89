"""Laws of the digest over readings: the same ones, in any order, and nothing else, have it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.closing.evidence import digest_of
from collector.domain.counting.reading import Confirmation, DeviceStatus, Reading, Stay
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from tests.unit.app.office import CANON, RICOH, T0, answer

readings = st.builds(
    lambda minute, total, copy, uptime: Reading(
        PlaceId("1f"),
        T0 + timedelta(minutes=minute),
        replace(answer(RICOH, total, copy=copy), uptime_s=uptime),
    ),
    *(st.integers(0, 10**6), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9)),
)
several = st.lists(readings, min_size=1, max_size=12, unique_by=lambda one: one.at)


def otherwise(one: Reading) -> list[Reading]:
    """Return `one` with each fact of it changed by the least."""
    said, second = one.answer, timedelta(seconds=1)
    answers = [
        replace(said, identity=CANON),
        replace(said, meters={**said.meters, TOTAL: said.meters[TOTAL] + 1}),
        replace(said, meters={TOTAL: said.meters[TOTAL]}),
        replace(said, raw={"row": 1}),
        replace(said, uptime_s=None),
        replace(said, status=DeviceStatus.PRINTING),
    ]
    return [
        *(replace(one, answer=each) for each in answers),
        replace(one, at=one.at + second),
        replace(one, stay=Stay.ARRIVED),
        replace(one, wall=one.at),
        replace(one, confirmed=Confirmation(one.at - second, 5)),
    ]


@given(several, st.randoms())
def test_it_is_of_what_was_read_and_not_of_its_order(
    some: list[Reading], dice: st.DataObject
) -> None:
    mixed = list(some)
    dice.shuffle(mixed)  # type: ignore[attr-defined] # a Random
    assert digest_of(mixed) == digest_of(some)


@given(several, st.data())
def test_any_change_of_any_reading_is_another_one(some: list[Reading], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(some) - 1))
    before, one, after = some[:number], some[number], some[number + 1 :]
    assert digest_of([*before, *after]) != digest_of(some)
    assert digest_of([*some, one]) != digest_of(some)
    for other in otherwise(one):
        assert digest_of([*before, other, *after]) != digest_of(some)
