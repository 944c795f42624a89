"""A monthly report as two CSV files: departments and places, one line each, for other programs.

UTF-8 with a byte order mark, so that Excel opens Japanese as it is. Column names are the same in
every language and stay; each names its unit or stands in `unit`. An empty cell is absent.
"""

import contextlib
import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from collector.adapters.report.cells import clean, is_dangerous
from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.report.month_report import (
    CounterBreak,
    DepartmentFigures,
    Figures,
    MeterReading,
    MonthReport,
    PlaceFigures,
)
from collector.errors import ConfigError, Problem

_BOM: Final = "\ufeff"
_UNIT: Final = "impressions (面)"
_MONTH: Final = ("month", "from", "to", "state", "revision", "unit")
DEPARTMENT_COLUMNS: Final = (
    *_MONTH,
    *("department", "name", "name_en", "pages", "mono", "color", "copy", "print", "fax"),
    *("scans", "sheets", "target", "remaining", "ratio", "verdict"),
    *("forecast", "forecast_low", "forecast_high", "last_year", "change", "change_ratio"),
    *("cost_yen", "paper_yen", "hours", "co2_g", "estimated", "places", "places_read"),
    *("pages_low", "pages_high", "in_question", "measured_since"),
)
PLACE_COLUMNS: Final = (
    *_MONTH,
    *("place", "name", "departments"),
    *("opening_device", "opening_model", "opening", "opening_at", "opening_off_min"),
    *("closing_device", "closing_model", "closing", "closing_at", "closing_off_min"),
    *("pages", "mono", "color", "counted", "guessed", "guess_low", "guess_high", "adjusted"),
    *("estimated", "quality", "remarks", "pages_low", "pages_high", "in_question"),
    "measured_since",
)
_MINUTE_S: Final = 60
_DIGITS: Final = 4

_Value = str | int | float | Decimal | None


def departments_csv(report: MonthReport) -> bytes:
    """Return a line for each department."""
    rows = (_month(report) | _department(one) for one in report.departments)
    return _written(DEPARTMENT_COLUMNS, rows)


def places_csv(report: MonthReport) -> bytes:
    """Return a line for each place. Times carry their offset from UTC."""
    rows = (_month(report) | _place(one, report) for one in report.places)
    return _written(PLACE_COLUMNS, rows)


def _written(columns: Sequence[str], rows: Iterable[Mapping[str, _Value]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _guarded(value) for key, value in row.items()})
    return (_BOM + out.getvalue()).encode()


def _guarded(value: _Value) -> _Value:
    """Return `value` so that no spreadsheet runs it: dangerous texts get a leading apostrophe."""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if is_dangerous(text) else text


def _month(report: MonthReport) -> dict[str, _Value]:
    return {
        "month": report.period.name,
        "from": report.period.start.isoformat(),
        "to": report.period.end.isoformat(),
        "state": report.stage.value,
        "revision": None if report.closure is None else report.closure.revision,
        "unit": _UNIT,
    }


def _department(one: DepartmentFigures) -> dict[str, _Value]:
    department, figures = one.department, one.figures
    meters = figures.meters
    return {
        "department": department.id,
        "name": department.name,
        "name_en": department.name_en,
        "pages": figures.pages,
        "mono": meters.get(TOTAL_MONO),
        "color": meters.get(TOTAL_COLOR),
        **{name: meters.get(Meter(name)) for name in ("copy", "print", "fax", "sheets")},
        "scans": meters.get(Meter("scan")),
        **_target(figures),
        "cost_yen": figures.burden.cost_yen,
        "paper_yen": figures.burden.paper_yen,
        "hours": figures.burden.hours,
        "co2_g": figures.burden.co2_g,
        "estimated": figures.estimated,
        "places": figures.places,
        "places_read": figures.places_read,
        "pages_low": figures.low,
        "pages_high": figures.high,
        "in_question": figures.in_question,
        "measured_since": _day(figures.since),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _target(figures: Figures) -> dict[str, _Value]:
    ends, verdict = figures.expected, figures.verdict
    return {
        "target": figures.target,
        "remaining": figures.left,
        "ratio": _rounded(figures.ratio),
        "verdict": None if verdict is None else verdict.value,
        "forecast": None if ends is None else round(ends.expected),
        "forecast_low": None if ends is None else round(ends.low),
        "forecast_high": None if ends is None else round(ends.high),
        "last_year": figures.last_year,
        "change": figures.change,
        "change_ratio": _rounded(figures.change_ratio),
    }


def _place(one: PlaceFigures, report: MonthReport) -> dict[str, _Value]:
    guess = one.guess
    return {
        "place": one.place,
        "name": one.name,
        "departments": "; ".join(f"{key}={pages}" for key, pages in one.shares.items()),
        **_reading("opening", one.opening, report),
        **_reading("closing", one.closing, report),
        "pages": one.pages,
        "mono": one.meters.get(TOTAL_MONO),
        "color": one.meters.get(TOTAL_COLOR),
        "counted": one.counted,
        "guessed": None if guess is None else guess.pages,
        "guess_low": None if guess is None else guess.low,
        "guess_high": None if guess is None else guess.high,
        "adjusted": one.adjusted,
        "estimated": one.estimated,
        "quality": one.known.value,
        "remarks": "; ".join(_break(each, report) for each in one.breaks),
        "pages_low": max(0, one.pages - one.margin.less),
        "pages_high": one.pages + one.margin.more,
        "in_question": one.in_question,
        "measured_since": _day(one.since),
    }


def _break(one: CounterBreak, report: MonthReport) -> str:
    device = "" if one.device is None else f" on {one.device}"
    return f"{_time(one.at, report)} {one.last} -> {one.first}{device}"


def _reading(name: str, mark: MeterReading | None, report: MonthReport) -> dict[str, _Value]:
    if mark is None:
        return {}
    off = mark.off_s
    return {
        f"{name}_device": mark.device,
        f"{name}_model": mark.model,
        name: mark.value,
        f"{name}_at": _time(mark.at, report),
        f"{name}_off_min": None if off is None else round(off / _MINUTE_S),
    }


def _time(at: datetime, report: MonthReport) -> str:
    return at.astimezone(report.zone).isoformat(timespec="seconds")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


# Several files at once: all of them complete, or none.


def write_all(
    folder: Path, contents: Mapping[str, bytes], *, overwrite: bool = False
) -> list[Path]:
    """Leave `folder` with these files, by name, and return their paths.

    Missing folders are made. Raises ConfigError, with nothing written, where one of them exists
    and `overwrite` is false, or where they cannot be written.
    """
    paths = [folder / name for name in contents]
    if taken := [path for path in paths if path.is_dir() or (path.exists() and not overwrite)]:
        raise ConfigError([Problem(str(path), _TAKEN) for path in taken])
    parts = [path.with_name(f".{path.name}.{os.getpid()}.part") for path in paths]
    try:
        for within in {folder, *(path.parent for path in paths)}:
            within.mkdir(parents=True, exist_ok=True)
        for part, octets in zip(parts, contents.values(), strict=True):
            _write_durably(part, octets)
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    except OSError as exc:
        message = f"cannot be written ({exc.strerror}); check the folder and its permissions"
        raise ConfigError([Problem(str(exc.filename or folder), message)]) from exc
    finally:
        for part in parts:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return paths


_TAKEN = "exists already; name another folder, or overwrite it with --force"


def _write_durably(path: Path, octets: bytes) -> None:
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
