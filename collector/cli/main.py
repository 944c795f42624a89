"""The command `copier-fleet`: one verb a file, exit codes in one place."""

import errno
import importlib
import os
import signal
import sys
import traceback
from contextvars import copy_context
from typing import Final

import click

from collector import __version__
from collector.cli.language import in_the_language, language_for, speak, symbols_translated
from collector.cli.output import Exit, complain, explain, phrase
from collector.errors import CollectorError

_VERBS: Final = (
    "run",
    "check",
    "poll",
    "status",
    "month",
    "report",
    "forecast",
    "findings",
    "read",
    "entries",
    "history",
    "count",
    "close",
    "statement",
    "replay",
    "discover",
    "capture",
    "calibrate",
    "decode",
    "profiles",
    "fleet",
    "dashboards",
    "demo",
)


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
        return in_the_language(command)


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 findings, 2 usage, 70 bug or broken ledger, 78 configuration.",
)
@click.version_option(__version__, prog_name="copier-fleet")
def commands() -> None:
    """Count an office's copies every month, over SNMP, against targets."""


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code; errors are sentences on stderr.

    Which language is spoken ends with it.
    """
    sys.exit(copy_context().run(_ended, args))


def _ended(args: list[str] | None) -> int:
    speak(language_for(sys.argv[1:] if args is None else args, os.environ))
    try:
        code = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _nobody_reads()
    except OSError as error:
        code = _cannot_write(error)
    except Exception:  # noqa: BLE001 - the outermost frame: a bug ends with 70, never with 1
        traceback.print_exc()
        complain(phrase("bug", version=__version__))
        code = Exit.BUG
    return code


def _nobody_reads() -> int:
    """End quietly, as `month | head -1` should, without Python's complaint at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.OK


def _cannot_write(error: OSError) -> int:
    """Say that stdout takes no more, or that this is a bug."""
    if error.errno not in {errno.ENOSPC, errno.EIO, errno.EDQUOT} or error.filename:
        traceback.print_exc()
        complain(phrase("bug", version=__version__))
        return Exit.BUG
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    complain(phrase("output_unwritable", reason=error.strerror))
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
    except SystemExit:
        # click ends so where stdout is a pipe that nobody reads any more, and only there.
        return _nobody_reads()
    return code if isinstance(code, int) else Exit.OK
