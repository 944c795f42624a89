"""A monthly report as two CSV files: departments and places, one line each, for other programs.

UTF-8 with a byte order mark, so that Excel opens Japanese as it is. Column names are the same in
every language and stay; each names its unit or stands in `unit`. An empty cell is absent.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.report.month_report import (
    CounterBreak,
    DepartmentFigures,
    Figures,
    MeterReading,
    MonthReport,
    PlaceFigures,
)
from collector.domain.report.table import Column, Table, csv_text
from collector.errors import ConfigError, Problem

_BOM: Final = "\ufeff"
_UNIT: Final = "impressions (面)"
_MINUTE_S: Final = 60
_DIGITS: Final = 4


def departments_csv(report: MonthReport) -> bytes:
    """Return a line for each department."""
    columns: tuple[Column[DepartmentFigures], ...] = (
        *_month(report),
        Column("department", lambda one: one.department.id),
        Column("name", lambda one: one.department.name),
        Column("name_en", lambda one: one.department.name_en),
        *_figures(
            ("pages", lambda one: one.pages),
            ("mono", lambda one: one.meters.get(TOTAL_MONO)),
            ("color", lambda one: one.meters.get(TOTAL_COLOR)),
            ("copy", lambda one: one.meters.get(Meter("copy"))),
            ("print", lambda one: one.meters.get(Meter("print"))),
            ("fax", lambda one: one.meters.get(Meter("fax"))),
            ("scans", lambda one: one.meters.get(Meter("scan"))),
            ("sheets", lambda one: one.meters.get(Meter("sheets"))),
            ("target", lambda one: one.target),
            ("remaining", lambda one: one.left),
            ("ratio", lambda one: _rounded(one.ratio)),
            ("verdict", lambda one: one.verdict and one.verdict.value),
            ("forecast", lambda one: one.expected and round(one.expected.expected)),
            ("forecast_low", lambda one: one.expected and round(one.expected.low)),
            ("forecast_high", lambda one: one.expected and round(one.expected.high)),
            ("last_year", lambda one: one.last_year),
            ("change", lambda one: one.change),
            ("change_ratio", lambda one: _rounded(one.change_ratio)),
            ("cost_yen", lambda one: one.burden.cost_yen),
            ("paper_yen", lambda one: one.burden.paper_yen),
            ("hours", lambda one: one.burden.hours),
            ("co2_g", lambda one: one.burden.co2_g),
            ("estimated", lambda one: one.estimated),
            ("places", lambda one: one.places),
            ("places_read", lambda one: one.places_read),
            ("pages_low", lambda one: one.low),
            ("pages_high", lambda one: one.high),
            ("in_question", lambda one: one.in_question),
            ("measured_since", lambda one: one.since and one.since.isoformat()),
        ),
    )
    return _written(Table("departments", columns, report.departments))


def _figures(
    *named: tuple[str, Callable[[Figures], object]],
) -> Iterator[Column[DepartmentFigures]]:
    for key, value in named:
        yield Column(key, partial(_figure, value))


def _figure(value: Callable[[Figures], object], one: DepartmentFigures) -> object:
    return value(one.figures)


def places_csv(report: MonthReport) -> bytes:
    """Return a line for each place. Times carry their offset from UTC."""
    columns: tuple[Column[PlaceFigures], ...] = (
        *_month(report),
        Column("place", lambda one: one.place),
        Column("name", lambda one: one.name),
        Column("departments", lambda one: one.shares),
        *_reading("opening", lambda one: one.opening, report),
        *_reading("closing", lambda one: one.closing, report),
        Column("pages", lambda one: one.pages),
        Column("mono", lambda one: one.meters.get(TOTAL_MONO)),
        Column("color", lambda one: one.meters.get(TOTAL_COLOR)),
        Column("counted", lambda one: one.counted),
        Column("guessed", lambda one: one.guess and one.guess.pages),
        Column("guess_low", lambda one: one.guess and one.guess.low),
        Column("guess_high", lambda one: one.guess and one.guess.high),
        Column("adjusted", lambda one: one.adjusted),
        Column("estimated", lambda one: one.estimated),
        Column("quality", lambda one: one.known.value),
        Column("remarks", lambda one: [_break(each, report) for each in one.breaks]),
        Column("pages_low", lambda one: max(0, one.pages - one.margin.less)),
        Column("pages_high", lambda one: one.pages + one.margin.more),
        Column("in_question", lambda one: one.in_question),
        Column("measured_since", lambda one: one.since and one.since.isoformat()),
    )
    return _written(Table("places", columns, report.places))


def _written(table: Table[Any]) -> bytes:
    return (_BOM + csv_text(table)).encode()


def _month(report: MonthReport) -> tuple[Column[Any], ...]:
    closure = report.closure
    return (
        Column("month", lambda _: report.period.name),
        Column("from", lambda _: report.period.start.isoformat()),
        Column("to", lambda _: report.period.end.isoformat()),
        Column("state", lambda _: report.stage.value),
        Column("revision", lambda _: None if closure is None else closure.revision),
        Column("unit", lambda _: _UNIT),
    )


def _break(one: CounterBreak, report: MonthReport) -> str:
    device = "" if one.device is None else f" on {one.device}"
    return f"{_time(one.at, report)} {one.last} -> {one.first}{device}"


def _reading(
    name: str, reading: Callable[[PlaceFigures], MeterReading | None], report: MonthReport
) -> Iterator[Column[PlaceFigures]]:
    def of(value: Callable[[MeterReading], object]) -> Callable[[PlaceFigures], object]:
        return lambda one: None if (mark := reading(one)) is None else value(mark)

    yield Column(f"{name}_device", of(lambda mark: mark.device))
    yield Column(f"{name}_model", of(lambda mark: mark.model))
    yield Column(name, of(lambda mark: mark.value))
    yield Column(f"{name}_at", of(lambda mark: _time(mark.at, report)))
    yield Column(f"{name}_off_min", of(_minutes_off))


def _minutes_off(mark: MeterReading) -> int | None:
    return None if mark.off_s is None else round(mark.off_s / _MINUTE_S)


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
