"""The digest of the readings that a month rests on: what a statement carries to prove them.

It depends on what was read alone, not on how the ledger keeps it: readings laid together, or taken
apart and laid together anew, have the digest that they had. The statement that carries it names
the seal before it, so one chain covers every statement and all readings under it.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from collector.domain.counting.reading import Reading


def digest_of(readings: Iterable[Reading]) -> str:
    """Return the SHA-256 over `readings` of one place: 64 hexadecimal digits.

    It covers when, of which machine and how each was read: its meters and raw counters, its
    uptime, and what confirmed the reading before. In any order they have the same digest.
    """
    digest = hashlib.sha256()
    for line in sorted(json.dumps(_facts(one), separators=(",", ":")) for one in readings):
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _facts(one: Reading) -> list[object]:
    answer, confirmed = one.answer, one.confirmed
    return [
        _time(one.at),
        answer.identity.key,
        sorted(answer.meters.items()),
        sorted(answer.raw.items()),
        answer.uptime_s,
        answer.status.value,
        one.stay.value,
        None if one.wall is None else _time(one.wall),
        None if confirmed is None else [_time(confirmed.at), confirmed.uptime_s],
    ]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
