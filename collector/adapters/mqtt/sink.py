"""An MQTT broker as a sink: states and months retained, findings as events."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Final

import aiomqtt

from collector.adapters.mqtt.board import Board, Message, why_unfit
from collector.adapters.mqtt.connection import Connection, build, failure, publish_all, subscribe
from collector.adapters.mqtt.discovery import Discovery
from collector.adapters.mqtt.target import MqttTarget
from collector.adapters.mqtt.topics import Topics
from collector.domain.rows import Row
from collector.ports import Rejected

_RECALL_WITHIN_S: Final = 5.0


class MqttSink:
    """Publishes rows at QoS 1, connected from the first use until `close`.

    Each connect says `online` on the status topic; `close` says `offline`, and so does the
    broker by the last will when the connection is lost. Events are published once per row sent:
    rows sent again are events again, told apart by their time.
    """

    def __init__(self, target: MqttTarget, name: str = "mqtt") -> None:
        """Remember where to publish; nothing is opened before the first use."""
        self.name = name
        self._target = target
        self._topics = Topics(target.prefix, target.site)
        self._board = Board(self._topics)
        self._discovery = (
            Discovery(target.discovery_prefix, self._topics) if target.discovery_prefix else None
        )
        self._described: set[str] = set()
        self._recalled = False
        self._connection: Connection | None = None
        self._stack = AsyncExitStack()
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
                    await connection.publish(self._topics.status, "offline", qos=1, retain=True)
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
            elif event := self._board.event(row):
                events.append(event)
            elif topic := self._board.put(row):
                touched[topic] = None
        return rejected, [*self._descriptions(touched), *self._states(touched), *events]

    def _states(self, topics: Sequence[str] | dict[str, None]) -> list[Message]:
        return [self._board.message(topic) for topic in topics]

    def _descriptions(self, topics: Sequence[str] | dict[str, None]) -> list[Message]:
        """Return what Home Assistant must know first, once per topic and connection."""
        if self._discovery is None:
            return []
        found = [
            message
            for topic in topics
            if topic not in self._described
            for message in self._discovery.describe(topic, self._board.content(topic))
        ]
        self._described.update(topics)
        return found

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
            await self._stack.enter_async_context(connection)
            await self._greet(connection)
            self._connection = connection
        except aiomqtt.MqttError as error:
            raise failure(error, self._target) from error
        finally:
            if self._connection is None:  # also when cancelled: nothing half-open stays behind
                connection.abandon()
                await self._stack.aclose()
        return connection

    async def _greet(self, connection: Connection) -> None:
        """Say `online`; learn what is retained, or put it up again where this run knows it.

        A broker without persistence forgets what is retained when it restarts.
        """
        online = Message(self._topics.status, b"online", retain=True)
        self._described.clear()
        if self._recalled:
            topics = self._board.topics()
            states = [*self._descriptions(topics), *self._states(topics)]
            await publish_all(connection, [online, *states])
            return
        filters = (self._topics.status, *self._topics.retained)
        may_read = await subscribe(connection, filters)
        await publish_all(connection, [online])
        if may_read:
            with suppress(TimeoutError):  # an access list that hides the topics: go on without
                async with asyncio.timeout(_RECALL_WITHIN_S):
                    await self._recall(connection)
        await connection.unsubscribe(list(filters))
        self._recalled = True

    async def _recall(self, connection: Connection) -> None:
        """Read retained messages until our own `online` comes back: the broker keeps the order."""
        async for message in connection.messages:
            topic = message.topic.value
            if topic == self._topics.status:
                if not message.retain:
                    return
            elif isinstance(message.payload, bytes):
                self._board.recall(topic, message.payload)

    async def _disconnect(self) -> None:
        """Leave the connection, if there is one, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            with suppress(aiomqtt.MqttError):
                await self._stack.aclose()
        finally:
            connection.abandon()
            await asyncio.sleep(0)  # the library's cancelled housekeeping task ends here
