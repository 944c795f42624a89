"""Recordings of machines (`.snmprec`, one `OID|TAG|VALUE` a line) as a session without network.

Tags: 2 Integer32, 4 octets, 6 OID, 64 IpAddress, 65 Counter32, 66 Gauge32, 67 TimeTicks,
68 Opaque, 70 Counter64, each also as `…x` with the value in hexadecimal, and octets as `…e` with
backslash escapes; 5, 128, 129 and 130 (NULL, noSuchObject, noSuchInstance, endOfMibView) are no
values, nor are types that SNMP has no more (12 UTF8String, 71 UInteger32). A recording that
`copier-fleet capture` wrote must have its last line.
"""

import asyncio
import ipaddress
import re
import warnings
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from collector.adapters.snmp.client.session import Oid, Value, dotted, oid
from collector.adapters.snmp.client.text import clean, decoded
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.reader import ask
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.reading.slow_poll import ask_condition
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.domain.counting.reading import Alert, Answer, Supply, Tray
from collector.domain.sentence import Unacceptable
from collector.errors import ConfigError, Problem, Spot, cause, said
from collector.texts import ENGLISH
from collector.user_files.report import octets_of, problem_at, refusal

# Writes a recording as `.snmprec`: one `OID|TAG|VALUE` a line, in the order of an agent.
#
# snmpsim serves the file and `decode` reads it; both pass over the lines that begin with `#`. The
# last line says that the file is whole.


HEAD: Final = "# copier-fleet capture"
END: Final = "# end of the recording"
_MOST_MB: Final = 64
"""Megabytes of a recording; the largest known one has 3."""

_OCTET_TAG: Final = frozenset({4, 64, 68})
_ADDRESS: Final = 64
_ADDRESS_OCTETS: Final = 4
_PRINTABLE: Final = range(0x20, 0x7F)
_LONGEST_REMARK: Final = 400


def text_of(rows: Mapping[Oid, RecordedRow], remarks: Sequence[str] = ()) -> str:
    """Return the whole file; each of `remarks` is a line at its head. Reading it gives `rows`.

    Words that stand in hexadecimal are shown besides, so that a person can look them through.
    """
    first, *more = [_remark(one) for one in remarks] or [""]
    lines = [f"{HEAD}: {first}" if first else HEAD, *(f"# {one}" for one in more)]
    for name in sorted(rows):
        lines.append(line(name, rows[name]))
        words = _words(rows[name])
        if words is not None:
            lines.append(f"#   reads: {words}")
    return "\n".join([*lines, END, ""])


def line(name: Oid, row: RecordedRow) -> str:
    """Return one line: text as it is where it is plain, in hexadecimal otherwise."""
    tag, value = row
    if isinstance(value, int):
        return f"{dotted(name)}|{tag}|{value}"
    if isinstance(value, tuple):
        return f"{dotted(name)}|{tag}|{dotted(value)}"
    if tag == _ADDRESS and len(value) == _ADDRESS_OCTETS:
        return f"{dotted(name)}|{tag}|{dotted(tuple(value))}"
    if tag in _OCTET_TAG and tag != _ADDRESS and _is_plain(value):
        return f"{dotted(name)}|{tag}|{value.decode('ascii')}"
    return f"{dotted(name)}|{tag}x|{value.hex()}"


def _is_plain(value: bytes) -> bool:
    """Say whether every reader gives `value` back: snmpsim drops blanks at the end of a line."""
    return value == value.strip() and all(octet in _PRINTABLE for octet in value)


def _words(row: RecordedRow) -> str | None:
    """Return the words of a value that is written in hexadecimal, or None where it has none."""
    tag, value = row
    if not isinstance(value, bytes) or tag == _ADDRESS or _is_plain(value):
        return None
    text = decoded(value.strip(b"\0\r\n\t "))
    if not any(letter.isalpha() for letter in text) or _is_binary(value):
        return None
    return clean(value, _LONGEST_REMARK)


def _is_binary(value: bytes) -> bool:
    return any(octet < _PRINTABLE.start and octet not in b"\0\r\n\t\x1b" for octet in value)


def _remark(text: str) -> str:
    return clean(text.encode(), _LONGEST_REMARK) or ""


def _address(text: str) -> bytes:
    return ipaddress.IPv4Address(text).packed


def _integer(text: str) -> int:
    """Return plain digits: Python's own reading also takes 1_000 for a number."""
    if _DIGITS.fullmatch(text) is None:
        raise ValueError(text)
    return int(text)


_DIGITS: Final = re.compile(r"\s*[+-]?[0-9]{1,40}\s*")
_PLAIN: Final[Mapping[str, Callable[[str], Value]]] = {
    "2": _integer,
    "4": lambda text: text.encode("latin-1"),
    "6": oid,
    "64": _address,
    "65": _integer,
    "66": _integer,
    "67": _integer,
    "68": lambda text: text.encode("latin-1"),
    "70": _integer,
}
_NOTHING: Final = frozenset({"5", "12", "71", "128", "129", "130"})
_OCTETS: Final = frozenset({"4", "64", "68"})
_PARTS: Final = 3
_SHOWN: Final = 40
_MOST_WRONG: Final = 100
"""After so many wrong lines it is another file, and no more of it is looked at."""


class CaptureSession:
    """Answers from a recording, as the Session protocol wants it."""

    def __init__(self, varbinds: Mapping[Oid, Value]) -> None:
        """Answer with `varbinds`."""
        self._varbinds = {oid: varbinds[oid] for oid in sorted(varbinds)}
        self._order = list(self._varbinds)

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return what the recording has of `oids`."""
        return {oid: self._varbinds[oid] for oid in oids if oid in self._varbinds}

    async def walk(
        self,
        root: Oid,
        limit: int = 4096,
        known: Sequence[Oid] = (),  # noqa: ARG002 # no walk is cut
    ) -> Mapping[Oid, Value]:
        """Return at most `limit` values below `root`, in order."""
        found: dict[Oid, Value] = {}
        for name in self._order[bisect_left(self._order, root) :]:
            if name[: len(root)] != root or len(found) >= limit:
                break
            if len(name) > len(root):
                found[name] = self._varbinds[name]
        return found

    async def close(self) -> None:
        """Do nothing."""


def parse_capture(text: str, name: str = "capture") -> Mapping[Oid, Value]:
    """Return the values of a recording; raises ConfigError with every line that is wrong.

    Of a file that is something else a hundred lines are told.
    `text` was read as latin-1, so that its octets are kept as they are.
    """
    return {number: value for number, (_, value) in parse_rows(text, name).items()}


def parse_rows(text: str, name: str = "capture") -> Mapping[Oid, RecordedRow]:
    """Return the values of a recording with their types; otherwise as `parse_capture`."""
    varbinds: dict[Oid, RecordedRow] = {}
    problems: list[Problem] = []
    for at, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            number, tag, value = _varbind(line.removesuffix("\r"))
        except Unacceptable as exc:
            problems.append(problem_at(Spot(name, at, column=""), exc.why))
            if len(problems) >= _MOST_WRONG:
                break
            continue
        if value is not None:
            varbinds[number] = (tag, value)
    if text.startswith(HEAD) and f"\n{END}" not in text:
        last = text.count("\n") + (not text.endswith("\n"))
        problems.append(problem_at(Spot(name, last, column=""), said("recording_cut")))
    if problems:
        raise ConfigError(problems)
    return varbinds


def _varbind(line: str) -> tuple[Oid, int, Value | None]:
    parts = line.split("|", _PARTS - 1)
    if len(parts) != _PARTS:
        raise Unacceptable(said("recording_parts"))
    try:
        number = oid(parts[0])
    except ValueError as exc:
        raise Unacceptable(said("recording_oid", text=repr(parts[0][:_SHOWN]))) from exc
    tag = parts[1].strip()
    value = _value(tag, parts[2])
    return number, int(tag.rstrip("xe")), value


def _value(tag: str, text: str) -> Value | None:
    kind = tag[:-1] if tag[-1:] in {"x", "e"} else tag
    is_escaped = tag.endswith("e")
    if kind in _NOTHING:
        return None
    if kind not in _PLAIN or (is_escaped and kind not in _OCTETS):
        raise Unacceptable(said("recording_tag", tag=repr(tag[:_SHOWN])))
    try:
        if is_escaped:
            return _unescaped(text)
        if tag != kind:
            return _from_hex(kind, text)
        return _PLAIN[kind](text)
    except ValueError as exc:
        raise Unacceptable(said("recording_value", text=repr(text[:_SHOWN]), tag=tag)) from exc


def _unescaped(text: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an escape that is none is a damaged line
        try:
            return text.encode("latin-1").decode("unicode_escape").encode("latin-1")
        except Warning as exc:
            raise ValueError(text) from exc


def _from_hex(kind: str, text: str) -> Value:
    octets = bytes.fromhex(text)
    if kind in _OCTETS:
        return octets
    if not octets:
        raise ValueError(text)  # else nothing would read as 0
    if kind == "6":
        return oid(octets.decode("ascii"))
    return int.from_bytes(octets, "big", signed=kind == "2")


async def read_capture(path: Path) -> CaptureSession:
    """Return the recording at `path` as a session; raises ConfigError where it is unreadable."""
    rows = await asyncio.to_thread(read_rows, path)
    return CaptureSession({number: value for number, (_, value) in rows.items()})


def read_rows(path: Path) -> Mapping[Oid, RecordedRow]:
    """Return the values and types in the recording at `path`; raises ConfigError."""
    try:
        raw = octets_of(path, _MOST_MB)
    except OSError as exc:
        raise refusal(path, said("recording_unreadable", reason=cause(exc))) from exc
    return parse_rows(raw.decode("latin-1"), path.name)


async def decode_capture(path: Path, profiles: Profiles) -> Answer:
    """Return what the daemon would read from the machine recorded at `path`.

    Raises ConfigError for a file that is no recording, DeviceNonsense for one of a machine that
    says nothing of use.
    """
    session = await read_capture(path)
    plan = await resolve(session, profiles)
    varbinds = await ask(session, plan)
    return decode(plan, varbinds, path.stem, await ask_condition(session, plan))


def to_json(answer: Answer) -> dict[str, object]:
    """Return `answer` as `decode --json` prints it; unknown identity is null, meters sorted."""
    identity = answer.identity
    return {
        "profile": answer.profile,
        "identity": {
            "vendor": identity.vendor,
            "model": identity.model,
            "serial": identity.serial,
            "firmware": identity.firmware,
            "mac": identity.mac,
            "object_id": identity.object_id,
        },
        "uptime_s": answer.uptime_s,
        "meters": {str(name): answer.meters[name] for name in sorted(answer.meters)},
        "supplies": [_supply_json(one) for one in answer.supplies],
        "findings": [
            {
                "code": one.code.value,
                "severity": one.severity.value,
                "subject": one.subject,
                "message": ENGLISH.say(one.message),
                "evidence": dict(one.evidence),
            }
            for one in answer.findings
        ],
        "status": answer.status.value,
        "errors": [one.value for one in answer.errors],
        "trays": [_tray_json(one) for one in answer.trays],
        "alerts": None if answer.alerts is None else [_alert_json(one) for one in answer.alerts],
        "units": {str(name): answer.unit_of(name).value for name in sorted(answer.meters)},
        "wraps": {str(name): answer.wraps[name] for name in sorted(answer.wraps)},
        "rated_ipm": answer.rated_ipm,
    }


def _supply_json(supply: Supply) -> dict[str, object]:
    return {
        "key": supply.key,
        "name": supply.name,
        "state": supply.state.value,
        "remaining": supply.remaining,
        "capacity": supply.capacity,
        "level_pct": supply.level_pct,
        "full_pct": supply.full_pct,
        "kind": supply.kind.value,
        "color": supply.color,
    }


def _tray_json(tray: Tray) -> dict[str, object]:
    return {
        "key": tray.key,
        "name": tray.name,
        "state": tray.state.value,
        "remaining": tray.remaining,
        "capacity": tray.capacity,
        "level_pct": tray.level_pct,
        "media": tray.media,
        "status": tray.status.value,
    }


def _alert_json(alert: Alert) -> dict[str, object]:
    return {
        "key": alert.key,
        "severity": alert.severity.value,
        "code": alert.code,
        "text": alert.text,
        "part": alert.part,
        "for_service": alert.for_service,
    }
