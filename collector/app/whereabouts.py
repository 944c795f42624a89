"""Where each machine stands, so that none is counted at two places."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from collector.domain.identity import DeviceKey, Sameness, compare
from collector.domain.reading import PlaceId, Reading, Stay
from collector.domain.track import PlaceTrack
from collector.ports import Ledger, PlaceState


class Whereabouts:
    """Knows the home of every machine with a serial number: the place it arrived at last."""

    def __init__(self) -> None:
        """Begin without knowing any machine; see `settle`."""
        self._homes: dict[DeviceKey, PlaceId] = {}

    async def settle(self, ledger: Ledger, states: Iterable[PlaceState]) -> None:
        """Learn where each machine of `states` stands: as noted, else where it was counted last."""
        newest: dict[DeviceKey, datetime] = {}
        for state in states:
            track = state.track
            if track is None or track.identity.is_weak:
                continue
            key = track.identity.key
            if key not in newest or track.at > newest[key]:
                newest[key] = track.at
                noted = await ledger.note(_note(key))
                self._homes[key] = PlaceId(noted) if noted else state.place

    def home_of(self, reading: Reading) -> PlaceId | None:
        """Return where the machine that answered stood so far, or None where nobody knows."""
        identity = reading.answer.identity
        return None if identity.is_weak else self._homes.get(identity.key)

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

    async def look_up(self, ledger: Ledger, reading: Reading) -> None:
        """Learn where the machine of `reading` stood last, though another stands there now."""
        identity = reading.answer.identity
        if identity.is_weak or identity.key in self._homes:
            return
        noted = await ledger.note(_note(identity.key))
        if noted:
            self._homes[identity.key] = PlaceId(noted)

    async def arrive(self, ledger: Ledger, reading: Reading) -> None:
        """Remember, over restarts too, that the machine of `reading` stands at its place.

        Unless it stands elsewhere. A silence says nothing of where a machine is, nor does another
        machine in its place.
        """
        identity = reading.answer.identity
        if identity.is_weak or reading.stay is Stay.TWICE:
            return
        if self._homes.get(identity.key) != reading.place:
            self._homes[identity.key] = reading.place
            await ledger.set_note(_note(identity.key), reading.place)


def _is_of(track: PlaceTrack | None, reading: Reading, sameness: Sameness) -> bool:
    if track is None:
        return False
    return compare(track.identity, reading.answer.identity) is sameness


def _note(device: DeviceKey) -> str:
    return f"stands-at|{device}"
