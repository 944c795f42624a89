"""The command `copier-fleet`: one verb a file, exit codes in one place."""

import importlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from collector import __version__
from collector.cli.output import Exit, complain, explain
from collector.errors import CollectorError

_VERBS: Final = ("run", "check", "poll", "status", "month", "decode", "fleet", "demo")


class Verbs(click.Group):
    """Loads a verb's module when it is asked for: `month` need not wait for SNMP."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of use."""
        del ctx
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb called `cmd_name`, or None."""
        del ctx
        if cmd_name not in _VERBS:
            return None
        module = importlib.import_module(f"collector.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 findings, 2 usage, 70 bug or broken ledger, 78 configuration.",
)
@click.version_option(__version__, prog_name="copier-fleet")
def commands() -> None:
    """Count an office's copies every month, over SNMP, against targets."""


@contextmanager
def _bugs_told() -> Iterator[None]:
    """End with 70 and a traceback where something else than a known error comes out."""
    is_known = False
    try:
        yield
        is_known = True
    except SystemExit:
        is_known = True
        raise
    finally:
        if not is_known:
            traceback.print_exc()
            complain(f"this is a bug of copier-fleet {__version__}; please report the lines above")
            sys.exit(Exit.BUG)


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code; errors are sentences on stderr."""
    with _bugs_told():
        _run(args)


def _run(args: list[str] | None) -> None:
    try:
        code = commands.main(args, prog_name="copier-fleet", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(128 + 2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CollectorError as error:
        sys.exit(explain(error))
    sys.exit(code if isinstance(code, int) else Exit.OK)
