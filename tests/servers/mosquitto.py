"""A real mosquitto on loopback, plain or with password and TLS, and a look at its messages."""

import asyncio
import ipaddress
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.patience import PATIENCE_S
from tests.servers.process import ServerProcess, answers_tcp, binary, free_port
from tests.surroundings import environment

_VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2120, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files of an authority and of a server on 127.0.0.1 that it vouches for."""

    ca_file: Path
    cert_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker under test: where it listens, and the means to stop and start it again."""

    port: int
    process: ServerProcess
    login: tuple[str, str] | None = None
    certificates: Certificates | None = None

    def client(self) -> aiomqtt.Client:
        """Return a client, not yet connected, that may do everything."""
        name, password = self.login or (None, None)
        context = None
        if self.certificates is not None:
            context = ssl.create_default_context(cafile=str(self.certificates.ca_file))
        return aiomqtt.Client(
            "127.0.0.1", self.port, username=name, password=password, tls_context=context
        )

    async def retained(self, topic: str = "#") -> dict[str, str]:
        """Return topic -> payload of everything retained under `topic`."""
        found: dict[str, str] = {}
        marker = f"test-marker/{id(found)}"
        async with self.client() as client:
            await client.subscribe([(topic, 0), (marker, 0)])
            await client.publish(marker, b"", qos=1)
            async with asyncio.timeout(PATIENCE_S):
                async for message in client.messages:
                    if message.topic.value == marker:
                        return found
                    if message.retain and isinstance(message.payload, bytes):
                        found[message.topic.value] = message.payload.decode()
        return found


def make_certificates(folder: Path) -> Certificates:
    """Write a fresh authority and a server certificate for 127.0.0.1 and localhost."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Town hall test authority")])
    authority = _builder(ca_name, ca_name, ca_key, is_ca=True)
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    )
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    server = _builder(name, ca_name, key, is_ca=False).add_extension(names, critical=False)
    found = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    for path, builder in ((found.ca_file, authority), (found.cert_file, server)):
        signed = builder.sign(ca_key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    found.key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return found


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_ca: bool
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )


def _config(
    folder: Path, port: int, login: tuple[str, str] | None, certificates: Certificates | None
) -> str:
    lines = [f"listener {port} 127.0.0.1", "persistence false", "log_dest stdout"]
    if os.geteuid() == 0:
        lines.append("user root")  # or it could not read files in the test's own folder
    if login is None:
        lines.append("allow_anonymous true")
    else:
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        command = [binary("mosquitto_passwd"), "-b", str(passwords), *login]
        subprocess.run(command, env=environment(), check=True)
        lines += ["allow_anonymous false", f"password_file {passwords}"]
    if certificates is not None:
        lines += [
            f"cafile {certificates.ca_file}",
            f"certfile {certificates.cert_file}",
            f"keyfile {certificates.key_file}",
        ]
    return "\n".join(lines) + "\n"


@contextmanager
def mosquitto(
    folder: Path,
    *,
    login: tuple[str, str] | None = None,
    certificates: Certificates | None = None,
    started: bool = True,
    acl: str | None = None,
    keeps: bool = False,
) -> Iterator[Broker]:
    """Run Debian's mosquitto with all of its files under `folder`.

    Nothing survives a restart, unless it `keeps` what is retained.

    With `login` it asks for that name and password; with `certificates` it speaks TLS only;
    `acl` is the text of an access list.
    """
    port = free_port()
    text = _config(folder, port, login, certificates)
    if acl is not None:
        (folder / "acl").write_text(acl)
        (folder / "acl").chmod(0o600)
        text += f"acl_file {folder / 'acl'}\n"
    if keeps:
        text = text.replace(
            "persistence false", f"persistence true\npersistence_location {folder}/"
        )
    config = folder / "mosquitto.conf"
    config.write_text(text)
    command = [binary("mosquitto"), "-c", str(config)]
    process = ServerProcess(command, folder / "mosquitto.log", lambda: answers_tcp(port))
    try:
        if started:
            process.start()
        yield Broker(port, process, login, certificates)
    finally:
        process.stop()
