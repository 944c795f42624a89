"""Open data as files: the data, what its columns mean, and the licence, each with the town's code.

CSV in UTF-8, lines ended by CR and LF; the headings are Japanese in every office, for whoever puts
several towns together. Absent is an empty cell.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.domain.report.open_data import OpenDataRow, Publisher
from collector.domain.report.table import CellKind, Column, Table, csv_text
from collector.texts.catalogue import REPORT, Words

_MARK: Final = "\ufeff"
_LICENCES: Final = {"CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/deed.ja"}
_DATE: Final = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class _Item:
    """A column of the data: its key, how its values look, and how to get one."""

    key: str
    form: str
    value: Callable[[OpenDataRow], object]


def open_data_files(
    rows: Sequence[OpenDataRow], publisher: Publisher, *, with_mark: bool = True
) -> Mapping[str, bytes]:
    """Return the files by name; `with_mark`: a byte order mark, by which Excel knows UTF-8.

    The same rows give the same octets.
    """
    words = Words(REPORT, "ja")
    items = _items(publisher, words)
    data = Table(
        "pages",
        tuple(Column(words(f"open.{one.key}"), one.value, kind=CellKind.TEXT) for one in items),
        rows,
    )
    mark = _MARK if with_mark else ""
    base = f"{publisher.code}_copier_pages"
    return {
        f"{base}.csv": (mark + csv_text(data)).encode(),
        f"{base}_items.csv": (mark + csv_text(_definitions(items, words))).encode(),
        f"{base}_licence.txt": _licence(publisher, words, with_mark=with_mark).encode(),
    }


def _items(publisher: Publisher, words: Words) -> tuple[_Item, ...]:
    def quality(one: OpenDataRow) -> str:
        found = one.sheets.quality
        return words("open.quality.unknown" if found is None else f"open.quality.{found.value}")

    def measured(one: OpenDataRow) -> str:
        if one.is_begun_within:
            return words(f"open.quality.{'unknown' if one.pages is None else 'partial'}")
        return words(f"open.quality.{one.quality.value}")

    def final(one: OpenDataRow) -> str:
        return words("open.state.provisional" if one.revision is None else "open.state.closed")

    def sheets(part: str) -> Callable[[OpenDataRow], object]:
        return lambda one: None if one.sheets.paper is None else getattr(one.sheets.paper, part)

    return (
        _Item("municipality_code", "text", lambda _: publisher.code),
        _Item("municipality", "text", lambda _: publisher.name),
        _Item("month", "YYYY-MM", lambda one: one.period.name),
        _Item("first_day", _DATE, lambda one: one.period.start.isoformat()),
        _Item("last_day", _DATE, lambda one: one.period.end.isoformat()),
        _Item("department_id", "text", lambda one: one.department.id),
        _Item("department", "text", lambda one: one.department.name),
        _Item("department_en", "text", lambda one: one.department.name_en),
        _Item("above", "text", lambda one: one.above),
        _Item("impressions", "integer", lambda one: one.pages),
        _Item("impressions_low", "integer", lambda one: one.low),
        _Item("impressions_high", "integer", lambda one: one.high),
        _Item("impressions_quality", "text", measured),
        _Item("excluded", "integer", lambda one: one.excluded),
        _Item("sheets", "integer", sheets("value")),
        _Item("sheets_low", "integer", sheets("low")),
        _Item("sheets_high", "integer", sheets("high")),
        _Item("sheets_quality", "text", quality),
        _Item("state", "text", final),
        _Item("revision", "integer", lambda one: one.revision),
    )


def _definitions(items: Iterable[_Item], words: Words) -> Table[tuple[int, _Item]]:
    """Return what each column means, in Japanese and English (項目定義書)."""
    english = Words(REPORT, "en")
    texts: tuple[tuple[str, Callable[[tuple[int, _Item]], object]], ...] = (
        ("number", lambda row: row[0]),
        ("item", lambda row: words(f"open.{row[1].key}")),
        ("item_en", lambda row: english(f"open.{row[1].key}")),
        ("form", lambda row: words(f"open.form.{row[1].form}")),
        ("says", lambda row: words(f"open.{row[1].key}.says")),
        ("says_en", lambda row: english(f"open.{row[1].key}.says")),
    )
    columns = tuple(Column(words(f"open.item.{key}"), of, kind=CellKind.TEXT) for key, of in texts)
    return Table("items", columns, [*enumerate(items, start=1)])


def _licence(publisher: Publisher, words: Words, *, with_mark: bool) -> str:
    licence = publisher.licence
    url = _LICENCES.get(licence, "")
    text = words("open.licence", name=publisher.name, licence=f"{licence} {url}".strip())
    return f"{text}\r\n" + words("open.encoded" if with_mark else "open.encoded_bare") + "\r\n"
