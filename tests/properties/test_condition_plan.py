"""Supplies, trays, alerts and conditions: whatever the tables hold, words and amounts in bounds."""

import struct
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.charsets import CODECS, Charsets, plan_charsets
from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.client.text import LIMIT
from collector.adapters.snmp.condition.alerts import MOST as MOST_ALERTS
from collector.adapters.snmp.condition.alerts import alerts_of, read_alerts
from collector.adapters.snmp.condition.status import plan_state, state_of, troubles
from collector.adapters.snmp.condition.supplies import MOST as MOST_SUPPLIES
from collector.adapters.snmp.condition.supplies import plan_supplies, supply
from collector.adapters.snmp.condition.trays import MOST as MOST_TRAYS
from collector.adapters.snmp.condition.trays import plan_trays, tray
from collector.adapters.snmp.plan import ReadingPlan
from collector.domain.counting.findings import Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import DeviceStatus, SupplyState, Trouble
from tests.fakes.snmp_session import FakeSession

NUMBERS = st.sampled_from(
    [
        *(-(2**31), -101, -100, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 8, 9, 17, 19, 50, 100, 127, 128),
        *(1000, 2**31 - 1, 2**31, 2**32 - 100, 2**32 - 3, 2**32 - 2, 2**32 - 1, 2**32, 2**64 - 1),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "Black Toner Cartridge S/N:CRUM-123",
            "ブラック トナー",
            "S/N: 5;",
            "waste",
            "\x1b[2J",
            " ",
        ),
        *("Sleep mode", "スリープ", "energy saver off", "black\0", "none", "tri-color", ""),
    ]
).map(str.encode)
CELL: st.SearchStrategy[Value] = st.one_of(
    *(NUMBERS, NUMBERS, WORDS, st.binary(max_size=30), st.binary(min_size=1, max_size=3)),
    st.lists(st.integers(0, 2**32 - 1), max_size=4).map(tuple),
)
CHARSETS = st.sampled_from([None, *sorted(set(CODECS.values()))])
INDEXES = st.sampled_from(
    [(1, 1), (1, 2), (1, 13), (2, 1), (5,), (1, 1, 1), (0, 0), (1, 2**32 - 1)]
)


def _table(columns: tuple[Oid, ...]) -> st.SearchStrategy[dict[Oid, Value]]:
    """Draw cells of a table, some of them missing, of any type, in rows of any index."""
    return st.dictionaries(
        st.tuples(st.sampled_from(columns), INDEXES).map(lambda one: (*one[0], *one[1])),
        CELL,
        max_size=16,
    )


SUPPLY_CELLS = _table(
    (
        *(mib.SUPPLY_LEVEL, mib.SUPPLY_LEVEL, mib.SUPPLY_NAME, mib.SUPPLY_CAPACITY),
        *(mib.SUPPLY_TYPE, mib.SUPPLY_CLASS, mib.SUPPLY_UNIT, mib.SUPPLY_COLORANT),
        mib.COLORANT_VALUE,
    )
)
TRAY_CELLS = _table(
    (
        *(mib.TRAY_LEVEL, mib.TRAY_LEVEL, mib.TRAY_NAME, mib.TRAY_DESCR, mib.TRAY_CAPACITY),
        *(mib.TRAY_STATUS, mib.TRAY_MEDIA),
    )
)
ALERT_CELLS = _table(
    (
        *(mib.ALERT_SEVERITY, mib.ALERT_SEVERITY, mib.ALERT_GROUP, mib.ALERT_GROUP_INDEX),
        *(mib.ALERT_CODE, mib.ALERT_TEXT, mib.ALERT_TRAINING),
    )
)
LOCALE_CELLS = _table((mib.LOCALE_CHARSET, mib.CURRENT_LOCALE, mib.CONSOLE_LOCALE))
STATE_CELLS = _table((mib.PRINTER_STATUS, mib.PRINTER_ERRORS, mib.DEVICE_STATUS, mib.CONSOLE_TEXT))
NOBODY = ReadingPlan(profile="test", oids=(), identity=DeviceIdentity())


def _signed(value: Value | None) -> int | None:
    """Read 32 bits as Integer32, as `struct` does."""
    if not isinstance(value, int) or not -(2**31) <= value < 2**32:
        return None
    found: int = struct.unpack(">i", (value % 2**32).to_bytes(4, "big"))[0]
    return found


def _amount(value: Value | None) -> int | None:
    number = _signed(value)
    return number if number is not None and number > 0 else None


def _is_text(text: str) -> bool:
    return text.isprintable() and 0 < len(text) <= LIMIT


STATES = {-1: SupplyState.UNLIMITED, -2: SupplyState.UNKNOWN, -3: SupplyState.SOME_REMAINING}


def _state(level: int) -> SupplyState:
    return SupplyState.LEVEL if level >= 0 else STATES.get(level, SupplyState.UNKNOWN)


@given(
    planned=SUPPLY_CELLS,
    later=SUPPLY_CELLS,
    charset=CHARSETS,
    maker=st.sampled_from([None, 11, 367, 2**32 - 1]),
)
async def test_a_supply_is_the_level_that_was_sent_or_a_word_for_it(
    planned: dict[Oid, Value], later: dict[Oid, Value], charset: str | None, maker: int | None
) -> None:
    """Whatever the tables held when they were planned, and whatever they hold later."""
    supplies = await plan_supplies(FakeSession(planned), charset, maker)
    assert len(supplies) <= MOST_SUPPLIES
    assert len({one.key for one in supplies}) == len(supplies)
    known = {**planned, **later}
    for one in supplies:
        found = supply(one, known)
        level = _signed(known.get(one.level))
        assert (found is None) == (level is None)
        if found is None or level is None:
            continue
        is_empty = maker == 367 and level == -100
        assert found.state is (SupplyState.EMPTY if is_empty else _state(level))
        assert found.remaining == (level if level >= 0 else None)
        capacity_at = (*mib.SUPPLY_CAPACITY, *one.level[len(mib.SUPPLY_LEVEL) :])
        is_asked = isinstance(planned.get(capacity_at), int)
        stated = _amount(known.get(capacity_at)) if is_asked else None
        is_percent = planned.get((*mib.SUPPLY_UNIT, *capacity_at[len(mib.SUPPLY_CAPACITY) :])) == 19
        assert found.capacity in ({stated, 100} if is_percent else {stated})
        assert found.level_pct is None or 0 <= found.level_pct <= 100
        assert _is_text(found.name)
        assert found.color is None or _is_text(found.color)


@given(planned=TRAY_CELLS, later=TRAY_CELLS, charset=CHARSETS)
@example(
    planned={(*mib.TRAY_LEVEL, 1, 1): 5, (*mib.TRAY_CAPACITY, 1, 1): 2**32 - 2},
    later={},
    charset=None,
)
async def test_a_tray_is_the_level_that_was_sent_or_a_word_for_it(
    planned: dict[Oid, Value], later: dict[Oid, Value], charset: str | None
) -> None:
    trays = await plan_trays(FakeSession(planned), charset)
    assert len(trays) <= MOST_TRAYS
    known = {**planned, **later}
    for one in trays:
        found = tray(one, known, charset)
        level = _signed(known.get(one.level))
        assert (found is None) == (level is None)
        if found is None or level is None:
            continue
        assert found.state is _state(level)
        assert found.remaining == (level if level >= 0 else None)
        assert found.capacity == (_amount(known.get(one.capacity)) if one.capacity else None)
        assert found.level_pct is None or 0 <= found.level_pct <= 100
        assert _is_text(found.name)
        assert found.media is None or _is_text(found.media)


@given(cells=ALERT_CELLS, charset=CHARSETS)
async def test_alerts_are_the_rows_that_are_there_each_condition_once(
    cells: dict[Oid, Value], charset: str | None
) -> None:
    read = await read_alerts(FakeSession(cells))
    assert set(read.items()) <= set(cells.items())
    found = alerts_of(replace(NOBODY, charsets=Charsets(charset)), read)
    rows = [oid for oid in cells if oid[: len(mib.ALERT_SEVERITY)] == mib.ALERT_SEVERITY]
    assert bool(found) == bool(rows)
    assert len(found) <= min(len(rows), MOST_ALERTS)
    assert len({one.key for one in found}) == len(found)
    critical = sum(cells[oid] == 3 for oid in rows)
    assert sum(one.severity is Severity.ERROR for one in found) <= critical
    assert all(_is_text(one.text) and one.key.isprintable() for one in found)


def _by_bits(value: Value | None) -> set[Trouble]:
    """Read the bits as a number, the first octet's highest one first."""
    if not isinstance(value, bytes):
        return set()
    bits = f"{int.from_bytes((value + bytes(2))[:2], 'big'):016b}"
    return {trouble for trouble, bit in zip(Trouble, bits, strict=False) if bit == "1"}


@given(value=CELL | st.binary(max_size=4))
@example(value=b"@")
@example(value=b"\x20\x00")
@example(value=b"\xff" * 40)
def test_conditions_are_the_bits_that_were_sent(value: Value) -> None:
    found = troubles(value)
    assert set(found) == _by_bits(value)
    assert list(found) == [one for one in Trouble if one in found]


@given(cells=STATE_CELLS, printer=st.none() | st.integers(0, 13), charset=CHARSETS)
async def test_a_state_is_told_by_what_was_sent(
    cells: dict[Oid, Value], printer: int | None, charset: str | None
) -> None:
    state = await plan_state(FakeSession(cells), printer)
    plan = replace(NOBODY, state=state, charsets=Charsets(console=charset))
    status, errors = state_of(plan, cells, ())
    assert set(errors) <= _by_bits(cells.get(state.errors or ()))
    said = cells.get(state.printer or ())
    assert (status is DeviceStatus.PRINTING) == (said == 4)
    assert (status is DeviceStatus.WARMUP) == (said == 5)
    if status is DeviceStatus.IDLE:
        assert said == 3
    if not state.printer and not state.console and not state.device:
        assert status is DeviceStatus.UNKNOWN


@given(cells=LOCALE_CELLS)
async def test_a_charset_is_one_that_the_machine_states(cells: Mapping[Oid, Value]) -> None:
    stated = {
        CODECS.get(value)
        for oid, value in cells.items()
        if oid[: len(mib.LOCALE_CHARSET)] == mib.LOCALE_CHARSET and isinstance(value, int)
    }
    found = await plan_charsets(FakeSession(cells))
    assert {found.texts, found.console} <= stated | {None}
