"""Whatever a machine sends: no error but the agreed ones, and no invented number."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.charsets import CODECS, Charsets
from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.client.text import LIMIT
from collector.adapters.snmp.plan import (
    Cell,
    PlannedMeter,
    PlannedState,
    PlannedSupply,
    PlannedTerm,
    PlannedTray,
    ReadingPlan,
)
from collector.adapters.snmp.profiles.numbers import (
    Form,
    NumberKind,
    Unreadable,
    number,
    tagged_counters,
)
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.slow_poll import Condition
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Trouble
from collector.domain.meters import Meter
from collector.errors import DeviceNonsense

VALUES: st.SearchStrategy[Value] = st.one_of(
    st.integers(-(2**31), 2**64),
    st.binary(max_size=40),
    st.lists(st.integers(0, 2**32 - 1), max_size=6).map(tuple),
)
CHARSETS = st.sampled_from([None, *sorted(set(CODECS.values()))])

A, B, C, R, S = (1, 1), (1, 2), (1, 3), (1, 4), (1, 5)
INTEGER = Form(NumberKind.INTEGER)


def _meter(name: str, *cells: tuple[int, Cell]) -> PlannedMeter:
    terms = (PlannedTerm(f"row[{cell.oid[-1]}]", (cell,), sign) for sign, cell in cells)
    return PlannedMeter(Meter(name), name, tuple(terms))


T, E, D, N = (1, 6), (1, 7), (1, 8), (1, 9)
PLAN = ReadingPlan(
    profile="test",
    oids=(A, B, C, R),
    identity=DeviceIdentity(model="m"),
    meters=(
        _meter("total", (1, Cell(A))),
        _meter("copy", (1, Cell(A)), (1, Cell(B, INTEGER))),
        _meter("print", (1, Cell(A)), (-1, Cell(B, INTEGER))),
        _meter("scan", (1, Cell(C, Form(NumberKind.TEXT), twins=(B,)))),
        _meter("duplex", (1, Cell(R, tag=6))),
    ),
    supplies=(PlannedSupply("1", "toner", S, 100, capacity_at=T, in_percent=True),),
    trays=(PlannedTray("1", "tray", S, T, E, N),),
    state=PlannedState(A, E, D, (N,)),
)
ALERT_CELLS = [
    (*column, 1, row)
    for column in (
        *(mib.ALERT_SEVERITY, mib.ALERT_GROUP, mib.ALERT_GROUP_INDEX),
        *(mib.ALERT_CODE, mib.ALERT_TEXT, mib.ALERT_TRAINING),
    )
    for row in (1, 2)
]


@given(
    values=st.dictionaries(st.sampled_from((S, T, E, D, N)), VALUES),
    alerts=st.none() | st.dictionaries(st.sampled_from(ALERT_CELLS), VALUES),
    charsets=st.builds(Charsets, CHARSETS, CHARSETS),
)
def test_what_is_said_aside_is_values_in_their_bounds(
    values: dict[Oid, Value], alerts: dict[Oid, Value] | None, charsets: Charsets
) -> None:
    answer = decode(replace(PLAN, charsets=charsets), {A: 5}, "hall", Condition(values, alerts))
    assert (answer.alerts is None) == (alerts is None)
    for one in (*answer.supplies, *answer.trays):
        assert one.level_pct is None or 0 <= one.level_pct <= 100
        assert one.remaining is None or one.remaining == values[S]
    texts = [one.media for one in answer.trays if one.media is not None]
    for text in [*texts, *(one.text for one in answer.alerts or ())]:
        assert text.isprintable()
        assert 0 < len(text) <= LIMIT
    assert set(map(type, answer.errors)) <= {Trouble}


def _number(kind: NumberKind, value: Value | None) -> int | None:
    try:
        return number(kind, value)
    except Unreadable:
        return None


def _by_hand(varbinds: dict[Oid, Value]) -> dict[str, int]:
    """Read the plan without it."""
    total = _number(NumberKind.COUNTER, varbinds.get(A))
    more = _number(NumberKind.INTEGER, varbinds.get(B))
    scan = _number(NumberKind.TEXT, varbinds.get(C))
    if varbinds.get(B, varbinds.get(C)) != varbinds.get(C):
        scan = None
    try:
        duplex = tagged_counters(varbinds.get(R)).get(6)
    except Unreadable:
        duplex = None
    both = total is not None and more is not None
    copy = total + more if both else None
    print_ = total - more if both and total >= more else None
    found = {"total": total, "copy": copy, "print": print_, "scan": scan, "duplex": duplex}
    known = {name: value for name, value in found.items() if value is not None and value < 2**32}
    if total == 0 and (known.get("copy") or known.get("print")):
        del known["total"]  # a machine that printed and says 0 does not count
    return known


USUAL = st.sampled_from([0, 7, 9, 2**31, 2**32 - 20, b"7", b"\x06\x01\x04\0\0\0\x05\xff"])


@given(
    varbinds=st.dictionaries(st.sampled_from((A, B, C, R, S)), USUAL | VALUES, min_size=1),
    order=st.randoms(),
)
def test_decoding_knows_no_order_and_no_other_error(
    varbinds: dict[Oid, Value], order: object
) -> None:
    shuffled = list(varbinds.items())
    order.shuffle(shuffled)
    expected = _by_hand(varbinds)
    try:
        answer = decode(PLAN, varbinds, "hall")
    except DeviceNonsense:
        assert not expected
        return
    assert decode(PLAN, dict(shuffled), "hall") == answer
    assert answer.meters == expected
