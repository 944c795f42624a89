"""Machines that were found, as entries of a fleet file: for review, never for the service."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collector.domain.discovered import FoundPrinter, PlacedMachine, Sighting
from collector.domain.office.fleet import Fleet, Place
from collector.domain.office.shares import PlaceId
from collector.settings.fleet.csv import CsvEncoding, export_csv
from collector.settings.fleet.write import write_fleet_toml
from collector.settings.values import (
    Language,
    free_id,
    id_problem,
    name_problem,
    slugged,
    tidy,
)
from collector.texts import ENGLISH, Texts

_SERIAL_END: Final = 4
_NOTHING_SAID: Final = frozenset(
    {"", "unknown", "none", "n/a", "-", "not set", "default", "location", "name", "printer", "null"}
)
_BY_ADDRESS: Final = re.compile(r"(?i)[a-z]{0,6}[-_]?[0-9a-f]{6}(?:[0-9a-f]{6})?")
"""Names that makers give to machines: letters and the hardware address (RNP002673ABCDEF)."""


@dataclass(frozen=True, slots=True)
class ProposedPlace:
    """A place that could be entered for `machine`, which stands in no fleet file yet."""

    place: Place
    machine: FoundPrinter


def proposals(
    found: Iterable[PlacedMachine], place_names: dict[str, str], taken: Iterable[str]
) -> tuple[ProposedPlace, ...]:
    """Return a place for each new machine; ids differ from one another and from `taken`.

    `place_names` says what a fleet file calls the credential that was shown. Ids and names come
    from the machine's own location or name, else from its model and the end of its serial number.
    """
    used = set(taken)
    made: list[ProposedPlace] = []
    for one in found:
        if one.is_new:
            seen = one.machine.main
            place_id = free_id(_slug(seen), used)
            used.add(place_id)
            place = Place(
                id=PlaceId(place_id),
                name=_name(seen),
                address=seen.address,
                port=seen.port,
                credential=place_names.get(seen.credential, seen.credential),
            )
            made.append(ProposedPlace(place, one.machine))
    return tuple(made)


def proposed_toml(
    made: Sequence[ProposedPlace], listed: Iterable[PlacedMachine], texts: Texts = ENGLISH
) -> str:
    """Return fleet entries as TOML, each below what is known of its machine.

    Machines that are `listed` already stand at the end, as comments; `texts` says what those say.
    """
    text = write_fleet_toml(Fleet(places=tuple(one.place for one in made)))
    _, *entries = re.split(r"(?m)^(?=\[\[place\]\]$)", text)
    parts = ["".join(f"# {line}\n" for line in texts("proposed.head").split("\n"))]
    for one, entry in zip(made, entries, strict=True):
        parts.append(f"# {_comment(one.machine, texts)}\n{entry.strip()}\n")
    known = [f"# {one.place or one.home}: {_comment(one.machine, texts)}" for one in listed]
    if known:
        parts.append("\n".join([f"# {texts('proposed.listed')}", *known, ""]))
    return "\n".join(parts)


def proposed_csv(made: Sequence[ProposedPlace], language: Language) -> bytes:
    """Return the entries as a spreadsheet in UTF-8, which `fleet import` reads."""
    places = tuple(one.place for one in made)
    return export_csv(Fleet(places=places), CsvEncoding.UTF8, language)


def _comment(machine: FoundPrinter, texts: Texts) -> str:
    seen = machine.main
    identity = seen.identity
    name = " ".join(filter(None, (identity.vendor, identity.model)))
    serial, total = identity.serial, seen.total
    facts = [
        name or texts("proposed.printer"),
        texts("proposed.serial", serial=serial) if serial else texts("proposed.no_serial"),
        texts("proposed.no_total") if total is None else texts("proposed.total", total=total),
    ]
    others = tuple(one.address for one in machine.sightings if one is not seen)
    facts += [texts("proposed.also_at", addresses=others)] if others else []
    facts += [texts.translated(seen.words)] if seen.words else []
    return _one_line(texts("list.between").join(facts))


def _one_line(text: str) -> str:
    return "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text)


def _slug(seen: Sighting) -> str:
    for text in _own_words(seen):
        slug = slugged(text)
        if slug and id_problem(slug) is None:
            return slug
    model = slugged(seen.identity.model or seen.identity.vendor or "printer")
    end = slugged((seen.identity.serial or seen.ip)[-_SERIAL_END:])
    slug = f"{model}-{end}".strip("-")
    return slug if id_problem(slug) is None else "printer"


def _own_words(seen: Sighting) -> Iterator[str]:
    """Yield what the office called the machine: its location, then its name, never defaults."""
    identity = seen.identity
    for text in (seen.location, seen.name):
        plain = tidy(text)
        is_default = (
            plain.casefold() in _NOTHING_SAID
            or _BY_ADDRESS.fullmatch(plain) is not None
            or plain in {identity.model, identity.vendor, f"{identity.vendor} {identity.model}"}
            or (identity.serial is not None and identity.serial in plain.upper())
        )
        if not is_default:
            yield plain


def _name(seen: Sighting) -> str:
    identity = seen.identity
    model = " ".join(filter(None, (identity.vendor, identity.model)))
    for text in (*_own_words(seen), tidy(model), seen.address):
        if name_problem(text) is None:
            return text
    return "printer"
