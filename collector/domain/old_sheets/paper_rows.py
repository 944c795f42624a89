"""A ledger of purchased paper (用紙購入台帳), or a list of what lies in store, from its cells.

One line a purchase or a stock: 日付, 課, サイズ, 枚数 (or 数量 and 入数), 在庫, 仕入先, 伝票番号.
What cannot be meant is refused with its line and cell; sums and what is not used are told.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from collector.domain.counting.entries import PaperSize
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.office_calendar import Office
from collector.domain.old_sheets.cells import (
    Broken,
    NoFigureError,
    Remarks,
    Sheet,
    SheetLine,
    Value,
    figure,
    shown,
)
from collector.domain.old_sheets.headings import is_total
from collector.domain.old_sheets.months import Stated, Years, is_usable, month_in, year_in
from collector.domain.sentence import Sentence, sentence
from collector.domain.spelling import fold, nearest

_T = TypeVar("_T")


class PaperColumn(StrEnum):
    """What a column of the ledger holds."""

    DAY = "day"
    OF = "of"
    SIZE = "size"
    SHEETS = "sheets"
    AMOUNT = "amount"
    EACH = "each"
    UNIT = "unit"
    STOCK = "stock"
    SUPPLIER = "supplier"
    SLIP = "slip"
    OTHER = "other"


_NAMES: Final[Mapping[PaperColumn, tuple[str, ...]]] = {
    PaperColumn.DAY: (
        *(
            "日付",
            "年月日",
            "購入日",
            "購入年月日",
            "納品日",
            "納入日",
            "受入日",
            "検収日",
            "棚卸日",
        ),
        *("基準日", "年月", "月", "購入月", "購入年月", "対象月", "date", "day", "month"),
    ),
    PaperColumn.OF: (
        *("課", "課名", "課名等", "課室名", "部署", "部署名", "部署ID", "課ID", "所属", "購入課"),
        *("担当課", "購入部署", "department", "department id", "section"),
    ),
    PaperColumn.SIZE: (
        *("サイズ", "用紙サイズ", "規格", "用紙規格", "用紙", "用紙名", "用紙の種類", "品名"),
        *("size", "paper size", "paper"),
    ),
    PaperColumn.SHEETS: (
        *("枚数", "購入枚数", "用紙購入枚数", "納入枚数", "合計枚数", "総枚数", "購入量(枚)"),
        *("数量(枚)", "枚", "sheets"),
    ),
    PaperColumn.AMOUNT: (
        *("数量", "購入数", "購入数量", "購入量", "納入数", "箱数", "冊数", "個数", "箱", "冊"),
        *("quantity", "boxes", "packs"),
    ),
    PaperColumn.EACH: (
        *("入数", "入り数", "入枚数", "1箱枚数", "1冊枚数", "1箱の枚数", "1冊の枚数", "枚/箱"),
        *("枚/冊", "1箱あたり枚数", "1冊あたり枚数", "1箱当たり枚数", "1冊当たり枚数"),
        *("1個あたり枚数", "単位枚数", "sheets each", "sheets per box", "sheets per pack"),
    ),
    PaperColumn.UNIT: ("単位", "unit"),
    PaperColumn.STOCK: (
        *("在庫", "在庫枚数", "在庫数", "在庫数量", "在庫(枚)", "棚卸枚数", "棚卸数", "月末在庫"),
        *("期末在庫", "年度末在庫", "残枚数", "残数", "残高", "stock", "in stock"),
    ),
    PaperColumn.SUPPLIER: (
        *("仕入先", "購入先", "業者", "業者名", "納入業者", "納入業者名", "発注先", "supplier"),
        "vendor",
    ),
    PaperColumn.SLIP: ("伝票番号", "伝票", "納品書番号", "伝票No", "伝票No.", "注文番号", "slip"),
    PaperColumn.OTHER: (
        *("備考", "摘要", "メモ", "No", "No.", "番号", "単価", "金額", "税込金額", "税抜金額"),
        *("合計金額", "銘柄", "メーカー", "品番", "note", "notes", "remarks", "price", "amount"),
    ),
}
_COLUMNS: Final = {fold(name): column for column, names in _NAMES.items() for name in names}
_FIGURES: Final = (PaperColumn.SHEETS, PaperColumn.AMOUNT, PaperColumn.STOCK)
_SIZE: Final = re.compile(r"(?<![A-Z0-9])[A-Z][0-9]{1,2}(?![0-9])")
_COUNTED: Final = re.compile(r"\s*(?:箱|冊|包|束|個|ケース|cs|box(?:es)?|packs?)$", re.IGNORECASE)
_OF_A_YEAR: Final = re.compile(r"(1[0-2]|0?[1-9])(?:月|[-/.])(3[01]|[12][0-9]|0?[1-9])日?")
_SHEETS: Final = frozenset({"枚", "sheet", "sheets"})
_EVERYBODY: Final = frozenset(
    map(fold, ("全庁", "全体", "共通", "共用", "庁内共用", "whole office"))
)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """What line `line` says: so many sheets `bought` on `day`, so many in `stock` at its end.

    None is not said. Where only a month is named, `day` is the last of that closing month.
    `department` is None for the whole office.
    """

    line: int
    day: date
    department: DepartmentId | None
    size: PaperSize
    bought: int | None
    stock: int | None
    supplier: str = ""
    slip: str = ""


def size_in(text: str) -> PaperSize | None:
    """Return the size that `text` names (A4, Ａ４判, コピー用紙 A4); None where none is known."""
    found = {*_SIZE.findall(unicodedata.normalize("NFKC", text).upper())}
    known = [one for one in PaperSize if one.value in found]
    return known[0] if len(found) == len(known) == 1 else None


def department_in(text: str, known: Iterable[Department]) -> Department | None:
    """Return the one of the departments `known` that `text` names by its id or its name."""
    every, folded = tuple(known), fold(text)
    by_id = [one for one in every if fold(one.id) == folded]
    named = [one for one in every if folded in {fold(one.name), fold(one.name_en or "")}]
    found = by_id or named
    return found[0] if len(found) == 1 else None


def is_everybody(text: str) -> bool:
    """Say whether `text`, where a department may stand, is the whole office: blank, or 全庁."""
    return not fold(text) or fold(text) in _EVERYBODY


def read_paper(
    sheet: Sheet, departments: Sequence[Department], office: Office, remarks: Remarks
) -> tuple[PaperRow, ...]:
    """Return what the lines of `sheet` say, as far as they can be meant; faults are in `remarks`.

    Each fault is told with its line and cell: nothing is to be entered where there is one.
    """
    found = _headed(sheet)
    if found is None:
        remarks.refuse(0, None, sentence("paper.no_headings"))
        return ()
    number, columns = found
    head = sheet.lines[number]
    titles = (value for line in sheet.lines[:number] for value in line.values)
    texts = [*(value for value in titles if isinstance(value, str)), *([sheet.name or ""])]
    year = next((one for one in map(year_in, texts) if one is not None), None)
    for index, value in enumerate(head.values):
        if value is not None and index not in columns.values() and not _is_other(value):
            told = sentence("sheet.column_not_used", text=shown(value))
            remarks.tell(head.number, index, told)
    rows = _Rows(columns, tuple(departments), office, year, remarks)
    read = (rows.read(line) for line in sheet.lines[number + 1 :])
    return tuple(one for one in read if one is not None)


def _is_other(value: Value) -> bool:
    return isinstance(value, str) and _COLUMNS.get(fold(value)) is PaperColumn.OTHER


def _headed(sheet: Sheet) -> tuple[int, Mapping[PaperColumn, int]] | None:
    """Return which line has the headings, and in which column each of them stands."""
    for number, line in enumerate(sheet.lines):
        columns: dict[PaperColumn, int] = {}
        for index, value in enumerate(line.values):
            column = _COLUMNS.get(fold(value)) if isinstance(value, str) else None
            if column is not None and column is not PaperColumn.OTHER:
                columns.setdefault(column, index)
        if {PaperColumn.DAY, PaperColumn.SIZE} <= columns.keys() and columns.keys() & {*_FIGURES}:
            return number, columns
    return None


def _day_in(value: Value) -> Stated | None:
    """Return the day of a text without a year (4月8日, 4/8), None for any other."""
    found = _OF_A_YEAR.fullmatch(fold(value)) if isinstance(value, str) else None
    return None if found is None else Stated(int(found[1]), day=int(found[2]))


class _RefusedCellError(Exception):
    """A cell that cannot be meant was told."""


@dataclass(frozen=True, slots=True)
class _Rows:
    columns: Mapping[PaperColumn, int]
    departments: tuple[Department, ...]
    office: Office
    year: Stated | None
    remarks: Remarks

    def read(self, line: SheetLine) -> PaperRow | None:
        """Return what `line` says; None where it says nothing, or after telling what is wrong."""
        word = self._total_word(line)
        if word is not None:
            self.remarks.tell(line.number, None, sentence("sheet.row_of_sums", word=word))
            return None
        if not any(self._at(line, one) is not None for one in (*_FIGURES, PaperColumn.SIZE)):
            self.remarks.tell(line.number, None, sentence("paper.row_without_paper"))
            return None
        parts = (
            self._tried(self._day, line),
            self._tried(self._department, line),
            self._tried(self._size, line),
            self._tried(self._bought, line),
            self._tried(self._stock, line),
        )
        if not all(told for _, told in parts):
            return None
        (day, _), (department, _), (size, _), (bought, _), (stock, _) = parts
        if day is None or size is None:
            return None
        if bought is None and stock is None:
            self.remarks.refuse(line.number, None, sentence("paper.no_figure"))
            return None
        texts = (self._text(line, one) for one in (PaperColumn.SUPPLIER, PaperColumn.SLIP))
        return PaperRow(line.number, day, department, size, bought, stock, *texts)

    def _total_word(self, line: SheetLine) -> str | None:
        labels = (PaperColumn.DAY, PaperColumn.OF, PaperColumn.SIZE)
        values = [
            *map(line.at, range(min(self.columns.values()))),
            *(self._at(line, one) for one in labels),
        ]
        found = (one for one in values if isinstance(one, str) and is_total(one))
        return next((" ".join(one.split()) for one in found if not is_everybody(one)), None)

    def _at(self, line: SheetLine, column: PaperColumn) -> Value:
        index = self.columns.get(column)
        return None if index is None else line.at(index)

    def _text(self, line: SheetLine, column: PaperColumn) -> str:
        value = self._at(line, column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None or isinstance(value, Broken) else " ".join(str(value).split())

    def _tried(self, of: Callable[[SheetLine], _T], line: SheetLine) -> tuple[_T | None, bool]:
        try:
            return of(line), True
        except _RefusedCellError:
            return None, False

    def _refuse(self, line: SheetLine, column: PaperColumn, told: Sentence) -> _RefusedCellError:
        self.remarks.refuse(line.number, self.columns.get(column), told)
        return _RefusedCellError()

    def _day(self, line: SheetLine) -> date:
        value = self._at(line, PaperColumn.DAY)
        stated = month_in(value) or _day_in(value)
        if isinstance(value, Broken):
            raise self._refuse(line, PaperColumn.DAY, value.says)
        if stated is None or stated.month is None:
            told = sentence("paper.no_day", text=shown(value) if value is not None else "")
            raise self._refuse(line, PaperColumn.DAY, told)
        name = Years(self.year, self.office.year_begins).month_of(stated)
        if name is None:
            raise self._refuse(line, PaperColumn.DAY, sentence("paper.no_year", text=shown(value)))
        if is_usable(name) and stated.day is None:
            return self.office.period(name).end
        try:
            return date(int(name[:4]) if is_usable(name) else 0, int(name[5:]), stated.day or 0)
        except ValueError:
            told = sentence("paper.no_day", text=shown(value))
            raise self._refuse(line, PaperColumn.DAY, told) from None

    def _department(self, line: SheetLine) -> DepartmentId | None:
        text = self._text(line, PaperColumn.OF)
        if is_everybody(text):
            return None
        found = department_in(text, self.departments)
        if found is None:
            near = nearest(fold(text), [fold(one.name) for one in self.departments])
            names = [one.name for one in self.departments if fold(one.name) == near]
            told = sentence("paper.no_department", text=shown(text))
            if names:
                told = sentence("paper.no_department.near", text=shown(text), near=names[0])
            raise self._refuse(line, PaperColumn.OF, told)
        return found.id

    def _size(self, line: SheetLine) -> PaperSize:
        text = self._text(line, PaperColumn.SIZE)
        found = size_in(text)
        if found is None:
            told = sentence("paper.no_size", text=shown(text), known=tuple(PaperSize))
            raise self._refuse(line, PaperColumn.SIZE, told)
        return found

    def _figure(self, line: SheetLine, column: PaperColumn) -> int | None:
        value = self._at(line, column)
        if isinstance(value, str) and column is PaperColumn.AMOUNT:
            value = _COUNTED.sub("", unicodedata.normalize("NFKC", value)) or None
        try:
            return figure(value)
        except NoFigureError as exc:
            raise self._refuse(line, column, exc.why) from None

    def _bought(self, line: SheetLine) -> int | None:
        sheets = self._figure(line, PaperColumn.SHEETS)
        amount = self._figure(line, PaperColumn.AMOUNT)
        each = self._figure(line, PaperColumn.EACH)
        if amount is None:
            return sheets
        in_sheets = fold(self._text(line, PaperColumn.UNIT)) in _SHEETS
        if in_sheets or each is not None:
            worked = amount * (1 if in_sheets or each is None else each)
            if sheets is not None and sheets != worked:
                told = sentence("paper.two_amounts", sheets=sheets, worked=worked)
                raise self._refuse(line, PaperColumn.SHEETS, told)
            return worked
        if sheets is None and amount:
            raise self._refuse(line, PaperColumn.AMOUNT, sentence("paper.how_many_each"))
        return 0 if sheets is None else sheets

    def _stock(self, line: SheetLine) -> int | None:
        return self._figure(line, PaperColumn.STOCK)
