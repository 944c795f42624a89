"""SNMPv3 keys: pass phrases into keys for one engine, signing and enciphering (RFC 3414, 7860)."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pyasn1.type import univ  # type: ignore[import-untyped] # it ships no types
from pysnmp.proto import error  # type: ignore[import-untyped] # likewise

# The modules of pysnmp's ciphers import one another in a ring that only `service` enters rightly.
from pysnmp.proto.secmod.rfc3414 import localkey, service  # type: ignore[import-untyped] # likewise

from collector.adapters.snmp.client.codec import Garbled
from collector.adapters.snmp.client.credentials import AuthProtocol, PrivProtocol, UserCredential


@dataclass(frozen=True, slots=True)
class _Auth:
    """An authentication protocol: its hash, how much of the digest is sent, its number."""

    digest: Callable[..., Any]
    sent: int
    service: tuple[int, ...]


_Sha2: Final = service.hmacsha2.HmacSha2
_AUTH: Final[dict[AuthProtocol, _Auth]] = {
    "MD5": _Auth(hashlib.md5, 12, service.hmacmd5.HmacMd5.SERVICE_ID),
    "SHA": _Auth(hashlib.sha1, 12, service.hmacsha.HmacSha.SERVICE_ID),
    "SHA224": _Auth(hashlib.sha224, 16, _Sha2.SHA224_SERVICE_ID),
    "SHA256": _Auth(hashlib.sha256, 24, _Sha2.SHA256_SERVICE_ID),
    "SHA384": _Auth(hashlib.sha384, 32, _Sha2.SAH384_SERVICE_ID),
    "SHA512": _Auth(hashlib.sha512, 48, _Sha2.SHA512_SERVICE_ID),
}
_PRIV: Final[dict[PrivProtocol, Any]] = {
    "DES": service.des.Des(),
    "AES": service.aes.Aes(),
    "AES192": service.aes192.AesBlumenthal192(),
    "AES256": service.aes256.AesBlumenthal256(),
}


@lru_cache(maxsize=64)
def _master_key(protocol: AuthProtocol, phrase: str) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Hash a megabyte of `phrase` once for all machines that share it (RFC 3414 A.2)."""
    return localkey.hash_passphrase(phrase.encode(), _AUTH[protocol].digest)


class UserKeys:
    """A user's keys, bound to one agent's engine."""

    def __init__(self, credential: UserCredential, engine_id: bytes) -> None:
        """Derive the localized keys for `engine_id`."""
        engine = univ.OctetString(engine_id)
        self._auth: _Auth | None = None
        self._auth_key = b""
        self._priv: Any = None
        self._priv_key: Any = None
        if credential.auth_protocol is None or credential.auth_key is None:
            return
        self._auth = _AUTH[credential.auth_protocol]
        master = _master_key(credential.auth_protocol, credential.auth_key)
        self._auth_key = localkey.localize_key(master, engine, self._auth.digest).asOctets()
        if credential.priv_protocol is not None and credential.priv_key is not None:
            self._priv = _PRIV[credential.priv_protocol]
            master = _master_key(credential.auth_protocol, credential.priv_key)
            self._priv_key = self._priv.localize_key(self._auth.service, master, engine)

    @property
    def signs(self) -> bool:
        """Say whether messages are authenticated."""
        return self._auth is not None

    @property
    def enciphers(self) -> bool:
        """Say whether the payload is private."""
        return self._priv is not None

    @property
    def signature_size(self) -> int:
        """Octets of a signature, 0 without authentication."""
        return self._auth.sent if self._auth is not None else 0

    def signature(self, message: bytes) -> bytes:
        """Return the signature of `message`, in which its own place is all zero."""
        if self._auth is None:
            return b""
        mac = hmac.new(self._auth_key, message, self._auth.digest).digest()
        return mac[: self._auth.sent]

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Say whether `signature`, found inside `message`, is this user's."""
        if self._auth is None or len(signature) != self._auth.sent:
            return False
        blank = message.replace(signature, bytes(len(signature)), 1)
        return hmac.compare_digest(self.signature(blank), signature)

    def encipher(self, plain: bytes, boots: int, seconds: int) -> tuple[bytes, bytes]:
        """Return `plain` enciphered and the salt to send with it."""
        data, salt = self._priv.encrypt_data(self._priv_key, (boots, seconds, None), plain)
        return data.asOctets(), salt.asOctets()

    def decipher(self, data: bytes, salt: bytes, boots: int, seconds: int) -> bytes:
        """Return the payload in clear; raises Garbled."""
        if self._priv is None:
            raise Garbled("an enciphered answer to a question in clear")
        numbers = (boots, seconds, univ.OctetString(salt))
        try:
            plain = self._priv.decrypt_data(self._priv_key, numbers, univ.OctetString(data))
        except (error.StatusInformation, error.ProtocolError, ValueError) as exc:
            raise Garbled("an enciphered answer that cannot be deciphered") from exc
        return bytes(plain)
