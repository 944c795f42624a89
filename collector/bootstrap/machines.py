"""The reader of machines: credentials, pysnmp sessions, profiles."""

from collections.abc import Mapping
from typing import Final

from collector.adapters.clock import SystemClock
from collector.adapters.snmp.client import PysnmpSession
from collector.adapters.snmp.credentials import AuthProtocol as AuthName
from collector.adapters.snmp.credentials import CommunityCredential, Credential, UserCredential
from collector.adapters.snmp.credentials import PrivProtocol as PrivName
from collector.adapters.snmp.dossiers import Memory
from collector.adapters.snmp.profile_values import Profiles
from collector.adapters.snmp.profiles import load_profiles
from collector.adapters.snmp.reader import SnmpDeviceReader
from collector.adapters.snmp.session import LearningSession
from collector.ports import PollTarget
from collector.settings.credentials import AuthProtocol, CredentialValues, PrivProtocol, SnmpVersion
from collector.settings.model import Settings

_AUTH: Final[Mapping[AuthProtocol, AuthName]] = {
    AuthProtocol.MD5: "MD5",
    AuthProtocol.SHA1: "SHA",
    AuthProtocol.SHA224: "SHA224",
    AuthProtocol.SHA256: "SHA256",
    AuthProtocol.SHA384: "SHA384",
    AuthProtocol.SHA512: "SHA512",
}
_PRIV: Final[Mapping[PrivProtocol, PrivName]] = {
    PrivProtocol.DES: "DES",
    PrivProtocol.AES128: "AES",
    PrivProtocol.AES192: "AES192",
    PrivProtocol.AES256: "AES256",
}


def credential_of(values: CredentialValues) -> Credential:
    """Return the SNMP adapter's form of one set of keys."""
    if values.version is not SnmpVersion.V3:
        is_v1 = values.version is SnmpVersion.V1
        return CommunityCredential("1" if is_v1 else "2c", values.community or "")
    return UserCredential(
        user=values.user or "",
        auth_protocol=_AUTH[values.auth_protocol] if values.auth_protocol else None,
        auth_key=values.auth_password,
        priv_protocol=_PRIV[values.priv_protocol] if values.priv_protocol else None,
        priv_key=values.priv_password,
        context=values.context,
    )


def profiles_of(settings: Settings) -> Profiles:
    """Return the shipped profiles and the office's own; raises ConfigError."""
    fleet = settings.fleet
    return load_profiles(fleet.profiles, low_confidence=fleet.low_confidence)


def reader_of(settings: Settings, memory: Memory | None = None) -> SnmpDeviceReader:
    """Return the reader of machines: pysnmp sessions and the profiles, own ones included.

    What it learns of machines is kept in `memory`; without one it is learnt anew each time.
    """
    polling = settings.polling
    keys = {name: credential_of(one) for name, one in settings.credential_values().items()}

    def open_session(target: PollTarget) -> LearningSession:
        return PysnmpSession(
            target.address,
            target.port,
            keys[target.credential],
            timeout_s=polling.timeout_s,
            retries=polling.retries,
            place=target.place,
        )

    return SnmpDeviceReader(open_session, profiles_of(settings), memory=memory, clock=SystemClock())
