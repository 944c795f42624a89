"""What a GET of 20 counters costs, side by side in one run: python -m tests.bench.bench_get.

Debian's snmpd answers in a process of its own; the CPU time (user and system) is the asker's alone.
Each way is measured in turns and its best turn counts, so that what else the machine does weighs on
all alike: read the ratios. What is not installed is said and left out.
"""

import asyncio
import ctypes
import ctypes.util
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from collector.adapters.snmp.client import conversation, usm
from collector.adapters.snmp.client.codec import Request, RequestKind
from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential, Credential
from collector.adapters.snmp.client.session import Oid, dotted
from tests.bench.figures import Unit, figure, title
from tests.servers import snmp

try:
    from gufo.snmp import Aes128Key, Sha1Key, User
    from gufo.snmp.aio import SnmpSession
except ImportError:  # it is a yardstick, and needs a wheel for this machine
    SnmpSession = None

TURNS: Final = 5
NAMES: Final[tuple[Oid, ...]] = tuple(
    (1, 3, 6, 1, 2, 1, 11, arc, 0) for arc in range(1, 7)
) + tuple((1, 3, 6, 1, 2, 1, 11, arc, 0) for arc in range(8, 22))
V2C: Final = CommunityCredential("2c", snmp.COMMUNITY)
V3: Final = snmp.USERS[0]
CAREFUL, FAST, FAST_V3 = "careful codec, v2c", "this program, v2c", "this program, v3 SHA AES"
CAREFUL_V3: Final = "careful codec, v3 SHA AES"
GUFO, GUFO_V3 = "gufo-snmp, v2c", "gufo-snmp, v3 SHA AES"
NET_SNMP, BARE = "net-snmp in C, v2c", "bare send and receive"
Ask = Callable[[], Awaitable[object]]


@asynccontextmanager
async def ours(port: int, credential: Credential, *, careful: bool = False) -> AsyncIterator[Ask]:
    """Ask by a session of this program; `careful` by its long way alone."""
    session = PysnmpSession("127.0.0.1", port, credential, timeout_s=5, retries=1, place="bench")

    async def ask() -> None:
        assert len(await session.get(NAMES)) == len(NAMES)

    with ExitStack() as stack:
        for module in (conversation, usm) if careful else ():
            stack.enter_context(mock.patch.object(module, "asked_in", return_value=None))
        yield ask
    await session.close()


@asynccontextmanager
async def gufo(port: int, *, v3: bool) -> AsyncIterator[Ask]:
    """Ask by gufo-snmp, whose codec and sockets are Rust."""
    key = str(V3.auth_key).encode()
    names = [dotted(name) for name in NAMES]
    auth, priv = Sha1Key(key), Aes128Key(str(V3.priv_key).encode())
    user = User(V3.user, auth_key=auth, priv_key=priv) if v3 else None
    async with SnmpSession("127.0.0.1", port, community=snmp.COMMUNITY, user=user) as session:

        async def ask() -> None:
            assert len(await session.get_many(names)) == len(names)

        yield ask


@asynccontextmanager
async def bare(port: int) -> AsyncIterator[Ask]:
    """Send the same octets and take what comes, without reading it."""
    question = conversation.community_request(
        "2c", V2C.community, Request(RequestKind.GET, NAMES), 7
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect(("127.0.0.1", port))

        async def ask() -> None:
            asker.send(question)
            assert asker.recv(65535)

        yield ask


class _NetSnmpSession(ctypes.Structure):
    """The beginning of net-snmp's `struct snmp_session`, and room for the rest of it."""

    _fields_ = (
        ("version", ctypes.c_long),
        ("retries", ctypes.c_int),
        ("timeout", ctypes.c_long),
        ("flags", ctypes.c_ulong),
        ("subsession", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("peername", ctypes.c_char_p),
        ("remote_port", ctypes.c_ushort),
        ("localname", ctypes.c_char_p),
        ("local_port", ctypes.c_ushort),
        ("authenticator", ctypes.c_void_p),
        ("callback", ctypes.c_void_p),
        ("callback_magic", ctypes.c_void_p),
        ("s_errno", ctypes.c_int),
        ("s_snmp_errno", ctypes.c_int),
        ("sessid", ctypes.c_long),
        ("community", ctypes.c_char_p),
        ("community_len", ctypes.c_size_t),
        ("rest", ctypes.c_char * 4096),
    )


_GET, _V2C = 0xA0, 1


@asynccontextmanager
async def net_snmp(library: str, port: int) -> AsyncIterator[Ask]:
    """Ask by net-snmp's own library; the PDU is made once and cloned for each question."""
    lib: Any = ctypes.CDLL(library)
    for name in ("snmp_sess_open", "snmp_pdu_create", "snmp_clone_pdu"):
        getattr(lib, name).restype = ctypes.c_void_p
    told = _NetSnmpSession()
    lib.snmp_sess_init(ctypes.byref(told))
    told.version, told.retries, told.timeout = _V2C, 1, 5_000_000
    told.peername = f"udp:127.0.0.1:{port}".encode()
    told.community, told.community_len = V2C.community.encode(), len(V2C.community)
    session = ctypes.c_void_p(lib.snmp_sess_open(ctypes.byref(told)))
    assert session.value
    question = ctypes.c_void_p(lib.snmp_pdu_create(_GET))
    for name in NAMES:
        arcs = (ctypes.c_ulong * len(name))(*name)
        lib.snmp_add_null_var(question, arcs, ctypes.c_size_t(len(name)))

    async def ask() -> None:
        answer = ctypes.c_void_p()
        copy = ctypes.c_void_p(lib.snmp_clone_pdu(question))
        assert lib.snmp_sess_synch_response(session, copy, ctypes.byref(answer)) == 0
        lib.snmp_free_pdu(answer)

    yield ask
    lib.snmp_free_pdu(question)
    lib.snmp_sess_close(session)


def _ways(port: int) -> Iterator[tuple[str, Any]]:
    yield CAREFUL, ours(port, V2C, careful=True)
    yield CAREFUL_V3, ours(port, V3, careful=True)
    yield FAST, ours(port, V2C)
    yield FAST_V3, ours(port, V3)
    if SnmpSession is None:
        sys.stdout.write("gufo-snmp is not installed: left out\n")
    else:
        yield GUFO, gufo(port, v3=False)
        yield GUFO_V3, gufo(port, v3=True)
    library = ctypes.util.find_library("netsnmp")
    if library is None:
        sys.stdout.write("net-snmp's library is not installed: left out\n")
    else:
        yield NET_SNMP, net_snmp(library, port)
    yield BARE, bare(port)


async def measure(port: int, gets: int) -> dict[str, float]:
    """Return the milliseconds of CPU of one GET, by the way it is asked."""
    best: dict[str, float] = {}
    for _ in range(TURNS):
        for way, opened in _ways(port):
            async with opened as ask:
                await ask()
                cpu = time.process_time()
                for _ in range(gets):
                    await ask()
                spent = 1000 * (time.process_time() - cpu) / gets
            best[way] = min(spent, best.get(way, spent))
    return best


def main(gets: int = 400) -> None:
    """Print the table, each way beside the bare octets and beside gufo-snmp."""
    with tempfile.TemporaryDirectory() as folder, snmp.snmpd(Path(folder)) as server:
        best = asyncio.run(measure(server.port, gets))
    title("A GET of 20 counters, each way in one run")
    for way, spent in best.items():
        ours = way in {FAST, FAST_V3}
        figure(way, spent, Unit.CPU_MS, goal=0.1 if ours else None, beside=best[BARE])
        peer = best.get(GUFO_V3 if way == FAST_V3 else GUFO)
        if ours and peer is not None:
            figure(f"{way}, beside gufo-snmp", spent / peer, Unit.TIMES, goal=2)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
