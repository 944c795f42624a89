"""How dealers head the columns of an invoice, and what they call its classes (区分)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from collector.domain.counting.panel import panel_meter
from collector.domain.meters import METERS, Meter
from collector.domain.old_sheets.cells import SheetLine, Value, shown
from collector.domain.sentence import Unacceptable, sentence
from collector.domain.spelling import fold


class InvoiceColumn(StrEnum):
    """What a column of an invoice states."""

    SERIAL = "serial"
    PLACE = "place"
    MODEL = "model"
    CLASS = "class"
    DAY = "day"
    SINCE = "since"
    OPENING = "opening"
    CLOSING = "closing"
    USED = "used"
    DEDUCTED = "deducted"
    BILLED = "billed"
    PRICE = "price"
    AMOUNT = "amount"


HEADINGS: Final[Mapping[InvoiceColumn, tuple[str, ...]]] = {
    InvoiceColumn.SERIAL: (
        *("機械番号", "機番", "製造番号", "シリアル番号", "シリアル", "シリアルNo", "製番"),
        *("装置番号", "serial number", "serial no", "serial"),
    ),
    InvoiceColumn.PLACE: (
        "設置場所",
        "設置場所名",
        "設置先",
        "設置箇所",
        "場所",
        "place",
        "location",
    ),
    InvoiceColumn.MODEL: ("機種", "機種名", "型番", "型式", "商品名", "model"),
    InvoiceColumn.CLASS: (
        *("区分", "種別", "カウンター種別", "カウンタ種別", "カウンター区分", "料金区分", "内訳"),
        *("項目", "色区分", "class", "meter"),
    ),
    InvoiceColumn.DAY: (
        *("検針日", "今回検針日", "当月検針日", "確認日", "カウンター確認日", "カウンタ確認日"),
        *("読取日", "reading date", "date of reading", "date"),
    ),
    InvoiceColumn.SINCE: ("前回検針日", "前月検針日", "前回確認日", "previous reading date"),
    InvoiceColumn.OPENING: (
        *("前回カウンター", "前回カウンタ", "前月カウンター", "前月カウンタ", "前回指針"),
        *("前月指針", "前回検針値", "前月検針値", "前回値", "前回", "前月"),
        *("previous counter", "previous", "opening"),
    ),
    InvoiceColumn.CLOSING: (
        *("今回カウンター", "今回カウンタ", "当月カウンター", "当月カウンタ", "今月カウンター"),
        *("今回指針", "当月指針", "今回検針値", "当月検針値", "検針値", "今回値", "今回", "当月"),
        *("current counter", "current", "closing", "counter"),
    ),
    InvoiceColumn.USED: (
        *("使用枚数", "当月使用枚数", "今月使用枚数", "使用面数", "使用量", "使用数", "出力枚数"),
        *("カウント数", "used", "usage"),
    ),
    InvoiceColumn.DEDUCTED: (
        *("テストコピー/不良控除", "テストコピー", "テストコピー枚数", "テスト枚数", "テスト"),
        *("不良控除", "不良コピー", "不良枚数", "ミスコピー", "控除枚数", "控除", "無償枚数"),
        *("test copies", "deduction", "deducted"),
    ),
    InvoiceColumn.BILLED: (
        *("請求枚数", "課金枚数", "請求面数", "対象枚数", "料金対象枚数", "差引枚数"),
        *("差引使用枚数", "正味枚数", "billed"),
    ),
    InvoiceColumn.PRICE: ("単価", "契約単価", "unit price", "price"),
    InvoiceColumn.AMOUNT: (
        *("金額", "料金", "請求金額", "請求額", "カウンター料金", "カウンタ料金", "保守料金"),
        *("amount", "charge"),
    ),
}
"""How dealers head their columns; width, capitals and blanks do not matter."""

_FIELDS: Final = tuple(
    sorted(
        ((fold(word), one) for one, words in HEADINGS.items() for word in words),
        key=lambda pair: -len(pair[0]),
    )
)
_SAYS_NOTHING: Final = re.compile(r"税抜き?|税別|税込み?|単位|円|¥|枚|面|[\W_]")
_NEEDED: Final = (InvoiceColumn.SERIAL, InvoiceColumn.CLOSING)
COUNTS: Final = (
    InvoiceColumn.OPENING,
    InvoiceColumn.CLOSING,
    InvoiceColumn.USED,
    InvoiceColumn.DEDUCTED,
    InvoiceColumn.BILLED,
)
OF_MACHINE: Final = frozenset(
    {
        InvoiceColumn.SERIAL,
        InvoiceColumn.PLACE,
        InvoiceColumn.MODEL,
        InvoiceColumn.DAY,
        InvoiceColumn.SINCE,
    }
)


def meter_for(name: str) -> Meter | None:
    """Return the meter called `name`, or None; `-` and words of a panel are meant too."""
    if name in METERS:
        return Meter(name)
    try:
        return panel_meter(name)
    except Unacceptable:
        return None


@dataclass(frozen=True, slots=True)
class DealerWords:
    """What a dealer's words mean where they are others than the known ones.

    `classes` are meters by the name of a class, None for one to leave out; `columns` what is
    stated below a heading.
    """

    classes: Mapping[str, Meter | None] = field(default_factory=dict)
    columns: Mapping[str, InvoiceColumn] = field(default_factory=dict)

    def is_left_out(self, word: str) -> bool:
        """Say whether lines of the class `word` are to be left out."""
        return any(meter is None and fold(one) == fold(word) for one, meter in self.classes.items())

    def headings(self) -> tuple[tuple[str, InvoiceColumn], ...]:
        """Return every heading that is known, folded, the dealer's own first."""
        return (*((fold(word), states) for word, states in self.columns.items()), *_FIELDS)


def column_for(name: str) -> InvoiceColumn | None:
    """Return the column that `name` or one of the known headings means, or None."""
    by_word = dict(_FIELDS)
    known: Mapping[str, InvoiceColumn] = {one.value: one for one in InvoiceColumn}
    return known.get(fold(name)) or by_word.get(fold(name))


def class_named(word: str, classes: Mapping[str, Meter | None]) -> Meter | None:
    """Return the meter that the dealer's `word` means, None for a part of a counter (2色).

    Raises Unacceptable for a word that is not known.
    """
    known = {fold(one): meter for one, meter in classes.items()}
    if fold(word) in known:
        return known[fold(word)]
    try:
        return panel_meter(word)
    except Unacceptable as exc:
        if exc.why.key == "panel.part_of_color":
            return None
        said = sentence("invoice.no_class", word=shown(word), known=CLASS_WORDS)
        raise Unacceptable(said) from exc


CLASS_WORDS: Final = (
    *("モノクロ", "白黒", "フルカラー", "カラー", "合計", "大", "小", "A3", "モノクロ大"),
    *("カラー大", "コピー", "プリント", "mono", "color", "total"),
)
"""Some of the words for classes that are known; they may be put together."""


# Columns: what each states, and of which class where the heading says that.


@dataclass(frozen=True, slots=True)
class HeadedColumn:
    """One column: what it states, and of which class where its heading says that."""

    index: int
    states: InvoiceColumn
    word: str = ""


def _states(value: Value, dealer: DealerWords) -> tuple[InvoiceColumn | None, str] | None:
    """Return what a heading states and of which class; None where it is no heading."""
    if not isinstance(value, str):
        return None
    folded, headings = fold(value), dealer.headings()
    for word, states in headings:
        if word in folded and not _SAYS_NOTHING.sub("", folded.replace(word, "", 1)):
            return states, ""
    for word, states in headings:
        if not (folded.startswith(word) or folded.endswith(word)):
            continue
        rest = folded.removeprefix(word) if folded.startswith(word) else folded.removesuffix(word)
        if states in (*COUNTS, InvoiceColumn.PRICE, InvoiceColumn.AMOUNT) and _is_class(
            rest, dealer
        ):
            return states, rest.strip("()[]:・ _-/")
    return (None, " ".join(value.split())) if _is_class(value, dealer) else None


def _is_class(word: str, dealer: DealerWords) -> bool:
    try:
        class_named(word, dealer.classes)
    except Unacceptable:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Heads:
    """The headings of a table: its columns, and the first and last line where they stand."""

    columns: tuple[HeadedColumn, ...]
    first: int
    last: int


def heads(lines: Sequence[SheetLine], at: int, dealer: DealerWords) -> Heads | None:
    """Return the headings that stand in line `at` and beside it.

    None where no headings of a serial number and of a counter stand there.
    """
    found = [_states(value, dealer) for value in lines[at].values]
    if not any(one is not None and one[0] is InvoiceColumn.SERIAL for one in found):
        return None
    first = at - (at > 0 and is_part_of_heads(lines[at - 1], dealer))
    last = at + (at + 1 < len(lines) and is_part_of_heads(lines[at + 1], dealer))
    columns = tuple(_columns(lines[first : last + 1], dealer))
    is_enough = {*_NEEDED} <= {one.states for one in columns}
    return Heads(columns, first, last) if is_enough else None


def _columns(rows: Sequence[SheetLine], dealer: DealerWords) -> Iterator[HeadedColumn]:
    """Yield what each column states; a class goes on over the blanks right of it."""
    width = max(len(line.values) for line in rows)
    fields: list[InvoiceColumn | None] = [None] * width
    words = [""] * width
    for line in rows:
        group = ""
        for index in range(width):
            one = _states(line.at(index), dealer)
            if one is not None:
                fields[index] = one[0] or fields[index]
                group = one[1]
                words[index] = one[1] or words[index]
            elif line.at(index) is None and group:
                words[index] = words[index] or group
            else:
                group = ""
    for index, states in enumerate(fields):
        if states is not None:
            yield HeadedColumn(index, states, "" if states in OF_MACHINE else words[index])


def is_part_of_heads(line: SheetLine, dealer: DealerWords) -> bool:
    """Say whether every cell of `line` is a heading, and more than a title."""
    found = [_states(value, dealer) for value in line.values if value is not None]
    is_title = len(found) == 1 and line.at(0) is not None
    return bool(found) and None not in found and not is_title
