"""What is known of every place, as its last answer left it.

Mostly a machine says again what it said, and only its uptime has grown. Then nothing is judged and
nothing has a commit of its own: that it was heard is written once a minute, for all places at once.

What of this is not written when the process is killed is as if it had been killed a minute earlier.
An answer that says the same proves that nothing was printed, so no page rests on it: the next one
that says more is counted from where the meters stood, and they stood there. Only when within that
minute they did so would be known less closely. Beside midnight that decides a day, and with it
perhaps a month, so there each answer is written at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from collector.app.count_reading import rest_of
from collector.domain.counting.count import is_unchanged
from collector.domain.counting.reading import Answer, Confirmation, Reading, Stay
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import Counting, Heard, PlaceState

_WRITTEN_EVERY: Final = timedelta(minutes=1)
_BESIDE_MIDNIGHT: Final = timedelta(minutes=10)


class PlaceStates(Mapping[PlaceId, PlaceState]):
    """The state of every place that is known, with what was heard since it was put here."""

    def __init__(self, ledger: Counting) -> None:
        """Begin without knowing any place; `ledger` is told where a machine was heard again."""
        self._ledger = ledger
        self._states: dict[PlaceId, PlaceState] = {}
        self._judged: dict[PlaceId, Answer] = {}
        self._heard: dict[PlaceId, Confirmation] = {}
        self._unwritten: dict[PlaceId, Heard] = {}
        self._written_at: datetime | None = None

    def __getitem__(self, place: PlaceId) -> PlaceState:
        """Return what is known of `place`; KeyError where it is not known here."""
        heard = self._heard.pop(place, None)
        if heard is not None:
            state = self._states[place]
            track = state.track
            track = None if track is None else track.heard_again(heard.at, heard.uptime_s)
            self._states[place] = replace(state, seen_at=heard.at, track=track)
        return self._states[place]

    def __iter__(self) -> Iterator[PlaceId]:
        """Return the places that are known."""
        return iter(self._states)

    def __len__(self) -> int:
        """Return how many places are known."""
        return len(self._states)

    def put(self, state: PlaceState, judged: Reading | None = None) -> None:
        """Know `state` of its place, which the ledger has; `judged` is the reading it comes from.

        Where the machine stands exactly as it says, hearing that again can change nothing.
        """
        self.forget(state.place)
        self._states[state.place] = state
        if judged is not None and _stands_as_said(state, judged):
            self._judged[state.place] = judged.answer

    def forget(self, place: PlaceId) -> None:
        """Know nothing of `place` any more: only the ledger does."""
        for known in (self._states, self._judged, self._heard, self._unwritten):
            known.pop(place, None)

    def hear_again(self, reading: Reading, heartbeat: timedelta) -> bool:
        """Note that the machine says the same as before; False where it does not, or is to be told.

        Whoever asks has seen that the machine stands at the place.
        """
        place, judged = reading.place, self._judged.get(reading.place)
        if judged is None or not _says_the_same(judged, reading.answer):
            return False
        state, uptime_s = self._states[place], reading.answer.uptime_s
        before = self._heard.get(place) or Confirmation(state.seen_at or reading.at, _uptime(state))
        if reading.at <= before.at or _is_due(state, reading.at, heartbeat):
            return False
        if uptime_s is not None and before.uptime_s is not None and uptime_s < before.uptime_s:
            return False
        self._heard[place] = Confirmation(reading.at, uptime_s)
        self._unwritten[place] = Heard(place, reading.at, uptime_s, state.edition)
        return True

    async def write_where_due(self, at: datetime, office: Office) -> None:
        """Write down what was heard again, where a minute has passed or midnight is near."""
        written_at = self._written_at
        if (
            written_at is None
            or not timedelta(0) <= at - written_at < _WRITTEN_EVERY
            or office.local_day(at - _BESIDE_MIDNIGHT) != office.local_day(at + _BESIDE_MIDNIGHT)
        ):
            self._written_at = at
            await self.write()

    async def write(self) -> None:
        """Write down what was heard again; a place that was counted anew meanwhile is forgotten."""
        heard, self._unwritten = self._unwritten, {}
        if heard:
            for place in await self._ledger.record_heard([*heard.values()]):
                self.forget(place)


def _stands_as_said(state: PlaceState, reading: Reading) -> bool:
    """Say whether all that is known of the place's machine is what `reading` says."""
    track = state.track
    if track is None or track.at != reading.at or reading.stay is not Stay.HERE:
        return False
    read = {name for name, one in track.meters.items() if one.last_at == track.at}
    return bool(state.online) and read == {*reading.answer.meters} and is_unchanged(track, reading)


def _says_the_same(judged: Answer, answer: Answer) -> bool:
    """Say whether `answer` differs from `judged` in the uptime alone, or in what is no news."""
    if rest_of(answer) is not rest_of(judged):
        return False
    return replace(judged, uptime_s=answer.uptime_s, status=answer.status) == answer


def _is_due(state: PlaceState, at: datetime, heartbeat: timedelta) -> bool:
    return state.stored_at is None or at - state.stored_at >= heartbeat


def _uptime(state: PlaceState) -> int | None:
    return None if state.track is None else state.track.uptime_s
