"""What a person reads off a copier's panel: the meter a line speaks of, and its figure.

Panels say 合計, 白黒, コピー, "Black & White", in any order and width. Everything that is no figure
of a meter is refused with a sentence: a wrong figure would prove the wrong counter.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from collector.domain.meters import METERS, Meter
from collector.domain.sentence import Fact, Sentence, Unacceptable, sentence
from collector.domain.spelling import nearest

LARGEST: Final = 2**32 - 1
"""No counter of a copier goes beyond it (Counter32)."""

_TOTAL: Final = "total"
_SERVICES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("total", "machine", "合計", "総合計", "総計", "トータル"), _TOTAL),
    **dict.fromkeys(("copy", "copies", "copier", "コピー", "複写"), "copy"),
    **dict.fromkeys(("print", "prints", "printer", "printing", "printed"), "print"),
    **dict.fromkeys(("プリント", "プリンター", "プリンタ", "印刷"), "print"),
    **dict.fromkeys(("fax", "facsimile", "ファクス", "ファックス", "ファクシミリ", "受信"), "fax"),
    **dict.fromkeys(("scan", "scans", "scanner", "スキャン", "スキャナー", "スキャナ"), "scan"),
    **dict.fromkeys(("読み取り", "読取り", "読取"), "scan"),
    **dict.fromkeys(("other", "others", "その他"), "other"),
}
_COLOURS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("mono", "monochrome", "black", "blackwhite", "blackandwhite"), "mono"),
    **dict.fromkeys(("bw", "白黒", "モノクロ", "黒"), "mono"),
    **dict.fromkeys(("color", "colour", "fullcolor", "fullcolour"), "color"),
    **dict.fromkeys(("フルカラー", "カラー"), "color"),
}
_SIZES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("large", "a3", "大判", "大サイズ", "ラージ", "大"), "large"),
    **dict.fromkeys(("small", "小サイズ", "スモール", "小"), "small"),
}
_ALONE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sheets", "枚数", "用紙枚数", "用紙", "出力枚数"), "sheets"),
    **dict.fromkeys(("duplex", "両面", "両面印刷", "2sided", "twosided"), "duplex"),
}
_SAYS_NOTHING: Final = (
    *("カウンター", "カウンタ", "カウント", "ページ"),
    *("面数", "総数", "回数", "面", "枚", "数", "の"),
    *("counters", "counter", "counts", "count", "pages", "page", "impressions", "sides"),
    "received",
    *("1",),  # Canon's トータル1 takes every page once
)
_PARTS: Final = (
    *("単色カラー", "モノカラー", "単色", "2色カラー", "2色", "二色"),
    *("singlecolor", "singlecolour", "twocolor", "twocolour", "monocolor", "twincolor"),
)
"""Pages in one or two colours: parts of `color`, and no meter of their own."""

_UNITS: Final = re.compile(r"\s*(?:枚|面|ページ|pages?|sheets?|impressions?)$")
_DIGITS: Final = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3}")
_JOINED: Final = re.compile(r"(?P<name>.*[^0-9,.+-])(?P<figure>[+-]?[0-9][0-9,.]*)")


def panel_meter(text: str) -> Meter:
    """Return the meter that the words of a panel mean; raises Unacceptable."""
    plain = _plain(text)
    if plain.replace("-", "_") in METERS:
        return Meter(plain.replace("-", "_"))
    rest = re.sub(r"[\W_]+", "", plain)
    if not rest:
        raise Unacceptable(sentence("panel.no_name"))
    for part in _PARTS:
        if part in rest:
            raise Unacceptable(sentence("panel.part_of_color", text=repr(text.strip())))
    return _put_together(text, _words(text, rest))


def _words(text: str, rest: str) -> list[str]:
    """Return the words that `rest` is made of, the longest first at every place."""
    known = sorted({*_SERVICES, *_COLOURS, *_SIZES, *_ALONE, *_SAYS_NOTHING}, key=len, reverse=True)
    found: list[str] = []
    left = rest
    while left:
        word = next((one for one in known if left.startswith(one)), None)
        if word is None:
            if left == "2":
                raise Unacceptable(sentence("panel.large_twice", text=repr(text.strip())))
            raise Unacceptable(_no_meter(text, rest))
        found.append(word)
        left = left[len(word) :]
    return found


def _put_together(text: str, words: Iterable[str]) -> Meter:
    said = list(words)
    services = {_SERVICES[one] for one in said if one in _SERVICES} - {_TOTAL}
    colours = {_COLOURS[one] for one in said if one in _COLOURS}
    sizes = {_SIZES[one] for one in said if one in _SIZES}
    alone = {_ALONE[one] for one in said if one in _ALONE}
    too_many = next((one for one in (services, colours, sizes, alone) if len(one) > 1), None)
    if too_many is not None:
        one, *others = sorted(too_many)
        names: Fact = one
        for other in others:
            names = sentence("list.and", first=names, others=other)
        raise Unacceptable(sentence("panel.several", text=repr(text.strip()), names=names))
    if alone and not services and not colours and not sizes:
        return Meter(alone.pop())
    if alone or not any(one in table for one in said for table in (_SERVICES, _COLOURS, _SIZES)):
        raise Unacceptable(_no_meter(text, _plain(text)))
    parts = (*(services or {_TOTAL}), *colours, *sizes)
    return Meter("_".join(parts))


def _no_meter(text: str, word: str) -> Sentence:
    known = [*METERS, *_SERVICES, *_COLOURS, *_SIZES, *_ALONE]
    near = nearest(word, known)
    hint = sentence("did_you_mean", name=near) if near else sentence("panel.like")
    return sentence("panel.no_meter", text=repr(text.strip()), hint=hint)


def panel_figure(text: str) -> int:
    """Return the number in `text`, as panels write it; raises Unacceptable."""
    plain = _UNITS.sub("", _plain(text))
    if not plain:
        raise Unacceptable(sentence("panel.no_figure"))
    if plain[0] in "-−–" and plain[1:2].isdigit():
        raise Unacceptable(sentence("panel.below_zero", text=text.strip()))
    if not _DIGITS.fullmatch(plain):
        raise Unacceptable(sentence("panel.no_digits", text=repr(text.strip())))
    figure = int(plain.replace(",", ""))
    if figure > LARGEST:
        raise Unacceptable(sentence("panel.too_large", text=text.strip()))
    return figure


def panel_line(text: str) -> tuple[Meter, int]:
    """Return meter and figure of `total=12,345`, `白黒：123`; raises Unacceptable."""
    plain = _UNITS.sub("", unicodedata.normalize("NFKC", text).strip())
    name, figure = _halves(plain)
    if not name.strip():
        raise Unacceptable(sentence("panel.names_no_meter", text=repr(text.strip())))
    return panel_meter(name), panel_figure(figure)


def _halves(plain: str) -> tuple[str, str]:
    """Return name and figure of a line, whatever stands between the two."""
    name, found, figure = plain.rpartition("=")
    if found:
        return name, figure
    joined = _JOINED.fullmatch(plain)
    if joined is not None:
        return joined["name"].rstrip(" :"), joined["figure"]
    name, found, figure = plain.rpartition(":")
    if found or plain[:1] in "0123456789+-":
        return name, plain if not found else figure
    return plain, ""


def panel_figures(lines: Iterable[str]) -> Mapping[Meter, int]:
    """Return the figures in `lines`; raises Unacceptable, also where a meter stands there twice."""
    found: dict[Meter, int] = {}
    for line in lines:
        meter, figure = panel_line(line)
        if meter in found:
            raise Unacceptable(sentence("panel.twice", meter=meter))
        found[meter] = figure
    return found


def contradictions(figures: Mapping[Meter, int]) -> list[Sentence]:
    """Return sentences about figures that do not go together: mistyped, or not what they seem."""
    found: list[Sentence] = []
    for service in ("total", "copy", "print", "fax", "scan"):
        whole = figures.get(Meter(service))
        parts = [figures.get(Meter(f"{service}_{colour}")) for colour in ("mono", "color")]
        known = [one for one in parts if one is not None]
        if whole is not None and len(known) == len(parts) and sum(known) != whole:
            found.append(sentence("panel.colours", service=service, parts=sum(known), whole=whole))
        if whole is not None and len(known) == 1 and known[0] > whole:
            found.append(sentence("panel.part", service=service, part=known[0]))
    total = figures.get(Meter(_TOTAL))
    functions = [figures.get(Meter(one), 0) for one in ("copy", "print", "fax")]
    if total is not None and sum(functions) > total:
        found.append(sentence("panel.functions", parts=sum(functions), total=total))
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
