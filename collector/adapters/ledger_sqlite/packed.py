"""Readings of months that are over, laid together: some hundred of one place in one row.

A reading, the usages that follow from it and its place in the log take 250 bytes as rows of their
own, and six laid together. Nothing is left out: what is laid together is taken apart again and
compared before its rows go, in the same transaction. A usage goes only where the readings tell all
of it; every other one stays a row. What is to be changed is taken apart first: see `packing.py`.

The body is JSON under zlib, a list for each column with a number for each reading:
`at` seconds since the reading before (the first: since `first`); `uptime` by how much more it grew
than time did; `same` and `which` what seldom changes, once, and which of it holds; `counts` and
`raw` by meter and by term what was added, null where there was none; `ago` and `then` how long
before it the reading before was confirmed, and by how much its uptime was off then; `seq` the
places in the log. `epochs` and `untold` say which usages follow.
"""

import hashlib
import json
import sqlite3
import zlib
from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice, pairwise
from typing import Any, Final

from collector.domain.meters import TOTAL
from collector.encoding.columns import to_count, to_json

Row = tuple[Any, ...]
"""Columns as they are in the table of readings, or of usages."""

_PLACE, _AT, _DEVICE, _METERS, _COUNTS, _UPTIME = 0, 1, 2, 4, 5, 6
_CONFIRMED_AT, _CONFIRMED_UPTIME, _TERMS, _RAW = 10, 11, 12, 13
_SELDOM: Final = (2, 3, 4, 7, 8, 9, 12, 14, 15)
"""Columns of a reading that mostly say what they said before."""

_SHORT_S: Final = 3600
"""Usages of the total that lasted longer are asked for by an index, and stay."""

_KEPT: Final = 8
"""Segments that are kept taken apart: those of one place in a quarter."""

_KEPT_LOGS: Final = 1000
"""Segments of which the places in the log are kept: those of 200 places in two months."""


@contextmanager
def at_one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all questions inside see the ledger of one moment: what moves meanwhile moves whole."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        # SQLite ends it itself where the file is damaged; that error is the one to tell.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")


Names = Callable[[int | None], Sequence[str]]
"""Returns the counts that a set of meters or terms has, by name and in order."""


def laid_together(
    readings: Sequence[Row],
    usages: Iterable[Row],
    log: Mapping[int, int],
    sets: Names,
    numbers: Mapping[str, int],
) -> str:
    """Return the body of `readings` as text, with those of `usages` that follow from them.

    `readings` are of one place in order, `log` is time -> place in the log; `numbers` is the
    number of each meter's name. Raises ValueError, LookupError or TypeError for what is no
    reading as it was written.
    """
    same: dict[Row, int] = {}
    which = [same.setdefault(tuple(row[n] for n in _SELDOM), len(same)) for row in readings]
    times = [row[_AT] for row in readings]
    there = set(usages)
    body: dict[str, Any] = {
        "at": _differences(times),
        "same": list(same),
        "which": which,
        "uptime": _off_time(readings, times),
        "counts": _grown(readings, _COUNTS, _METERS, sets),
        "raw": _grown(readings, _RAW, _TERMS, sets),
        "ago": [
            None if row[_CONFIRMED_AT] is None else row[_AT] - row[_CONFIRMED_AT]
            for row in readings
        ],
        "then": [_then(row) for row in readings],
        "seq": _places_in_log(times, log),
        "epochs": [[*key, epoch] for key, epoch in _epochs(there).items()],
        "untold": [],
    }
    follow = Segment(body, readings[0][_PLACE], times[0], sets, numbers).usages
    body["untold"] = [n for n, one in enumerate(follow) if one not in there]
    return to_json(body)


class Segment:
    """What is laid together in one row, of which only what is asked for is taken apart."""

    def __init__(
        self,
        body: Mapping[str, Any],
        place: int,
        first: int,
        sets: Names,
        numbers: Mapping[str, int],
    ) -> None:
        """Read a body of the place numbered so; ValueError where its columns do not fit."""
        self._body = body
        self._place, self._first = place, first
        self._sets, self._numbers = sets, numbers
        self.times = list(_times(body["at"], first))
        """When each reading was taken, in order."""
        self._off = list(accumulate(one or 0 for one in body["uptime"]))
        self._sums = {
            column: {name: list(accumulate(n or 0 for n in some)) for name, some in grown.items()}
            for column, grown in (("counts", body["counts"]), ("raw", body["raw"]))
        }
        columns = (
            *(body[name] for name in ("which", "uptime", "ago", "then", "seq")),
            *body["counts"].values(),
            *body["raw"].values(),
        )
        if any(len(one) != len(self.times) for one in columns):
            message = "the columns of what is laid together have different lengths"
            raise ValueError(message)

    @cached_property
    def readings(self) -> list[Row]:
        """All readings, in order."""
        return [self.reading(n) for n in range(len(self.times))]

    def between(self, since: int, until: int) -> list[Row]:
        """Return the readings with since <= at <= until, in order."""
        numbers = range(bisect_left(self.times, since), bisect_right(self.times, until))
        return [self.reading(n) for n in numbers]

    def reading(self, n: int) -> Row:
        """Return the columns of the `n`th reading."""
        body, at = self._body, self.times[n]
        kind = body["same"][body["which"][n]]
        device, about, meters, status, supplies, stay, terms, wall, brought = kind
        uptime = None if body["uptime"][n] is None else self._off[n] + at - self._first
        ago = body["ago"][n]
        return (
            *(self._place, at, device, about, meters, self._counts("counts", n, meters)),
            *(uptime, status, supplies, stay),
            None if ago is None else at - ago,
            _uptime_then(body["then"][n], uptime, ago),
            *(terms, None if terms is None else self._counts("raw", n, terms), wall, brought),
        )

    @cached_property
    def usages(self) -> list[Row]:
        """All usages that follow from the readings, in a fixed order."""
        untold = set(self._body["untold"])
        return [one for n, one in enumerate(self._following()) if n not in untold]

    @cached_property
    def log(self) -> list[tuple[int, int]]:
        """The place in the log, and the time, of every reading that has one."""
        return _log(self.times, self._body["seq"])

    def _counts(self, column: str, n: int, names: int) -> str:
        """Return the counts of the `n`th reading as `to_json` writes them."""
        sums = self._sums[column]
        return f"[{','.join([str(sums[name][n]) for name in self._sets(names)])}]"

    def _following(self) -> Iterator[Row]:
        """Yield the usages that the differences of the readings would be."""
        epochs = {(device, meter): epoch for device, meter, epoch in self._body["epochs"]}
        kinds = [self._body["same"][kind] for kind in self._body["which"]]
        for n, (before, kind) in enumerate(pairwise(kinds), start=1):
            if before[0] != kind[0]:
                continue
            at, ago = self.times[n], self._body["ago"][n]
            lasted = at - self.times[n - 1] if ago is None else ago
            had = set(self._sets(before[2]))
            for name in self._sets(kind[2]):
                pages = self._body["counts"][name][n]
                if pages <= 0 or name not in had or (lasted > _SHORT_S and name == TOTAL):
                    continue
                key = (kind[0], self._numbers.get(name))
                if key in epochs:
                    opened = to_count(self._sums["counts"][name][n - 1])
                    row = (self._place, at, *key, epochs[key])
                    yield (*row, lasted, opened, pages, 0, None, None)


def _times(differences: Iterable[int], first: int) -> Iterator[int]:
    return islice(accumulate(differences, initial=first), 1, None)


def _log(times: Sequence[int], differences: Sequence[int | None]) -> list[tuple[int, int]]:
    seq, found = 0, []
    for at, more in zip(times, differences, strict=True):
        if more is not None:
            seq += more
            found.append((seq, at))
    return found


def _places_in_log(times: Sequence[int], log: Mapping[int, int]) -> list[int | None]:
    """Return by how much the place grew, for one reading of each time; None for no place."""
    before, found, told = 0, [], set()
    for at in times:
        seq = None if at in told else log.get(at)
        told.add(at)
        found.append(None if seq is None else seq - before)
        before = before if seq is None else seq
    return found


def _differences(numbers: Sequence[int]) -> list[int]:
    return [0, *(b - a for a, b in pairwise(numbers))]


def _off_time(readings: Sequence[Row], times: Sequence[int]) -> list[int | None]:
    uptime, since = 0, times[0]
    found: list[int | None] = []
    for row in readings:
        if row[_UPTIME] is None:
            found.append(None)
            continue
        found.append(row[_UPTIME] - uptime - (row[_AT] - since))
        uptime, since = row[_UPTIME], row[_AT]
    return found


def _then(row: Row) -> int | list[int] | None:
    """Return how far the confirmed uptime was off; in a list where the reading has none itself."""
    if row[_CONFIRMED_UPTIME] is None:
        return None
    if row[_UPTIME] is None or row[_CONFIRMED_AT] is None:
        return [row[_CONFIRMED_UPTIME]]
    return int(row[_UPTIME] - row[_CONFIRMED_UPTIME] - (row[_AT] - row[_CONFIRMED_AT]))


def _uptime_then(then: int | list[int] | None, uptime: int | None, ago: int | None) -> int | None:
    if isinstance(then, list):
        return then[0]
    return None if then is None or uptime is None or ago is None else uptime - then - ago


def _grown(
    readings: Sequence[Row], column: int, of: int, sets: Names
) -> dict[str, list[int | None]]:
    """Return by name what was added to each count since the reading before that had it."""
    found: dict[str, list[int | None]] = {}
    last: dict[str, int] = {}
    for n, row in enumerate(readings):
        if row[column] is None:
            continue
        for name, count in zip(sets(row[of]), json.loads(row[column]), strict=True):
            values = found.setdefault(name, [])
            values += [None] * (n - len(values))
            values.append(count - last.get(name, 0))
            last[name] = count
    return {name: values + [None] * (len(readings) - len(values)) for name, values in found.items()}


def _epochs(usages: Iterable[Row]) -> dict[tuple[int, int], int]:
    """Return (device, meter) -> the epoch of most of its usages."""
    found = Counter((device, meter, epoch) for _, _, device, meter, epoch, *_ in usages)
    return {(device, meter): epoch for (device, meter, epoch), _ in reversed(found.most_common())}


# Segments in the ledger.


_NUMBER: Final = "SELECT id FROM names WHERE name = ?"
_FIND: Final = """
SELECT p.id, p.place, p.first, p.last, p.readings, p.usages, p.entries, p.first_seq, p.last_seq,
    p.first_level, p.last_level, p.octets, p.digest FROM packed p
"""


@dataclass(frozen=True, slots=True)
class PackedRow:
    """A row of the table `packed`, but for its number and its body."""

    place: int
    first: int
    last: int
    readings: int
    usages: int
    entries: int
    first_seq: int | None
    last_seq: int | None
    first_level: int | None
    last_level: int | None
    octets: int
    digest: str

    @property
    def beside(self) -> Row:
        """What is stored beside digest and body, in the order of the columns."""
        return (
            *(self.place, self.first, self.last, self.readings, self.usages, self.entries),
            *(self.first_seq, self.last_seq, self.first_level, self.last_level, self.octets),
        )

    def digest_of(self, text: str) -> str:
        """Return the SHA-256 of `text` and of all that is stored beside it."""
        return hashlib.sha256(to_json([*self.beside, text]).encode()).hexdigest()


class Segments:
    """Every question to what is laid together. Damage raises ValueError or the like."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through `connection`."""
        self._connection = connection
        self._sets: dict[int, tuple[str, ...]] = {}
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._kept: OrderedDict[str, Segment] = OrderedDict()
        self._logs: OrderedDict[str, tuple[list[int], list[int]]] = OrderedDict()

    def readings(self, place: str, since: int, until: int) -> list[Row]:
        """Return the readings with since <= at <= until, in order."""
        return [
            row
            for one in self.overlapping(place, since, until)
            for row in one.between(since, until)
        ]

    def usages(self, place: str, since: int, until: int) -> list[Row]:
        """Return the usages with since < end <= until, names instead of numbers: see `Usage`."""
        return [
            (place, row[1], self.name(row[2]), self.name(row[3]), *row[4:])
            for one in self.overlapping(place, since + 1, until)
            for row in one.usages
            if since < row[_AT] <= until
        ]

    def times(self, place: int, since: int, until: int) -> list[int]:
        """Return the first and last time of the readings with since <= at <= until, if any."""
        found = []
        for row in self._rows("p.place = ? AND p.first <= ? AND p.last >= ?", place, until, since):
            _, _, first, last = row[:4]
            if since <= first and last <= until:
                found += [first, last]
            else:
                found += [one for one in self._segment(row).times if since <= one <= until]
        return [min(found), max(found)] if found else []

    def overlapping(self, place: str, since: int, until: int) -> Iterator[Segment]:
        """Yield what is laid together of `place` between these times, and around them."""
        where = "p.place = (SELECT id FROM names WHERE name = ?) AND p.first <= ? AND p.last >= ?"
        for row in self._rows(f"{where} ORDER BY p.first", place, until, since):
            yield self._segment(row)

    def pages(self) -> Iterator[tuple[str, str, int]]:
        """Yield place, meter and pages of every usage."""
        for (number,) in self._connection.execute("SELECT id FROM packed").fetchall():
            for place, _, _, meter, _, _, _, pages, *_ in self.of(number).usages:
                yield self.name(place), self.name(meter), pages

    def of(self, number: int) -> Segment:
        """Return the segment that lies in the row of that number."""
        return next(self._segment(row) for row in self._rows("p.id = ?", number))

    def log_after(self, seq: int, until: int, limit: int) -> list[tuple[int, int, int]]:
        """Return (seq, place, time) of at most `limit` readings with seq < their seq <= until."""
        found: list[tuple[int, int, int]] = []
        where = "p.last_seq > ? AND p.first_seq <= ? ORDER BY p.first_seq"
        for row in self._rows(where, seq, until) if limit else ():
            if row[7] > until:
                break
            seqs, times = self._log_of(row)
            some = slice(bisect_right(seqs, seq), bisect_right(seqs, until))
            pairs = zip(seqs[some], times[some], strict=True)
            found = sorted([*found, *((one, row[1], at) for one, at in pairs)])[:limit]
            if len(found) == limit:
                until = found[-1][0]
        return found

    def log_rows_after(self, seq: int) -> int:
        """Return how many places in the log lie above `seq`."""
        query = "SELECT coalesce(sum(entries), 0) FROM packed WHERE first_seq > ?"
        found = int(self._connection.execute(query, (seq,)).fetchone()[0])
        for row in self._rows("p.last_seq > ? AND p.first_seq <= ?", seq, seq):
            seqs, _ = self._log_of(row)
            found += len(seqs) - bisect_right(seqs, seq)
        return found

    def oldest_after(self, seq: int) -> int | None:
        """Return the earliest time of those whose place in the log lies above `seq`."""
        oldest: int | None = None
        for row in self._rows("p.last_seq > ? ORDER BY p.first", seq):
            if oldest is not None and row[2] >= oldest:
                break
            seqs, times = self._log_of(row)
            later = times[bisect_right(seqs, seq) :]
            oldest = min([*later, *([] if oldest is None else [oldest])], default=None)
        return oldest

    def first_place_since(self, at: int) -> int | None:
        """Return the lowest place in the log of a reading at `at` or later."""
        lowest: int | None = None
        for row in self._rows("p.last >= ? AND p.first_seq IS NOT NULL ORDER BY p.first_seq", at):
            if lowest is not None and row[7] >= lowest:
                break
            pairs = zip(*self._log_of(row), strict=True)
            later = [seq for seq, time in pairs if time >= at]
            lowest = min([*later, *([] if lowest is None else [lowest])], default=None)
        return lowest

    def number(self, name: str) -> int | None:
        """Return the number of `name`, None where it was never written."""
        row = self._connection.execute(_NUMBER, (name,)).fetchone()
        return None if row is None else int(row[0])

    def name(self, number: int) -> str:
        """Return the name that has that number."""
        if number not in self._names:
            query = "SELECT name FROM names WHERE id = ?"
            (self._names[number],) = self._connection.execute(query, (number,)).fetchone()
        return self._names[number]

    def sets(self, number: int | None) -> tuple[str, ...]:
        """Return the names of a set of meters or terms that have a count of their own."""
        if number is None:
            return ()
        if number not in self._sets:
            query = "SELECT meters FROM meter_sets WHERE id = ?"
            (text,) = self._connection.execute(query, (number,)).fetchone()
            self._sets[number] = tuple(one for one in json.loads(text) if isinstance(one, str))
        return self._sets[number]

    def numbers(self, sets: Iterable[int]) -> Mapping[str, int]:
        """Return name -> number of the meters in `sets`, without what was never numbered."""
        for name in {name for one in sets for name in self.sets(one)} - self._numbers.keys():
            if (number := self.number(name)) is not None:
                self._numbers[name] = number
        return self._numbers

    def forget(self) -> None:
        """Ask again from now on; to be called after every rollback."""
        for one in (self._sets, self._names, self._numbers, self._kept, self._logs):
            one.clear()

    def opened(self, text: str, place: int, first: int) -> Segment:
        """Return the segment with that body, of the place numbered so."""
        body = json.loads(text)
        numbers = self.numbers({one[2] for one in body["same"]})
        return Segment(body, place, first, self.sets, numbers)

    def _rows(self, where: str, *values: object) -> list[Row]:
        return self._connection.execute(f"{_FIND} WHERE {where}", values).fetchall()

    def _segment(self, row: Row) -> Segment:
        place, first, digest = row[1], row[2], row[-1]
        if (known := self._kept.get(digest)) is not None:
            self._kept.move_to_end(digest)
            return known
        found = self.opened(self._text(row), place, first)
        self._kept[digest] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def _log_of(self, row: Row) -> tuple[list[int], list[int]]:
        digest = row[-1]
        if digest not in self._logs:
            body = json.loads(self._text(row))
            log = sorted(_log(list(_times(body["at"], row[2])), body["seq"]))
            self._logs[digest] = [seq for seq, _ in log], [at for _, at in log]
            if len(self._logs) > _KEPT_LOGS:
                self._logs.popitem(last=False)
        return self._logs[digest]

    def _text(self, row: Row) -> str:
        """Return the body of a row of _FIND; ValueError where it is not what was laid together."""
        stored = PackedRow(*row[1:])
        query = "SELECT body FROM packed WHERE id = ?"
        (body,) = self._connection.execute(query, row[:1]).fetchone()
        message = f"what is laid together of place {stored.place} does not fit its digest"
        try:
            text = zlib.decompress(body).decode()
        except zlib.error as error:
            raise ValueError(message) from error
        if stored.digest_of(text) != stored.digest:
            raise ValueError(message)
        return text
