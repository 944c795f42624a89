"""What a heading says: which month, which meter, a reading or pages, or what a column lists."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collector.domain.meters import Meter
from collector.domain.old_sheets.cells import SheetLine, Value, is_number
from collector.domain.old_sheets.months import Stated, joined, month_at, month_in
from collector.domain.old_sheets.places import Places
from collector.domain.spelling import fold


class Label(StrEnum):
    """What a column lists that holds no figures."""

    PLACE_ID = "place id"
    PLACE = "place"
    DEPARTMENT = "department"
    MONTH = "month"
    YEAR = "year"
    FISCAL_YEAR = "fiscal year"
    METER = "meter"
    OTHER = "other"


class Role(StrEnum):
    """What a figure is: pages used in the month, or where the meter stood at its end or begin."""

    USED = "used"
    CLOSING = "closing"
    OPENING = "opening"


_LABELS: Final = {
    fold(name): label
    for label, names in (
        (Label.PLACE_ID, ("設置場所ID", "場所ID", "place id")),
        (Label.PLACE, ("設置場所", "設置場所名", "場所", "場所名", "設置箇所", "設置先")),
        (Label.PLACE, ("place", "place name", "location", "copier", "printer", "machine")),
        (Label.PLACE, ("コピー機", "複合機", "複写機", "機器", "機器名", "device")),
        (Label.DEPARTMENT, ("部署", "部署名", "課", "課名", "課名等", "所属", "部署ID", "課ID")),
        (Label.DEPARTMENT, ("department", "department name", "department id", "section")),
        (Label.MONTH, ("月", "年月", "対象月", "検針月", "使用月", "利用月", "月分", "検針日")),
        (Label.MONTH, ("month", "period", "date", "日付")),
        (Label.FISCAL_YEAR, ("年度", "fiscal year", "FY")),
        (Label.YEAR, ("年", "year")),
        (Label.METER, ("区分", "種別", "種類", "項目", "内訳", "カウンター種別", "カウンタ種別")),
        (Label.METER, ("meter", "meter name", "kind", "type")),
        (Label.OTHER, ("機種", "機種名", "型番", "型式", "メーカー", "model", "maker", "vendor")),
        (Label.OTHER, ("製造番号", "機番", "シリアル", "シリアル番号", "serial", "serial number")),
        (Label.OTHER, ("No", "No.", "番号", "#", "備考", "メモ", "note", "notes", "remarks")),
        (Label.OTHER, ("階", "フロア", "floor", "IPアドレス", "ip address", "address")),
        (Label.OTHER, ("平均", "月平均", "average", "前年比", "増減", "単価", "金額", "料金")),
    )
    for name in names
}

_WORDS: Final = tuple(
    (fold(word), key, value)
    for key, value, words in (
        ("role", Role.OPENING, ("前月末指針", "前月指針", "前回指針", "期首指針", "開始指針")),
        (
            "role",
            Role.OPENING,
            ("前月検針値", "前回検針値", "前月検針", "前回検針", "前月カウンター"),
        ),
        (
            "role",
            Role.OPENING,
            ("前月カウンタ", "前回カウンター", "前回カウンタ", "繰越指針", "前回"),
        ),
        ("role", Role.OPENING, ("opening reading", "previous reading", "opening", "previous")),
        ("role", Role.CLOSING, ("当月末指針", "当月指針", "今月指針", "今回指針", "月末指針")),
        (
            "role",
            Role.CLOSING,
            ("当月検針値", "今回検針値", "当月検針", "今回検針", "検針値", "検針"),
        ),
        (
            "role",
            Role.CLOSING,
            ("当月カウンター", "当月カウンタ", "今回カウンター", "今回カウンタ"),
        ),
        ("role", Role.CLOSING, ("カウンター値", "カウンタ値", "カウンター", "カウンタ", "指針値")),
        ("role", Role.CLOSING, ("メーター値", "メーター", "メータ", "指針", "今回")),
        ("role", Role.CLOSING, ("closing reading", "current reading", "meter reading", "readings")),
        ("role", Role.CLOSING, ("closing", "reading", "counter", "meter")),
        ("role", Role.USED, ("月間使用枚数", "当月使用枚数", "使用枚数", "利用枚数", "印刷枚数")),
        ("role", Role.USED, ("出力枚数", "使用面数", "印刷面数", "出力面数", "使用量", "使用数")),
        ("role", Role.USED, ("pages used", "usage", "used", "volume")),
        ("whole", "", ("総合計", "合計", "総計", "小計", "全体", "トータル", "計")),
        ("whole", "", ("subtotal", "total", "all", "sum")),
        ("colour", "mono", ("モノクロ", "白黒", "黒", "monochrome", "mono", "black&white")),
        ("colour", "mono", ("black/white", "black", "b&w", "b/w", "bw")),
        (
            "colour",
            "color",
            ("フルカラー", "カラー", "full color", "full colour", "color", "colour"),
        ),
        ("service", "copy", ("コピー", "複写", "copies", "copy")),
        ("service", "print", ("プリンター", "プリンタ", "プリント", "印刷", "prints", "print")),
        ("service", "fax", ("ファクシミリ", "ファックス", "ファクス", "fax")),
        ("service", "scan", ("スキャナー", "スキャナ", "スキャン", "scans", "scan")),
        ("figures", "", ("枚数", "面数", "ページ数", "数値", "値", "pages", "impressions")),
        ("figures", "", ("count", "value", "figures")),
        ("", "", ("枚", "面", "ページ", "page", "の", "数", "単位", "月間")),
        ("", "", ("(", ")", "[", "]", "【", "】", "・", "/", "-", "_", ":", "：", "、", ",", ".")),
    )
    for word in words
)
_LONGEST_FIRST: Final = tuple(sorted(_WORDS, key=lambda word: -len(word[0])))
_WHOLE_ROW: Final = re.compile(
    r".*(?:合計|小計|総計|累計|年計|期計|平均|(?:部|課|局|室|係|所|庁|庁舎|館|校)計)|計|全体|全庁"
    r"|上期|下期|上半期|下半期|前年比.*|(?:sub|grand)?total.*|sum|average|mean"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What one or several texts above each other say.

    `whole`: 合計, of whatever the rest says. `figures`: figures of some kind stand below.
    """

    label: Label | None = None
    month: Stated | None = None
    service: str | None = None
    colour: str | None = None
    role: Role | None = None
    whole: bool = False
    figures: bool = False

    @property
    def names_a_meter(self) -> bool:
        """Whether it says which figures stand below."""
        return bool(self.service or self.colour or self.role or self.whole or self.figures)

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing but punctuation and units."""
        return not (self.label or self.month or self.names_a_meter)

    @property
    def has_month(self) -> bool:
        """Whether it names a month, with or without a year."""
        return self.month is not None and self.month.month is not None

    @property
    def meter(self) -> Meter:
        """The meter it speaks of; the total where it names none."""
        return Meter("_".join(part for part in (self.service or "total", self.colour) if part))


def is_total(text: str) -> bool:
    """Say whether `text`, where a place or month should stand, begins a row of sums."""
    return bool(_WHOLE_ROW.fullmatch(fold(text)))


def heading_in(text: str) -> Heading | None:
    """Return what `text` says, or None where a word of it is not known."""
    folded = fold(text)
    label = _LABELS.get(folded) or _LABELS.get(folded.strip("()[]:・"))
    if label is not None:
        return Heading(label)
    found, position = Heading(), 0
    while position < len(folded):
        step = _next(folded, position)
        if step is None or (found.has_month and step[0].has_month):
            return None
        both = together(found, step[0])
        if both is None:
            return None
        found, position = both, step[1]
    return found if folded else None


def _next(text: str, position: int) -> tuple[Heading, int] | None:
    for word, key, value in _LONGEST_FIRST:
        if text.startswith(word, position):
            end = position + len(word)
            return _of_word(key, value), end
    month = month_at(text, position)
    return None if month is None else (Heading(month=month[0]), month[1])


def _of_word(key: str, value: str) -> Heading:
    match key:
        case "role":
            return Heading(role=Role(value))
        case "whole":
            return Heading(whole=True)
        case "figures":
            return Heading(figures=True)
        case "colour":
            return Heading(colour=value)
        case "service":
            return Heading(service=value)
        case _:
            return Heading()


def together(upper: Heading, lower: Heading) -> Heading | None:
    """Return what two headings of one column say together, or None where they contradict."""
    for one, other in (
        (upper.service, lower.service),
        (upper.colour, lower.colour),
        (upper.role, lower.role),
    ):
        if one is not None and other is not None and one != other:
            return None
    month = lower.month or upper.month
    if upper.month is not None and lower.month is not None:
        month = joined(upper.month, lower.month)
    return Heading(
        lower.label or upper.label,
        month,
        lower.service or upper.service,
        lower.colour or upper.colour,
        lower.role or upper.role,
        lower.whole or upper.whole,
        lower.figures or upper.figures,
    )


# Which lines of a sheet are headings.
#
# Headings may take several lines (a year or a month over its meters), and may come again further
# down, one table a year. Whatever stands above them is a title.


_AXES: Final = frozenset(Label) - {Label.OTHER}
_MOST: Final = 3
"""Lines that belong to a heading, above or below the one that is sure."""


def heading_of(value: Value) -> Heading | None:
    """Return what a cell says as a heading; a date is its month, a number is none."""
    if isinstance(value, str):
        return None if is_number(value) else heading_in(value)
    if value is None or isinstance(value, int | float):
        return None
    month = month_in(value)
    return None if month is None else Heading(month=month)


def heading_lines(lines: Sequence[SheetLine], places: Places) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of each group of lines that are headings."""
    position = 0
    free = 0
    while position < len(lines):
        below = lines[position + 1 : position + 1 + _MOST]
        if not _is_head(lines[position], below, places, again=free > 0):
            position += 1
            continue
        first, last = _above(lines, position, free), _below(lines, position)
        yield first, last
        free = position = last + 1


def _is_head(line: SheetLine, below: Sequence[SheetLine], places: Places, *, again: bool) -> bool:
    """Say whether `line` is a heading for sure; where there were some, only by surer signs."""
    if any(is_number(value) for value in line.values):
        return False
    found = [heading_of(value) for value in line.values]
    said = [one for one in found if one is not None and not one.is_empty]
    named = {v for v in line.values if isinstance(v, str) and places.knows(v)}
    months = len({one.month for one in said if one.has_month})
    labels = [one.label for one in said if one.label in _AXES]
    if labels and len(said) > 1 and not (named and months):
        return True
    if Label.MONTH in labels:
        return _lists_months(found, below) and sum(v is not None for v in line.values) > 1
    if months > 1 and not named:
        return True
    return not again and not months and len(named) > 1 and _begins_with_month(below)


def _lists_months(found: Sequence[Heading | None], below: Sequence[SheetLine]) -> bool:
    column = next(n for n, one in enumerate(found) if one and one.label is Label.MONTH)
    return any(month_in(line.at(column)) is not None for line in below)


def _begins_with_month(below: Sequence[SheetLine]) -> bool:
    firsts = (next((v for v in line.values if v is not None), None) for line in below)
    return any(month_in(first) is not None and not is_number(first) for first in firsts)


def _above(lines: Sequence[SheetLine], head: int, free: int) -> int:
    """Return the first of the lines above `head` that group its columns, not below `free`.

    A group begins at the first column that is no label; a title stands further left.
    """
    inner = _first_inner(lines[head])
    first = head
    while first > free and head - first < _MOST:
        line = lines[first - 1]
        if not (_is_part(line) and line.at(inner) is not None):
            break
        first -= 1
    return first


def _first_inner(head: SheetLine) -> int:
    """Return the first column whose heading is no label."""
    for index, value in enumerate(head.values):
        one = heading_of(value)
        if one is not None and one.label is None and not one.is_empty:
            return index
    return len(head.values)


def _below(lines: Sequence[SheetLine], head: int) -> int:
    """Return the last of the lines below `head` that say more of its columns.

    The labels of the columns may stand in any one of them.
    """
    last = head
    months = _labelled(lines[head], {Label.MONTH})
    has_labels = bool(_labelled(lines[head], _AXES))
    while last + 1 < len(lines) and last - head < _MOST:
        line = lines[last + 1]
        labels = _labelled(line, _AXES)
        is_part = _is_part(line) and not any(line.at(column) is not None for column in months)
        is_label_line = not has_labels and labels and not any(map(is_number, line.values))
        if not is_part and not is_label_line:
            break
        has_labels = has_labels or bool(labels)
        last += 1
    return last


def _labelled(line: SheetLine, labels: Collection[Label]) -> list[int]:
    """Return the columns of `line` whose heading is one of `labels`."""
    found = ((n, heading_of(value)) for n, value in enumerate(line.values))
    return [n for n, one in found if one is not None and one.label in labels]


def _is_part(line: SheetLine) -> bool:
    """Say whether every cell of `line` is a part of a heading: a year, a month or a meter."""
    found = [heading_of(value) for value in line.values if value is not None]
    return all(one is not None and one.label is None for one in found) and any(
        one is not None and not one.is_empty for one in found
    )
