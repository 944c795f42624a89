"""One connection to a broker: opened, watched, and given up without leaving anything behind."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import Final, NoReturn, Self

import aiomqtt

from collector.adapters.mqtt.board import Message
from collector.adapters.mqtt.target import MqttTarget
from collector.adapters.mqtt.topics import Topics, level
from collector.errors import SinkError, SinkRefused, SinkUnavailable

_AT_ONCE: Final = 20
_UNTRUSTED: Final = ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed")
_SUBSCRIPTION_FAILED: Final = 128

# Reason codes of a refused connection that will not pass by itself (MQTT 5, 3.2.2.2; paho
# translates the five codes of 3.1.1 into these).
_REFUSALS: Final = {
    132: "it does not speak MQTT 3.1.1",
    133: "it does not accept the client id; set another client_id",
    134: "check username and password",
    135: "check username, password and the broker's access list",
    138: "this client is banned; ask the broker's administrator",
}


class Connection(aiomqtt.Client):
    """aiomqtt's client, which after a failed or cancelled connect also drops its socket."""

    _given_up = False

    async def __aenter__(self) -> Self:
        """Connect; whatever goes wrong, no socket and no task stays behind."""
        try:
            return await super().__aenter__()
        except BaseException:
            self.abandon()
            raise

    async def is_alive(self) -> bool:
        """Tell whether the connection stands, having read what the broker sent meanwhile."""
        for _ in range(2):  # the first turn sees that there is something, the second reads it
            await asyncio.sleep(0)
        return not self._disconnected.done()

    async def lost(self) -> NoReturn:
        """Wait until the connection is lost and raise aiomqtt.MqttError."""
        await asyncio.shield(self._disconnected)
        raise aiomqtt.MqttError("disconnected")

    def abandon(self) -> None:
        """Drop the socket at once, without waiting for the broker."""
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()  # seen: asyncio must not report it as forgotten
        self._given_up = True
        self._client.disconnect()
        self._client.loop_write()

    def _is_given_up(self) -> bool:
        return self._given_up

    def _client_connect(self) -> None:
        """Connect in the library's thread; it ends there even when nobody waits any more."""
        if self._is_given_up():
            return
        super()._client_connect()
        if self._is_given_up():
            self._loop.call_soon_threadsafe(self.abandon)


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; paho would leave that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's form
        """Shake hands or be closed."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


async def build(target: MqttTarget, topics: Topics) -> Connection:
    """Return a connection that is not yet open; raises SinkRefused for unusable TLS files."""
    return Connection(
        target.host,
        target.port,
        username=target.username or None,
        password=target.password if target.username else None,
        identifier=target.client_id or f"{level(target.prefix)}-{level(target.site)}",
        will=aiomqtt.Will(topics.status, "offline", qos=1, retain=True),
        timeout=target.timeout_s,
        keepalive=target.keepalive_s,
        tls_context=await _tls_context(target),
        max_concurrent_outgoing_calls=_AT_ONCE,
        max_inflight_messages=_AT_ONCE,
    )


async def _tls_context(target: MqttTarget) -> ssl.SSLContext | None:
    return await asyncio.to_thread(_load_tls, target) if target.tls else None


def _load_tls(target: MqttTarget) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=target.ca_file or None)
        context.sslsocket_class = _TidySocket
        if target.cert_file:
            context.load_cert_chain(target.cert_file, target.key_file or None)
    except OSError as error:  # a file that is no certificate is an SSLError, which is one too
        files = ", ".join(filter(None, (target.ca_file, target.cert_file, target.key_file)))
        told = f"the TLS files for the MQTT broker cannot be used ({files}): {error}"
        raise SinkRefused(told) from error
    return context


def failure(error: aiomqtt.MqttError, target: MqttTarget) -> SinkError:
    """Return the error class for what the library raised."""
    told = f"MQTT broker at {target.address}: {error}"
    if isinstance(error, aiomqtt.MqttCodeError):
        code = error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", None)
        advice = _REFUSALS.get(code) if code is not None else None
        if advice is not None:
            return SinkRefused(f"{told} - {advice}")
    if any(sign in str(error) for sign in _UNTRUSTED):
        advice = "its certificate is not trusted; set ca_file to the authority's PEM file"
        return SinkRefused(f"{told} - {advice}")
    return SinkUnavailable(told)


async def publish_all(connection: Connection, messages: Sequence[Message]) -> None:
    """Publish in order, QoS 1; on return the broker has acknowledged every message.

    Raises aiomqtt.MqttError at the first failure or loss, the rest being given up.
    """
    connection.pending_calls_threshold = _AT_ONCE
    try:
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(connection.lost())
            async with asyncio.TaskGroup() as publications:
                for message in messages:
                    publications.create_task(_publish(connection, message))
            watch.cancel()
    except ExceptionGroup as failures:
        expected, other = failures.split(aiomqtt.MqttError)
        if other is not None or expected is None:
            raise
        raise _first(expected) from None


def _first(failures: ExceptionGroup[aiomqtt.MqttError]) -> aiomqtt.MqttError:
    one = failures.exceptions[0]
    return _first(one) if isinstance(one, ExceptionGroup) else one


async def _publish(connection: Connection, message: Message) -> None:
    await connection.publish(message.topic, message.payload, qos=1, retain=message.retain)


async def subscribe(connection: Connection, filters: Sequence[str]) -> bool:
    """Subscribe at QoS 0 and return whether the broker granted all of it."""
    granted = await connection.subscribe([(one, 0) for one in filters])
    codes = [code if isinstance(code, int) else code.value for code in granted]
    return all(code < _SUBSCRIPTION_FAILED for code in codes)
