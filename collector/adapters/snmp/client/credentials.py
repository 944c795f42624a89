"""What opens one agent: a community, or an SNMPv3 user. Plain values; secrets never in a repr."""

from dataclasses import dataclass, field
from typing import Final, Literal

AuthProtocol = Literal["MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"]
PrivProtocol = Literal["DES", "AES", "AES192", "AES256"]

SHORTEST_KEY: Final = 8
"""Characters a pass phrase needs at least (RFC 3414 section 11.2); agents refuse shorter ones."""


@dataclass(frozen=True, slots=True)
class CommunityCredential:
    """A read community for SNMPv1 or v2c. Sent as UTF-8."""

    version: Literal["1", "2c"]
    community: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserCredential:
    """An SNMPv3 user of the user-based security model (RFC 3414).

    No `auth_protocol` means noAuthNoPriv, no `priv_protocol` authNoPriv. Keys are pass phrases.
    AES is AES-128; AES192 and AES256 stretch a short key by draft-blumenthal-aes-usm, as net-snmp
    does. `context_engine_id` is the agent's own engine where None.

    Raises ValueError for privacy without authentication, a missing or a too short pass phrase.
    """

    user: str
    auth_protocol: AuthProtocol | None = None
    auth_key: str | None = field(default=None, repr=False)
    priv_protocol: PrivProtocol | None = None
    priv_key: str | None = field(default=None, repr=False)
    context: str = ""
    context_engine_id: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse what no agent can accept, so that it is said before the first poll."""
        if self.priv_protocol is not None and self.auth_protocol is None:
            raise ValueError("privacy needs an auth_protocol as well")
        _check_key("auth_key", self.auth_protocol, self.auth_key)
        _check_key("priv_key", self.priv_protocol, self.priv_key)


Credential = CommunityCredential | UserCredential


def _check_key(name: str, protocol: str | None, key: str | None) -> None:
    if protocol is not None and (key is None or len(key) < SHORTEST_KEY):
        raise ValueError(f"{name} needs at least {SHORTEST_KEY} characters")
