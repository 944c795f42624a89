"""Whatever is put into the ledger comes out the same, and repetition adds nothing."""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.pace import PlacePace
from collector.domain.counting.reading import (
    Answer,
    Confirmation,
    DeviceStatus,
    Reading,
    Stay,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)
from collector.domain.counting.track import Before, MeterTrack, PlaceTrack, SaidMeters
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import METERS, Meter
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Pack
from collector.domain.sentence import Fact, sentence, verbatim
from collector.encoding import columns
from collector.encoding import readings as rows
from collector.encoding.readings import (
    decode_condition,
    decode_stock,
    encode_condition,
    encode_stock,
)
from collector.encoding.states import decode_track, encode_track
from collector.ports import (
    Ledger,
    LogEntry,
    LogRef,
    PlaceState,
    Record,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.ledger_papers import whole_track
from tests.wording import english

T0 = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = st.text(max_size=20)
MAYBE_TEXT = st.none() | TEXT
COUNTS = st.integers(0, 2**64)
MAYBE_COUNT = st.none() | COUNTS
TIMES = st.integers(-(2**48), 2**52).map(lambda us: T0 + timedelta(microseconds=us))
IDENTITIES = st.builds(DeviceIdentity, *[MAYBE_TEXT] * 6)
SUPPLIES = st.builds(
    Supply,
    *(TEXT, TEXT, st.sampled_from(SupplyState), MAYBE_COUNT, MAYBE_COUNT),
    *(st.sampled_from(SupplyKind), MAYBE_TEXT),
)
TRAYS = st.builds(
    Tray,
    *(TEXT, TEXT, st.sampled_from(SupplyState), MAYBE_COUNT, MAYBE_COUNT),
    *(MAYBE_TEXT, st.sampled_from(TrayStatus)),
)
ANSWERS = st.builds(
    Answer,
    identity=IDENTITIES,
    meters=st.dictionaries(st.sampled_from(sorted(METERS)), COUNTS),
    uptime_s=st.none() | st.integers(0, 2**40),
    status=st.sampled_from(DeviceStatus),
    supplies=st.lists(SUPPLIES, max_size=4).map(tuple),
    profile=TEXT,
    wraps=st.dictionaries(st.sampled_from(sorted(METERS)), COUNTS, max_size=3),
    rated_ipm=MAYBE_COUNT,
    nvram_step=MAYBE_COUNT,
    formulas=st.dictionaries(st.sampled_from(sorted(METERS)), TEXT, max_size=3),
    lacks=st.frozensets(TEXT, max_size=3),
    raw=st.dictionaries(TEXT, st.integers(0, 3) | COUNTS, max_size=4),
    errors=st.lists(st.sampled_from(Trouble), unique=True).map(tuple),
    trays=st.lists(TRAYS, max_size=4).map(tuple),
)
SAID = st.builds(
    SaidMeters,
    TIMES,
    MAYBE_COUNT,
    st.dictionaries(st.sampled_from(sorted(METERS)), COUNTS, max_size=3),
    st.dictionaries(st.sampled_from(sorted(METERS)), TEXT, max_size=2),
    st.booleans(),
    st.frozensets(st.sampled_from(sorted(METERS)), max_size=2),
)
SUMS = st.floats(0, 1e9)
PACES = st.builds(
    PlacePace,
    *(st.none() | TIMES, st.none() | st.dates()),
    *(st.integers(0, 86400), COUNTS, st.integers(0, 86400), COUNTS, st.booleans()),
    *(SUMS,) * 7,
)
MACHINES = st.builds(
    PlaceTrack,
    identity=IDENTITIES,
    at=TIMES,
    uptime_s=MAYBE_COUNT,
    meters=st.dictionaries(
        st.sampled_from(sorted(METERS)),
        st.builds(
            MeterTrack,
            *(st.integers(1, 99), COUNTS, COUNTS, TIMES),
            rolled_back_to=MAYBE_COUNT,
            formula=MAYBE_TEXT,
        ),
    ),
    top_epoch=st.integers(0, 99),
)
BEFORE = st.builds(
    Before, MACHINES, TIMES, st.frozensets(st.integers(1, 9), max_size=3), st.booleans()
)
TRACKS = st.builds(
    replace,
    MACHINES,
    pace=PACES,
    held=st.none() | SAID,
    before=st.lists(BEFORE, max_size=2).map(tuple),
    former=st.lists(MACHINES, max_size=2).map(tuple),
    conflict_at=st.none() | TIMES,
)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(Code),
    st.sampled_from(Severity),
    TEXT,
    TEXT.map(verbatim),
    st.none() | TIMES,
    st.dictionaries(
        TEXT, st.none() | TEXT | st.integers() | st.floats(allow_nan=False), max_size=4
    ),
)


@given(ANSWERS)
def test_what_a_machine_says_of_itself(answer: Answer) -> None:
    about = rows.decode_about(rows.encode_about(answer))
    assert about == (
        answer.identity,
        answer.profile,
        answer.wraps,
        answer.rated_ipm,
        answer.nvram_step,
        answer.formulas,
    )
    stock = (answer.supplies, answer.trays)
    assert decode_stock(*encode_stock(*stock)) == stock
    assert decode_condition(encode_condition(answer)) == (answer.status, answer.errors)


@given(ANSWERS)
def test_what_a_machine_said_by_term(answer: Answer) -> None:
    names, counts = rows.encode_raw(answer.raw, answer.meters, answer.lacks)
    if names is None or counts is None:
        assert (answer.raw, answer.lacks) == ({}, frozenset())
        return
    back = rows.decode_raw(json.loads(names), json.loads(counts), answer.meters)
    assert back == (answer.raw, answer.lacks)


@given(st.sampled_from(Stay), st.none() | st.builds(Confirmation, TIMES, MAYBE_COUNT))
def test_where_it_stood_and_until_when_it_was_confirmed(
    stay: Stay, confirmed: Confirmation | None
) -> None:
    reading = Reading(PlaceId("x"), T0, Answer(DeviceIdentity(), {}), stay, confirmed)
    whole = confirmed and replace(confirmed, at=confirmed.at.replace(microsecond=0))
    assert rows.decode_proof(*rows.encode_proof(reading)) == (stay, whole)


def test_a_supply_of_an_older_ledger() -> None:
    old = '[["1.1","黒トナー","level",100],["1.2","廃トナー","some_remaining",null]]'
    supplies, trays = decode_stock(old, "[80,null]")
    assert supplies == (
        Supply("1.1", "黒トナー", SupplyState.LEVEL, 80, 100),
        Supply("1.2", "廃トナー", SupplyState.SOME_REMAINING),
    )
    assert trays == ()
    assert encode_stock(supplies, ()) == (old, "[80,null]")


@given(TRACKS)
def test_a_track(track: PlaceTrack) -> None:
    assert decode_track(encode_track(track)) == whole_track(track)


def test_a_track_of_an_older_ledger_says_in_full_where_it_stood_before() -> None:
    stood = (
        '{"identity":{"model":"M"},"at":9,"uptime_s":1,"top_epoch":1,'
        '"meters":{"total":[1,0,5,9,null,null,false,"row[total]"]}}'
    )
    track = decode_track(
        '{"identity":{"model":"M"},"at":20,"uptime_s":1,"top_epoch":1,'
        '"meters":{"total":[1,0,8,20,null,null,false,"row[total]"],"scan":[1,0,2,20,null,null]},'
        f'"before":[[{stood},20,[1],true,false]]}}'
    )
    assert track is not None
    (before,) = track.before
    assert [(n, one.last, one.last_at.timestamp()) for n, one in track.meters.items()] == [
        ("total", 8, 20),
        ("scan", 2, 20),
    ]
    assert [(n, one.last, one.last_at.timestamp()) for n, one in before.stood.meters.items()] == [
        ("total", 5, 9)
    ]
    assert decode_track(encode_track(track)) == track


@given(FINDINGS)
def test_a_finding_and_its_id(finding: Finding) -> None:
    row = columns.encode_finding(finding)
    back = columns.decode_finding(row[1:])
    assert back == finding
    assert row[0] == back.id == finding.id


@given(TIMES)
def test_times(at: datetime) -> None:
    down = columns.from_seconds(columns.to_seconds(at))
    up = columns.from_seconds(columns.to_seconds_up(at))
    assert down == at.replace(microsecond=0)
    assert down <= at <= up < at + timedelta(seconds=1)
    assert columns.from_microseconds(columns.to_microseconds(at)) == at


@given(st.text(st.sampled_from("a|0123456789-"), max_size=24) | TEXT)
def test_a_log_key(key: str) -> None:
    assert columns.join_key(*columns.split_key(key)) == key


@given(st.sets(st.text(st.sampled_from("a|01"), max_size=4), max_size=9))
def test_different_log_keys_stay_different(keys: set[str]) -> None:
    split = {(subject, type(item), item) for subject, item in map(columns.split_key, keys)}
    assert len(split) == len(keys)


# --- what a finding says ---------------------------------------------------------------------

NAMES = st.text(max_size=5)
INSTANTS = st.datetimes(timezones=st.just(UTC))
FACTS = st.recursive(
    NAMES | st.integers(-(2**60), 2**60) | st.booleans() | INSTANTS | st.dates(),
    lambda parts: (
        st.lists(parts, max_size=3).map(tuple) | parts.map(lambda one: sentence("list", items=one))
    ),
    max_leaves=8,
)


@given(FACTS, INSTANTS)
def test_a_finding_keeps_its_facts_and_the_english_words(fact: Fact, at: datetime) -> None:
    said = sentence("list", items=fact)
    one = Finding(Code.METER_RESET, Severity.INFO, "2f", said, at, {"n": 1})
    row = columns.encode_finding(one)

    assert columns.decode_finding(row[1:]) == one
    assert row[4] == english(said)


def test_a_finding_of_an_earlier_release_says_what_was_stored() -> None:
    one = Finding(Code.METER_RESET, Severity.INFO, "2f", verbatim("the meters were reset"), T0)
    row = columns.encode_finding(one)

    assert row[-1] is None
    assert columns.decode_finding(row[1:]) == one


# --- the file against the ledger in memory ---------------------------------------------------

PLACES = st.sampled_from([PlaceId("p1"), PlaceId("p2")])
KNOWN = st.sampled_from([DeviceIdentity(serial="AAAA1"), DeviceIdentity(serial="BBBB2")])
NEAR = st.integers(0, 5).map(lambda n: T0 + timedelta(seconds=n))


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Return a record with parts that often collide with those of another."""
    place, at, identity = draw(PLACES), draw(NEAR), draw(KNOWN)
    answer = Answer(identity, {min(METERS): draw(st.integers(0, 9))})
    reading = draw(st.none() | st.just(Reading(place, at, answer)))
    usages = draw(
        st.lists(
            st.builds(
                Usage,
                *(st.just(place), st.just(identity.key), st.sampled_from(sorted(METERS)[:2])),
                *(st.integers(1, 2), st.just(T0 - timedelta(hours=1)), st.just(at)),
                *(st.just(1), st.integers(1, 9)),
            ),
            max_size=2,
            unique_by=lambda one: (one.meter, one.epoch),
        )
    )
    day = DayUsage(place, date(2026, 11, 1), {min(METERS): draw(st.integers(0, 9))}, 1)
    finding = Finding(Code.METER_RESET, Severity.INFO, place, verbatim("m"), at)
    return Record(
        state=PlaceState(place, seen_at=at, online=draw(st.booleans())),
        reading=reading,
        usages=tuple(usages),
        days=(day,) if reading is not None or usages else (),
        findings=draw(st.sampled_from([(), (finding,)])),
        log=tuple(LogRef("x", key) for key in draw(st.lists(st.sampled_from("abc"), max_size=3))),
    )


async def _everything(ledger: Ledger) -> object:
    hour = timedelta(hours=1)
    states = await ledger.states()
    return (
        states,
        [set(map(repr, await ledger.readings(one.place, T0, T0 + hour))) for one in states],
        [await ledger.usages(one.place, T0 - hour, T0 + hour) for one in states],
        await ledger.days(date(2026, 11, 1), date(2026, 11, 1)),
        await ledger.findings(),
        _refs(await ledger.log_after(0, 999)),
        await ledger.heard_between(T0, T0 + hour),
    )


def _refs(entries: Sequence[LogEntry]) -> list[LogRef]:
    return [entry.ref for entry in entries]


async def _both(batches: Sequence[Sequence[Record]], folder: Path, packed_at_once: int) -> None:
    file, memory = await SqliteLedger.open(folder / "ledger.db"), FakeLedger()
    try:
        for batch in batches:
            await file.record(batch)
            await memory.record(batch)
            await _packed(file, packed_at_once)
        once = await _everything(file)
        for batch in batches:
            seen = [one for one in batch if one.reading is not None or one.usages]
            await file.record(seen)
            await _packed(file, packed_at_once)
        again = await _everything(file)
        expected = await _everything(memory)
    finally:
        await file.close()
    # `last` among two machines in one second is either; all else agrees to the letter.
    assert _without_last(once) == _without_last(expected)
    assert again == once


async def _packed(ledger: Ledger, at_once: int) -> None:
    """Lay what is over together where that is wanted, but for the last of it."""
    end = T0 + timedelta(hours=1)
    for place in await ledger.packable(end) if at_once else ():
        await ledger.pack(Pack(place, end), at_once)


def _without_last(seen: object) -> object:
    assert isinstance(seen, tuple)
    states = [(one.place, one.seen_at, one.online) for one in seen[0]]
    return (states, *seen[1:])


@settings(max_examples=40)
@given(st.lists(st.lists(records(), max_size=4), max_size=4), st.integers(0, 4))
def test_the_file_and_the_memory_agree_and_repetition_adds_nothing(
    batches: list[list[Record]], packed_at_once: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_both(batches, Path(folder), packed_at_once))


def test_a_track_of_the_first_release_is_read() -> None:
    """It did not say by which formula a meter was read, nor who read it."""
    total = MeterTrack(1, 0, 5, T0, by_hand=True, formula="life")
    track = PlaceTrack(DeviceIdentity(), T0, None, {Meter("total"): total})
    fields = json.loads(encode_track(track) or "")
    for known in (replace(total, formula=None), replace(total, formula=None, by_hand=False)):
        fields["meters"]["total"].pop()
        before = decode_track(json.dumps(fields))
        assert before == replace(track, meters={Meter("total"): known})
