"""Where each machine stands, so that none is counted at two places."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from collector.app.notes import CAME_FROM, STANDS_AT, Departure
from collector.domain.counting.identity import DeviceKey, Sameness, compare
from collector.domain.counting.reading import Brought, Reading, Stay
from collector.domain.counting.track import PlaceTrack
from collector.domain.office.office_calendar import ONE_DAY
from collector.domain.office.shares import PlaceId
from collector.ports import Notes, PlaceState


class DeviceLocations:
    """Knows the home of every machine with a serial number: the place it arrived at last."""

    def __init__(self) -> None:
        """Begin without knowing any machine; see `settle`."""
        self._homes: dict[DeviceKey, PlaceId] = {}
        self._left: dict[DeviceKey, Departure] = {}

    async def settle(self, notes: Notes, states: Iterable[PlaceState]) -> None:
        """Learn where each machine of `states` stands: as noted, else where it was counted last."""
        newest: dict[DeviceKey, datetime] = {}
        for state in states:
            track = state.track
            if track is None or track.identity.is_weak:
                continue
            key = track.identity.key
            if key not in newest or track.at > newest[key]:
                newest[key] = track.at
                noted = await STANDS_AT.about(key).get(notes)
                await self._stands(notes, key, noted or state.place)

    def home_of(self, reading: Reading) -> PlaceId | None:
        """Return where the machine that answered stood so far, or None where nobody knows."""
        identity = reading.answer.identity
        return None if identity.is_weak else self._homes.get(identity.key)

    def is_at_home(self, reading: Reading) -> bool:
        """Say whether the machine of `reading` stands where it answered, as far as is known."""
        return self.home_of(reading) in {None, reading.place}

    def stay(
        self, states: Mapping[PlaceId, PlaceState], reading: Reading, fresh: timedelta
    ) -> Stay:
        """Say what `reading` means after `states`; a place heard within `fresh` still has it.

        A machine that arrives at a place where it was never counted has moved, and so has one that
        comes back from a place where another stands now. Where both places know it and both are
        being heard, nothing moved: one machine is polled twice.
        """
        place, home = reading.place, self.home_of(reading)
        if home is None or home == place:
            return Stay.HERE
        here, there = states.get(place, PlaceState(place)), states.get(home, PlaceState(home))
        known_here = _is_of(here.track, reading, Sameness.SAME)
        left = _is_of(there.track, reading, Sameness.OTHER)
        heard_there = there.seen_at is not None and reading.at - there.seen_at < fresh
        if known_here and not left and here.online and there.online and heard_there:
            return Stay.TWICE
        return Stay.ARRIVED

    def brought(self, states: Mapping[PlaceId, PlaceState], reading: Reading) -> Brought | None:
        """Return where the machine of `reading` was read last, if that was at another place.

        None where it stands at home, or where nobody knows what it said last.
        """
        home = self.home_of(reading)
        if home is None or home == reading.place:
            return None
        track = states.get(home, PlaceState(home)).track
        known = () if track is None else (track, *track.former)
        last = next((one for one in known if _is_of(one, reading, Sameness.SAME)), None)
        if last is None or last.at >= reading.at:
            return None
        meters = {name: meter.last for name, meter in last.meters.items()}
        formulas = {
            name: meter.formula for name, meter in last.meters.items() if meter.formula is not None
        }
        return Brought(home, last.at, last.uptime_s, meters, formulas)

    def is_in_two_minds(self, reading: Reading, within: timedelta) -> bool:
        """Say whether the machine of `reading` goes to and fro, each way `within` that time.

        Such a machine does not move: two places ask one address, or two machines have it. One that
        comes back once may have been lent. Call it before `arrive`.
        """
        left = self._left.get(reading.answer.identity.key)
        return left is not None and left.came_back and _is_return(left, reading, within)

    def was_told(self, reading: Reading, within: timedelta) -> bool:
        """Say whether it was told `within` that time that the machine of `reading` is in two minds.

        Call it before `arrive`, which takes it as told.
        """
        left = self._left.get(reading.answer.identity.key)
        return left is not None and left.told is not None and reading.at - left.told < within

    async def look_up(self, notes: Notes, reading: Reading) -> None:
        """Learn where the machine of `reading` stood last, though another stands there now."""
        identity = reading.answer.identity
        if identity.is_weak or identity.key in self._homes:
            return
        noted = await STANDS_AT.about(identity.key).get(notes)
        if noted:
            await self._stands(notes, identity.key, noted)

    async def _stands(self, notes: Notes, key: DeviceKey, place: PlaceId) -> None:
        """Take it that the machine stands at `place`, and from where it came as noted."""
        self._homes[key] = place
        left = await CAME_FROM.about(key).get(notes)
        if left is not None:
            self._left[key] = left

    async def arrive(self, notes: Notes, reading: Reading, within: timedelta) -> None:
        """Remember, over restarts too, that the machine of `reading` stands at its place.

        Unless it stands elsewhere. A silence says nothing of where a machine is, nor does another
        machine in its place. One that is in two minds `within` that time is told of from now on.
        """
        identity = reading.answer.identity
        if identity.is_weak or reading.stay is Stay.TWICE:
            return
        home = self._homes.get(identity.key)
        if home != reading.place:
            if home is not None:
                left = self._departure(home, reading, within)
                self._left[identity.key] = left
                await CAME_FROM.about(identity.key).put(notes, left)
            self._homes[identity.key] = reading.place
            await STANDS_AT.about(identity.key).put(notes, reading.place)

    def _departure(self, home: PlaceId, reading: Reading, within: timedelta) -> Departure:
        """Return how the machine of `reading` leaves `home` for the place where it was read."""
        before = self._left.get(reading.answer.identity.key)
        came_back = before is not None and _is_return(before, reading, ONE_DAY)
        told = None if before is None else before.told
        if self.is_in_two_minds(reading, within) and not self.was_told(reading, within):
            told = reading.at
        return Departure(home, reading.at, came_back, told)


def _is_return(left: Departure, reading: Reading, within: timedelta) -> bool:
    return left.place == reading.place and reading.at - left.at < within


def _is_of(track: PlaceTrack | None, reading: Reading, sameness: Sameness) -> bool:
    if track is None:
        return False
    return compare(track.identity, reading.answer.identity) is sameness
