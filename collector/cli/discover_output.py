"""What a search of the network found, as tables, JSON and fleet entries."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.cli.asked import Access
from collector.cli.output import result, result_json, result_table, say
from collector.cli.status import finding_json, show_findings
from collector.cli.words import CommandWords
from collector.domain.counting.findings import Finding
from collector.domain.discovered import (
    SHOWN,
    AddressVerdict,
    FoundPrinter,
    PlacedMachine,
    SearchTally,
    Sighting,
)
from collector.settings.fleet.proposed import proposals, proposed_csv, proposed_toml
from collector.settings.fleet.write import write_file
from collector.settings.load import Loaded
from collector.settings.values import Language

_ADDRESSES_SHOWN: Final = 2


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What came of it: every address, the machines with their standing, findings, how long."""

    tally: SearchTally
    standings: tuple[PlacedMachine, ...]
    findings: tuple[Finding, ...]
    of: int
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def asked(self) -> int:
        """How many addresses were asked to the end."""
        return self.tally.counts.total()

    def of_verdict(self, verdict: AddressVerdict) -> tuple[Sighting, ...]:
        """Return the agents that turned out to be so."""
        return tuple(one for one in self.tally.answered if one.verdict is verdict)


def show(found: SearchResult, loaded: Loaded | None, *, shows_others: bool, as_json: bool) -> None:
    """Print the machines, the findings, and in prose what else answered."""
    words = _words(loaded)
    if as_json:
        result_json(_as_json(found))
    else:
        if found.standings:
            _machines(found.standings, words)
        if shows_others:
            _others(found.of_verdict(AddressVerdict.OTHER), words)
        zone = loaded.settings.office.zone if loaded is not None else UTC
        show_findings(found.findings, words, zone)
    _prose(found, shows_others=shows_others)


def show_news(
    news: Sequence[Finding], now: datetime, loaded: Loaded | None, *, as_json: bool
) -> None:
    """Print each new finding on a line of its own."""
    zone = loaded.settings.office.zone if loaded is not None else UTC
    at = now.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    for one in news:
        if as_json:
            result(json.dumps(finding_json(one) | {"at": now.isoformat()}, ensure_ascii=False))
        else:
            result(f"{at} {one.code.value} {one.subject}: {one.message}")


def write_entries(found: SearchResult, ask: Access, path: Path) -> None:
    """Write the new machines as fleet entries to `path`, which must not exist yet."""
    names = {key.name: key.place_name for key in ask.keys}
    fleet = ask.loaded.fleet if ask.loaded is not None else None
    taken = [one.id for one in fleet.places] if fleet is not None else []
    made = proposals(found.standings, names, taken)
    if not made:
        say(f"{path} was not written: no machine was found that is new")
        return
    if path.suffix.casefold() == ".csv":
        language = ask.loaded.settings.office.language if ask.loaded is not None else Language.EN
        text = proposed_csv(made, language).decode("utf-8")
    else:
        text = proposed_toml(made, [one for one in found.standings if not one.is_new])
    write_file(path, text)
    say(f"{path}: {len(made)} fleet entries to look through")
    ad_hoc = {one.place.credential for one in made if one.machine.main.credential in _ad_hoc(ask)}
    for name in sorted(ad_hoc):
        say(f"enter its community as [credentials.{name}] in collector.toml before they are used")


def _ad_hoc(ask: Access) -> frozenset[str]:
    """Return the names of keys that stand in no configuration; "public" is there without."""
    usual = CommunityCredential("2c", "public")
    return frozenset(
        one.name for one in ask.keys if one.name != one.place_name and one.credential != usual
    )


def _words(loaded: Loaded | None) -> CommandWords:
    return CommandWords(loaded.settings.office.language if loaded is not None else Language.EN)


def _machines(found: Iterable[PlacedMachine], words: CommandWords) -> None:
    names = ("address", "maker", "model", "serial", "total", "profile", "credential", "in_fleet")
    rows = [_row(one, words) for one in found]
    result_table([words(name) for name in names], rows, numbers=(4,), spare=(5, 1, 6))


def _row(one: PlacedMachine, words: CommandWords) -> tuple[str, ...]:
    seen = one.machine.main
    identity = seen.identity
    return (
        _addresses(one.machine),
        identity.vendor or "-",
        identity.model or "-",
        identity.serial or identity.mac or "-",
        "-" if seen.total is None else f"{seen.total:,}",
        seen.profile or "-",
        seen.credential,
        one.place or one.home or words("new"),
    )


def _addresses(machine: FoundPrinter) -> str:
    every = list(dict.fromkeys(one.address for one in machine.sightings))
    shown = ", ".join(every[:_ADDRESSES_SHOWN])
    more = len(every) - _ADDRESSES_SHOWN
    return f"{shown} +{more}" if more > 0 else shown


def _others(others: Sequence[Sighting], words: CommandWords) -> None:
    if others:
        rows = [(one.address, one.credential, one.words or "-") for one in others]
        headings = [words(name) for name in ("address", "credential", "agent")]
        result_table(headings, rows, title=words("others"))


def _prose(found: SearchResult, *, shows_others: bool) -> None:
    counts = found.tally.counts
    for one in found.notes:
        say(f"note: {one}")
    for sighting in found.of_verdict(AddressVerdict.PRINTER):
        if sighting.words:
            say(f"note: {sighting.address} is a printer, but {sighting.words}")
    _trouble(found)
    hint = "" if shows_others or not counts[AddressVerdict.OTHER] else " (list them with --all)"
    printers, addresses = len(found.standings), counts[AddressVerdict.PRINTER]
    unclear = counts[AddressVerdict.REFUSED] + counts[AddressVerdict.NONSENSE]
    parts = [
        f"{printers} printers" + (f" at {addresses} addresses" if addresses > printers else ""),
        f"{counts[AddressVerdict.OTHER]} other agents{hint}",
        f"{counts[AddressVerdict.SILENT]:,} silent",
    ]
    if counts[AddressVerdict.UNREACHABLE]:
        parts.append(f"{counts[AddressVerdict.UNREACHABLE]:,} closed or out of reach")
    if unclear:
        parts.append(f"{unclear:,} that answer otherwise")
    say(f"{found.asked:,} addresses asked in {found.seconds:.1f} s: {', '.join(parts)}")
    if counts[AddressVerdict.SILENT] and not printers:
        say("over SNMP v1 and v2c a wrong community is silence, too: compare it with the machines'")


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
            say(f"note: {count:,} addresses: each {kind}")
        else:
            for sentence in sentences[kind]:
                say(f"note: {sentence}")


def _as_json(found: SearchResult) -> dict[str, object]:
    return {
        "asked": found.asked,
        "of": found.of,
        "seconds": round(found.seconds, 3),
        "verdicts": {one.value: found.tally.counts[one] for one in AddressVerdict},
        "machines": [_machine_json(one) for one in found.standings],
        "others": [
            {"address": one.address, "credential": one.credential, "description": one.words}
            for one in found.of_verdict(AddressVerdict.OTHER)
        ],
        "findings": [finding_json(one) for one in found.findings],
        "notes": list(found.notes),
    }


def _machine_json(one: PlacedMachine) -> dict[str, object]:
    seen = one.machine.main
    identity = seen.identity
    return {
        "addresses": list(dict.fromkeys(each.address for each in one.machine.sightings)),
        "port": seen.port,
        "vendor": identity.vendor,
        "model": identity.model,
        "serial": identity.serial,
        "mac": identity.mac,
        "firmware": identity.firmware,
        "total": seen.total,
        "profile": seen.profile or None,
        "credential": seen.credential,
        "name": seen.name or None,
        "location": seen.location or None,
        "place": one.place,
        "home": one.home,
        "problem": seen.words or None,
    }
