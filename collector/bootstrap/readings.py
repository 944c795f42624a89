"""Readings from a file, and a ledger in memory to try them by."""

import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from collector.adapters.holiday_calendar import public_holidays
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.adapters.readings_file import NoReadings, fields_of
from collector.app.ground import Ground
from collector.app.tally import Tally, tally
from collector.app.told_readings import poll_told
from collector.domain.fleet import Fleet
from collector.domain.reading import PlaceId
from collector.domain.told import Lines, OutOfOrder, Refused, Told, in_order, strangers
from collector.errors import ConfigError, Problem
from collector.settings.csv_text import decode
from collector.settings.sections import OfficeSettings

_SHOWN: Final = 20
"""Problems told one by one: a file that is something else is wrong in every line."""


def read_told(path: Path, known: Collection[PlaceId] | None = None) -> Sequence[Told]:
    """Return the readings in the file at `path` ("-": stdin) in the order in which they came.

    Raises ConfigError with line and key of what is wrong; `known`: of other places, too.
    """
    name = "stdin" if str(path) == "-" else path.name
    lines, told, problems = Lines(), list[Told](), list[Problem]()
    try:
        for number, fields in fields_of(_bytes(path, name), decode):
            where = f"{name}: line {number}"
            if isinstance(fields, str):
                problems.append(Problem(where, fields))
                continue
            try:
                told.append(lines.told(number, fields))
            except Refused as error:
                problems.append(Problem(f"{where}: {error.key}", error.message))
    except NoReadings as error:
        raise ConfigError([Problem(name, str(error))]) from error
    problems += _strange(told, known, name)
    if not problems and not told:
        problems.append(Problem(name, "holds no reading; there is nothing to count"))
    if not problems:
        try:
            return in_order(told)
        except OutOfOrder as error:
            problems.append(Problem(f"{name}: line {error.line}: {error.key}", error.message))
    raise ConfigError(_first(problems, name))


def _bytes(path: Path, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        message = f"cannot be read ({error.strerror}); name a file of readings"
        raise ConfigError([Problem(name or str(path), message)]) from error


def _strange(told: Sequence[Told], known: Collection[PlaceId] | None, name: str) -> list[Problem]:
    if known is None:
        return []
    listed = ", ".join(sorted(known))
    return [
        Problem(
            f"{name}: line {one.line}: place", f"there is no place {one.place!r}; known: {listed}"
        )
        for one in strangers(told, known)
    ]


def _first(problems: Sequence[Problem], name: str) -> Sequence[Problem]:
    if len(problems) <= _SHOWN:
        return problems
    more = Problem(name, f"and {len(problems) - _SHOWN} more lines that cannot be taken")
    return [*problems[:_SHOWN], more]


def usual_office(told: Sequence[Told]) -> Ground:
    """Return the ground of an office as the settings have it where nobody configured one."""
    years = {one.at.year for one in told}
    first, last = min(years) - 1, max(years) + 1
    settings = OfficeSettings()
    holidays = public_holidays(settings.country, settings.subdivision, first, last)
    return Ground(Fleet(), settings.office(settings.closed_dates(first, last) | holidays))


async def memory_ledger() -> SqliteLedger:
    """Return an empty ledger that is gone when it is closed."""
    return await SqliteLedger.in_memory()


async def count_told(told: Sequence[Told], ground: Ground, tick: Callable[[], None]) -> Tally:
    """Return what `told` come to by the daemon's rules, on a ledger that lies in memory only."""
    ledger = await memory_ledger()
    try:
        await poll_told(ledger, ground, told, tick)
        return await tally(ledger, ground)
    finally:
        await ledger.close()
