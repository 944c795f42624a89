"""Places that fell silent together: their common key or network is told once, not each place."""

from collections.abc import Mapping
from typing import Final

from collector.domain.fleet import Fleet, Place
from collector.domain.reading import PlaceId
from collector.ports import PlaceState

FEWEST: Final = 3
"""Places with one credential of which none answers, before the credential is the likely reason."""


def silent_together(
    place: PlaceId, fleet: Fleet, states: Mapping[PlaceId, PlaceState]
) -> tuple[PlaceId, ...]:
    """Return the places asked with the credential of `place`, where none of them answers.

    In the order of their names; empty where one answers, or where they are fewer than three.
    """
    alike = tuple(sorted(one.id for one in _alike(place, fleet)))
    known = [states.get(one) for one in alike]
    are_silent = all(one is not None and one.online is False for one in known)
    return alike if are_silent and len(alike) >= FEWEST else ()


def shared_reason(place: PlaceId, fleet: Fleet) -> str:
    """Return the one sentence for all places that share the credential of `place`."""
    alike = _alike(place, fleet)
    name = alike[0].credential
    return (
        f"none of the {len(alike)} places asked with [credentials.{name}] answers; over SNMP v1 "
        "and v2c a wrong community is silence, so compare its community in collector.toml (or the "
        f"secret file credentials__{name}__community) with the machines', and check the network "
        "to them"
    )


def _alike(place: PlaceId, fleet: Fleet) -> tuple[Place, ...]:
    keys = {one.credential for one in fleet.places if one.id == place}
    return tuple(one for one in fleet.places if one.credential in keys)
