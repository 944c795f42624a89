"""Values of the domain as columns of the ledger, and back. Pure; every pair is a round trip.

Times are kept as whole seconds since 1970 UTC (rounded down); only a finding's time keeps its
microseconds, because its id depends on them. Decoding damaged text raises ValueError, KeyError
or TypeError.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from collector.domain.findings import Code, Finding, Severity
from collector.domain.identity import DeviceIdentity
from collector.domain.usage import Quality

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_PLAIN_NUMBER: Final = re.compile("0|[1-9][0-9]{0,17}")
_SQL_INTEGERS: Final = range(-(2**63), 2**63)
_QUALITIES: Final = (Quality.MEASURED, Quality.ESTIMATED, Quality.EDITED)
_MARKS: Final = tuple(one.name for one in fields_of(DeviceIdentity))
QUALITY_CODES: Final[Mapping[Quality, int]] = {one: n for n, one in enumerate(_QUALITIES)}


def to_seconds(at: datetime) -> int:
    """Return the whole seconds since 1970 at the instant `at`, rounded down."""
    return (at - _EPOCH) // _SECOND


def to_seconds_up(at: datetime) -> int:
    """Return the first whole second since 1970 that is not before `at`."""
    return -((_EPOCH - at) // _SECOND)


def from_seconds(seconds: int) -> datetime:
    """Return the instant (UTC) `seconds` after 1970 began."""
    return _EPOCH + timedelta(seconds=seconds)


def seconds_or_none(at: datetime | None) -> int | None:
    """Return `to_seconds(at)`, or None for no time."""
    return None if at is None else to_seconds(at)


def time_or_none(seconds: int | None) -> datetime | None:
    """Return `from_seconds(seconds)`, or None for no time."""
    return None if seconds is None else from_seconds(seconds)


def to_microseconds(at: datetime | None) -> int | None:
    """Return the microseconds since 1970 at `at`, exactly, or None for no time."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int | None) -> datetime | None:
    """Return the instant (UTC) `microseconds` after 1970 began, or None for no time."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def to_json(value: object) -> str:
    """Return `value` as the shortest JSON text; Japanese stays readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_count(value: int) -> int | str:
    """Return a meter value as SQLite can hold it: beyond 63 bits as text."""
    return value if value in _SQL_INTEGERS else str(value)


def quality(code: int) -> Quality:
    """Return the quality stored as `code`; raises IndexError for a code never written."""
    return _QUALITIES[code]


FindingRow = tuple[str, str, str, str, str, int | None, str]


def encode_finding(finding: Finding) -> FindingRow:
    """Return the columns of findings from `id` to `evidence`."""
    return (
        finding.id,
        finding.code,
        finding.severity,
        finding.subject,
        finding.message,
        to_microseconds(finding.at),
        to_json(dict(finding.evidence)),
    )


def decode_finding(row: Sequence[Any]) -> Finding:
    """Return the finding in the columns from `code` to `evidence`, its time in UTC."""
    code, severity, subject, message, at_us, evidence = row
    return Finding(
        code=Code(code),
        severity=Severity(severity),
        subject=subject,
        message=message,
        at=from_microseconds(at_us),
        evidence=json.loads(evidence),
    )


def split_key(key: str) -> tuple[str, int | str]:
    """Return a log key as the name before its last `|` (else empty) and the item behind it.

    A plain whole number becomes an integer: a key is then 6 bytes instead of 20, and the log has
    one for every reading ever stored.
    """
    subject, bar, item = key.rpartition("|")
    if bar and not subject:
        return "", key
    return subject, int(item) if _PLAIN_NUMBER.fullmatch(item) else item


def join_key(subject: str, item: int | str) -> str:
    """Return the key that `split_key` was given."""
    return f"{subject}|{item}" if subject else str(item)


def identity_fields(identity: DeviceIdentity) -> dict[str, str]:
    """Return what a machine says of itself, by name, without what it does not say."""
    pairs = ((name, getattr(identity, name)) for name in _MARKS)
    return {name: value for name, value in pairs if value is not None}
