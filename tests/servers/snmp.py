"""Real SNMP servers on loopback: Debian's snmpd, and snmpsim serving captures."""

import os
import pwd
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.adapters.snmp.client.credentials import (
    AuthProtocol,
    CommunityCredential,
    PrivProtocol,
    UserCredential,
)
from collector.adapters.snmp.client.session import Oid, Value
from collector.demo import agent as ber
from tests.servers.process import MissingServerError, ServerProcess, binary

COMMUNITY: Final = "town-hall"
CAPTURES: Final = Path(__file__).parents[3] / "shared" / "captures"
"""Captures of real machines, beside the project; third-party data that is never copied."""

SYSTEM: Final = (1, 3, 6, 1, 2, 1, 1)
CONTACT, NAME, LOCATION = ((*SYSTEM, arc, 0) for arc in (4, 5, 6))
_CONTACT, _NAME, _LOCATION = "IT section", "copier-1", "2階"
SNMPD_VALUES: Final[dict[Oid, Value]] = {
    CONTACT: _CONTACT.encode(),
    NAME: _NAME.encode(),
    LOCATION: _LOCATION.encode(),
}
"""What the snmpd below says of itself."""

_AUTH_KEY, _PRIV_KEY = "signing phrase", "hiding phrase"
_SNMPD_NAMES: Final[dict[str, str]] = {
    "SHA224": "SHA-224",
    "SHA256": "SHA-256",
    "SHA384": "SHA-384",
    "SHA512": "SHA-512",
    "AES192": "AES-192",
    "AES256": "AES-256",
}


def _user(auth: AuthProtocol, priv: PrivProtocol | None) -> UserCredential:
    name = f"{auth}-{priv}".lower()
    return UserCredential(name, auth, _AUTH_KEY, priv, _PRIV_KEY if priv else None)


USERS: Final = (
    _user("SHA", "AES"),
    _user("MD5", "DES"),
    _user("SHA224", None),
    _user("SHA256", "AES256"),
    _user("SHA384", "AES192"),
    _user("SHA512", "AES"),
    _user("SHA", "AES256"),  # a key shorter than the cipher needs, stretched
)
"""One user of snmpd for each way to sign and hide."""


@dataclass(frozen=True, slots=True)
class SnmpServer:
    """A server under test: its UDP port on 127.0.0.1, and the means to stop and start it."""

    port: int
    process: ServerProcess


def free_udp_port() -> int:
    """Return a UDP port on 127.0.0.1 that nothing listens on right now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers_snmp(port: int, community: str) -> bool:
    """Tell whether an agent answers a GETNEXT of `community` on 127.0.0.1:`port`."""
    pdu = b"".join(map(ber.integer, (1, 0, 0))) + ber.tlv(
        ber.SEQUENCE, ber.row((1, 3, 6, 1), ber.NULL)
    )
    request = ber.integer(1) + ber.tlv(ber.OCTETS, community.encode()) + ber.tlv(ber.NEXT, pdu)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.5)
        try:
            asker.connect(("127.0.0.1", port))
            asker.send(ber.tlv(ber.SEQUENCE, request))
            return bool(asker.recv(65535))
        except OSError:
            return False


@contextmanager
def snmpd(folder: Path) -> Iterator[SnmpServer]:
    """Run Debian's snmpd with everything under `folder`, for `COMMUNITY` and all `USERS`.

    What it must remember (its engine and boot count) is in `folder / "state"`.
    """
    port = free_udp_port()
    config = folder / "snmpd.conf"
    config.write_text(_snmpd_config(), encoding="utf-8")
    state = folder / "state"
    command = [
        *("env", "MIBS=", f"SNMP_PERSISTENT_DIR={state}", f"SNMPCONFPATH={folder}"),
        *(binary("snmpd"), "-f", "-Lo", "-C", "-c", f"{config},{state / 'snmpd.conf'}"),
        *("-I", "-smux"),
        f"udp:127.0.0.1:{port}",
    ]
    process = ServerProcess(command, folder / "snmpd.log", lambda: answers_snmp(port, COMMUNITY))
    try:
        process.start()
        yield SnmpServer(port, process)
    finally:
        process.stop()


def _snmpd_config() -> str:
    lines = [
        f"syscontact {_CONTACT}",
        f"sysname {_NAME}",
        f"syslocation {_LOCATION}",
        f"rocommunity {COMMUNITY} 127.0.0.1",
    ]
    for user in USERS:
        auth = _SNMPD_NAMES.get(user.auth_protocol or "", user.auth_protocol)
        line = f'createUser {user.user} {auth} "{user.auth_key}"'
        if user.priv_protocol:
            priv = _SNMPD_NAMES.get(user.priv_protocol, user.priv_protocol)
            line += f' {priv} "{user.priv_key}"'
        lines += [line, f"rouser {user.user} {'priv' if user.priv_protocol else 'auth'}"]
    return "\n".join(lines) + "\n"


SIMULATED: Final = UserCredential("simulator", "MD5", "auctoritas", "DES", "privatus")
"""The user that snmpsim knows by itself; the context says which machine is read."""


@contextmanager
def snmpsim(folder: Path, data: Path = CAPTURES) -> Iterator[SnmpServer]:
    """Serve the `.snmprec` files in `data`; a file's name (without suffix) is its community.

    It is also the SNMPv3 context in which `SIMULATED` reads it.
    """
    responder = Path(sys.executable).with_name("snmpsim-command-responder")
    if not responder.exists():
        message = "snmpsim-command-responder is missing: run make venv"
        raise MissingServerError(message)
    captures = sorted(data.glob("*.snmprec"))
    if not captures:
        message = f"no captures in {data}"
        raise MissingServerError(message)
    port = free_udp_port()
    command = [
        *(str(responder), f"--data-dir={data}", f"--cache-dir={folder / 'cache'}"),
        *(f"--agent-udpv4-endpoint=127.0.0.1:{port}", "--log-level=error", *_same_user()),
    ]
    process = ServerProcess(
        command, folder / "snmpsim.log", lambda: answers_snmp(port, captures[0].stem)
    )
    try:
        process.start()
        yield SnmpServer(port, process)
    finally:
        process.stop()


def _same_user() -> list[str]:
    """Keep snmpsim the user who runs the tests: another may be unable to read this Python."""
    if os.geteuid() != 0:
        return []
    root = pwd.getpwuid(0).pw_name
    return [f"--process-user={root}", f"--process-group={root}"]


def community(name: str) -> CommunityCredential:
    """Return the credential by which snmpsim serves the capture called `name`."""
    return CommunityCredential("2c", name)
