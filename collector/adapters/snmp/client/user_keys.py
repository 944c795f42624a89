"""A user's keys: pass phrases into keys for one engine, signing and enciphering (RFC 3414, 7860).

pysnmp derives the keys. AES and the signatures are at work at every poll and come from the
libraries below it, without its detour by ASN.1; DES, which nobody should choose, stays with it.
"""

import hashlib
import hmac
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from pyasn1.type import univ  # type: ignore[import-untyped] # it ships no types
from pysnmp.proto import error  # type: ignore[import-untyped] # likewise

# The modules of pysnmp's ciphers import one another in a ring that only `service` enters rightly.
from pysnmp.proto.secmod.rfc3414 import localkey, service  # type: ignore[import-untyped] # likewise

from collector.adapters.snmp.client.codec import Garbled
from collector.adapters.snmp.client.credentials import AuthProtocol, PrivProtocol, UserCredential
from collector.texts import ENGLISH


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


_SALT_OCTETS: Final = 8
_BLOCK_OF_DES: Final = 8
_BLOCK_OF_AES: Final = 16
_salts = itertools.count(secrets.randbits(8 * _SALT_OCTETS))
"""RFC 3826 section 3.1.2.1: any beginning, and never one twice with the same key."""


def _first_block(boots: int, seconds: int, salt: bytes) -> bytes:
    """Return what the first block is enciphered with (RFC 3826 section 3.1.2.1)."""
    return boots.to_bytes(4, "big") + seconds.to_bytes(4, "big") + salt


class UserKeys:
    """A user's keys, bound to one agent's engine."""

    def __init__(self, credential: UserCredential, engine_id: bytes) -> None:
        """Derive the localized keys for `engine_id`."""
        engine = univ.OctetString(engine_id)
        self._mac: hmac.HMAC | None = None
        self._aes: AES | None = None
        self._priv: Any = None
        self._priv_key: Any = None
        self.signature_size = 0
        """Octets of a signature, 0 without authentication."""
        if credential.auth_protocol is None or credential.auth_key is None:
            return
        auth = _AUTH[credential.auth_protocol]
        master = _master_key(credential.auth_protocol, credential.auth_key)
        auth_key = localkey.localize_key(master, engine, auth.digest).asOctets()
        self._mac = hmac.new(auth_key, digestmod=auth.digest)
        self.signature_size = auth.sent
        if credential.priv_protocol is not None and credential.priv_key is not None:
            self._priv = _PRIV[credential.priv_protocol]
            master = _master_key(credential.auth_protocol, credential.priv_key)
            self._priv_key = self._priv.localize_key(auth.service, master, engine)
            if credential.priv_protocol != "DES":
                self._aes = AES(self._priv_key.asOctets())
                self._block_cipher = Cipher(self._aes, ECB()).encryptor()  # noqa: S305 # CFB, block by block

    @property
    def signs(self) -> bool:
        """Say whether messages are authenticated."""
        return self._mac is not None

    @property
    def enciphers(self) -> bool:
        """Say whether the payload is private."""
        return self._priv is not None

    @property
    def padding(self) -> int:
        """How many octets may stand behind a payload in clear, at most."""
        return _BLOCK_OF_DES if self.enciphers and self._aes is None else 0

    def signature(self, message: bytes) -> bytes:
        """Return the signature of `message`, in which its own place is all zero."""
        if self._mac is None:
            return b""
        mac = self._mac.copy()
        mac.update(message)
        return mac.digest()[: self.signature_size]

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Say whether `signature`, found inside `message`, is this user's."""
        if self._mac is None or len(signature) != self.signature_size:
            return False
        blank = message.replace(signature, bytes(len(signature)), 1)
        return hmac.compare_digest(self.signature(blank), signature)

    def encipher(self, plain: bytes, boots: int, seconds: int) -> tuple[bytes, bytes]:
        """Return `plain` enciphered and the salt to send with it."""
        if self._aes is None:
            data, salt = self._priv.encrypt_data(self._priv_key, (boots, seconds, None), plain)
            return data.asOctets(), salt.asOctets()
        number = next(_salts) % (1 << 8 * _SALT_OCTETS)
        salt = number.to_bytes(_SALT_OCTETS, "big")
        cipher = Cipher(self._aes, CFB(_first_block(boots, seconds, salt)))
        return cipher.encryptor().update(plain), salt  # it keeps nothing back to be finished

    def decipher(self, data: bytes, salt: bytes, boots: int, seconds: int) -> bytes:
        """Return the payload in clear; raises Garbled."""
        if self._priv is None:
            raise Garbled(ENGLISH("garbled.enciphered"))
        if self._aes is None:
            return self._des(data, salt, boots, seconds)
        if len(salt) != _SALT_OCTETS:
            raise Garbled(ENGLISH("garbled.cipher"))
        return self._deciphered(data, _first_block(boots, seconds, salt))

    def _deciphered(self, data: bytes, first: bytes) -> bytes:
        """Return `data` in clear: each block by the one before it (CFB, NIST SP 800-38A 6.3).

        All are known beforehand, so that one call of a cipher that stands ready does for them.
        """
        blocks = first + data
        whole = len(data) + -len(data) % _BLOCK_OF_AES
        mask = self._block_cipher.update(blocks[:whole].ljust(whole, b"\0"))[: len(data)]
        clear = int.from_bytes(mask, "big") ^ int.from_bytes(data, "big")
        return clear.to_bytes(len(data), "big")

    def _des(self, data: bytes, salt: bytes, boots: int, seconds: int) -> bytes:
        numbers = (boots, seconds, univ.OctetString(salt))
        try:
            plain = self._priv.decrypt_data(self._priv_key, numbers, univ.OctetString(data))
        except (error.StatusInformation, error.ProtocolError, ValueError) as exc:
            raise Garbled(ENGLISH("garbled.cipher")) from exc
        return bytes(plain)
