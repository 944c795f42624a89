"""The dealer's monthly counter sheet (カウンター確認表, 請求明細), from its cells to stated lines.

One line a machine and class (モノクロ, フルカラー, 大, 小), or one line a machine with the classes
side by side. Titles may stand above; a serial number or date left empty is the one above it. What
cannot be meant is refused with its cell, and then nothing of the sheet is checked.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from collector.domain.cost.invoice_columns import (
    COUNTS,
    HEADINGS,
    OF_MACHINE,
    DealerWords,
    HeadedColumn,
    Heads,
    InvoiceColumn,
    class_named,
    heads,
    is_part_of_heads,
)
from collector.domain.counting.identity import spelt
from collector.domain.meters import Meter
from collector.domain.old_sheets.cells import (
    Broken,
    NoFigureError,
    Remarks,
    Sheet,
    SheetLine,
    SheetRemark,
    Value,
    figure,
    money,
    shown,
)
from collector.domain.old_sheets.headings import heading_in, is_total
from collector.domain.old_sheets.months import day_in
from collector.domain.sentence import Unacceptable, sentence
from collector.domain.spelling import fold


class SumKind(StrEnum):
    """What a line of a sum states."""

    SUBTOTAL = "subtotal"
    TAX = "tax"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class StatedMachine:
    """What the sheet says of the machine that a line is about, and when it was read."""

    serial: str
    day: date
    since: date | None = None
    model: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class StatedLine:
    """One class of one machine as the dealer states it; None where the sheet has no such figure.

    `word` is what the dealer calls the class, `meter` what it means: None for a part of a counter
    (2色) that no meter is. `deducted` are test and defective copies, in impressions.
    """

    line: int
    machine: StatedMachine
    word: str
    meter: Meter | None
    closing: int
    opening: int | None = None
    used: int | None = None
    deducted: int = 0
    billed: int | None = None
    price: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StatedFee:
    """A basic fee (基本料金) of one machine, in yen; or what a minimum adds to its counters."""

    line: int
    machine: StatedMachine
    word: str
    amount: Decimal
    is_minimum: bool = False


@dataclass(frozen=True, slots=True)
class StatedSum:
    """A line of sums, in yen; of a tax the `percent` where its words state one."""

    line: int
    kind: SumKind
    word: str
    amount: Decimal
    percent: int | None = None


Item = StatedLine | StatedFee | StatedSum


@dataclass(frozen=True, slots=True)
class InvoiceSheet:
    """What a dealer's sheet states, in its order; with `flaws` none of it may be used."""

    file: str
    items: tuple[Item, ...] = ()
    flaws: tuple[SheetRemark, ...] = ()
    notes: tuple[SheetRemark, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceOptions:
    """What the reader of a sheet says of it.

    `day` and `since` are when counters were read, where the sheet does not say. Days without a
    year are near `near`.
    """

    near: date
    dealer: DealerWords = field(default_factory=DealerWords)
    day: date | None = None
    since: date | None = None


def read_invoice(sheet: Sheet, options: InvoiceOptions) -> InvoiceSheet:
    """Return what `sheet` states; every problem is among `flaws`, with its cell."""
    remarks = Remarks()
    reader = _InvoiceReader(sheet, options, remarks)
    items = tuple(reader.items())
    if reader.columns is None:
        named = tuple(one[0] for one in HEADINGS.values())
        remarks.refuse(0, None, sentence("invoice.no_headings", known=named))
    elif not remarks.flaws and not any(isinstance(one, StatedLine) for one in items):
        remarks.refuse(0, None, sentence("invoice.no_line"))
    flaws = tuple(sorted(remarks.flaws, key=lambda one: one.position))
    return InvoiceSheet(sheet.file, items, flaws, tuple(remarks.notes))


# Lines: from the top down, since a cell that is merged over lines is only in the first.


_FEE_WORDS: Final = frozenset(map(fold, ("基本料金", "基本料", "基本使用料", "月額基本料金")))
_MINIMUM_WORDS: Final = frozenset(
    fold(f"{word}{end}")
    for word in (
        "最低料金",
        "最低保証料金",
        "最低保証",
        "最低使用料",
        "ミニマム",
        "ミニマムチャージ",
    )
    for end in ("", "差額", "不足額", "不足分", "調整額")
) | {fold("minimum charge"), fold("minimum")}
_NO_FIGURE: Final = frozenset({"", "-", "―", "‐", "−", "–", "—", "ー"})
_TAX: Final = re.compile(r"消費税|税額|(?:consumption)?tax")
_PERCENT: Final = re.compile(r"([0-9]{1,2})(?:\.0+)?%")
_TOTALS: Final = re.compile(r"(?:総|税込)?合計.*|総計|.*(?:請求(?:金)?額|税込).*|(?:grand)?total.*")


class _InvoiceReader:
    """Reads a sheet line by line, and gathers in `remarks` what it could not mean."""

    def __init__(self, sheet: Sheet, options: InvoiceOptions, remarks: Remarks) -> None:
        self.columns: tuple[HeadedColumn, ...] | None = None
        self._sheet = sheet
        self._options = options
        self._remarks = remarks
        self._machine: dict[InvoiceColumn, Value] = {}
        self._day: date | None = None

    def items(self) -> Iterator[Item]:
        """Yield every stated line, fee and sum."""
        lines, at = self._sheet.lines, 0
        while at < len(lines):
            found = heads(lines, at, self._options.dealer)
            if found is None and at + 1 < len(lines) and self._is_above(at):
                found = heads(lines, at + 1, self._options.dealer)
            if found is not None:
                self._tell_unused(found)
                self.columns, at = found.columns, found.last + 1
                self._machine = {}
                continue
            if self.columns is None:
                self._title(lines[at])
            else:
                yield from self._line(lines[at], self.columns)
            at += 1

    def _is_above(self, at: int) -> bool:
        """Say whether line `at` groups the columns of the next one."""
        return is_part_of_heads(self._sheet.lines[at], self._options.dealer)

    def _tell_unused(self, found: Heads) -> None:
        """Tell of columns whose heading nobody knows; a number or a remark is no news."""
        used = {one.index for one in found.columns}
        for line in self._sheet.lines[found.first : found.last + 1]:
            for index, value in enumerate(line.values):
                if index in used or not isinstance(value, str):
                    continue
                known = heading_in(value)
                if known is None or known.label is None:
                    message = sentence("sheet.column_not_used", text=shown(value))
                    self._remarks.tell(line.number, index, message)

    def _title(self, line: SheetLine) -> None:
        """Take the day of reading from a title: 検針日：令和8年11月30日."""
        texts = [value for value in line.values if value is not None]
        for number, value in enumerate(texts):
            if isinstance(value, str) and "検針日" in (folded := fold(value)):
                rest = folded.partition("検針日")[2].strip(":()[]は")
                stated: Value = rest or (texts[number + 1] if number + 1 < len(texts) else None)
                if "前" not in folded:
                    self._day = day_in(stated, self._options.near) or self._day

    def _line(self, line: SheetLine, columns: tuple[HeadedColumn, ...]) -> Iterator[Item]:
        if (stated := self._sum(line, columns)) is not None:
            yield stated
            return
        cells = {one.states: line.at(one.index) for one in columns if one.states in OF_MACHINE}
        if cells.get(InvoiceColumn.SERIAL) is not None:
            days = InvoiceColumn.DAY, InvoiceColumn.SINCE
            self._machine = {one: self._machine[one] for one in days if one in self._machine}
        self._machine |= {states: value for states, value in cells.items() if value is not None}
        groups: dict[str, list[HeadedColumn]] = {}
        for one in columns:
            if one.states not in OF_MACHINE:
                groups.setdefault(one.word, []).append(one)
        common = groups.pop("", [])
        word = next(
            (line.at(one.index) for one in common if one.states is InvoiceColumn.CLASS), None
        )
        alone = [*common] if not groups or self._has_figures(line, common) else []
        shared = [one for one in common if not groups and one.states is InvoiceColumn.CLASS]
        for name, group in ({"": alone} | groups).items():
            if self._has_figures(line, group):
                yield from self._item(line, [*group, *shared], name or _text(word))

    def _has_figures(self, line: SheetLine, group: Sequence[HeadedColumn]) -> bool:
        wanted = (*COUNTS, InvoiceColumn.AMOUNT)
        values = [line.at(one.index) for one in group if one.states in wanted]
        return any(value is not None and fold(_text(value)) not in _NO_FIGURE for value in values)

    def _item(self, line: SheetLine, group: Sequence[HeadedColumn], word: str) -> Iterator[Item]:
        """Yield the one item that `group` of the cells of `line` states, of the class `word`."""
        amount = self._money(line, group, InvoiceColumn.AMOUNT)
        counts = {states: self._count(line, group, states) for states in COUNTS}
        closing = counts[InvoiceColumn.CLOSING]
        if closing is None and is_total(word) and amount is not None:
            yield StatedSum(line.number, SumKind.SUBTOTAL, word, amount)
            return
        machine = self._of_machine(line)
        if machine is None:
            return
        if fold(word) in _FEE_WORDS | _MINIMUM_WORDS:
            if amount is not None:
                is_minimum = fold(word) in _MINIMUM_WORDS
                yield StatedFee(line.number, machine, word, amount, is_minimum)
            return
        try:
            meter = class_named(word or "合計", self._options.dealer.classes)
        except Unacceptable as exc:
            index = next((one.index for one in group if one.states is InvoiceColumn.CLASS), None)
            self._remarks.refuse(line.number, index, exc.why)
            return
        if self._options.dealer.is_left_out(word):
            self._remarks.tell(line.number, None, sentence("sheet.left_out"))
            return
        if closing is None:
            self._refuse(line, group, InvoiceColumn.CLOSING)
            return
        yield StatedLine(
            *(line.number, machine, word or "合計", meter, closing),
            opening=counts[InvoiceColumn.OPENING],
            used=counts[InvoiceColumn.USED],
            deducted=counts[InvoiceColumn.DEDUCTED] or 0,
            billed=counts[InvoiceColumn.BILLED],
            price=self._money(line, group, InvoiceColumn.PRICE),
            amount=amount,
        )

    def _refuse(
        self, line: SheetLine, group: Sequence[HeadedColumn], states: InvoiceColumn
    ) -> None:
        index = next((one.index for one in group if one.states is states), None)
        self._remarks.refuse(line.number, index, sentence("invoice.no_closing"))

    def _count(
        self, line: SheetLine, group: Sequence[HeadedColumn], states: InvoiceColumn
    ) -> int | None:
        """Return the counter in the column that `states` one; of deductions all of them added."""
        found: int | None = None
        for one in group:
            if one.states is not states:
                continue
            value = line.at(one.index)
            if states is InvoiceColumn.DEDUCTED:
                value = _without_sign(value)
            try:
                read = figure(value)
            except NoFigureError as exc:
                self._remarks.refuse(line.number, one.index, exc.why)
                continue
            found = read if found is None or read is None else found + read
        return found

    def _money(
        self, line: SheetLine, group: Sequence[HeadedColumn], states: InvoiceColumn
    ) -> Decimal | None:
        for one in group:
            if one.states is states:
                try:
                    return money(line.at(one.index))
                except NoFigureError as exc:
                    self._remarks.refuse(line.number, one.index, exc.why)
        return None

    def _of_machine(self, line: SheetLine) -> StatedMachine | None:
        said = self._machine
        serial = _text(said.get(InvoiceColumn.SERIAL))
        if not serial:
            self._remarks.refuse(line.number, self._at(InvoiceColumn.SERIAL), _NO_SERIAL)
            return None
        day = self._day_of(line, InvoiceColumn.DAY) or self._day or self._options.day
        if day is None:
            if InvoiceColumn.DAY not in said:
                column = self._at(InvoiceColumn.DAY)
                at = 0 if column is None else line.number
                self._remarks.refuse(at, column, sentence("invoice.no_day"))
            return None
        since = self._day_of(line, InvoiceColumn.SINCE) or self._options.since
        model, place = _text(said.get(InvoiceColumn.MODEL)), _text(said.get(InvoiceColumn.PLACE))
        return StatedMachine(serial, day, since, model, place)

    def _day_of(self, line: SheetLine, states: InvoiceColumn) -> date | None:
        value = self._machine.get(states)
        if value is None:
            return None
        found = day_in(value, self._options.near)
        if found is None:
            message = sentence("invoice.not_a_day", value=shown(value))
            self._remarks.refuse(line.number, self._at(states), message)
        return found

    def _at(self, states: InvoiceColumn) -> int | None:
        return next((one.index for one in self.columns or () if one.states is states), None)

    def _sum(self, line: SheetLine, columns: Sequence[HeadedColumn]) -> StatedSum | None:
        """Return the sum that `line` states, None where it is about a machine."""
        word = next((one for one in line.values if isinstance(one, str)), "")
        folded = fold(word)
        is_tax = bool(_TAX.match(folded))
        if not (is_tax or is_total(word) or _TOTALS.fullmatch(folded)):
            return None
        if not is_tax and line.at(self._at(InvoiceColumn.SERIAL) or 0) not in {None, word}:
            return None
        figures = self._amounts(line, columns)
        if not figures or self._is_class_of_machine(line, word):
            return None
        percent = _PERCENT.search(folded)
        kind = SumKind.TAX if is_tax else SumKind.SUBTOTAL
        if kind is SumKind.SUBTOTAL and _TOTALS.fullmatch(folded):
            kind = SumKind.TOTAL
        text = " ".join(word.split())
        return StatedSum(line.number, kind, text, figures[-1], percent and int(percent[1]))

    def _is_class_of_machine(self, line: SheetLine, word: str) -> bool:
        """Say whether the total is a class of the machine above, with a counter of its own."""
        columns = self.columns or ()
        in_class = any(
            one.states is InvoiceColumn.CLASS and line.at(one.index) == word for one in columns
        )
        return in_class and any(
            one.states is InvoiceColumn.CLOSING and line.at(one.index) is not None
            for one in columns
        )

    def _amounts(self, line: SheetLine, columns: Sequence[HeadedColumn]) -> list[Decimal]:
        """Return the amounts in `line`; where its column is empty, any number further right."""
        wanted = [one.index for one in columns if one.states is InvoiceColumn.AMOUNT]
        for indexes in (wanted, range(len(line.values))):
            found = [one for one in map(_amount_or_none, map(line.at, indexes)) if one is not None]
            if found:
                return found
        return []


_NO_SERIAL: Final = sentence("invoice.no_serial")


def _text(value: Value) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a serial number of digits alone, in a workbook
    return "" if value is None or isinstance(value, Broken) else " ".join(str(value).split())


def _without_sign(value: Value) -> Value:
    """Return a deduction as a number of pages: it may be written as what is taken away."""
    if isinstance(value, int | float):
        return abs(value)
    if isinstance(value, str):
        return re.sub(r"^\s*[-−▲△]\s*(?=[0-9])", "", unicodedata.normalize("NFKC", value))
    return value


def _amount_or_none(value: Value) -> Decimal | None:
    try:
        return money(value)
    except NoFigureError:
        return None


def with_sums_apart(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return `items` where the amount of a machine's 合計 beside its classes is a sum, not a line.

    Else it would be charged twice.
    """
    found: list[Item] = []
    for one in items:
        if isinstance(one, StatedLine) and _sums_up(one, items) and one.amount is not None:
            found.append(replace(one, amount=None))
            found.append(StatedSum(one.line, SumKind.SUBTOTAL, one.word, one.amount))
        else:
            found.append(one)
    return tuple(found)


def _sums_up(one: StatedLine, items: Sequence[Item]) -> bool:
    """Say whether `one` is the total of classes of its machine that are charged for themselves."""
    if one.price is not None or not is_total(one.word):
        return False
    serial = spelt(one.machine.serial)
    lines = (other for other in items if isinstance(other, StatedLine) and other is not one)
    return any(spelt(other.machine.serial) == serial for other in lines)
