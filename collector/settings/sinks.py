"""The sections of the sinks: what is stated of each place where rows are published."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.values import (
    FilePath,
    Host,
    HttpUrl,
    Label,
    Number,
    Plain,
    Port,
    Section,
    Topic,
    Whole,
)


class SinkSection(Section):
    """A place where rows are published, for as long as it is on.

    Its name in the settings is the sink's, its cursor's and its package's
    (`collector.bootstrap.sinks`), which is told what `plain` says.
    """

    @property
    def is_on(self) -> bool:
        """Whether anything is published there at all."""
        raise NotImplementedError

    @property
    def rests_s(self) -> int | None:
        """How long what moves with each page may rest; None where only months do, for a while."""
        return None

    def plain(self) -> Mapping[str, object]:
        """Return every key that is set, secrets and paths as plain text, for the package only."""
        values = {name: _plain_value(getattr(self, name)) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if value is not None}


def _plain_value(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


InfluxVersion = Literal["auto", "1", "2", "3"]
"""Which write interface is used; `auto` asks the server."""


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class InfluxSettings(SinkSection):
    """InfluxDB 1.x, 2.x or 3.x; off while `url` is empty."""

    url: HttpUrl = ""
    """Address of the server, like http://127.0.0.1:8086; empty means off."""

    version: Annotated[InfluxVersion, BeforeValidator(_number_as_text)] = "auto"
    """auto, 1, 2 or 3; auto asks the server once it answers."""

    database: Plain = "copier_fleet"
    """Database to write to (1.x, 3.x); also the bucket while `bucket` is unset."""

    username: Plain | None = None
    """User of a 1.x server that asks for one."""

    password: SecretStr | None = None
    """Password of that user; better as the secret file influx__password."""

    org: Plain | None = None
    """Organisation (2.x)."""

    bucket: Plain | None = None
    """Bucket to write to (2.x); unset means one called like the database."""

    token: SecretStr | None = None
    """Token (2.x, 3.x); better as the secret file influx__token."""

    ca_file: FilePath | None = None
    """Certificate (PEM) of your own authority, for https with a private certificate."""

    batch: Annotated[Whole, Field(ge=1, le=50000)] = 5000
    """Points written at once, at most."""

    timeout_s: Annotated[Number, Field(ge=0.5, le=300)] = 10.0
    """Seconds to wait for the server."""

    every_s: Annotated[Whole, Field(ge=0, le=86400)] = 3600
    """What moves with each page is written once in this many seconds, news at once."""

    @property
    def is_on(self) -> bool:
        """Whether a server is named."""
        return bool(self.url)

    @property
    def rests_s(self) -> int | None:
        """What the section states."""
        return self.every_s

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield what is missing to write to this version."""
        if not self.is_on:
            return
        yield from self._missing()
        if self.username and not self.password:
            yield "password", said("password_missing")
        if self.password and not self.username:
            yield "username", said("username_missing")
        if self.ca_file and not self.url.startswith("https:"):
            yield "ca_file", said("only_https")

    def _missing(self) -> Iterator[tuple[str, Sentence]]:
        asked = self.version == "auto"
        if self.version == "2" or (asked and (self.bucket or self.org)):
            if not self.org:
                yield "org", said("influx_org")
            if not self.token:
                yield "token", said("influx_token")


class MqttSettings(SinkSection):
    """An MQTT broker; off by default."""

    enabled: bool = False
    """Whether anything is published."""

    host: Host = "127.0.0.1"
    """Address or name of the broker."""

    port: Port | None = None
    """Port of the broker; unset means 1883, or 8883 with tls."""

    tls: bool = False
    """Whether the connection is encrypted and the broker's certificate checked."""

    ca_file: FilePath | None = None
    """Certificate (PEM) of your own authority; unset means the system's authorities."""

    cert_file: FilePath | None = None
    """Certificate (PEM) with which the collector shows who it is."""

    key_file: FilePath | None = None
    """Private key (PEM) of that certificate."""

    username: Plain | None = None
    """User of the broker."""

    password: SecretStr | None = None
    """Password of that user; better as the secret file mqtt__password."""

    prefix: Topic = "copier-fleet"
    """First part of every topic; the site's id follows."""

    client_id: Label | None = None
    """Name of this client at the broker; unset means copier-fleet and the site's id."""

    home_assistant: bool = False
    """Whether Home Assistant is told of every copier."""

    @property
    def is_on(self) -> bool:
        """Whether it is enabled."""
        return self.enabled

    @property
    def port_number(self) -> int:
        """The port to connect to."""
        return self.port or (8883 if self.tls else 1883)

    def plain(self) -> Mapping[str, object]:
        """Return likewise, the port in any case."""
        return {**super().plain(), "port": self.port_number}

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield what does not go together."""
        if not self.enabled:
            return
        if not self.host:
            yield "host", said("broker_empty")
        if self.username and not self.password:
            yield "password", said("password_missing")
        if self.password and not self.username:
            yield "username", said("username_missing")
        for one, other in (("cert_file", "key_file"), ("key_file", "cert_file")):
            if getattr(self, one) and not getattr(self, other):
                yield other, said("needed_with", key=one)
        for key in ("ca_file", "cert_file", "key_file"):
            if getattr(self, key) and not self.tls:
                yield key, said("only_tls")


class CentreSettings(SinkSection):
    """The centre of many sites, which keeps what this ledger holds as well; off by default."""

    url: HttpUrl = ""
    """Address of the centre, like https://copier.pref.example.jp; empty means off."""

    token: SecretStr | None = None
    """The token that the centre made for this site; better as the secret file centre__token."""

    ca_file: FilePath | None = None
    """Certificate (PEM) of your own authority, for https with a private certificate."""

    timeout_s: Annotated[Number, Field(ge=1, le=300)] = 30.0
    """Seconds to wait for the centre."""

    @property
    def is_on(self) -> bool:
        """Whether a centre is named."""
        return bool(self.url)

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield what is missing to speak for this site."""
        if not self.is_on:
            return
        if not self.token:
            yield "token", said("centre_token")
        if self.ca_file and not self.url.startswith("https:"):
            yield "ca_file", said("only_https")
