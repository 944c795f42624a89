"""What the label of a counter says, and whether that goes with a meter. Pure.

Labels are the maker's words for a row ("Counter: Copy: Black & White", 白黒コピー) and the names
that a profile gives its counters.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from collector.domain.meters import METERS, SERVICES, Meter, Unit

_NO_LETTERS: Final[frozenset[str]] = frozenset()
_TOTAL: Final = "total"
_ENGLISH: Final[Mapping[str, str]] = {
    **dict.fromkeys(("copy", "copies", "copied", "copier"), "copy"),
    **dict.fromkeys(("print", "prints", "printed", "printer", "printing"), "print"),
    **dict.fromkeys(("fax", "faxes", "faxed", "facsimile"), "fax"),
    **dict.fromkeys(("scan", "scans", "scanned", "scanner", "scanning"), "scan"),
    **dict.fromkeys(("transmission", "sent", "images", "mail", "ftp"), "scan"),
    **dict.fromkeys(("total", "totals", "machine", "all"), _TOTAL),
    **dict.fromkeys(("mono", "monochrome", "black", "bw"), "mono"),
    **dict.fromkeys(("color", "colour", "full", "fullcolor", "fullcolour"), "color"),
    **dict.fromkeys(("large", "a3", "ledger", "dlt"), "large"),
    **dict.fromkeys(("small",), "small"),
    **dict.fromkeys(("life", "engine"), "engine"),
    **dict.fromkeys(("duplex", "sided", "sides"), "duplex"),
    **dict.fromkeys(("sheets", "sheet", "leaves"), "sheets"),
    **dict.fromkeys(
        ("jam", "jams", "coverage", "toner", "job", "jobs", "error", "errors"), "alien"
    ),
    **dict.fromkeys(("drum", "minutes", "times", "development", "remaining", "capacity"), "alien"),
    **dict.fromkeys(("level", "fuser", "belt", "speed", "size", "replaced"), "alien"),
}
_JAPANESE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("コピー", "複写"), "copy"),
    **dict.fromkeys(("プリント", "印刷", "プリンタ"), "print"),
    **dict.fromkeys(("ファクス", "ファックス", "ファクシミリ"), "fax"),
    **dict.fromkeys(("スキャン", "スキャナ", "送信", "読み取り", "読取"), "scan"),
    **dict.fromkeys(("合計", "トータル", "総計"), _TOTAL),
    **dict.fromkeys(("白黒", "モノクロ"), "mono"),
    **dict.fromkeys(("カラー",), "color"),
    **dict.fromkeys(("大判", "大サイズ"), "large"),
    **dict.fromkeys(("両面",), "duplex"),
    **dict.fromkeys(("用紙", "枚数"), "sheets"),
    **dict.fromkeys(("トナー", "ドラム", "ジョブ", "紙づまり", "紙詰まり"), "alien"),
}
_PART_OF_COLOUR: Final = re.compile(
    r"(?:single|two|twin|mono)[-/ ]*(?:two[-/ ]*)?colou?r|単色|2色|二色"
)
_BLACK_WHITE: Final = re.compile(r"\bb\s*[&/]\s*w\b")
_TOKEN: Final = re.compile(r"[a-z]+(?:3)?|[0-9]+")
_PAGES: Final = frozenset({"copy", "print", "fax", "scan"})
_COLOURS: Final = frozenset({"mono", "color"})
_SIZES: Final = frozenset({"large", "small"})


class Fitness(IntEnum):
    """Whether the words of a sum go with a meter; the lower, the better."""

    FITS = 0
    OPEN = 1
    AGAINST = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """What words say of a counter; empty where they say nothing.

    `either` says that they speak of "total prints", which is the print function or everything.
    """

    services: frozenset[str] = _NO_LETTERS
    colours: frozenset[str] = _NO_LETTERS
    sizes: frozenset[str] = _NO_LETTERS
    said: frozenset[str] = _NO_LETTERS
    either: bool = False


def meaning(words: str) -> Meaning:
    """Return what `words` say."""
    text = unicodedata.normalize("NFKC", words).casefold()
    said: set[str] = set()
    if _PART_OF_COLOUR.search(text):
        text = _PART_OF_COLOUR.sub(" ", text)
        said.add("part")
    if _BLACK_WHITE.search(text):
        said.add("mono")
    said |= {_ENGLISH[one] for one in _TOKEN.findall(text) if one in _ENGLISH}
    said |= {what for word, what in _JAPANESE.items() if word in text}
    either = {"print", _TOTAL} <= said
    services = said & _PAGES
    return Meaning(
        frozenset(services - {"print"} if either else services),
        frozenset(said & _COLOURS) | (frozenset({"part"}) & frozenset(said)),
        frozenset(said & _SIZES),
        frozenset(said),
        either,
    )


def fitness(meter: Meter, parts: Sequence[tuple[int, Meaning]]) -> Fitness:
    """Say whether a sum of counters with these signs and meanings may be `meter` by its words."""
    service, colour, size = _split(meter)
    if service not in SERVICES:
        return _alone(service, [one for _, one in parts])
    if any(one.said & {"alien", "duplex", "sheets"} for _, one in parts):
        return Fitness.AGAINST
    added = [one for sign, one in parts if sign > 0]
    taken = [one for sign, one in parts if sign < 0]
    judged = (
        _by_service(service, added),
        _by_colour(colour, added, taken),
        _by_size(size, added, taken),
    )
    if Fitness.AGAINST in judged:
        return Fitness.AGAINST
    if Fitness.OPEN in judged or not all(one.said - {"engine"} for one in added):
        return Fitness.OPEN
    return Fitness.FITS


def _split(meter: Meter) -> tuple[str, str, str]:
    if METERS[meter] not in {Unit.IMPRESSIONS, Unit.SCANS} or meter.startswith("duplex"):
        return meter, "", ""
    service, *rest = meter.split("_")
    colour = next((one for one in rest if one in _COLOURS), "")
    return service, colour, next((one for one in rest if one in _SIZES), "")


def _alone(meter: str, parts: Sequence[Meaning]) -> Fitness:
    wanted = meter.partition("_")[0]
    if all(wanted in one.said for one in parts):
        return Fitness.FITS
    foreign = any(one.services or "alien" in one.said for one in parts)
    return Fitness.AGAINST if foreign and wanted != "engine" else Fitness.OPEN


def _by_service(service: str, added: Sequence[Meaning]) -> Fitness:
    spoken = frozenset[str]().union(*(one.services for one in added))
    if service == _TOTAL and not spoken:
        return Fitness.FITS
    if service == _TOTAL:
        # Copies and prints may be all there is, until a fax comes.
        return Fitness.OPEN if len(spoken) > 1 else Fitness.AGAINST
    if spoken - {service}:
        return Fitness.AGAINST
    is_said = all(service in one.services or (one.either and service == "print") for one in added)
    if service == "other":
        return Fitness.OPEN
    return Fitness.FITS if is_said else Fitness.OPEN


def _by_colour(colour: str, added: Sequence[Meaning], taken: Sequence[Meaning]) -> Fitness:
    spoken = frozenset[str]().union(*(one.colours for one in added))
    if not colour:
        return Fitness.FITS if not spoken or spoken >= _COLOURS else Fitness.AGAINST
    other = next(iter(_COLOURS - {colour}))
    if taken and not spoken and all(other in one.colours for one in taken):
        return Fitness.FITS
    if other in spoken or (colour == "mono" and "part" in spoken):
        return Fitness.AGAINST
    is_said = all(one.colours for one in added)
    return Fitness.FITS if is_said and spoken - {"part"} else Fitness.OPEN


def _by_size(size: str, added: Sequence[Meaning], taken: Sequence[Meaning]) -> Fitness:
    spoken = frozenset[str]().union(*(one.sizes for one in added))
    if not size:
        return Fitness.FITS if not spoken or spoken >= _SIZES else Fitness.AGAINST
    other = next(iter(_SIZES - {size}))
    if taken and not spoken and all(other in one.sizes for one in taken):
        return Fitness.FITS
    if other in spoken:
        return Fitness.AGAINST
    return Fitness.FITS if all(one.sizes for one in added) else Fitness.OPEN
