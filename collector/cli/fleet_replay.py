"""The months as another fleet file would state them, and putting that file in place."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from collector.adapters.clock import SystemClock
from collector.app.ground import Ground
from collector.app.office_months import office_month
from collector.bootstrap.office import ground_of, open_ledger
from collector.cli.output import Exit, progress, result_table, say
from collector.cli.words import Words
from collector.domain.fleet import Fleet
from collector.domain.office import Office, Period
from collector.errors import ConfigError
from collector.ports import Ledger
from collector.settings.fleet_file import read_fleet
from collector.settings.load import Loaded
from collector.settings.problems import Report

Figures = Mapping[tuple[str, str], tuple[int, int | None]]
"""(month, department) -> pages and target."""


def compare_fleets(loaded: Loaded, file: Path, since: date, *, apply: bool) -> int:
    """Print which months `file` would state differently from `since` on, and put it in place.

    The present file stays beside it, with the date in its name. Raises ConfigError for a file that
    is no fleet.
    """
    report = Report()
    fleet = read_fleet(file, set(loaded.settings.credential_values()), report)
    if fleet is None:
        raise ConfigError(report.problems)
    now, then = asyncio.run(_both(loaded, fleet, since))
    words = Words(loaded.settings.office.language)
    changed = [key for key in sorted({*now, *then}) if now.get(key) != then.get(key)]
    rows = [
        (month, department, *_cells(now.get((month, department)), then.get((month, department))))
        for month, department in changed
    ]
    if rows:
        names = ("month", "department", "pages_now", "pages_then", "target_now", "target_then")
        result_table([words(name) for name in names], rows, numbers=(2, 3, 4, 5))
    else:
        say("every month stays as it is")
    if not apply:
        return Exit.FINDINGS if rows else Exit.OK
    _put_in_place(file, loaded.settings.fleet.file)
    return Exit.OK


async def _both(loaded: Loaded, fleet: Fleet, since: date) -> tuple[Figures, Figures]:
    today = SystemClock().now().date()
    ground = ground_of(loaded, today)
    other = replace(ground, fleet=fleet)
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        periods = await _periods(ledger, ground.office, since)
        now: dict[tuple[str, str], tuple[int, int | None]] = {}
        then: dict[tuple[str, str], tuple[int, int | None]] = {}
        with progress("comparing months", len(periods)) as bar:
            for period in periods:
                now |= await _figures(ledger, ground, period)
                then |= await _figures(ledger, other, period)
                bar.advance(bar.task_ids[0])
    finally:
        await ledger.close()
    return now, then


async def _periods(ledger: Ledger, office: Office, since: date) -> list[Period]:
    today = office.local_day(SystemClock().now())
    first = max(since, await ledger.first_day() or today)
    found: list[Period] = []
    period = office.period_of(min(first, today))
    while period.start <= today:
        found.append(period)
        period = office.before(period, -1)
    return found


async def _figures(
    ledger: Ledger, ground: Ground, period: Period
) -> dict[tuple[str, str], tuple[int, int | None]]:
    months = await office_month(ledger, ground, period, SystemClock().now())
    return {(period.name, one.department.id): (one.pages, one.target) for one in months}


def _cells(
    now: tuple[int, int | None] | None, then: tuple[int, int | None] | None
) -> tuple[str, str, str, str]:
    def text(one: tuple[int, int | None] | None, at: int) -> str:
        figure = None if one is None else one[at]
        return "-" if figure is None else f"{figure:,}"

    return text(now, 0), text(then, 0), text(now, 1), text(then, 1)


def _put_in_place(file: Path, present: Path) -> None:
    stamp = f"{SystemClock().now():%Y-%m-%dT%H%M%S}"
    kept = present.with_name(f"{present.name}.{stamp}")
    temporary = present.with_name(f".{present.name}.new")
    temporary.write_bytes(file.read_bytes())
    kept.hardlink_to(present)
    temporary.replace(present)
    say(f"{present} is {file} now; the one before is {kept.name} beside it")
    say("next: systemctl reload copier-fleet")
