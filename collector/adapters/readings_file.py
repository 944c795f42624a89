"""From the bytes of a readings file to the fields of each line: JSON lines, or CSV."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from collector.domain.meters import METERS
from collector.domain.old_sheets.cells import NoFigureError, figure
from collector.domain.old_sheets.headings import heading_in
from collector.domain.sentence import Sentence, Unacceptable, verbatim
from collector.domain.spelling import fold
from collector.errors import said

# What the headings of a CSV of readings are called, in Japanese and English.


PLACE_NAME: Final = "place name"
"""A column that names the place beside the one that holds its id."""

IGNORED: Final = ""

_NAMES: Final = {
    fold(text).replace("_", ""): name
    for name, texts in {
        "at": ("at", "time", "日時", "検針日時", "取得日時", "時刻"),
        "place": ("place", "place id", "設置場所ID", "場所ID"),
        PLACE_NAME: ("place name", "location", "設置場所", "設置場所名", "場所名", "場所"),
        "serial": ("serial", "serial number", "製造番号", "機番", "シリアル番号", "シリアル"),
        "mac": ("mac", "mac address", "MACアドレス"),
        "model": ("model", "機種", "機種名", "型番"),
        "uptime_s": ("uptime_s", "uptime", "稼働秒数", "起動後秒数", "稼働時間(秒)"),
        "silent": ("silent", "応答なし", "無応答"),
        "rated_ipm": ("rated_ipm", "rated speed", "定格速度", "毎分面数"),
        "status": ("status", "状態"),
        IGNORED: ("備考", "メモ", "note", "notes", "remarks", "no", "no.", "番号", "#"),
    }.items()
    for text in texts
}
_METERS: Final = {fold(name).replace("_", ""): str(name) for name in METERS}


def heading(text: str) -> str | None:
    """Return the key or meter that a heading names; None where it is not known.

    Meters are called as in old monthly sheets (合計, カラー, コピー白黒), or by their own names.
    """
    folded = fold(text).replace("_", "")
    if not folded:
        return IGNORED
    found = _NAMES.get(folded) or _METERS.get(folded)
    if found or folded in _NAMES:
        return found or IGNORED
    said = heading_in(text)
    if said is None or said.is_empty or said.label or said.month or not said.names_a_meter:
        return None
    return str(said.meter)


Fields = Mapping[str, object]
Numbered = tuple[int, Fields | Sentence]
"""A line's number with its fields, or with the sentence that says why it has none."""

_SEPARATORS: Final = (",", "\t", ";")
_BLANKS: Final = b" \t\r\n\xef\xbb\xbf"


class NoReadings(Unacceptable):
    """The file as a whole cannot be read; `why` says the reason."""


def fields_of(data: bytes, decode: Callable[[bytes], str]) -> Iterator[Numbered]:
    """Yield the lines of `data` that hold anything, as JSON lines where the first begins with {.

    `decode` finds out the encoding of a CSV and raises UnicodeDecodeError where none fits.
    Raises NoReadings for what is no file of readings at all.
    """
    begin = data[:4096].lstrip(_BLANKS)[:1]
    if not data.strip(_BLANKS):
        raise NoReadings(said("readings_empty"))
    if begin == b"[":
        raise NoReadings(said("readings_list"))
    return _json_lines(data) if begin == b"{" else _csv_lines(data, decode)


def _json_lines(data: bytes) -> Iterator[Numbered]:
    for number, line in enumerate(io.BytesIO(data), start=1):
        if text := line.strip(_BLANKS):
            yield number, _json_fields(text)


def _json_fields(line: bytes) -> Fields | Sentence:
    try:
        fields = _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        return said("readings_utf8")
    except json.JSONDecodeError as error:
        return said("readings_json", column=error.colno, reason=verbatim(error.msg))
    except Unacceptable as error:
        return error.why
    except RecursionError:
        return said("readings_nested")
    except ValueError:
        return said("number_too_long")
    return fields if isinstance(fields, dict) else said("readings_object")


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Unacceptable(said("readings_twice", key=twice))
    return found


def _constant(name: str) -> object:
    raise Unacceptable(said("readings_whole", name=name))


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def _csv_lines(data: bytes, decode: Callable[[bytes], str]) -> Iterator[Numbered]:
    try:
        text = decode(data)
    except UnicodeDecodeError as error:
        raise NoReadings(said("sheet_encoding")) from error
    if "\0" in text:
        raise NoReadings(said("readings_no_file"))
    first = next(line for line in text.splitlines() if line.strip())
    separator = max(_SEPARATORS, key=lambda one: _known(first, one))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from _rows(reader)
    except csv.Error as error:
        why = said("readings_csv", line=reader.line_num, reason=verbatim(str(error)))
        raise NoReadings(why) from error


def _known(line: str, separator: str) -> int:
    cells = next(csv.reader([line], delimiter=separator), [])
    return sum(heading(cell) is not None for cell in cells)


class _CsvReader(Protocol):
    """What csv.reader returns: rows, and the line of the file on which the last one ended."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def _rows(reader: _CsvReader) -> Iterator[Numbered]:
    names: list[str] | None = None
    before = 0
    for cells in reader:
        number, before = before + 1, reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if names is None:
            names = _names(cells)
        elif len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield number, said("readings_cells", cells=len(cells), headings=len(names))
        else:
            yield number, _row(names, cells)


def _names(cells: Sequence[str]) -> list[str]:
    names: list[str] = []
    for cell in cells:
        name = heading(cell)
        if name is None:
            raise NoReadings(said("readings_heading", cell=repr(cell.strip())))
        if name in names and name != IGNORED:
            why = said("readings_heading_twice", cell=repr(cell.strip()), name=name)
            raise NoReadings(why)
        names.append(name)
    instead = IGNORED if "place" in names else "place"
    return [instead if name == PLACE_NAME else name for name in names]


def _row(names: Sequence[str], cells: Sequence[str]) -> Fields:
    fields: dict[str, object] = {}
    meters: dict[str, object] = {}
    for name, cell in zip(names, cells, strict=False):
        text = cell.strip()
        if not text or not name:
            continue
        if name == "silent":
            fields[name] = _TRUTH.get(text.casefold(), text)
        elif name in _TEXTS:
            fields[name] = text
        elif (number := _figure(text)) is not None:
            (fields if name in _FIGURES else meters)[name] = number
    if meters:
        fields["meters"] = meters
    return fields


def _figure(text: str) -> int | str | None:
    """Return the whole number in a cell; None where nobody knows it, the text where it is none."""
    try:
        return figure(text)
    except NoFigureError:
        return text


_TEXTS: Final = frozenset({"at", "place", "serial", "mac", "model", "status"})
_FIGURES: Final = frozenset({"uptime_s", "rated_ipm"})
_TRUTH: Final = {
    **dict.fromkeys(("true", "yes", "1", "応答なし", "○", "はい"), True),
    **dict.fromkeys(("false", "no", "0", "いいえ"), False),
}
