"""Sessions to machines that stand in no fleet file: the keys a person named, and no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from collector.adapters.snmp.client import PysnmpSession
from collector.adapters.snmp.credentials import CommunityCredential, Credential
from collector.bootstrap.machines import credential_of
from collector.settings.credentials import DEFAULT
from collector.settings.model import Settings

AD_HOC: Final = "--community"


@dataclass(frozen=True, slots=True)
class Key:
    """A credential by the name it is shown under; `place_name` is what a fleet file calls it."""

    name: str
    place_name: str
    credential: Credential


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one answer is waited for, and how often a question is repeated.

    With `wakes`, one that was not heard yet is listened to for longer: it may be asleep.
    """

    timeout_s: float
    retries: int
    wakes: bool = False


def keys_named(settings: Settings, names: Sequence[str]) -> tuple[Key, ...]:
    """Return the credentials called `names`, in that order; raises KeyError."""
    values = settings.credential_values()
    return tuple(Key(name, name, credential_of(values[name])) for name in dict.fromkeys(names))


def keys_of(communities: Sequence[str], *, v1: bool) -> tuple[Key, ...]:
    """Return communities given at the command line; they are shown by their place in it."""
    version: Literal["1", "2c"] = "1" if v1 else "2c"
    found = [CommunityCredential(version, one) for one in dict.fromkeys(communities)]
    if len(found) == 1:
        return (Key(AD_HOC, DEFAULT, found[0]),)
    return tuple(
        Key(f"{AD_HOC} {at}", DEFAULT if at == 1 else f"community-{at}", one)
        for at, one in enumerate(found, start=1)
    )


def open_session(address: str, port: int, key: Key, patience: Patience) -> PysnmpSession:
    """Return a session to one agent; nothing is sent yet."""
    return PysnmpSession(
        address,
        port,
        key.credential,
        timeout_s=patience.timeout_s,
        retries=patience.retries,
        place=address,
        wakes=patience.wakes,
    )
