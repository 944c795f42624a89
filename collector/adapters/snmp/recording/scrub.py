"""Makes a recording fit to be sent: everything personal replaced, what cannot be replaced dropped.

Values and types keep their length, so that the recording decodes as the machine did.
"""

import ipaddress
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, dotted
from collector.adapters.snmp.client.text import decoded, folded
from collector.adapters.snmp.condition.facts import mac_of
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.recorder import Recording
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.domain.counting.identity import DeviceIdentity, real_serial
from collector.domain.privacy.redaction import SHORTEST_PART, KnownSecret, Pseudonyms, Redaction
from collector.domain.privacy.redaction_table import SecretKind
from collector.domain.sentence import Sentence, sentence

_IP_ADDRESS: Final = 64
_IP_OCTETS: Final = frozenset({4, 16})
_LONGEST_VALUE: Final = 4_096
_LARGEST: Final = {2: 2**31, 65: 2**32, 66: 2**32, 67: 2**32, 70: 2**64}
_SERIAL_DIGITS: Final = 7
"""A number of fewer digits is a count, not somebody's serial number."""

_NAMED_BY: Final = frozenset(
    {SecretKind.IP, SecretKind.MAC, SecretKind.SERIAL, SecretKind.HOST, SecretKind.USER}
)
_DOCUMENT: Final = re.compile(
    r"\w\.(?:docx?|xlsx?|xlsm|pptx?|pdf|jtdc?|odt|ods|csv|eml|msg|tiff?|jpe?g)\b"
    r"|[\w.+-]@[\w-]+\.[\w.-]",  # no + before the @: a long value would be tried from each letter
    re.IGNORECASE,
)
"""Names of documents and mail addresses: a table with several of them is a log or a directory."""

_SYMBOL_SETS: Final = (b"\x01\x15", b"\xfd\xe8")
_TABLE_ARCS: Final = len(mib.ENTERPRISES) + 3


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A recording that may be shown. `hidden` counts what was replaced; `notes` are sentences."""

    recording: Recording
    hidden: Mapping[SecretKind, int]
    notes: tuple[Sentence, ...] = ()


def scrub(
    recording: Recording, discretion: Discretion, known: Iterable[KnownSecret], salt: bytes
) -> Scrubbed:
    """Return `recording` without personal values; `known` adds those of the caller.

    The same value becomes the same pseudonym everywhere in it; `salt` decides which, and must be
    new and secret.
    """
    rows, notes = _without_logs(recording)
    values = [*known, *_known(rows, recording, discretion)]
    redaction = Redaction(Pseudonyms(salt), values)
    scrubber = _Scrubber(recording, discretion, redaction, values)
    clean: dict[Oid, RecordedRow] = {}
    for name, row in rows.items():
        if scrubber.is_named_after_somebody(name):
            notes[sentence("scrub.named_after")] += 1
        elif isinstance(row[1], bytes) and len(row[1]) > _LONGEST_VALUE:
            notes[sentence("scrub.long_value", octets=_LONGEST_VALUE)] += 1
        else:
            clean[name] = scrubber.row(name, row)
    dropped = (sentence("scrub.left_out", rows=rows, what=what) for what, rows in notes.items())
    return Scrubbed(replace(recording, rows=clean), Counter(redaction.hidden), tuple(dropped))


class _Scrubber:
    """Replaces the values of one recording."""

    def __init__(
        self,
        recording: Recording,
        discretion: Discretion,
        redaction: Redaction,
        known: Collection[KnownSecret],
    ) -> None:
        self._discretion = discretion
        self._redaction = redaction
        self._needed = frozenset(recording.plan.oids)
        self._public = _public(recording)
        self._serials = {
            int(one.text): one.text
            for one in known
            if one.kind is SecretKind.SERIAL
            and one.text.isdecimal()
            and len(one.text) >= _SERIAL_DIGITS
        }
        self._arcs = frozenset(filter(None, map(_arcs, known)))

    def row(self, name: Oid, row: RecordedRow) -> RecordedRow:
        tag, value = row
        if isinstance(value, int):
            return tag, value if name in self._needed else self._number(tag, value)
        if not isinstance(value, bytes):
            return row
        if tag == _IP_ADDRESS:
            return tag, self._redaction.whole(SecretKind.IP, value)
        kind = self._discretion.kind_of(name)
        if kind is not None and _says_something(kind, value, self._public):
            head = _head(value)
            return tag, head + self._redaction.whole(kind, value[len(head) :])
        described = self._discretion.is_description(name)
        return tag, self._redaction.octets(value, described=described)

    def _number(self, tag: int, value: int) -> int:
        """Replace a serial number that is given as a number."""
        text = self._serials.get(value)
        if text is None:
            return value
        made = int(self._redaction.text(text))
        return made % _LARGEST.get(tag, 2**31)

    def is_named_after_somebody(self, name: Oid) -> bool:
        """Say whether a row's index is an address, a serial number or a name of this office."""
        if name in self._needed or name[: len(mib.ENTERPRISES)] != mib.ENTERPRISES:
            return False
        index = name[_TABLE_ARCS:]
        return any(
            index[at : at + len(arcs)] == arcs
            for arcs in self._arcs
            for at in range(len(index) - len(arcs) + 1)
        )


def _arcs(one: KnownSecret) -> Oid | None:
    """Return how `one` would stand in an index, or None where it cannot."""
    if one.kind not in _NAMED_BY or len(one.text) < SHORTEST_PART:
        return None
    if one.kind is SecretKind.IP:
        try:
            return tuple(ipaddress.ip_address(one.text).packed)
        except ValueError:
            return None
    if one.kind is SecretKind.MAC:
        return tuple(bytes.fromhex(one.text.replace(":", "")))
    return tuple(one.text.encode())


def _known(
    rows: Mapping[Oid, RecordedRow], recording: Recording, discretion: Discretion
) -> Iterator[KnownSecret]:
    """Yield what the machine says of itself and its office, to be found wherever it stands."""
    answer = recording.answer
    if answer is not None and answer.identity.serial is not None:
        yield KnownSecret(SecretKind.SERIAL, answer.identity.serial)
    public = _public(recording)
    for name, (tag, value) in rows.items():
        if not isinstance(value, bytes):
            continue
        kind = SecretKind.IP if tag == _IP_ADDRESS else discretion.kind_of(name)
        if kind is SecretKind.MAC or name[: len(mib.IF_ADDRESS)] == mib.IF_ADDRESS:
            mac = mac_of(value)
            if mac is not None:
                yield KnownSecret(SecretKind.MAC, mac)
        elif kind is SecretKind.IP and len(value) in _IP_OCTETS:
            yield KnownSecret(SecretKind.IP, str(ipaddress.ip_address(value)))
        elif kind is not None and _says_something(kind, value, public):
            yield KnownSecret(kind, _words(value))


def _head(value: bytes) -> bytes:
    """Return the number of a symbol set that HP writes before a text: Roman-8 or UTF-8."""
    return value[:2] if value[:2] in _SYMBOL_SETS else b""


def _words(value: bytes) -> str:
    return decoded(value[len(_head(value)) :].strip(b"\0 \r\n\t")).strip()


def _says_something(kind: SecretKind, value: bytes, public: frozenset[str]) -> bool:
    """Say whether a value is somebody's: a bogus serial number and a model's name are nobody's."""
    text = _words(value)
    if not text:
        return False
    if kind is SecretKind.SERIAL:
        return real_serial(text) is not None
    return kind is not SecretKind.HOST or folded(text) not in public


def _public(recording: Recording) -> frozenset[str]:
    """Return what the maker calls this model, in every combination of words."""
    answer = recording.answer
    identity = answer.identity if answer is not None else DeviceIdentity()
    vendor, model = identity.vendor or "", identity.model or ""
    names = {model, vendor, f"{vendor} {model}"}
    for name, (_, value) in recording.rows.items():
        if name[: len(mib.DEVICE_DESCR)] == mib.DEVICE_DESCR and isinstance(value, bytes):
            names.add(_words(value).split(";")[0])
    return frozenset(filter(None, map(folded, names)))


def _without_logs(recording: Recording) -> tuple[dict[Oid, RecordedRow], Counter[Sentence]]:
    """Return the rows without tables that look like job logs or address books."""
    found: dict[Oid, int] = defaultdict(int)
    for name, (_, value) in recording.rows.items():
        if (
            isinstance(value, bytes)
            and name[: len(mib.ENTERPRISES)] == mib.ENTERPRISES
            and _DOCUMENT.search(decoded(value)) is not None
        ):
            found[name[:-1]] += 1
    tables = {_table(column, recording.rows) for column, count in found.items() if count > 1}
    single = {column for column, count in found.items() if count == 1}
    rows: dict[Oid, RecordedRow] = {}
    notes: Counter[Sentence] = Counter()
    for name, row in recording.rows.items():
        table = next((one for one in tables if name[: len(one)] == one), None)
        if table is not None and name not in recording.plan.oids:
            notes[sentence("scrub.log", oid=dotted(table))] += 1
        elif name[:-1] in single and _is_document(row):
            notes[sentence("scrub.document")] += 1
        else:
            rows[name] = row
    return rows, notes


def _is_document(row: RecordedRow) -> bool:
    return isinstance(row[1], bytes) and _DOCUMENT.search(decoded(row[1])) is not None


def _table(column: Oid, rows: Iterable[Oid]) -> Oid:
    """Return the table that `column` belongs to: the nearest subtree with several columns."""
    entry = column[:-1]
    while len(entry) > _TABLE_ARCS and len(_children(entry, rows)) == 1:
        entry = entry[:-1]
    return entry


def _children(entry: Oid, rows: Iterable[Oid]) -> set[int]:
    size = len(entry)
    return {name[size] for name in rows if len(name) > size and name[:size] == entry}
