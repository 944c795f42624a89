"""Readings that another program took: what one line of a file says, and in which order they came.

Nothing is guessed: a key that is not known, a time without a zone or a figure that is none is
refused, so that a file is counted as it was meant or not at all.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from collector.domain.counting.entries import Entry, OldReadings
from collector.domain.counting.identity import DeviceIdentity, real_serial
from collector.domain.counting.reading import Answer, DeviceStatus, Reading
from collector.domain.meters import METERS, Meter
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, Unacceptable, sentence

PROFILE: Final = "told"
"""What stands in the place of a profile in answers that came from a file."""

OLD: Final = "old"
"""What stands there once they lie in a ledger: they count as long as an entry says so."""

_LARGEST: Final = 2**63 - 1
_MOMENT: Final = timedelta(minutes=1)
"""How long after the line before one came whose own time is wrong, where nothing tells."""
_YEARS: Final = range(1990, 2200)
_SILENT_KEYS: Final = frozenset({"at", "place", "silent"})
_KEYS: Final = (
    *("at", "place", "silent", "serial", "mac", "model", "uptime_s", "meters"),
    *("wraps", "rated_ipm", "status"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a file: what `place` answered at `at` (UTC); without `answer` it was silent.

    `came` is when it really came, by the order of the lines: other than `at` where the clock by
    which `at` was written down was wrong.
    """

    line: int
    place: PlaceId
    at: datetime
    came: datetime
    answer: Answer | None


class Refused(Unacceptable):
    """A line cannot be taken; `key` names what of it, "" the line as a whole."""

    def __init__(self, key: str, why: Sentence) -> None:
        """Keep the key beside the sentence."""
        self.key = key
        super().__init__(why)


class Lines:
    """Understands lines one by one; machines that say the same of themselves are kept once."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self._machines: dict[object, Answer] = {}

    def told(self, line: int, said: Mapping[str, object]) -> Told:
        """Return what the fields `said` of line number `line` mean; raises Refused."""
        for key in said:
            if key not in _KEYS:
                raise Refused(key, sentence("told.no_key", known=tuple(_KEYS)))
        place, at = PlaceId(_text(said, "place")), _instant(said)
        silent = said.get("silent", False)
        if not isinstance(silent, bool):
            raise Refused("silent", sentence("told.no_boolean", value=_shown(silent)))
        if not silent:
            return Told(line, place, at, at, self._answer(said))
        for key in said:
            if key not in _SILENT_KEYS:
                raise Refused(key, sentence("told.silent_said_nothing"))
        return Told(line, place, at, at, None)

    def _answer(self, said: Mapping[str, object]) -> Answer:
        if "meters" not in said:
            raise Refused("meters", sentence("told.no_meters"))
        meters = _meters(said["meters"], "meters")
        if not meters:
            raise Refused("meters", sentence("told.empty_meters"))
        return replace(
            self._machine(said), meters=meters, uptime_s=_count(said.get("uptime_s"), "uptime_s")
        )

    def _machine(self, said: Mapping[str, object]) -> Answer:
        """Return all that a line says beside meters and uptime, the same value for the same."""
        names = ("serial", "mac", "model", "rated_ipm", "status")
        wraps = _meters(said.get("wraps", {}), "wraps", least=2)
        key = (*map(said.get, names), *sorted(wraps.items()))
        try:
            return self._machines[key]
        except (KeyError, TypeError):  # a list or an object as text is refused below
            pass
        identity = DeviceIdentity(
            model=_optional(said, "model"),
            serial=real_serial(_optional(said, "serial")),
            mac=_mac(_optional(said, "mac")),
        )
        rated = _count(said.get("rated_ipm"), "rated_ipm", least=1)
        answer = Answer(
            identity, {}, status=_status(said), profile=PROFILE, wraps=wraps, rated_ipm=rated
        )
        return self._machines.setdefault(key, answer)


def in_order(told: Iterable[Told]) -> list[Told]:
    """Return the lines in the order in which they came, whatever a clock said.

    The lines of one place must lie in the order of their times. The one way back is a clock that
    was wrong: then the later line has the longer uptime. Raises OutOfOrder.
    """
    by_place: dict[PlaceId, list[Told]] = defaultdict(list)
    for one in told:
        by_place[one.place].append(one)
    every = [one for own in by_place.values() for one in _put_right(own)]
    return sorted(every, key=lambda one: one.came)


class OutOfOrder(Refused):
    """The line `line` cannot stand where it stands."""

    def __init__(self, line: int, why: Sentence) -> None:
        """Keep the line beside the sentence."""
        self.line = line
        super().__init__("at", why)


def _put_right(own: Sequence[Told]) -> Sequence[Told]:
    """Return the lines of one place, those by a wrong clock put between the others."""
    back = [(was, one) for was, one in pairwise(own) if one.at <= was.at]
    if not back:
        return own
    _refuse_unexplained(own, back)
    right = _longest_growing([one.at for one in own])
    next_right: list[datetime | None] = [None]
    for number in range(len(own) - 1, 0, -1):
        next_right.append(own[number].at if number in right else next_right[-1])
    before = own[min(right)].at - 2 * _MOMENT
    found: list[Told] = []
    for number, (one, after) in enumerate(zip(own, reversed(next_right), strict=True)):
        room = 2 * _MOMENT if after is None else after - before
        before = one.at if number in right else before + min(_MOMENT, room / 2)
        found.append(replace(one, came=before))
    return found


def _refuse_unexplained(own: Sequence[Told], back: Sequence[tuple[Told, Told]]) -> None:
    """Raise OutOfOrder for the first step back that no longer uptime explains."""
    said = [one for one in own if one.answer is not None]
    explained = False
    for was, one in pairwise(said):
        if one.at > was.at:
            continue
        before, after = _uptime(was), _uptime(one)
        if one.at == was.at or before is None or after is None or after <= before:
            raise _out_of_order(was, one)
        explained = True
    if not explained:
        raise _out_of_order(*back[0])


def _uptime(one: Told) -> int | None:
    return None if one.answer is None else one.answer.uptime_s


def _out_of_order(was: Told, one: Told) -> OutOfOrder:
    if one.at == was.at:
        return OutOfOrder(one.line, sentence("told.same_time", line=was.line))
    why = sentence("told.not_in_order", at=one.at, line=was.line, before=was.at)
    return OutOfOrder(one.line, why)


def _longest_growing(times: Sequence[datetime]) -> frozenset[int]:
    """Return the positions of the longest strictly growing run through `times`."""
    tails: list[datetime] = []
    ends: list[int] = []
    chain: list[int | None] = []
    for number, at in enumerate(times):
        length = bisect_right(tails, at)
        chain.append(ends[length - 1] if length else None)
        tails[length : length + 1] = [at]
        ends[length : length + 1] = [number]
    found: list[int] = []
    last: int | None = ends[-1]
    while last is not None:
        found.append(last)
        last = chain[last]
    return frozenset(found)


def counting(stored: Iterable[Reading], holding: Iterable[Entry]) -> list[Reading]:
    """Return `stored` without what was brought from elsewhere and taken back since."""
    spans = [(one.since, one.until) for one in holding if isinstance(one, OldReadings)]
    return [
        one
        for one in stored
        if one.answer.profile != OLD or any(since <= one.at <= to for since, to in spans)
    ]


def strangers(told: Iterable[Told], known: Iterable[PlaceId]) -> Iterator[Told]:
    """Yield the first line of every place that is not among the `known`."""
    seen = set(known)
    for one in told:
        if one.place not in seen:
            seen.add(one.place)
            yield one


def _instant(said: Mapping[str, object]) -> datetime:
    text = _text(said, "at")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("at", sentence("told.no_time", text=repr(text))) from None
    if at.tzinfo is None:
        raise Refused("at", sentence("told.no_zone", text=repr(text)))
    if at.year not in _YEARS:
        raise Refused("at", sentence("told.no_year", text=repr(text)))
    return at.astimezone(UTC).replace(microsecond=0)


def _text(said: Mapping[str, object], key: str) -> str:
    text = _optional(said, key)
    if text is None:
        raise Refused(key, sentence("told.missing"))
    return text


def _optional(said: Mapping[str, object], key: str) -> str | None:
    value = said.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(key, sentence("told.no_text", value=_shown(value)))
    return value.strip() or None


def _mac(text: str | None) -> str | None:
    if text is None:
        return None
    digits = "".join(one for one in text.casefold() if one not in ":-. ")
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        octets = b""
    if len(octets) != 6:  # noqa: PLR2004 - octets of a MAC address
        raise Refused("mac", sentence("told.no_mac", text=repr(text)))
    return octets.hex(":") if any(octets) else None


def _status(said: Mapping[str, object]) -> DeviceStatus:
    text = _optional(said, "status")
    if text is None:
        return DeviceStatus.UNKNOWN
    if text not in set(DeviceStatus):
        why = sentence("told.no_status", text=repr(text), known=tuple(DeviceStatus))
        raise Refused("status", why)
    return DeviceStatus(text)


def _meters(value: object, key: str, least: int = 0) -> dict[Meter, int]:
    if not isinstance(value, Mapping):
        raise Refused(key, sentence("told.no_object", value=_shown(value)))
    found: dict[Meter, int] = {}
    for name, figure in value.items():
        if name not in METERS:
            raise Refused(f"{key}.{name}", sentence("told.no_meter"))
        number = _count(figure, f"{key}.{name}", least)
        if number is None:
            raise Refused(f"{key}.{name}", sentence("told.null"))
        found[Meter(name)] = number
    return found


def _count(value: object, key: str, least: int = 0) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(key, sentence("told.no_whole_number", value=_shown(value)))
    if not least <= value <= _LARGEST:
        text = "told.negative" if value < 0 else "told.no_figure"
        raise Refused(key, sentence(text, value=value))
    return value


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004 - enough to find it
