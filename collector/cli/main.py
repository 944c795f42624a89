"""The command `copier-fleet`: one verb a file, exit codes in one place."""

import copy
import errno
import importlib
import os
import signal
import sys
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from collector import __version__
from collector.cli.language import (
    SITE,
    in_the_language,
    language_for,
    listed,
    speak,
    symbols_translated,
)
from collector.cli.output import TYPED, Exit, complain, explain, phrase, worded
from collector.domain.sentence import Unacceptable
from collector.errors import (
    CollectorError,
    ConfigError,
    LedgerForbidden,
    LedgerNone,
    Spot,
    cause,
    said,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Verb(NamedTuple):
    """A command: its name, which its module and function bear too, and how its help begins."""

    name: str
    help: str


VERBS: Final = (
    Verb("init", help="Write a first configuration: settings, fleet file, secret files."),
    Verb("run", help="Poll the fleet, count, publish; until SIGTERM."),
    Verb(
        "check",
        help="Check configuration, credentials, ledger and sinks; with --poll every "
        "machine as well.",
    ),
    Verb(
        "doctor",
        help="Look at everything that keeps the count right, and say what to type next.",
    ),
    Verb(
        "poll",
        help="Read PLACE (its id, name or address) once, now, and show what the machine says.",
    ),
    Verb(
        "status",
        help=(
            "Show every place, how each department stands, recent findings and each sink's backlog."
        ),
    ),
    Verb(
        "month",
        help="Show the pages of each department in MONTH (like 2026-11; default: "
        "the running month).",
    ),
    Verb(
        "report",
        help="Write the report of MONTH (like 2026-11; default: the last month that is over).",
    ),
    Verb(
        "export",
        help="Write what the town publishes as open data: CSV, what its columns mean, the licence.",
    ),
    Verb(
        "letter",
        help="Write the letters of MONTH, a page each (like 2026-11; default: the last month "
        "that is over).",
    ),
    Verb("forecast", help="Show where MONTH will end (like 2026-11; default: the running month)."),
    Verb(
        "effect",
        help="Say what something that is done since a day has saved: sheets, yen, hours, CO2.",
    ),
    Verb(
        "utilisation",
        help="Show how much each copier is used by weekday and hour, and which one could go.",
    ),
    Verb(
        "findings",
        help="List what a person should know: resets, exchanged machines, silences, doubts.",
    ),
    Verb(
        "explain",
        help="Explain CODE: what it means, where to look, what to enter, what a month becomes.",
    ),
    Verb(
        "read",
        help="Enter meters read off the panel of the copier at PLACE: total=123456 "
        "total_color=7890.",
    ),
    Verb(
        "entries",
        help="List what people entered: decisions, readings by hand, months of old sheets.",
    ),
    Verb(
        "exclude",
        help="List the excluded pages: elections, what law requires, citizens' copies, test "
        "prints.",
    ),
    Verb("invoice", help="Check the dealer's invoice against our own readings and the contract."),
    Verb(
        "paper",
        help="Show what became of the paper bought, by quarter and fiscal year, and what is "
        "unexplained.",
    ),
    Verb("history", help="Take in the monthly figures of the years before."),
    Verb(
        "count",
        help="Count READINGS (.jsonl, .csv, - for stdin) as the daemon would; nothing is written.",
    ),
    Verb(
        "close",
        help="Show the plan for closing MONTH (like 2026-11; default: the first that waits).",
    ),
    Verb(
        "sinks",
        help="Show how far each sink has everything; publish again what one lost or refused.",
    ),
    Verb(
        "retention",
        help="Show what would go of old months: rows and bytes, by month and table. Nothing is "
        "changed.",
    ),
    Verb("statement", help="Show, verify and compare the statements of closed months."),
    Verb(
        "replay",
        help="Count days and months again from the stored readings and show what would differ.",
    ),
    Verb("discover", help="Find the printers at TARGETs: networks, ranges, addresses, host names."),
    Verb(
        "capture",
        help="Record the machine at ADDRESS or PLACE for a profile author, as .snmprec.",
    ),
    Verb(
        "calibrate",
        help="Find which counters of a machine equal the figures on its panel, and "
        "write a profile.",
    ),
    Verb(
        "decode",
        help="Show profile, identity and meters that would be read from the machine "
        "captured in FILE.",
    ),
    Verb(
        "profiles",
        help="Show which counters are read from which machines, and check profiles of your own.",
    ),
    Verb("fleet", help="Exchange the fleet file with a spreadsheet; let it change days gone by."),
    Verb(
        "backup",
        help="Copy the ledger into FOLDER, verified and dated.",
    ),
    Verb("restore", help="Put the copy FILE in the ledger's place, with the service stopped."),
    Verb(
        "centre",
        help="Keep what many sites' ledgers hold in one PostgreSQL: of a prefecture, of a large "
        "town.",
    ),
    Verb(
        "compare",
        help="Show the offices of this centre beside one another, by head, in the fiscal year up "
        "to MONTH.",
    ),
    Verb("dashboards", help="Make the files for Grafana: dashboards, alert rules, provisioning."),
    Verb("alerts", help="Say what people would have been told, and try whoever is to be told."),
    Verb(
        "demo",
        help="Count a simulated town hall: twelve mixed copiers, five departments, three months.",
    ),
)
"""Every command in the order of use: all that a list of them shows, without importing any."""


class _Listed(click.Group):
    """The verbs as a list shows them: names and short texts, nothing to run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of use."""
        del ctx
        return [one.name for one in VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return what is listed of the verb called `cmd_name`, or None."""
        del ctx
        return next((listed(one.name, one.help) for one in VERBS if one.name == cmd_name), None)


_OFFICE: Final = "collector.bootstrap.office"
"""Knows which ledgers were opened, where it was needed at all."""


class Verbs(_Listed):
    """Loads a verb's module when it is asked for: `month` need not wait for SNMP."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb called `cmd_name`, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"collector.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return in_the_language(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs."""
        _Listed().format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the verbs and options that begin with `incomplete`."""
        as_listed = copy.copy(ctx)
        as_listed.command = _Listed()
        return super().shell_complete(as_listed, incomplete)


def _site_named(ctx: click.Context, param: click.Parameter, name: str | None) -> str | None:
    """Return the name of a site: it is the name of a folder, too."""
    if name is not None and (Path(name).name != name or name == ".."):
        raise click.BadParameter(phrase("site_unnamed", name=name), ctx, param)
    return name


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 findings, 2 usage, 70 bug or unusable ledger, 78 configuration.",
)
@click.version_option(__version__, prog_name="copier-fleet")
@click.option(
    "--site",
    metavar="NAME",
    callback=_site_named,
    help="At a centre of many sites: read the ledger of this one. Its settings and fleet file are "
    "in sites/NAME beside centre.toml.",
)
def commands(site: str | None) -> None:
    """Count an office's copies every month, over SNMP, against targets."""
    SITE.set(site)


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code; errors are sentences on stderr.

    Which language is spoken ends with it.
    """
    sys.exit(copy_context().run(_ended, args))


def _ended(args: list[str] | None) -> int:
    if (office := sys.modules.get(_OFFICE)) is not None:
        office.OPENED.clear()
    typed = sys.argv[1:] if args is None else args
    TYPED.set(tuple(typed))
    speak(language_for(typed, os.environ))
    try:
        code = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _nobody_reads()
    except PermissionError as error:
        code = _may_not(error)
    except OSError as error:
        code = _cannot_write(error)
    except Exception:  # noqa: BLE001 - the outermost frame: a bug ends with 70, never with 1
        code = _bug()
    return code


def _bug() -> int:
    """Show where it happened and ask for a report; a damaged ledger is no bug and told as such."""
    import traceback

    if (damage := _damage_of_the_ledger()) is not None:
        return explain(damage)
    traceback.print_exc()
    complain(phrase("bug", version=__version__))
    return Exit.BUG


def _damage_of_the_ledger() -> CollectorError | None:
    """Return what is wrong with a ledger that this command opened, None where nothing is."""
    office = sys.modules.get(_OFFICE)
    if office is None:
        return None
    import asyncio

    try:
        asyncio.run(office.refuse_damaged([*office.OPENED]))
    except (LedgerForbidden, LedgerNone):
        return None
    except CollectorError as error:
        return error
    except Exception:  # noqa: BLE001 - then the first failure is the one to tell
        return None
    return None


def _nobody_reads() -> int:
    """End quietly, as `month | head -1` should, without Python's complaint at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.OK


def _may_not(error: PermissionError) -> int:
    """Say which file this user may not use, and who may: a mistake of somebody, and no bug."""
    if not isinstance(error.filename, str):
        return _bug()
    from collector.user_files.report import owner_of, problem_at

    path = Path(error.filename).absolute()
    problem = problem_at(Spot(str(path)), said("not_permitted", reason=cause(error)))
    return explain(ConfigError([problem], owner_of(path)))


def _cannot_write(error: OSError) -> int:
    """Say that stdout takes no more, or that this is a bug."""
    if error.errno not in {errno.ENOSPC, errno.EIO, errno.EDQUOT} or error.filename:
        return _bug()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    complain(phrase("output_unwritable", reason=worded(cause(error))))
    return Exit.BUG


def _run(args: list[str] | None) -> int:
    try:
        spoken = in_the_language(commands)
        code = spoken.main(args, prog_name="copier-fleet", standalone_mode=False)
    except click.exceptions.Abort:
        return 128 + signal.SIGINT
    except click.ClickException as error:
        if isinstance(error, click.BadParameter) and isinstance(error.param_hint, str):
            error.param_hint = symbols_translated(error.param_hint)
        error.show()
        return error.exit_code
    except CollectorError as error:
        return explain(error)
    except Unacceptable as error:
        complain(worded(error.why))
        return Exit.USAGE
    except SystemExit:
        # click ends so where stdout is a pipe that nobody reads any more, and only there.
        return _nobody_reads()
    return code if isinstance(code, int) else Exit.OK
