"""Whatever is learnt of a machine comes out of the memory the same; anything else is no dossier."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Manners
from collector.adapters.snmp.plan import Held
from collector.adapters.snmp.reading.memory import DeviceMemory, read, written
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.meters import METERS

TEXT = st.text(max_size=12)
OIDS = st.frozensets(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6).map(tuple), max_size=4
)
LIMIT = st.none() | st.integers(1, 200)
TIMES = st.none() | st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DOSSIERS = st.builds(
    DeviceMemory,
    identity=st.builds(DeviceIdentity, *[st.none() | TEXT] * 6),
    descr=st.none() | TEXT,
    said=OIDS,
    profile=st.none() | TEXT,
    meters=st.dictionaries(
        st.sampled_from(sorted(METERS)),
        st.builds(Held, TEXT, st.frozensets(TEXT, max_size=3), st.integers(0, 99)),
        max_size=4,
    ),
    manners=st.builds(Manners, LIMIT, LIMIT, OIDS, OIDS),
    learnt=TIMES,
    mannered=TIMES,
)


@given(DOSSIERS)
def test_a_dossier_comes_back_as_it_was(device_memory: DeviceMemory) -> None:
    assert read(written(device_memory)) == device_memory


@given(DOSSIERS, st.data())
def test_a_damaged_dossier_is_none_or_some_dossier(
    device_memory: DeviceMemory, data: st.DataObject
) -> None:
    text = written(device_memory)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = read(text[:start] + data.draw(st.text(max_size=3)) + text[end:])
    assert found is None or isinstance(found, DeviceMemory)


@given(st.recursive(st.none() | st.integers() | TEXT, lambda inner: st.dictionaries(TEXT, inner)))
def test_any_other_json_is_none(value: object) -> None:
    assert read(json.dumps(value)) is None
