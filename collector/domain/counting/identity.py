"""Who answered: a machine is known by its serial number, or failing that by weaker marks."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, NewType

DeviceKey = NewType("DeviceKey", str)
"""`serial:<S>`, `mac:<m>` or `model:<sysObjectID>/<model>`; the last two are weak."""

_BOGUS: Final = re.compile(r"^(.)\1*$")
_COUNTED_OUT: Final = (
    *("1234567890" * 2, "0123456789" * 2, "9876543210" * 2),
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
)
_COUNTED_LENGTH: Final = 8
"""Digits or letters in their order, so many or more, are what a factory types for no number."""

_PLACEHOLDERS: Final = frozenset(
    {
        *("UNKNOWN", "NONE", "NULL", "DEFAULT", "SERIAL", "SERIALNUMBER", "SERIALNO", "NOTSET"),
        *("NOTAVAILABLE", "NOTSPECIFIED", "UNDEFINED", "INVALID", "EMPTY", "DUMMY", "TEST"),
        *("FACTORY", "TOBEFILLEDBYOEM", "SYSTEMSERIALNUMBER", "PRINTERSERIALNUMBER"),
    }
)
"""Compared by letters and digits alone."""

_MIN_SERIAL_LENGTH: Final = 4


def real_serial(text: str | None) -> str | None:
    """Return the serial number in `text`, upper-cased, or None where it identifies nothing.

    Empty, too short, one repeated character (XXXXXXXXXX, 0000000000), digits or letters in their
    order (123456789) and the placeholders that factories and repaired boards leave in are no
    identity (seen in the field, HP Web Jetadmin manual).
    """
    if text is None:
        return None
    serial = "".join(text.split()).strip("\0").upper()
    letters = re.sub(r"[^0-9A-Z]", "", serial)
    if len(serial) < _MIN_SERIAL_LENGTH or not letters or letters in _PLACEHOLDERS:
        return None
    is_counted_out = len(letters) >= _COUNTED_LENGTH and any(
        one.startswith(letters) for one in _COUNTED_OUT
    )
    return None if is_counted_out or _BOGUS.match(letters) else serial


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """What a machine says of itself. Absent is None; `serial` is real (see `real_serial`)."""

    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    mac: str | None = None
    firmware: str | None = None
    object_id: str | None = None

    @property
    def key(self) -> DeviceKey:
        """The strongest name this machine can be called by."""
        if self.serial is not None:
            return DeviceKey(f"serial:{self.serial}")
        if self.mac is not None:
            return DeviceKey(f"mac:{self.mac}")
        return DeviceKey(f"model:{self.object_id or '?'}/{self.model or '?'}")

    @property
    def is_weak(self) -> bool:
        """True where two machines of one model could not be told apart for certain."""
        return self.serial is None


class Sameness(Enum):
    """Whether two identities are one machine."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


def compare(old: DeviceIdentity, new: DeviceIdentity) -> Sameness:
    """Say whether `new` is the machine known as `old`, by the strongest mark both carry.

    A mark that one side lacks proves nothing: a machine that once did not answer its serial
    is not a new machine. Nor is one whose board writes its serial number otherwise (without
    leading zeros, with a hyphen) where MAC address and model are the same.
    """
    if old.serial is not None and new.serial is not None:
        same = old.serial == new.serial or _is_respelt(old, new)
        return Sameness.SAME if same else Sameness.OTHER
    if old.mac is not None and new.mac is not None:
        return Sameness.SAME if old.mac == new.mac else Sameness.OTHER
    for before, after in ((old.object_id, new.object_id), (old.model, new.model)):
        if before is not None and after is not None and before != after:
            return Sameness.OTHER
    return Sameness.UNKNOWN


def _is_respelt(old: DeviceIdentity, new: DeviceIdentity) -> bool:
    """Say whether both serial numbers are one, written by two boards of the same machine."""
    if old.serial is None or new.serial is None or old.mac is None or old.mac != new.mac:
        return False
    same_model = old.model is None or new.model is None or old.model == new.model
    return same_model and spelt(old.serial) == spelt(new.serial)


def spelt(serial: str) -> str:
    """Return `serial` so that what boards and people write differently of one machine is equal."""
    return re.sub(r"[\s-]", "", serial).upper().lstrip("0")


def merged(old: DeviceIdentity, new: DeviceIdentity) -> DeviceIdentity:
    """Return `new` with what it did not say filled in from `old`, the same machine before.

    A serial number stays as it was first written, so that the machine keeps its name.
    """
    return DeviceIdentity(
        vendor=new.vendor or old.vendor,
        model=new.model or old.model,
        serial=old.serial if _is_respelt(old, new) else new.serial or old.serial,
        mac=new.mac or old.mac,
        firmware=new.firmware or old.firmware,
        object_id=new.object_id or old.object_id,
    )
