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

    def settle(self, states: Iterable[PlaceState]) -> None:
        """Learn from `states` where every machine stands: where it was counted last."""
        newest: dict[DeviceKey, datetime] = {}
        for state in states:
            track = state.track
            if track is None or track.identity.is_weak:
                continue
            key = track.identity.key
            if key not in newest or track.at > newest[key]:
                newest[key] = track.at
                self._homes[key] = state.place

    def home_of(self, reading: Reading) -> PlaceId | None:
        """Return where the machine that answered stood so far, or None where nobody knows."""
        identity = reading.answer.identity
        return None if identity.is_weak else self._homes.get(identity.key)

    def stay(
        self, states: Mapping[PlaceId, PlaceState], reading: Reading, fresh: timedelta
    ) -> Stay:
        """Say what `reading` means after `states`; a place heard within `fresh` still has it.

        A machine that arrives at a place where it was never counted has moved. Where both places
        know it and both are being heard, nothing moved: one machine is polled twice.
        """
        place, home = reading.place, self.home_of(reading)
        if home is None or home == place:
            return Stay.HERE
        here, there = states.get(place, PlaceState(place)), states.get(home, PlaceState(home))
        known_here = here.track is not None and (
            compare(here.track.identity, reading.answer.identity) is Sameness.SAME
        )
        heard_there = there.seen_at is not None and reading.at - there.seen_at < fresh
        if known_here and here.online and there.online and heard_there:
            return Stay.TWICE
        return Stay.ARRIVED

    async def look_up(self, ledger: Ledger, reading: Reading) -> None:
        """Learn where the machine of `reading` stood before another took its place there."""
        identity = reading.answer.identity
        if identity.is_weak or identity.key in self._homes:
            return
        noted = await ledger.note(_note(identity.key))
        if noted:
            self._homes[identity.key] = PlaceId(noted)

    async def arrive(self, ledger: Ledger, before: PlaceTrack | None, reading: Reading) -> None:
        """Remember that the machine of `reading` stands at its place, unless it stands elsewhere.

        The machine known there `before` may turn up somewhere: `ledger` notes where it stood. A
        silence says nothing of where a machine is: only readings are noted.
        """
        identity = reading.answer.identity
        if identity.is_weak or reading.stay is Stay.TWICE:
            return
        self._homes[identity.key] = reading.place
        if before is not None and compare(before.identity, identity) is Sameness.OTHER:
            left = before.identity.key
            if self._homes.get(left) == reading.place:
                await ledger.set_note(_note(left), reading.place)


def _note(device: DeviceKey) -> str:
    return f"stood-at|{device}"
