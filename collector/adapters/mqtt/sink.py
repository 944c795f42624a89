"""An MQTT broker as a sink: states and months retained, findings as events."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, NoReturn

import aiomqtt

from collector.adapters.mqtt.home_assistant import Discovery
from collector.adapters.mqtt.retained import (
    MOST_TOPICS,
    TAKEN_DOWN,
    Message,
    RetainedState,
    Topics,
    level,
    mark_of,
    why_unfit,
)
from collector.domain.rows import Row
from collector.domain.sentence import sentence
from collector.errors import SinkError, SinkRefused, SinkUnavailable
from collector.ports import Clock, Rejected, Showing, Wording
from collector.texts import ENGLISH

# Where to publish: everything a person states about an MQTT broker.


@dataclass(frozen=True, slots=True)
class MqttTarget:
    """One broker, spoken to in MQTT 3.1.1.

    Topics begin with `prefix`/`site`. `client_id` must differ between collectors on one broker
    and stay the same over restarts: the broker then drops a connection that hangs, with its last
    will, before it greets the new one; empty means made of prefix and site. `ca_file`,
    `cert_file` and `key_file` are PEM files and count only with `tls`. `discovery_prefix` is
    Home Assistant's (`homeassistant`); empty publishes no discovery.
    Raises ValueError for a prefix that cannot begin a topic.
    """

    host: str
    site: str
    port: int = 1883
    prefix: str = "copier-fleet"
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    client_id: str = ""
    discovery_prefix: str = ""
    timeout_s: float = 10.0
    keepalive_s: int = 60

    def __post_init__(self) -> None:
        """Refuse what no topic could be built from."""
        if not self.prefix or set(self.prefix) & set("+#\0$"):
            raise ValueError(f"{self.prefix!r} cannot begin a topic: no +, #, $ and not empty")
        if not self.site:
            raise ValueError("the site must not be empty: it is part of every topic")

    @property
    def address(self) -> str:
        """Broker and port as they stand in messages to people."""
        return f"{self.host}:{self.port}{' (TLS)' if self.tls else ''}"


# One connection to a broker: opened, watched, and given up without leaving anything behind.


_AT_ONCE: Final = 20
_AT_ONCE_S: Final = 0.2
_TURNS: Final = 8
"""Of the event loop, until what came in has been read and whoever waits for it has heard of it."""

_MOST_UNREAD: Final = 2 * MOST_TOPICS
_UNTRUSTED: Final = ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed")
_SUBSCRIPTION_FAILED: Final = 128

# Reason codes of a refused connection that will not pass by itself (MQTT 5, 3.2.2.2; paho
# translates the five codes of 3.1.1 into these).
_REFUSALS: Final = {
    132: "mqtt.version",
    133: "mqtt.client_id",
    134: "mqtt.who",
    135: "mqtt.right",
    138: "mqtt.banned",
}


class Connection:
    """One life of a connection, in a task of its own: opened, watched, left again.

    Whoever opens it may be cut off at any time. The library connects in a thread that cannot be
    stopped; that attempt then goes on alone, and takes its leave as soon as it may.
    """

    def __init__(self, client: aiomqtt.Client, timeout_s: float) -> None:
        """Stand ready; `timeout_s` bounds the leave-taking."""
        self._client = client
        self._timeout_s = timeout_s
        self._inbox: asyncio.Queue[aiomqtt.Message | None] = asyncio.Queue(_MOST_UNREAD)
        self._is_open = asyncio.Event()
        self._is_over = asyncio.Event()
        self._leave = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect; raises aiomqtt.MqttError, and then no socket and no task stays behind."""
        self._life = life = asyncio.get_running_loop().create_task(self._live(), name="mqtt")
        opened = asyncio.get_running_loop().create_task(self._is_open.wait())
        try:
            await asyncio.wait({life, opened}, return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            self.abandon()
            life.add_done_callback(_seen)
            raise
        finally:
            opened.cancel()
        if not self._is_open.is_set():
            await life

    def abandon(self) -> None:
        """Let it end by itself, without waiting for the broker."""
        self._leave.set()

    async def close(self) -> None:
        """Say goodbye, or be gone already; closing twice is fine."""
        self._leave.set()
        if self._life is not None:
            await asyncio.wait({self._life})

    async def is_alive(self) -> bool:
        """Tell whether the connection stands, having read what the broker sent meanwhile."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        return not self._is_over.is_set()

    async def lost(self) -> NoReturn:
        """Wait until the connection is lost and raise aiomqtt.MqttError."""
        await self._is_over.wait()
        raise aiomqtt.MqttError("disconnected")

    async def message(self) -> aiomqtt.Message:
        """Return the next message; raises aiomqtt.MqttError where the connection is lost."""
        message = await self._inbox.get()
        if message is None:
            await self.lost()
        return message

    def forget_unread(self) -> None:
        """Leave out what was sent before and nobody waited for."""
        while not self._inbox.empty() and not self._is_over.is_set():
            self._inbox.get_nowait()

    async def publish(self, message: Message) -> None:
        """Publish at QoS 1; on return the broker has acknowledged it."""
        await self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)

    async def subscribe(self, filters: Sequence[str]) -> bool:
        """Subscribe at QoS 0 and return whether the broker granted all of it."""
        granted = await self._client.subscribe([(one, 0) for one in filters])
        codes = [code if isinstance(code, int) else code.value for code in granted]
        return all(code < _SUBSCRIPTION_FAILED for code in codes)

    async def unsubscribe(self, filters: Sequence[str]) -> None:
        """Want no more of `filters`."""
        await self._client.unsubscribe(list(filters))

    async def _live(self) -> None:
        try:
            await self._client.__aenter__()
        except BaseException:
            await self._take_leave(_AT_ONCE_S)  # the library leaves its socket open
            raise
        reading = asyncio.get_running_loop().create_task(self._read())
        leaving = asyncio.get_running_loop().create_task(self._leave.wait())
        self._is_open.set()
        try:
            await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            reading.cancel()
            leaving.cancel()
            self._is_over.set()
            await self._take_leave(self._timeout_s)

    async def _read(self) -> None:
        """Keep what arrives until the connection is lost; what is too much is not kept."""
        with suppress(aiomqtt.MqttError):
            async for message in self._client.messages:
                with suppress(asyncio.QueueFull):
                    self._inbox.put_nowait(message)
        self._is_over.set()
        with suppress(asyncio.QueueFull):
            self._inbox.put_nowait(None)

    async def _take_leave(self, within_s: float) -> None:
        with suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(within_s):
                await self._client.__aexit__(None, None, None)


def _seen(life: asyncio.Task[None]) -> None:
    """Take note of how `life` ended: asyncio must not report it as forgotten."""
    if not life.cancelled():
        life.exception()


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
    client = aiomqtt.Client(
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
    client.pending_calls_threshold = _AT_ONCE
    return Connection(client, target.timeout_s)


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
        told = ENGLISH("mqtt.tls_files", files=files, why=str(error))
        raise SinkRefused(told) from error
    return context


def failure(error: aiomqtt.MqttError, target: MqttTarget) -> SinkError:
    """Return the error class for what the library raised."""
    advice = _advice(error)
    if advice is None:
        return SinkUnavailable(ENGLISH("mqtt.away", broker=target.address, why=str(error)))
    told = ENGLISH("mqtt.refused", broker=target.address, why=str(error), advice=sentence(advice))
    return SinkRefused(told)


def _advice(error: aiomqtt.MqttError) -> str | None:
    """Return the key of what to do about what will not pass by itself, None where it may."""
    if isinstance(error, aiomqtt.MqttCodeError):
        code = error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", None)
        if code in _REFUSALS:
            return _REFUSALS[code]
    return "mqtt.untrusted" if any(sign in str(error) for sign in _UNTRUSTED) else None


async def publish_all(connection: Connection, messages: Sequence[Message]) -> None:
    """Publish in order, QoS 1; on return the broker has acknowledged every message.

    Raises aiomqtt.MqttError at the first failure or loss, the rest being given up.
    """
    if not messages:
        return
    # No TaskGroup: before Python 3.11.4 one that fails leaves its task half cancelled, and the next
    # timeout then ends that task without a word (cpython issue 102780).
    create = asyncio.get_running_loop().create_task
    publications = [create(connection.publish(message)) for message in messages]
    watch = create(connection.lost())
    watch.add_done_callback(lambda _: _give_up(publications))
    try:
        await asyncio.wait(publications, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        everything = (watch, *publications)
        _give_up(everything)
        await asyncio.wait(everything)
        # Asked for in any case: asyncio must not report one as forgotten.
        errors = [error for one in everything if not one.cancelled() and (error := one.exception())]
    if errors:
        raise errors[0]


def _give_up(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


_RECALL_WITHIN_S: Final = 5.0


class MqttSink:
    """Publishes rows at QoS 1, connected from the first use until `close`.

    Each connect says `online` on the status topic; `close` says `offline`, and so does the
    broker by the last will when the connection is lost. Events are published once per row sent:
    rows sent again are events again, told apart by their time.
    """

    announces = True

    def __init__(
        self,
        target: MqttTarget,
        name: str = "mqtt",
        clock: Clock | None = None,
        say: Wording = ENGLISH.say,
    ) -> None:
        """Remember where to publish; nothing is opened before the first use.

        By `clock` it is seen that something retained is of a time to come; `say` speaks the
        language in which Home Assistant is told of the figures.
        """
        self.name = name
        self._target = target
        self._topics = Topics(target.prefix, target.site)
        self._clock = clock
        self._retained = RetainedState(self._topics, clock)
        self._described = _Described(
            Discovery(target.discovery_prefix, self._topics, say)
            if target.discovery_prefix
            else None,
            self._topics,
        )
        self._seen: set[str] = set()
        self._left: set[str] = set()
        self._recalled = False
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Publish what `rows` mean; see `collector.ports.Sink`.

        Of several rows about one place or department only the newest is published.
        """
        if not rows:
            return ()
        async with self._lock:
            connection = await self._connected()
            rejected, messages = self._messages(rows)
            await self._publish(connection, messages)
            return rejected

    async def show(self, showing: Showing) -> Sequence[Rejected]:
        """Publish all that stands and delete what else is retained; see `collector.ports.Board`.

        What is gone is deleted also where nothing is retained: Home Assistant, which remembers,
        then forgets it as well.
        """
        async with self._lock:
            connection = await self._connected()
            gone = RetainedState(self._topics)
            for row in showing.gone:
                gone.put(row)
            before = {*self._seen, *self._left, *self._all_topics(self._retained)}
            before |= self._described.topics
            fresh = RetainedState(self._topics, self._clock)
            fresh.gone = frozenset(gone.topics())
            fresh.keep(self._topics.mark, self._retained)
            self._retained = fresh
            rejected, messages = self._messages(showing.rows)
            self._described.forget(fresh.topics())
            before |= {*self._all_topics(gone), *self._described.topics_of(gone)}
            self._left, self._seen = before, set()
            await self._publish(connection, [*messages, *self._deletions()])
            return rejected

    async def marked(self, site: str) -> int | None:
        """Return how far the retained mark says that all was published; see `ports.Sink`."""
        del site  # in the topic already
        async with self._lock:
            connection = await self._connected()
            try:
                return await self._mark_at(connection)
            except aiomqtt.MqttError as error:
                await self._disconnect()
                raise failure(error, self._target) from error

    async def _mark_at(self, connection: Connection) -> int | None:
        """Return what stands on the topic of the mark; None where that may not be read."""
        payload: bytes | None = None
        connection.forget_unread()
        async with self._listening(connection, (self._topics.status, self._topics.mark)) as may:
            await publish_all(connection, [Message(self._topics.status, b"online", retain=True)])
            if not may:
                return None
            try:
                async with asyncio.timeout(_RECALL_WITHIN_S):
                    async for message in self._until_echo(connection):
                        if isinstance(message.payload, bytes):
                            payload = message.payload
            except TimeoutError:
                return None
        return mark_of(payload)

    async def check(self) -> str:
        """Connect and return who answers; publishes the status only."""
        async with self._lock:
            await self._connected()
        return f"MQTT broker at {self._target.address}, topics {self._topics.base}/#"

    async def close(self) -> None:
        """Publish `offline` and disconnect, within the timeout; closing twice is fine."""
        async with self._lock:
            connection = self._connection
            if connection is not None and await connection.is_alive():
                with suppress(aiomqtt.MqttError):
                    await connection.publish(Message(self._topics.status, b"offline", retain=True))
            await self._disconnect()

    def _messages(self, rows: Sequence[Row]) -> tuple[list[Rejected], list[Message]]:
        """Return the rows that cannot be published, and what is to be published for the rest."""
        rejected: list[Rejected] = []
        events: list[Message] = []
        touched: dict[str, None] = {}
        for row in rows:
            reason = why_unfit(row)
            if reason is not None:
                rejected.append(Rejected(row, reason))
            elif event := self._retained.event(row):
                events.append(event)
            elif topic := self._retained.put(row):
                touched[topic] = None
        return rejected, [*self._stating(touched), *events]

    def _stating(self, topics: Collection[str]) -> list[Message]:
        """Return what stands on `topics`, behind what Home Assistant must know of it first."""
        office_first = sorted(topics, key=lambda topic: topic != self._topics.office)
        news = (self._described.news(topic, self._retained) for topic in office_first)
        described = [message for several in news for message in several]
        return [*described, *(one for topic in topics for one in self._retained.messages(topic))]

    def _all_topics(self, retained: RetainedState) -> set[str]:
        return {one.topic for topic in retained.topics() for one in retained.messages(topic)}

    def _deletions(self) -> list[Message]:
        left = self._left - self._all_topics(self._retained) - self._described.topics
        return [Message(topic, TAKEN_DOWN, retain=True) for topic in sorted(left)]

    async def _publish(self, connection: Connection, messages: Sequence[Message]) -> None:
        try:
            await publish_all(connection, messages)
        except aiomqtt.MqttError as error:
            await self._disconnect()
            raise failure(error, self._target) from error

    async def _connected(self) -> Connection:
        """Return the living connection, a new one where there is none."""
        if self._connection is not None and await self._connection.is_alive():
            return self._connection
        await self._disconnect()
        connection = await build(self._target, self._topics)
        try:
            await connection.open()
            await self._greet(connection)
        except aiomqtt.MqttError as error:
            await connection.close()
            raise failure(error, self._target) from error
        except BaseException:
            connection.abandon()
            raise
        self._connection = connection
        return connection

    async def _greet(self, connection: Connection) -> None:
        """Say `online`; learn what is retained, or put it up again where this run knows it.

        A broker without persistence forgets what is retained when it restarts.
        """
        online = Message(self._topics.status, b"online", retain=True)
        self._described.say_again()
        if self._recalled:
            states = self._stating(self._retained.topics())
            await publish_all(connection, [online, *states, *self._deletions()])
            return
        filters = (self._topics.status, *self._topics.retained, *self._described.filters)
        async with self._listening(connection, filters) as may_read:
            await publish_all(connection, [online])
            if may_read:
                with suppress(TimeoutError):  # an access list that hides the topics: go on without
                    async with asyncio.timeout(_RECALL_WITHIN_S):
                        await self._recall(connection)
        self._recalled = True

    @asynccontextmanager
    async def _listening(
        self, connection: Connection, filters: Sequence[str]
    ) -> AsyncIterator[bool]:
        """Be subscribed to `filters` inside; give whether all of that was granted."""
        yield await connection.subscribe(filters)
        await connection.unsubscribe(filters)

    async def _recall(self, connection: Connection) -> None:
        """Take over what is retained at the broker."""
        async for message in self._until_echo(connection):
            topic = message.topic.value
            if isinstance(message.payload, bytes):
                if topic != self._topics.mark:
                    self._seen.add(topic)
                if topic.endswith(("/state", "/month", "/mark")):
                    self._retained.recall(topic, message.payload)

    async def _until_echo(self, connection: Connection) -> AsyncIterator[aiomqtt.Message]:
        """Yield what is retained until our own `online` comes back: the broker keeps the order."""
        while True:
            message = await connection.message()
            if message.topic.value != self._topics.status:
                yield message
            elif not message.retain:
                return

    async def _disconnect(self) -> None:
        """Leave the connection, if there is one, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


class _Described:
    """What Home Assistant was told of each state topic, so that it is told only what is news."""

    def __init__(self, discovery: Discovery | None, topics: Topics) -> None:
        self._discovery = discovery
        self._topics = topics
        self._told: dict[str, dict[str, bytes]] = {}
        self._is_said: set[str] = set()

    @property
    def filters(self) -> tuple[str, ...]:
        """What all descriptions lie under; none where there are none."""
        return () if self._discovery is None else (self._discovery.filter,)

    @property
    def topics(self) -> set[str]:
        """On which topics descriptions stand."""
        return {topic for told in self._told.values() for topic in told}

    def say_again(self) -> None:
        """Take note that nobody may have heard what was said."""
        self._is_said.clear()

    def forget(self, but: Collection[str]) -> None:
        """Forget what was told of other state topics than `but`."""
        self._told = {topic: told for topic, told in self._told.items() if topic in but}

    def topics_of(self, retained: RetainedState) -> set[str]:
        """Return on which topics what stands there would be described."""
        found = (self._describe(topic, retained, {}) for topic in retained.topics())
        return {topic for told in found for topic in told}

    def news(self, topic: str, retained: RetainedState) -> list[Message]:
        """Return what of the descriptions of a state topic is new, or is not so any more."""
        before = self._told.get(topic, {})
        now = self._describe(topic, retained, before)
        changed = {one: text for one, text in now.items() if before.get(one) != text}
        said = changed if topic in self._is_said else now
        self._told[topic] = now
        self._is_said.add(topic)
        gone = dict.fromkeys(before.keys() - now.keys(), TAKEN_DOWN)
        return [Message(one, text, retain=True) for one, text in (said | gone).items()]

    def _describe(
        self, topic: str, retained: RetainedState, before: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        content = retained.standing(topic)
        if self._discovery is None or content is None:
            return {}
        below = self._topics.office in self._told
        found = self._discovery.describe(topic, content, before, below=below)
        return {one.topic: one.payload for one in found}
