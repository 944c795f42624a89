"""A machine with one odd value or an odd end of a table is counted as if it had none."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import pytest

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.adapters.snmp.client.session import Oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.recorder import EVERYTHING, Manner, record
from collector.demo import agent as ber
from collector.domain.counting.reading import Answer
from collector.domain.office.shares import PlaceId
from collector.ports import PollTarget
from tests.integration.snmp_agents import V1, V2C, asked, scripted

pytestmark = pytest.mark.integration

TARGET: Final = PollTarget(PlaceId("2f-hall"), "127.0.0.1")
CODES: Final[Oid] = (*mib.ENTERPRISES, 1602, 1, 11, 1, 3, 1, 4)
PANEL: Final = {
    101: 90210,
    112: 410,
    113: 61300,
    122: 90,
    123: 28410,
    501: 777,
    301: 70210,
    201: 20000,
}
"""In the order of a panel, which is none of numbers."""

Rows = Mapping[Oid, bytes]


def _counter(number: int) -> bytes:
    return ber.integer(number, 0x41)


def canon(*, panel: Iterable[int] = PANEL) -> dict[Oid, bytes]:
    """Return the rows of an iR-ADV, its counters the last of them."""
    return {
        mib.SYS_DESCR: ber.tlv(ber.OCTETS, b"Canon iR-ADV C3520 /P"),
        mib.SYS_OBJECT_ID: ber.tlv(ber.OBJECT_ID, b"\x2b\x06\x01\x04\x01\x8c\x42\x04\x07"),
        mib.SYS_UPTIME: ber.integer(99_000_000, 0x43),
        (*mib.DEVICE_TYPE, 1): ber.tlv(ber.OBJECT_ID, b"\x2b\x06\x01\x02\x01\x19\x03\x01\x05"),
        (*mib.DEVICE_DESCR, 1): ber.tlv(ber.OCTETS, b"Canon iR-ADV C3520"),
        (*mib.DEVICE_ID, 1): ber.tlv(ber.OBJECT_ID, b"\x2b\x06\x01\x04\x01\x8c\x42\x01"),
        (1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1): ber.tlv(ber.OCTETS, b"QLA08812"),
        (*mib.MARKER_UNIT, 1, 1): ber.integer(7),
        (*mib.MARKER_LIFE, 1, 1): _counter(90210),
        **{(*CODES, code): _counter(PANEL[code]) for code in panel},
    }


class Agent:
    """Answers from `rows` in their own order; how it ends is `end`: row, error or repetition."""

    def __init__(self, rows: Rows, *, error: int = 0, repeats: bool = False) -> None:
        """Behind the last row comes endOfMibView, or `error`, or the last row again."""
        self.rows, self.error, self.repeats = rows, error, repeats
        self.order = list(rows)
        self.questions = 0

    def __call__(self, request: ber.DecodedRequest) -> list[bytes]:
        """Return the one answer to `request`."""
        self.questions += 1
        if request.kind == ber.GET:
            return [self._get(request)]
        found: list[bytes] = []
        for name in request.names:
            for _ in range(request.second if request.kind == ber.BULK else 1):
                name = self._next(name)  # noqa: PLW2901 # from row to row
                if name == () and (self.error or request.version == 0):
                    blank = [ber.row(one, ber.NULL) for one in request.names]
                    return [ber.response(request, self.error or 2, 1, blank)]
                if name == ():
                    found.append(ber.row(request.names[0], ber.END_OF_MIB))
                    break
                found.append(ber.row(name, self.rows[name]))
        return [ber.response(request, 0, 0, found)]

    def _get(self, request: ber.DecodedRequest) -> bytes:
        lacking = [at for at, name in enumerate(request.names, 1) if name not in self.rows]
        if lacking and request.version == 0:
            blank = [ber.row(one, ber.NULL) for one in request.names]
            return ber.response(request, 2, lacking[0], blank)
        found = (ber.row(one, self.rows.get(one, ber.NO_SUCH_OBJECT)) for one in request.names)
        return ber.response(request, 0, 0, found)

    def _next(self, name: Oid) -> Oid:
        if name in self.rows:
            at = self.order.index(name) + 1
            if at == len(self.order):
                return name if self.repeats else ()
            return self.order[at]
        return next((one for one in self.order if one > name), ())


async def read(
    agent: Callable[[ber.DecodedRequest], list[bytes]], keys: CommunityCredential
) -> Answer:
    async with scripted(agent) as (_, port):

        def open_session(target: PollTarget) -> PysnmpSession:
            return PysnmpSession(
                target.address, port, keys, timeout_s=1, retries=1, place=target.place
            )

        reader = SnmpDeviceReader(open_session, load_profiles())
        try:
            return await reader.read(TARGET)
        finally:
            await reader.close()


BOTH: Final = pytest.mark.parametrize("keys", [V1, V2C], ids=["v1", "v2c"])


@BOTH
@pytest.mark.parametrize(
    "end",
    [{}, {"error": 5}, {"error": 2}, {"repeats": True}],
    ids=["as it should", "genErr", "noSuchName", "the last row again"],
)
@pytest.mark.parametrize("panel", [sorted(PANEL), list(PANEL)], ids=["sorted", "panel order"])
async def test_whatever_ends_a_table_its_rows_are_read(
    keys: CommunityCredential, end: dict[str, int], panel: list[int]
) -> None:
    agent = Agent(canon(panel=panel), error=end.get("error", 0), repeats="repeats" in end)
    answer = await read(agent, keys)
    assert answer.findings == ()
    assert answer.meters == {
        "total": 90210,
        "total_large": 500,
        "total_mono": 61710,
        "total_mono_large": 410,
        "total_mono_small": 61300,
        "total_small": 89710,
        "total_color": 28500,
        "total_color_large": 90,
        "total_color_small": 28410,
        "copy": 20000,
        "print": 70210,
        "scan": 777,
    }
    assert agent.questions < 250


@BOTH
async def test_rows_behind_a_loop_are_asked_for_by_their_number(keys: CommunityCredential) -> None:
    """From 301 it is always back to 112: 201 is never seen in a walk."""

    class Ring(Agent):
        def _next(self, name: Oid) -> Oid:
            inside = name[: len(CODES)] == CODES and name >= (*CODES, 301)
            return (*CODES, 112) if inside else super()._next(name)

    answer = await read(Ring(canon(panel=PANEL)), keys)
    assert (answer.meters["copy"], answer.meters["total"]) == (20000, 90210)


@BOTH
async def test_a_row_that_spoils_every_question_costs_itself_only(
    keys: CommunityCredential,
) -> None:
    """An error in the middle of a table: what is behind is sought."""

    class Spoilt(Agent):
        def __call__(self, request: ber.DecodedRequest) -> list[bytes]:
            steps = request.second if request.kind == ber.BULK else 1
            names = request.names
            if request.kind != ber.GET:
                names, last = (), request.names[0]
                for _ in range(steps):
                    last = self._next(last)
                    names = (*names, last)
            if (*CODES, 123) in names:
                self.questions += 1
                return [ber.response(request, 5, 1, [])]
            return super().__call__(request)

    answer = await read(Spoilt(canon(panel=sorted(PANEL))), keys)
    assert answer.meters["total"] == 90210
    assert (answer.meters["copy"], answer.meters["print"]) == (20000, 70210)
    assert "total_color_small" not in answer.meters


ODD: Final = {
    "null oid": ber.tlv(ber.OBJECT_ID, b""),
    "UInteger32": ber.tlv(0x47, b"\x01"),
    "UTF8String": ber.tlv(0x0C, b"x"),
    "empty counter": b"\x41\x00",
    "empty integer": b"\x02\x00",
    "long counter": ber.tlv(0x41, b"\x01" * 9),
    "constructed": ber.tlv(0x24, b"\x01"),
}


@BOTH
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize(
    "name",
    [mib.SYS_OBJECT_ID, (*mib.DEVICE_TYPE, 1), (*mib.DEVICE_ID, 1), (*mib.MARKER_LIFE, 1, 1)],
    ids=["sysObjectID", "hrDeviceType", "hrDeviceID", "life count"],
)
async def test_an_odd_value_costs_itself_only(
    keys: CommunityCredential, odd: bytes, name: Oid
) -> None:
    answer = await read(Agent(canon(panel=sorted(PANEL)) | {name: odd}), keys)
    assert (answer.profile, answer.identity.serial) == ("canon", "QLA08812")
    assert (answer.meters["total"], answer.meters["total_color"]) == (90210, 28500)


@BOTH
async def test_a_counter_of_length_0_is_no_0_pages(keys: CommunityCredential) -> None:
    rows = canon(panel=[301]) | {(*mib.MARKER_LIFE, 1, 1): b"\x41\x00"}
    answer = await read(Agent(rows), keys)
    assert "total" not in answer.meters
    assert answer.meters["print"] == 70210


async def test_get_and_walk_of_odd_values() -> None:
    rows = {(1, 3, 6, 1, 9, at): odd for at, odd in enumerate(ODD.values(), 1)}
    rows[1, 3, 6, 1, 9, 99] = ber.integer(5)
    async with scripted(Agent(rows)) as (_, port), asked(port) as session:
        assert await session.get(list(rows)) == {(1, 3, 6, 1, 9, 99): 5}
        assert await session.walk((1, 3, 6, 1, 9)) == {(1, 3, 6, 1, 9, 99): 5}


@BOTH
@pytest.mark.parametrize("end", [{}, {"error": 5}, {"repeats": True}], ids=str)
async def test_everything_is_recorded_around_what_is_odd(
    keys: CommunityCredential, end: dict[str, int]
) -> None:
    """Of `capture --all`: an odd value, rows without order and an odd end stop nothing."""
    odd = {(*mib.DEVICE_ID, 1): ODD["null oid"], (*mib.MARKER_LIFE, 1, 1): ODD["empty counter"]}
    rows = canon() | odd
    agent = Agent(rows, error=end.get("error", 0), repeats="repeats" in end)
    manner = Manner(everything=True, bounds=EVERYTHING, pause=_at_once, tell=lambda _: None)
    async with scripted(agent) as (_, port), asked(port, keys) as session:
        recording = await record(session, load_profiles(), Discretion({}), manner)
    readable = {
        name for name in rows if name not in {(*mib.DEVICE_ID, 1), (*mib.MARKER_LIFE, 1, 1)}
    }
    assert set(recording.rows) == readable
    assert recording.answer is not None
    assert recording.answer.meters["total"] == 90210
    assert agent.questions < 900


async def _at_once() -> None:
    return
