"""The command `copier-fleet`: one verb a file, exit codes in one place."""

import sys

import click

from collector import __version__
from collector.cli.check import check
from collector.cli.decode import decode
from collector.cli.demo import demo
from collector.cli.fleet import fleet
from collector.cli.month import month
from collector.cli.output import Exit, explain
from collector.cli.poll import poll
from collector.cli.run import run
from collector.cli.status import status
from collector.errors import CollectorError


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 findings, 2 usage, 70 bug or broken ledger, 78 configuration.",
)
@click.version_option(__version__, prog_name="copier-fleet")
def commands() -> None:
    """Count an office's copies every month, over SNMP, against targets."""


for command in (run, check, poll, status, month, decode, fleet, demo):
    commands.add_command(command)


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code; errors are sentences on stderr."""
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
