"""Readings from a file, and a ledger in memory to try them by."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from collector.adapters.holiday_calendar import public_holidays
from collector.adapters.ledger_sqlite import SqliteLedger, copies
from collector.adapters.ledger_sqlite.copies import Backup
from collector.adapters.readings_file import NoReadings, fields_of
from collector.adapters.sheets import MOST_SHEET_MB, is_workbook, read_csv, read_workbook
from collector.adapters.snmp.profiles.load import files_of, load_files
from collector.adapters.snmp.profiles.values import Profile, Profiles
from collector.adapters.snmp.reading.reread import reread
from collector.app.enter.replay import Corrected
from collector.app.office_context import OfficeContext
from collector.app.publish.refill import rewind
from collector.app.tally import LedgerTally, poll_told, tally
from collector.bootstrap.sinks import sink_names
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.reading import Answer
from collector.domain.counting.told import Lines, OutOfOrder, Refused, Told, in_order, strangers
from collector.domain.meters import Meter
from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet
from collector.domain.sentence import Sentence, sentence
from collector.errors import ConfigError, Problem, Spot, cause, said
from collector.settings.fleet.csv_layout import CsvLine, decode, read_lines
from collector.settings.fleet.office_lists import lines_of
from collector.settings.load import Loaded
from collector.settings.model import Settings
from collector.settings.sections import OfficeSettings
from collector.texts import ENGLISH
from collector.user_files.report import ProblemReport, octets_of, problem_at, refusal

_MOST_READINGS_MB: Final = 32
"""Some 200,000 readings; each MB of them takes some 20 MB in memory."""

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
            if isinstance(fields, Sentence):
                problems.append(problem_at(Spot(name, number, column=""), fields))
                continue
            try:
                told.append(lines.told(number, fields))
            except Refused as error:
                spot = Spot(name, number, error.key, column="")
                problems.append(problem_at(spot, error.why))
    except NoReadings as error:
        raise refusal(name, error.why) from error
    problems += _strange(told, known, name)
    if not problems and not told:
        problems.append(problem_at(Spot(name), said("no_reading")))
    if not problems:
        try:
            return in_order(told)
        except OutOfOrder as error:
            spot = Spot(name, error.line, error.key, column="")
            problems.append(problem_at(spot, error.why))
    raise ConfigError(_first(problems, name))


def _bytes(path: Path, name: str) -> bytes:
    try:
        return octets_of(path, _MOST_READINGS_MB, name)
    except OSError as error:
        told = said("no_readings_file", reason=cause(error))
        raise refusal(name or path, told) from error


def _strange(told: Sequence[Told], known: Collection[PlaceId] | None, name: str) -> list[Problem]:
    if known is None:
        return []
    listed = tuple(sorted(known))
    return [
        problem_at(
            Spot(name, one.line, "place", column=""),
            sentence("told.no_place", place=repr(str(one.place)), known=listed),
        )
        for one in strangers(told, known)
    ]


def _first(problems: Sequence[Problem], name: str) -> Sequence[Problem]:
    if len(problems) <= _SHOWN:
        return problems
    more = said("more_lines_refused", count=len(problems) - _SHOWN)
    return [*problems[:_SHOWN], problem_at(Spot(name), more)]


def usual_office(told: Sequence[Told]) -> OfficeContext:
    """Return the context of an office as the settings have it where nobody configured one."""
    years = {one.at.year for one in told}
    first, last = min(years) - 1, max(years) + 1
    settings = OfficeSettings()
    holidays = public_holidays(settings.country, settings.subdivision, first, last)
    office = settings.office(settings.closed_dates(first, last) | holidays)
    return OfficeContext(Fleet(), office, say=ENGLISH.say)


async def memory_ledger() -> SqliteLedger:
    """Return an empty ledger that is gone when it is closed."""
    return await SqliteLedger.in_memory()


async def count_told(
    told: Sequence[Told], context: OfficeContext, tick: Callable[[], None]
) -> LedgerTally:
    """Return what `told` come to by the daemon's rules, on a ledger that lies in memory only."""
    ledger = await memory_ledger()
    try:
        await poll_told(ledger, context, told, tick)
        return await tally(ledger, context)
    finally:
        await ledger.close()


# Which reader a spreadsheet file needs.


def read_sheet(path: Path, name: str | None) -> Sheet:
    """Return the sheet called `name` (or the only one) of the file at `path`, CSV or Excel.

    What the file is, is seen by its content. Raises ConfigError with one sentence.
    """
    try:
        data = octets_of(path, MOST_SHEET_MB)
    except OSError as exc:
        raise refusal(path.name, said("no_sheet_file", reason=cause(exc))) from exc
    if is_workbook(data):
        return read_workbook(data, path.name, name)
    if name is not None:
        raise refusal(path.name, said("no_sheets_to_choose"))
    return read_csv(data, path.name, decode)


_MOST_LIST_MB: Final = 4
"""Megabytes of a fleet as CSV: 10,000 places are 2."""


def list_lines(path: Path, sheet: str | None) -> tuple[str, list[CsvLine]]:
    """Return what messages call the list at `path`, and its lines, of CSV or Excel.

    Raises ConfigError with one sentence.
    """
    try:
        data = octets_of(path, MOST_SHEET_MB)
    except OSError as exc:
        raise refusal(path.name, said("no_sheet_file", reason=cause(exc))) from exc
    if is_workbook(data):
        found = read_workbook(data, path.name, sheet)
        return found.where(0), lines_of(found)
    if sheet is not None:
        raise refusal(path.name, said("no_sheets_to_choose"))
    if len(data) > _MOST_LIST_MB * 2**20:
        raise refusal(path.name, said("file_too_large", kilobytes=_MOST_LIST_MB * 1024))
    report = ProblemReport()
    lines = read_lines(data, path.name, report)
    report.refuse()
    return path.name, lines


# A corrected profile to read the past by, from a file or by its name.


def corrected_profile(settings: Settings, wanted: str, *, every_reading: bool) -> Corrected:
    """Return the profile in the file `wanted`, or of that name, as what to read the past by.

    It corrects the readings of its own name, or with `every_reading` all it is given. Raises
    ConfigError with every problem of the profiles, or where there is no such profile.
    """
    problems: list[Problem] = []
    fleet = settings.fleet
    own = files_of(fleet.profiles, problems) if fleet.profiles is not None else ()
    path = Path(wanted)
    named = path.suffix == ".toml"
    files = [*(one for one in own if one.name != path.name), path] if named else [*own]
    profiles = load_files(files, problems, low_confidence=fleet.low_confidence)
    if problems:
        raise ConfigError(problems)
    profile = _of_file(profiles, path) if named else profiles.by_id.get(wanted)
    if profile is None:
        raise refusal(wanted, said("no_known_profile", names=sorted(profiles.by_id)))

    def read(answer: Answer) -> tuple[Answer, frozenset[Meter]]:
        return reread(answer, profile, low_confidence=profiles.low_confidence)

    return Corrected(profile.id, read, None if every_reading else frozenset({profile.id}))


def _of_file(profiles: Profiles, path: Path) -> Profile | None:
    return next((one for one in profiles.by_id.values() if one.own and one.file == path.name), None)


# Copies of the ledger: made, and put back.


def back_up(loaded: Loaded, folder: Path, now: datetime) -> Backup:
    """Leave a verified copy of the ledger in `folder`; raises LedgerError."""
    return copies.back_up(loaded.settings.ledger.path, folder, now)


async def restored(loaded: Loaded, file: Path, now: datetime) -> Path | None:
    """Put the copy `file` in the ledger's place; return where the old one is kept, if any.

    Everything is published again, and a finding says so. Raises LedgerError.
    """
    path = loaded.settings.ledger.path
    kept = copies.put_back(file, path)
    ledger = await SqliteLedger.open(path)
    try:
        for sink in sink_names(loaded.settings):
            await rewind(ledger, sink, 0)
        told = sentence("finding.ledger_put_back", file=str(file))
        at = now.replace(microsecond=0)
        facts = {"missing": 0 if ledger.restored is None else ledger.restored.missing}
        await ledger.record_findings(
            [Finding(Code.LEDGER_RESTORED, Severity.WARNING, "ledger", told, at, facts)]
        )
    finally:
        await ledger.close()
    return kept
