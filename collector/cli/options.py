"""Options that several commands share."""

import os
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

import click

from collector.cli.language import (
    CONFIG_NAME,
    CONFIGURATION_DIRECTORY,
    FOLDER,
    SITE,
    configuration_folder,
    default_config,
)
from collector.cli.output import SPOKEN, listed, phrase, say, worded
from collector.cli.words import CommandWords, code_text
from collector.domain.sentence import sentence
from collector.texts import Texts

if TYPE_CHECKING:
    from collector.app.load_fleet import Loading
    from collector.app.office_context import OfficeContext
    from collector.domain.office.fleet import Department, DepartmentId, Fleet, Place
    from collector.domain.office.office_calendar import Office, Period
    from collector.ports import Ledger
    from collector.settings.load import Loaded

Command = TypeVar("Command", bound=Callable[..., Any])


def configured(command: Command) -> Command:
    """Give `command` the options that say where the configuration lies."""
    config = click.option(
        "--config",
        "-c",
        type=click.Path(dir_okay=False, path_type=Path),
        default=default_config,
        show_default=f"{CONFIG_NAME} in ${CONFIGURATION_DIRECTORY}, else in {FOLDER}",
        help="The configuration file; the fleet file is named in it.",
    )
    secrets = click.option(
        "--secrets",
        type=click.Path(file_okay=False, path_type=Path),
        multiple=True,
        help="A folder of secret files such as influx__password. May be given several times.",
    )
    return config(secrets(command))


def loaded_from(config: Path, secrets: tuple[Path, ...]) -> "Loaded":
    """Return the configuration; raises ConfigError with every problem of it.

    From then on the office's language is spoken. Of a site that was named, its ledger is the one
    in the centre's database.
    """
    from collector.settings.load import load

    loaded = load(config, {**os.environ, **_at_centre()}, secrets)
    office = loaded.settings.office
    SPOKEN.set(Texts(office.language, office.zone))
    return loaded


def _at_centre() -> Mapping[str, str]:
    """Return what a site's configuration is told at its centre, as environment variables."""
    if (site := SITE.get()) is None:
        return {}
    from collector.settings.centre_file import CENTRE_NAME, load_centre

    file = load_centre(configuration_folder() / CENTRE_NAME, os.environ)
    return settings_at_centre(site, file.database)


def settings_at_centre(site: str, database: str) -> Mapping[str, str]:
    """Return the environment variables by which the settings of `site` read its ledger there."""
    return {
        "COPIER_FLEET__LEDGER__DATABASE": database,
        "COPIER_FLEET__OFFICE__SITE": site,
    }


_MONTH_NAME: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


class MonthType(click.ParamType[str]):
    """A closing month in any way in which people write one; commands get its name, like 2026-11."""

    name = "month"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the month's name; raises BadParameter for what is no month."""
        from collector.domain.old_sheets.months import month_named

        del ctx
        text = str(value)
        if _MONTH_NAME.fullmatch(text):  # of any year: which months there are is told later
            return text
        if (name := month_named(text)) is not None:
            return name
        hint = param.opts[0] if isinstance(param, click.Option) else self.name.upper()
        why = sentence("month.no_month", name=repr(text))
        raise click.BadParameter(worded(why), param_hint=hint)


MONTH: Final = MonthType()


class DayType(click.ParamType[date]):
    """A day as people write one: 2026-04-01, 2026/4/1, R8.4.1; of a month its first."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the day; raises BadParameter for what is none."""
        from collector.settings.fleet.csv_rows import parse_date
        from collector.user_files.report import RefusedValue

        if isinstance(value, date):
            return value
        try:
            return parse_date(str(value))
        except RefusedValue as exc:
            raise click.BadParameter(worded(exc.sentence), ctx, param) from exc


DAY: Final = DayType()

month_argument = click.argument("month_name", metavar="[MONTH]", type=MONTH, required=False)


def on_level(command: Command) -> Command:
    """Give a command that states departments the option on which level of their tree."""
    option = click.option(
        "--level",
        type=click.IntRange(min=1),
        help="Only this level of the departments' tree: 1 for those that are a part of none, 2 for "
        "their parts. Every page counts once then.",
    )
    return option(command)


def formatted(command: Command) -> Command:
    """Give a command that prints a table the options that say how, joined into one `form`."""

    @wraps(command)
    def with_form(*args: object, form: str | None, as_json: bool, **rest: object) -> Any:  # noqa: ANN401 - a command returns its exit code or nothing
        if as_json and form not in {None, "json"}:
            raise click.UsageError(phrase("json_and_form", form=form))
        return command(*args, form="json" if as_json else form or "table", **rest)

    options = (
        click.option(
            "--format",
            "form",
            type=click.Choice(["table", "csv", "json"]),
            show_default="table",
            help="How to print it; the names are the same in CSV and JSON.",
        ),
        click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
    )
    decorated: Callable[..., Any] = with_form
    for option in reversed(options):
        decorated = option(decorated)
    return cast("Command", decorated)


# What a command's options come to: one frozen value.


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOptions:
    """Where the configuration lies."""

    config: Path
    secrets: tuple[Path, ...]

    def load(self) -> "Loaded":
        """Return the configuration; raises ConfigError with every problem of it."""
        return loaded_from(self.config, self.secrets)


Options = TypeVar("Options")


def into(kind: type[Options]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand a command what click read as one value of `kind`, whose fields are the options."""

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_options(*args: object, **given: object) -> Any:  # noqa: ANN401 - as the command
            return command(*args, kind(**given))

        return with_options

    return decorated


def walks_a_machine(command: Command) -> Command:
    """Give `command` the options that say how much of one machine is asked for, and how fast."""
    everything = click.option(
        "--all",
        "everything",
        is_flag=True,
        help="Walk everything the machine has, not only what counters are known to stand in. Takes "
        "long. Job logs, address books and the network's tables are left out all the same.",
    )
    rate = click.option(
        "--rate",
        type=click.FloatRange(0.5, 1000),
        default=20.0,
        show_default=True,
        help="Requests a second at most.",
    )
    timeout = click.option(
        "--timeout",
        type=click.FloatRange(0.1, 60),
        default=3.0,
        show_default=True,
        help="Seconds to wait for an answer.",
    )
    return everything(rate(timeout(command)))


# Which month a command is about.


def named_period(office: "Office", name: str | None, now: datetime) -> "Period":
    """Return the closing month called `name`, or the running one."""
    return office.period(name) if name else office.period_of(office.local_day(now))


def label(period: "Period") -> str:
    """Return how `period` is headed: its name, and its days where they are not the month's own."""
    from collector.domain.office.office_calendar import ONE_DAY

    following = period.end + ONE_DAY
    if period.start.day == following.day == 1 and period.name == f"{period.start:%Y-%m}":
        return period.name
    return f"{period.name} ({period.start} – {period.end})"


async def refuse_unknown(
    ledger: "Ledger", office: "Office", period: "Period", now: datetime, *, ahead: int = 0
) -> None:
    """Raise BadParameter for a month in which nothing was counted: a row of zeros would lie.

    Up to `ahead` months from now are let through, and any that was closed or is in an old sheet.
    """
    from collector.app.month.months import sheet_names

    if await ledger.statements(period.name):
        return
    running = office.period_of(office.local_day(now))
    first_day = await ledger.first_day()
    first = running if first_day is None else office.period_of(min(first_day, running.start))
    last = office.before(running, -ahead)
    if first.start <= period.start <= last.start or period.name in await sheet_names(ledger):
        return
    known = running.name
    if first != running:
        known = phrase("from_to", first=first.name, last=running.name)
    message = phrase("nothing_counted", month=period.name, known=known)
    if ahead and period.start > running.start:
        message = phrase("too_far", month=period.name, last=last.name)
    raise click.BadParameter(message, param_hint="MONTH")


# Which place a command is about.


def named_place(fleet: "Fleet", text: str, today: date, hint: str = "PLACE") -> "Place":
    """Return the place that `text` is the id, name or address of; raises BadParameter about `hint`.

    Of several with one name or address it is the one that stands `today`, if only one does.
    """
    from collector.domain.office.fleet import PlaceNames

    names = PlaceNames(fleet)
    found = [one for one in fleet.places if one.id in names.of(text)]
    standing = [one for one in found if one.stands_on(today)]
    if len(found) == 1 or len(standing) == 1:
        return (standing or found)[0]
    if found:
        message = phrase("several_places", place=text, ids=listed(one.id for one in found))
        raise click.BadParameter(message, param_hint=hint)
    near = names.near(text)
    others = phrase("known_are", known=listed(one.id for one in fleet.places))
    meant = phrase("did_you_mean", name=near) if near else others
    raise click.BadParameter(phrase("no_place_hint", place=text, hint=meant), param_hint=hint)


# Which department a command is about.


class OfDepartment(Protocol):
    """A row about one department."""

    @property
    def department(self) -> "Department":
        """Which one."""


Row = TypeVar("Row", bound=OfDepartment)


def of_department(rows: "Iterable[Row]", text: str) -> tuple[Row, ...]:
    """Return those of `rows` whose department `text` means; raises BadParameter."""
    rows = tuple(rows)
    meant = meant_departments((one.department for one in rows), text)
    return tuple(one for one in rows if one.department.id in meant)


def meant_departments(departments: "Iterable[Department]", text: str) -> "tuple[DepartmentId, ...]":
    """Return the ids of those of `departments` that `text` is the id or a name of.

    Raises BadParameter where it is none, with the one that may be meant.
    """
    from collector.domain.office.fleet import DepartmentNames

    known = [*dict.fromkeys(departments)]
    names = DepartmentNames(known)
    if meant := names.of(text):
        return meant
    near = names.near(text)
    others = phrase("known_are", known=listed(one.id for one in known))
    hint = phrase("did_you_mean", name=near) if near else others
    message = phrase("no_department", name=text, hint=hint)
    raise click.BadParameter(message, param_hint="--department")


def named_department(fleet: "Fleet", text: str | None) -> "Department":
    """Return the department that `text` is the id or a name of, the whole office where it is None.

    Of several with one name it is the one that is there still, if only one is. Raises BadParameter.
    """
    from collector.domain.office.fleet import EVERYBODY

    if text is None:
        return EVERYBODY
    known = {one.id: one for one in (*fleet.departments, *fleet.former)}
    found = [known[one] for one in meant_departments(known.values(), text)]
    present = [one for one in found if one in fleet.departments and one.until is None]
    if len(found) == 1 or len(present) == 1:
        return (present or found)[0]
    message = phrase("several_departments", name=text, ids=listed(one.id for one in found))
    raise click.BadParameter(message, param_hint="--department")


# The ledger and the office as it is known, for one command.


@asynccontextmanager
async def at_office(
    loaded: "Loaded", now: datetime, *, beside: bool = False, record: bool = False
) -> "AsyncIterator[tuple[Ledger, OfficeContext]]":
    """Give the open ledger and what holds by it and the configuration; it is closed at the end.

    `beside` opens it to amend. With `record` what the fleet file adds is recorded as well. Raises
    LedgerError.
    """
    from collector.bootstrap.office import open_ledger

    ledger = await open_ledger(loaded.settings, read_only=not beside, beside=beside)
    try:
        yield ledger, await known_context(ledger, loaded, now, record=record)
    finally:
        await ledger.close()


async def known_context(
    ledger: "Ledger", loaded: "Loaded", now: datetime, *, record: bool = False
) -> "OfficeContext":
    """Return what holds, and say where the fleet file speaks otherwise of days gone by."""
    from collector.bootstrap.office import (
        load_into,
        look_at,
    )

    words = CommandWords(loaded.settings.office.language)
    if not record:
        loading = await look_at(ledger, loaded, now)
    else:
        loading, findings = await load_into(ledger, loaded, now)
        for one in findings:
            said = words.said(one.message, loaded.settings.office.zone)
            say(words("finding_at", code=code_text(one, words), subject=one.subject, what=said))
    _tell_waiting(loading, words)
    return loading.context


def _tell_waiting(loading: "Loading", words: CommandWords) -> None:
    places = dict.fromkeys(one.subject for one in loading.differences)
    if places:
        say(words("past_waits", places=words("list.between").join(places)))
