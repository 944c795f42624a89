"""What a search of the network found, as tables, JSON and fleet entries."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final

from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.cli.asked import Access
from collector.cli.output import SPOKEN, listed, phrase, result, result_tables, say, worded
from collector.cli.status import findings_table
from collector.cli.words import CommandWords, code_text
from collector.domain.counting.findings import Finding
from collector.domain.discovered import (
    SHOWN,
    AddressVerdict,
    PlacedMachine,
    SearchTally,
    Sighting,
)
from collector.domain.report.table import CellKind, Column, Table, csv_text, records
from collector.domain.sentence import Sentence
from collector.settings.fleet.proposed import proposals, proposed_csv, proposed_toml
from collector.settings.fleet.write import write_file
from collector.settings.load import Loaded
from collector.settings.values import Language
from collector.texts import ENGLISH

_ADDRESSES_SHOWN: Final = 2
_Column = Column[PlacedMachine]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What came of it: every address, the machines with their standing, findings, how long."""

    tally: SearchTally
    standings: tuple[PlacedMachine, ...]
    findings: tuple[Finding, ...]
    of: int
    seconds: float
    notes: tuple[Sentence, ...] = ()

    @property
    def asked(self) -> int:
        """How many addresses were asked to the end."""
        return self.tally.counts.total()

    def of_verdict(self, verdict: AddressVerdict) -> tuple[Sighting, ...]:
        """Return the agents that turned out to be so."""
        return tuple(one for one in self.tally.answered if one.verdict is verdict)


def show(found: SearchResult, loaded: Loaded | None, form: str, *, shows_others: bool) -> None:
    """Print the machines, the findings, and in prose what else answered."""
    words = _words(loaded)
    machines = machines_table(found.standings, words)
    others = _others_table(found.of_verdict(AddressVerdict.OTHER), words)
    findings = findings_table(found.findings, words, _zone(loaded))
    document = {
        "asked": found.asked,
        "of": found.of,
        "seconds": round(found.seconds, 3),
        "verdicts": {one.value: found.tally.counts[one] for one in AddressVerdict},
        "machines": records(machines),
        "others": records(others),
        "findings": records(findings),
        "notes": [ENGLISH.say(one) for one in found.notes],
    }
    listed = [others] if shows_others else []
    result_tables(form, machines, *listed, findings, document=document)
    _prose(found, shows_others=shows_others)


def show_news(
    news: Sequence[Finding], now: datetime, loaded: Loaded | None, form: str, *, is_first: bool
) -> None:
    """Print each new finding on a line of its own; `is_first`: there was none before."""
    zone = _zone(loaded)
    at = now.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    table = findings_table([replace(one, at=now) for one in news], _words(loaded), zone)
    if form == "csv" and (news or is_first):
        result(csv_text(table, with_names=is_first))
    elif form == "json":
        for record in records(table):
            result(json.dumps(record, ensure_ascii=False))
    elif form == "table":
        for one in news:
            said = _words(loaded).said(one.message, zone)
            result(f"{at} {code_text(one, _words(loaded))} {one.subject}: {said}")


def write_entries(found: SearchResult, ask: Access, path: Path) -> None:
    """Write the new machines as fleet entries to `path`, which must not exist yet."""
    names = {key.name: key.place_name for key in ask.keys}
    fleet = ask.loaded.fleet if ask.loaded is not None else None
    taken = [one.id for one in fleet.places] if fleet is not None else []
    made = proposals(found.standings, names, taken)
    if not made:
        say(phrase("discover_nothing_new", file=path))
        return
    if path.suffix.casefold() == ".csv":
        text = proposed_csv(made, Language(SPOKEN.get().language)).decode("utf-8")
    else:
        text = proposed_toml(made, [one for one in found.standings if not one.is_new], SPOKEN.get())
    write_file(path, text)
    say(phrase("discover_written", file=path, count=len(made)))
    ad_hoc = {one.place.credential for one in made if one.machine.main.credential in _ad_hoc(ask)}
    for name in sorted(ad_hoc):
        say(phrase("enter_community", name=name))


def _ad_hoc(ask: Access) -> frozenset[str]:
    """Return the names of keys that stand in no configuration; "public" is there without."""
    usual = CommunityCredential("2c", "public")
    return frozenset(
        one.name for one in ask.keys if one.name != one.place_name and one.credential != usual
    )


def _words(loaded: Loaded | None) -> CommandWords:
    del loaded
    return CommandWords(SPOKEN.get().language)


def _zone(loaded: Loaded | None) -> tzinfo:
    return loaded.settings.office.zone if loaded is not None else UTC


def machines_table(found: Sequence[PlacedMachine], words: CommandWords) -> Table[PlacedMachine]:
    """Return a line for each machine: what it is, and how it stands to the fleet."""
    text = CellKind.TEXT

    def seen(key: str, heading: str | None, value: Callable[[Sighting], object]) -> _Column:
        shown = None if heading is None else words(heading)
        return Column(key, lambda one: value(one.machine.main), shown, text)

    return Table(
        "machines",
        (
            Column("addresses", _every_address, words("address"), text, shown=_addresses),
            seen("port", None, lambda one: one.port),
            seen("vendor", "maker", lambda one: one.identity.vendor),
            seen("model", "model", lambda one: one.identity.model),
            replace(seen("serial", "serial", lambda one: one.identity.serial), shown=_serial),
            seen("mac", None, lambda one: one.identity.mac),
            seen("firmware", None, lambda one: one.identity.firmware),
            Column("total", lambda one: one.machine.main.total, words("total")),
            seen("profile", "profile", lambda one: one.profile or None),
            seen("credential", "credential", lambda one: one.credential),
            seen("name", None, lambda one: one.name or None),
            seen("location", None, lambda one: one.location or None),
            Column(
                "place",
                lambda one: one.place,
                words("in_fleet"),
                text,
                shown=lambda one: one.place or one.home or words("new"),
            ),
            Column("home", lambda one: one.home),
            seen("problem", None, lambda one: one.words or None),
        ),
        found,
        spare=("profile", "vendor", "credential"),
        needs_rows=True,
    )


def _serial(one: PlacedMachine) -> str | None:
    identity = one.machine.main.identity
    return identity.serial or identity.mac


def _every_address(one: PlacedMachine) -> list[str]:
    return list(dict.fromkeys(each.address for each in one.machine.sightings))


def _addresses(one: PlacedMachine) -> str:
    every = _every_address(one)
    shown = listed(every[:_ADDRESSES_SHOWN])
    more = len(every) - _ADDRESSES_SHOWN
    return f"{shown} +{more}" if more > 0 else shown


def _others_table(others: Sequence[Sighting], words: CommandWords) -> Table[Sighting]:
    text = CellKind.TEXT
    return Table(
        "others",
        (
            Column("address", lambda one: one.address, words("address"), text),
            Column("credential", lambda one: one.credential, words("credential"), text),
            Column(
                "description",
                lambda one: one.words,
                words("agent"),
                text,
                shown=lambda one: worded(one.words) if one.words else None,
            ),
        ),
        others,
        title=words("others"),
        needs_rows=True,
    )


def _prose(found: SearchResult, *, shows_others: bool) -> None:
    counts = found.tally.counts
    for one in found.notes:
        say(phrase("note", what=worded(one)))
    for sighting in found.of_verdict(AddressVerdict.PRINTER):
        if sighting.words:
            say(phrase("note_printer", address=sighting.address, what=worded(sighting.words)))
    _trouble(found)
    hint = "" if shows_others or not counts[AddressVerdict.OTHER] else phrase("list_all")
    printers, addresses = len(found.standings), counts[AddressVerdict.PRINTER]
    unclear = counts[AddressVerdict.REFUSED] + counts[AddressVerdict.NONSENSE]
    where = phrase("at_addresses", addresses=addresses) if addresses > printers else ""
    parts = [
        phrase("printers_found", count=printers) + where,
        phrase("other_agents", count=counts[AddressVerdict.OTHER], hint=hint),
        phrase("silent_count", count=counts[AddressVerdict.SILENT]),
    ]
    if counts[AddressVerdict.UNREACHABLE]:
        parts.append(phrase("unreachable", count=counts[AddressVerdict.UNREACHABLE]))
    if unclear:
        parts.append(phrase("unclear", count=unclear))
    say(phrase("asked_in", count=found.asked, seconds=found.seconds, parts=listed(parts)))
    if counts[AddressVerdict.SILENT] and not printers:
        say(phrase("wrong_community"))


def _trouble(found: SearchResult) -> None:
    """Name addresses with a trouble of their own, and count those that share one."""
    tally = found.tally
    sentences = {kind: list(some) for kind, some in tally.closed.items()}
    counts = Counter(tally.closed_counts)
    for verdict in (AddressVerdict.REFUSED, AddressVerdict.NONSENSE):
        for one in found.of_verdict(verdict):
            sentences.setdefault(one.kind_of_trouble, []).append(one.words)
            counts[one.kind_of_trouble] += 1
    for kind, count in counts.items():
        if count > SHOWN:
            say(phrase("note_addresses", count=count, what=worded(kind)))
        else:
            for sentence in sentences[kind]:
                say(phrase("note", what=worded(sentence)))
