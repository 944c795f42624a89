"""The keys that open a machine's SNMP agent: one set per name, only that one is ever tried."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, SecretStr

from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.values import Plain, PlainOrEmpty, Section, reveal

DEFAULT: Final = "default"
PUBLIC: Final = "public"
SHORTEST_KEY: Final = 8
"""RFC 3414, section 11.2: a password for SNMPv3 has at least 8 characters."""


class SnmpVersion(StrEnum):
    """The SNMP version a machine is spoken to in."""

    V1 = "1"
    V2C = "2c"
    V3 = "3"


class AuthProtocol(StrEnum):
    """How an SNMPv3 message is signed (RFC 3414, RFC 7860)."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class PrivProtocol(StrEnum):
    """How an SNMPv3 message is encrypted (RFC 3414, RFC 3826; long keys as net-snmp)."""

    DES = "des"
    AES128 = "aes128"
    AES192 = "aes192"
    AES256 = "aes256"


@dataclass(frozen=True, slots=True)
class CredentialValues:
    """One set of keys as plain values; a v1 or v2c one has a community, a v3 one a user.

    Secrets are left out of its repr.
    """

    name: str
    version: SnmpVersion
    community: str | None = field(default=None, repr=False)
    user: str | None = None
    auth_protocol: AuthProtocol | None = None
    auth_password: str | None = field(default=None, repr=False)
    priv_protocol: PrivProtocol | None = None
    priv_password: str | None = field(default=None, repr=False)
    context: str = ""


_OTHER_NAMES: Final = {
    "sha": "sha1",
    "aes": "aes128",
    "2": "2c",
    "v1": "1",
    "v2c": "2c",
    "v3": "3",
}


def _usual_name(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    text = str(value).strip().casefold().replace("-", "")
    return _OTHER_NAMES.get(text, text)


class CredentialSettings(Section):
    """One set of keys."""

    version: Annotated[SnmpVersion, BeforeValidator(_usual_name)] = SnmpVersion.V2C
    """1, 2c or 3."""

    community: SecretStr | None = None
    """Community of version 1 or 2c; better as the secret file credentials__NAME__community."""

    user: Plain | None = None
    """User of version 3."""

    auth_protocol: Annotated[AuthProtocol | None, BeforeValidator(_usual_name)] = None
    """md5, sha1, sha224, sha256, sha384 or sha512 (version 3)."""

    auth_password: SecretStr | None = None
    """Password for signing, at least 8 characters (version 3); better as a secret file."""

    priv_protocol: Annotated[PrivProtocol | None, BeforeValidator(_usual_name)] = None
    """des, aes128, aes192 or aes256 (version 3)."""

    priv_password: SecretStr | None = None
    """Password for encryption, at least 8 characters (version 3); better as a secret file."""

    context: PlainOrEmpty = ""
    """Context name of version 3, where a machine asks for one."""

    def values_of(self, name: str) -> CredentialValues:
        """Return these keys in plain text under `name`, for the SNMP adapter only."""
        return CredentialValues(
            name=name,
            version=self.version,
            community=reveal(self.community),
            user=self.user,
            auth_protocol=self.auth_protocol,
            auth_password=reveal(self.auth_password),
            priv_protocol=self.priv_protocol,
            priv_password=reveal(self.priv_password),
            context=self.context,
        )

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield keys that are missing, too short, or of another version."""
        if self.version is SnmpVersion.V3:
            yield from self._conflicts_v3()
        else:
            yield from self._conflicts_community()

    def _conflicts_community(self) -> Iterator[tuple[str, Sentence]]:
        if not reveal(self.community):
            yield "community", said("community_missing", version=self.version)
        for key in ("user", "auth_protocol", "auth_password", "priv_protocol", "priv_password"):
            if getattr(self, key) is not None:
                yield key, said("only_v3")
        if self.context:
            yield "context", said("only_v3")

    def _conflicts_v3(self) -> Iterator[tuple[str, Sentence]]:
        if not self.user:
            yield "user", said("v3_user")
        if self.community is not None:
            yield "community", said("no_community")
        if self.auth_protocol is None:
            yield "auth_protocol", said("v3_auth")
        if self.priv_password is not None and self.priv_protocol is None:
            yield "priv_protocol", said("v3_priv")
        yield from self._conflicts_key("auth_password", needed=True)
        yield from self._conflicts_key("priv_password", needed=self.priv_protocol is not None)

    def _conflicts_key(self, key: str, *, needed: bool) -> Iterator[tuple[str, Sentence]]:
        secret: SecretStr | None = getattr(self, key)
        if secret is None:
            if needed:
                yield key, said("v3_password")
        elif len(secret.get_secret_value()) < SHORTEST_KEY:
            yield key, said("short_password", least=SHORTEST_KEY)
