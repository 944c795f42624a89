"""`copier-fleet fleet`: the fleet file from a spreadsheet, and back."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.app.load_fleet import Loading, look
from collector.app.month.months import Months
from collector.app.office_context import OfficeContext
from collector.bootstrap.files import list_lines
from collector.bootstrap.office import context_of, look_at, open_ledger
from collector.cli.entering import Author, closed_months, signing
from collector.cli.options import DAY, configured, formatted, loaded_from
from collector.cli.output import (
    ABSENT,
    SPOKEN,
    Exit,
    complain,
    phrase,
    progress,
    result,
    result_tables,
    say,
    worded,
)
from collector.cli.words import CommandWords
from collector.domain.office.fleet import DepartmentId, Fleet, Place
from collector.domain.office.fleet_changes import Difference
from collector.domain.office.office_calendar import Office, Period
from collector.domain.report.table import CellKind, Column, Table, records
from collector.errors import ConfigError, LedgerMoved, Problem, cause, said
from collector.ports import Ledger
from collector.settings.fleet.csv import CsvEncoding, export_csv, import_list
from collector.settings.fleet.staff_list import (
    StaffChange,
    read_staff,
    staff_written,
    with_staff,
)
from collector.settings.fleet.toml import parse_fleet, read_fleet, spot_in
from collector.settings.fleet.write import write_file, write_fleet_toml
from collector.settings.values import Language
from collector.user_files.report import ProblemReport, hint, refusal
from collector.user_files.toml_file import TomlFile

if TYPE_CHECKING:
    from collector.settings.load import Loaded

# What the fleet file, or another one, says otherwise of days gone by, and putting it in force.


Figures = Mapping[tuple[str, str], tuple[int, int | None]]
"""(month, department) -> pages and target."""


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What is to be looked at or applied. `file` is another fleet file; None is the present one.

    Months are compared from the day `since` on, or from the first that differs.
    """

    author: Author
    file: Path | None = None
    since: date | None = None
    apply: bool = False
    form: str = "table"


@dataclass(frozen=True, slots=True)
class _Compared:
    """The months as they are and as the file would have them."""

    loading: Loading
    now: Figures
    then: Figures
    closed: frozenset[str]

    @property
    def changed(self) -> Sequence[tuple[str, str]]:
        keys = sorted({*self.now, *self.then})
        return [key for key in keys if self.now.get(key) != self.then.get(key)]

    @property
    def closed_changes(self) -> Sequence[str]:
        return sorted({month for month, _ in self.changed} & self.closed)


def apply_fleet(loaded: "Loaded", asked: ApplyOptions) -> int:
    """Show what the fleet file says otherwise of days gone by, and with `apply` put it in force.

    Another file takes the place of the present one, which stays beside it with the date in its
    name. Raises ConfigError for a file that is no fleet, LedgerError, and BadParameter.
    """
    now = SystemClock().now()
    fleet = loaded.fleet if asked.file is None else _read(loaded, asked.file)
    compared = asyncio.run(_work(loaded, fleet, asked, now))
    if compared is None:
        complain(phrase("fleet_meanwhile"))
        return Exit.FINDINGS
    differs = bool(compared.loading.differences or compared.changed)
    _show(compared, asked, CommandWords(loaded.settings.office.language))
    if asked.apply and asked.file is None and not compared.loading.differences:
        return Exit.USAGE
    if not asked.apply:
        return Exit.FINDINGS if differs else Exit.OK
    if asked.file is not None:
        _put_in_place(asked.file, loaded.settings.fleet.file)
    say(phrase("next_reload"))
    return Exit.OK


def _read(loaded: "Loaded", file: Path) -> Fleet:
    report = ProblemReport()
    year_begins = loaded.settings.office.fiscal_year_start
    fleet = read_fleet(file, set(loaded.settings.credentials), report, year_begins)
    if fleet is None:
        raise ConfigError(report.problems)
    return fleet


async def _work(
    loaded: "Loaded", fleet: Fleet, asked: ApplyOptions, now: datetime
) -> _Compared | None:
    """Return what would change, carried out where asked; None where another was faster."""
    signed = asked.author.signature(now) if asked.apply else Author("-", "-").signature(now)
    ledger = await open_ledger(loaded.settings, read_only=not asked.apply, beside=asked.apply)
    try:
        present = (await look_at(ledger, loaded, now)).context
        stated = replace(context_of(loaded, now.date()), fleet=fleet)
        loading = await look(ledger, stated, now, correcting=signed)
        _refuse_misnamed(loading, asked.file or loaded.fleet_path)
        since = min((one.first for one in loading.differences), default=None)
        if asked.since is not None or asked.file is not None:
            since = min(since or date.max, asked.since or date.min)
        compared = await _compare(ledger, present, loading, since, now)
        if asked.apply and (loading.differences or asked.file is not None):
            await ledger.add_facts(loading.added, loading.recorded)
    except LedgerMoved:
        return None
    finally:
        await ledger.close()
    return compared


def _refuse_misnamed(loading: Loading, file: Path) -> None:
    """Raise ConfigError for places that say they were one that the ledger does not know."""
    known = loading.changes.known.names
    report = ProblemReport()
    for one in loading.changes.misnamed:
        told = said("was_unknown", was=one.was, hint=hint(one.was or "", known))
        report.problem(spot_in(file, one.id, "was"), told)
    report.refuse()


async def _compare(
    ledger: Ledger, present: OfficeContext, loading: Loading, since: date | None, now: datetime
) -> _Compared:
    closed = await closed_months(ledger)
    before: dict[tuple[str, str], tuple[int, int | None]] = {}
    after: dict[tuple[str, str], tuple[int, int | None]] = {}
    periods = [] if since is None else await _periods(ledger, present.office, since, now)
    with progress(phrase("comparing_months"), len(periods)) as bar:
        for period in periods:
            is_closed = period.name in closed
            before |= await _figures(ledger, present, period, now, closed=is_closed)
            after |= await _figures(ledger, loading.context, period, now, closed=is_closed)
            bar.advance(bar.task_ids[0])
    return _Compared(loading, before, after, closed)


async def _periods(ledger: Ledger, office: Office, since: date, now: datetime) -> list[Period]:
    today = office.local_day(now)
    first = max(since, await ledger.first_day() or today)
    return [*office.periods(min(first, today), today)]


async def _figures(
    ledger: Ledger, context: OfficeContext, period: Period, now: datetime, *, closed: bool
) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Return a month's figures; of a closed one what its days say, the statement stays."""
    months = Months(ledger, context, now)
    if closed:
        counted = await months.counted(period)
        return {(period.name, one): (pages, None) for one, pages in counted.pages.items()}
    stated = (await months.came_to(period)).departments
    return {(period.name, one.department.id): (one.pages, one.target) for one in stated}


def _show(compared: _Compared, asked: ApplyOptions, words: CommandWords) -> None:
    days, months = _days_table(compared, words), _months_table(compared, words)
    document = {"differences": records(days), "months": records(months)}
    result_tables(asked.form, days, months, main=months, document=document)
    if asked.form != "table":
        return
    differences = compared.loading.differences
    if not compared.changed and (differences or asked.file is not None):
        say(words("months_stay"))
    elif not compared.changed:
        say(words("past_agrees"))
    for month in compared.closed_changes:
        say(words("closed_adjusts", month=month))
    if differences and not asked.apply:
        say(words("apply_how"))


def _days_table(compared: _Compared, words: CommandWords) -> Table[Difference]:
    text = CellKind.TEXT

    def ended(one: Difference) -> str:
        return _shares(one.then) if one.until is None else words("ends_on", day=one.until)

    return Table(
        "differences",
        (
            Column("place", lambda one: one.subject, words("place"), text),
            Column("from", lambda one: one.first.isoformat(), words("from_day"), text),
            Column("to", lambda one: one.last.isoformat(), words("to_day"), text),
            Column(
                "now",
                lambda one: dict(one.now),
                words("says_now"),
                text,
                shown=lambda one: _shares(one.now),
            ),
            Column("then", lambda one: dict(one.then), words("says_then"), text, shown=ended),
            Column("until", lambda one: None if one.until is None else one.until.isoformat()),
        ),
        compared.loading.differences,
        title=words("past_title"),
        needs_rows=True,
    )


def _shares(shares: Mapping[DepartmentId, int]) -> str:
    if len(shares) == 1:
        return next(iter(shares))
    if not shares:
        return ABSENT
    return ", ".join(f"{one} {share}%" for one, share in sorted(shares.items()))


def _months_table(compared: _Compared, words: CommandWords) -> Table[tuple[str, str]]:
    """Return the figures of each month and department that would change."""

    def figure(key: str, by_month: Figures, which: int) -> Column[tuple[str, str]]:
        return Column(key, lambda row: by_month.get(row, (None, None))[which], words(key))

    return Table(
        "months",
        (
            Column("month", lambda row: row[0], words("month"), CellKind.TEXT),
            Column("department", lambda row: row[1], words("department"), CellKind.TEXT),
            figure("pages_now", compared.now, 0),
            figure("pages_then", compared.then, 0),
            figure("target_now", compared.now, 1),
            figure("target_then", compared.then, 1),
            Column("closed", lambda row: row[0] in compared.closed),
        ),
        compared.changed,
        needs_rows=True,
    )


def _put_in_place(file: Path, present: Path) -> None:
    if file.resolve() == present.resolve():
        return
    kept = _replaced(present, file.read_bytes())
    say(phrase("fleet_replaced", present=present, file=file, kept=kept))


def _replaced(present: Path, octets: bytes) -> str:
    """Leave `present` with these octets; return what the one before is called beside it."""
    stamp = f"{SystemClock().now():%Y-%m-%dT%H%M%S}"
    kept = present.with_name(f"{present.name}.{stamp}")
    temporary = present.with_name(f".{present.name}.new")
    try:
        temporary.write_bytes(octets)
        temporary.chmod(present.stat().st_mode & 0o7777)
        kept.hardlink_to(present)
        temporary.replace(present)
    except OSError as exc:
        raise refusal(present, said("unwritable", reason=cause(exc))) from exc
    return kept.name


@click.group()
def fleet() -> None:
    """Exchange the fleet file with a spreadsheet; let it change days gone by."""


@fleet.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the fleet file; default: print it.",
)
@click.option("--sheet", help="Which sheet of a workbook.", metavar="NAME")
@click.option(
    "--from",
    "since",
    type=DAY,
    metavar="DATE",
    help="From when departments answer, where no column says it.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def import_(
    file: Path, output: Path | None, sheet: str | None, since: date | None, *, force: bool
) -> int:
    """Make a fleet file (TOML) from FILE, a list of copiers (.csv, .xlsx).

    A list as an office keeps it will do: titles, headings over two lines, No., 機種, 担当課, sums
    and remarks; ids are made of names. What was left out or decided is told first. UTF-8 and
    Shift_JIS, Japanese or English headings. Problems are told with their lines, and nothing is
    written then.
    """
    name, lines = list_lines(file, sheet)
    found = import_list(lines, name, since)
    tell_notes(found.notes)
    text = write_fleet_toml(found.fleet, SPOKEN.get())
    if output is None:
        result(text)
        return Exit.OK
    if found.notes:
        result_tables("table", _places_table(found.fleet, CommandWords(SPOKEN.get().language)))
    write_file(output, text, overwrite=force)
    places, departments = len(found.fleet.places), len(found.fleet.departments)
    say(phrase("fleet_written", file=output, places=places, departments=departments))
    say(phrase("next_check"))
    return Exit.OK


_NOTES: Final = 20
"""What was left out or decided, told one by one; the rest is counted."""


def tell_notes(notes: Sequence[Problem]) -> None:
    """Say what was left out of a list, or decided, with its line."""
    for one in notes[:_NOTES]:
        say(phrase("note_where", where=SPOKEN.get().place(one.spot), what=worded(one.said)))
    if len(notes) > _NOTES:
        say(phrase("note_more", count=len(notes) - _NOTES))


def _places_table(fleet: Fleet, words: CommandWords) -> Table[Place]:
    """Return the places of a fleet that was read from a list, with their made ids."""
    text = CellKind.TEXT

    def answering(one: Place) -> str:
        return _shares(one.assignments[-1].shares) if one.assignments else ABSENT

    return Table(
        "places",
        (
            Column("place", lambda one: one.id, words("place"), text),
            Column("name", lambda one: one.name, words("name"), text),
            Column("address", lambda one: one.address, words("address"), text),
            Column("department", answering, words("department"), text),
        ),
        fleet.places,
    )


@fleet.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sheet", help="Which sheet of a workbook.", metavar="NAME")
@click.option(
    "--from",
    "since",
    type=DAY,
    metavar="DATE",
    help="From when the headcounts hold, where no column says it.",
)
@click.option("--apply", "apply_", is_flag=True, help="Write the difference into the fleet file.")
@formatted
@configured
def headcount(
    file: Path,
    sheet: str | None,
    since: date | None,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    apply_: bool,
    form: str,
) -> int:
    """Take in FILE, a list of how many people each department has (.csv, .xlsx).

    Departments by id or name, 職員数, and from when it holds (適用開始, a title like
    令和8年4月1日現在, or --from). Shown is what the fleet file does not say yet; --apply writes
    just that into it, its order and comments kept, and leaves the file before beside it. Every
    problem is told with its line, and nothing is written then. Exit code 1 where something differs
    and was not written.
    """
    loaded = loaded_from(config, secrets)
    name, lines = list_lines(file, sheet)
    report = ProblemReport()
    changes = read_staff(lines, name, loaded.fleet, report, since)
    report.refuse()
    tell_notes(report.warnings)
    result_tables(form, _staff_table(changes, CommandWords(loaded.settings.office.language)))
    if not changes:
        say(phrase("headcounts_same"))
        return Exit.OK
    if not apply_:
        say(phrase("headcounts_apply"))
        return Exit.FINDINGS
    kept = _replaced(loaded.fleet_path, _with_headcounts(loaded, changes))
    say(phrase("headcounts_written", file=loaded.fleet_path, count=len(changes), kept=kept))
    say(phrase("next_check"))
    return Exit.OK


def _with_headcounts(loaded: "Loaded", changes: Sequence[StaffChange]) -> bytes:
    """Return the fleet file with `changes`; raises ConfigError where it would say anything else."""
    path = loaded.fleet_path
    text = staff_written(path.read_bytes().decode("utf-8-sig"), changes)
    report = ProblemReport()
    year_begins = loaded.settings.office.fiscal_year_start
    names = set(loaded.settings.credentials)
    again = parse_fleet(TomlFile.of(path.name, text), names, report, year_begins)
    if again != with_staff(loaded.fleet, changes):
        raise refusal(path, said("staff_by_hand"))
    return text.encode()


def _staff_table(changes: Sequence[StaffChange], words: CommandWords) -> Table[StaffChange]:
    text = CellKind.TEXT
    return Table(
        "headcounts",
        (
            Column("department", lambda one: one.department.id, words("department"), text),
            Column("name", lambda one: one.department.name, words("name"), text),
            Column("from", lambda one: one.start.isoformat(), words("from_day"), text),
            Column("before", lambda one: one.before, words("headcount_before")),
            Column("people", lambda one: one.people, words("headcount_now")),
        ),
        changes,
        needs_rows=True,
    )


@fleet.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the CSV; default: print it.",
)
@click.option(
    "--encoding",
    type=click.Choice([one.value for one in CsvEncoding]),
    default=CsvEncoding.UTF8.value,
    show_default=True,
)
@click.option("--lang", type=click.Choice(["ja", "en"]), help="Headings; default: as the office.")
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@configured
def export(
    output: Path | None,
    encoding: str,
    lang: str | None,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    force: bool,
) -> int:
    """Write the fleet as CSV, ready for a spreadsheet; `fleet import` reads it back."""
    loaded = loaded_from(config, secrets)
    language = Language(lang) if lang else loaded.settings.office.language
    data = export_csv(loaded.fleet, CsvEncoding(encoding), language)
    if output is None:
        sys.stdout.buffer.write(data)
        return Exit.OK
    if output.exists() and not force:
        raise refusal(output, said("exists_force"))
    try:
        output.write_bytes(data)
    except OSError as exc:
        raise refusal(output, said("unwritable", reason=cause(exc))) from exc
    say(
        phrase(
            "fleet_written",
            file=output,
            places=len(loaded.fleet.places),
            departments=len(loaded.fleet.departments),
        )
    )
    return Exit.OK


@fleet.command()
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another fleet file; with --apply it takes the place of the present one.",
)
@click.option("--apply", "apply_", is_flag=True, help="Put the difference in force; needs --why.")
@formatted
@signing(optional=True)
@configured
def apply(
    file: Path | None,
    author: Author,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    apply_: bool,
    form: str,
) -> int:
    """Show what the fleet file says otherwise of days before today, and what months would change.

    Those days stay as they were recorded, whatever the file says, until --apply. Exit code 1 where
    something differs and was not applied. A closed month is never rewritten: its difference
    becomes an adjustment at the next close.
    """
    if apply_ and not author.why.strip():
        raise click.BadParameter(phrase("why_change"), param_hint="--why")
    asked = ApplyOptions(author, file, None, apply_, form)
    return apply_fleet(loaded_from(config, secrets), asked)
