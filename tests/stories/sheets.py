"""Old monthly sheets as offices keep them: the same figures in any layout, language and file."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from openpyxl import Workbook

Grid = list[list[object]]
Figures = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Place -> month (2025-04) -> meter -> figure; what is absent is a blank cell."""

ERA = 2018
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
METERS = {
    "ja": {
        "total": "合計",
        "total_mono": "モノクロ",
        "total_color": "カラー",
        "copy": "コピー",
        "print": "プリント",
    },
    "en": {
        "total": "Total",
        "total_mono": "Mono",
        "total_color": "Color",
        "copy": "Copy",
        "print": "Print",
    },
}
LABELS = {
    "ja": {"place": "設置場所", "model": "機種", "month": "年月", "meter": "区分", "value": "枚数"},
    "en": {
        "place": "Place",
        "model": "Model",
        "month": "Month",
        "meter": "Meter",
        "value": "Pages",
    },
}


def _parts(month: str) -> tuple[int, int]:
    year, number = month.split("-")
    return int(year), int(number)


def _short(month: str) -> str:
    year, number = _parts(month)
    return f"{ENGLISH[number - 1]}-{year % 100:02d}"


MONTHS: Mapping[str, Callable[[str], object]] = {
    "iso": lambda month: month,
    "slash": lambda month: month.replace("-", "/"),
    "kanji": lambda month: "{}年{}月".format(*_parts(month)),
    "kanji_bun": lambda month: "{}年{}月分".format(*_parts(month)),
    "era": lambda month: f"令和{_parts(month)[0] - ERA}年{_parts(month)[1]}月",
    "era_short": lambda month: f"R{_parts(month)[0] - ERA}.{_parts(month)[1]}",
    "english": _short,
    "date": lambda month: date(*_parts(month), 1),
    "bare": lambda month: f"{_parts(month)[1]}月",
    "wide_digits": lambda month: "{}年{}月".format(*_parts(month)).translate(FULL),
}
FULL = str.maketrans("0123456789,", "０１２３４５６７８９，")
NUMBERS: Mapping[str, Callable[[int], object]] = {
    "number": lambda value: value,
    "text": str,
    "thousands": lambda value: f"{value:,}",
    "wide": lambda value: f"{value:,}".translate(FULL),
    "unit": lambda value: f"{value:,}枚",
    "real": float,
}


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody keeps a sheet. `role` is what headings say of the figures: 使用枚数, 指針."""

    layout: str = "wide"
    language: str = "ja"
    months: str = "kanji"
    numbers: str = "number"
    blank: object = None
    names: Mapping[str, str] = field(default_factory=dict)
    title: tuple[str, ...] = ()
    model: bool = False
    sums: bool = False
    footnote: bool = False
    role: str = ""


LAYOUTS = ("wide", "wide_over", "wide_under", "wide_rows", "across", "long", "long_rows")


class Keeper:
    """Lays `figures` out in one style."""

    def __init__(self, figures: Figures, meters: Sequence[str], style: Style) -> None:
        """Prepare to write every month of every place, `meters` in this order."""
        self.figures = figures
        self.meters = list(meters)
        self.style = style
        self.months = sorted({month for of in figures.values() for month in of})

    def grid(self) -> Grid:
        """Return the sheet's cells."""
        body = getattr(self, f"_{self.style.layout}")()
        width = max(len(row) for row in body)
        title: Grid = [[text] + [None] * (width - 1) for text in self.style.title]
        foot: Grid = [["※検針漏れあり"]] if self.style.footnote else []
        return [*title, *body, *foot]

    def _label(self, key: str) -> str:
        return LABELS[self.style.language][key]

    def _meter(self, meter: str) -> str:
        if meter == "total" and self.style.role:
            return self.style.role
        return f"{METERS[self.style.language][meter]}{self.style.role}"

    @property
    def _plain(self) -> bool:
        return self.meters == ["total"] and not self.style.role

    def _name(self, place: str) -> str:
        return self.style.names.get(place, place)

    def _month(self, month: str) -> object:
        return MONTHS[self.style.months](month)

    def _cell(self, place: str, month: str, meter: str) -> object:
        value = self.figures[place].get(month, {}).get(meter)
        return self.style.blank if value is None else NUMBERS[self.style.numbers](value)

    def _head(self) -> list[object]:
        model: list[object] = [self._label("model")] if self.style.model else []
        return [self._label("place"), *model]

    def _of(self, place: str) -> list[object]:
        return [self._name(place), *(["複合機A"] if self.style.model else [])]

    def _sum_row(self, columns: Sequence[tuple[str, str]]) -> Grid:
        if not self.style.sums:
            return []
        sums = [
            sum(of.get(month, {}).get(meter, 0) for of in self.figures.values())
            for month, meter in columns
        ]
        first = ["合計" if self.style.language == "ja" else "Total", *([None] * self.style.model)]
        return [[*first, *sums]]

    def _columns(self) -> list[tuple[str, str]]:
        return [(month, meter) for month in self.months for meter in self.meters]

    def _table(self, columns: Sequence[tuple[str, str]]) -> Grid:
        rows = [
            [*self._of(place), *(self._cell(place, month, meter) for month, meter in columns)]
            for place in self.figures
        ]
        return [*rows, *self._sum_row(columns)]

    def _wide(self) -> Grid:
        """Month and meter in one heading: 2025年4月 カラー."""
        columns = self._columns()
        heads: list[object] = []
        for month, meter in columns:
            text = self._month(month)
            heads.append(text if self._plain else f"{text} {self._meter(meter)}")
        return [[*self._head(), *heads], *self._table(columns)]

    def _wide_over(self) -> Grid:
        """Months merged over their meters."""
        columns = self._columns()
        first = {month: n * len(self.meters) for n, month in enumerate(self.months)}
        top = [self._month(m) if n == first[m] else None for n, (m, _) in enumerate(columns)]
        under = [self._meter(meter) for _, meter in columns]
        blank: list[object] = [None] * len(self._head())
        return [[*self._head(), *top], [*blank, *under], *self._table(columns)]

    def _wide_under(self) -> Grid:
        """Meters merged over months; the labels stand in the lower line."""
        columns = [(month, meter) for meter in self.meters for month in self.months]
        top = [self._meter(meter) if month == self.months[0] else None for month, meter in columns]
        under = [self._month(month) for month, _ in columns]
        blank: list[object] = [None] * len(self._head())
        return [[*blank, *top], [*self._head(), *under], *self._table(columns)]

    def _wide_rows(self) -> Grid:
        """One row for each meter of a copier; the place's cell is merged over them."""
        rows: Grid = [[*self._head(), self._label("meter"), *map(self._month, self.months)]]
        for place in self.figures:
            for meter in self.meters:
                left = self._of(place) if meter == self.meters[0] else [None] * len(self._head())
                cells = [self._cell(place, month, meter) for month in self.months]
                rows.append([*left, self._meter(meter), *cells])
        return rows

    def _across(self) -> Grid:
        """One column a copier (and meter), one row a month."""
        columns = [(place, meter) for place in self.figures for meter in self.meters]
        top = [self._name(place) if meter == self.meters[0] else None for place, meter in columns]
        under: Grid = [[None, *(self._meter(meter) for _, meter in columns)]]
        rows = [
            [self._month(month), *(self._cell(place, month, meter) for place, meter in columns)]
            for month in self.months
        ]
        return [[self._label("month"), *top], *([] if self._plain else under), *rows]

    def _long(self) -> Grid:
        """One row a copier and month, the meters side by side."""
        heads = [self._meter(meter) for meter in self.meters]
        if self._plain:
            heads = [self._label("value")]
        rows: Grid = [[*self._head(), self._label("month"), *heads]]
        for place in self.figures:
            for month in self.months:
                cells = [self._cell(place, month, meter) for meter in self.meters]
                rows.append([*self._of(place), self._month(month), *cells])
        return rows

    def _long_rows(self) -> Grid:
        """One row a copier, month and meter."""
        rows: Grid = [
            [*self._head(), self._label("month"), self._label("meter"), self._label("value")]
        ]
        for place in self.figures:
            for month in self.months:
                for meter in self.meters:
                    cell = self._cell(place, month, meter)
                    rows.append([*self._of(place), self._month(month), self._meter(meter), cell])
        return rows


def as_csv(grid: Grid, encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    """Return `grid` as a spreadsheet saves it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    for row in grid:
        writer.writerow(["" if cell is None else str(cell) for cell in row])
    return out.getvalue().encode(encoding)


def as_xlsx(sheets: Mapping[str, Grid]) -> bytes:
    """Return a workbook with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, grid in sheets.items():
        sheet = book.create_sheet(name)
        for row in grid:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
