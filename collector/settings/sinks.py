"""The sections about InfluxDB and MQTT."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

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
    missing_secret,
    reveal,
)


class InfluxVersion(StrEnum):
    """Which write interface is used; `auto` asks the server."""

    AUTO = "auto"
    V1 = "1"
    V2 = "2"
    V3 = "3"


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class InfluxSettings(Section):
    """InfluxDB 1.x, 2.x or 3.x; off while `url` is empty."""

    url: HttpUrl = ""
    """Address of the server, like http://127.0.0.1:8086; empty means off."""

    version: Annotated[InfluxVersion, BeforeValidator(_number_as_text)] = InfluxVersion.AUTO
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

    @property
    def enabled(self) -> bool:
        """Whether anything is written at all."""
        return bool(self.url)

    @property
    def password_text(self) -> str | None:
        """The password in plain text, for the adapter only; None where there is none."""
        return reveal(self.password)

    @property
    def token_text(self) -> str | None:
        """The token in plain text, for the adapter only; None where there is none."""
        return reveal(self.token)

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Yield what is missing to write to this version."""
        if not self.enabled:
            return
        yield from self._missing()
        if self.username and not self.password:
            yield "password", missing_secret("a username is set without its password")
        if self.password and not self.username:
            yield "username", "a password is set without a username; set both or none"
        if self.ca_file and not self.url.startswith("https:"):
            yield "ca_file", "is only used with https; change url or remove ca_file"

    def _missing(self) -> Iterator[tuple[str, str]]:
        asked = self.version is InfluxVersion.AUTO
        if self.version is InfluxVersion.V2 or (asked and (self.bucket or self.org)):
            if not self.org:
                yield "org", "InfluxDB 2.x needs the organisation; set it"
            if not self.token:
                yield "token", missing_secret("InfluxDB 2.x needs a token")


class MqttSettings(Section):
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
    def port_number(self) -> int:
        """The port to connect to."""
        return self.port or (8883 if self.tls else 1883)

    @property
    def password_text(self) -> str | None:
        """The password in plain text, for the adapter only; None where there is none."""
        return reveal(self.password)

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Yield what does not go together."""
        if not self.enabled:
            return
        if not self.host:
            yield "host", "is empty; write the broker's address"
        if self.username and not self.password:
            yield "password", missing_secret("a username is set without its password")
        if self.password and not self.username:
            yield "username", "a password is set without a username; set both or none"
        for one, other in (("cert_file", "key_file"), ("key_file", "cert_file")):
            if getattr(self, one) and not getattr(self, other):
                yield other, f"is needed together with {one}; set both or none"
        for key in ("ca_file", "cert_file", "key_file"):
            if getattr(self, key) and not self.tls:
                yield key, "is only used with tls = true; set it or remove this key"
