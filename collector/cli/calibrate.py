"""`copier-fleet calibrate`: finds the counters behind the figures on a copier's panel."""

import sys
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.adapters.snmp.recording.recorder import EVERYTHING, USUAL
from collector.bootstrap.calibration import Agent, Walking, own_profiles
from collector.bootstrap.machines import Patience
from collector.cli.asked import with_keys
from collector.cli.calibrate_run import CalibrateOptions, CalibrationRun, stated_figures
from collector.cli.calibrate_source import CounterSource, LiveMachine, Recorded, recording_named
from collector.cli.entering import Author
from collector.cli.options import configured, formatted, into, walks_a_machine
from collector.cli.output import Exit, complain, phrase, say, worded
from collector.errors import DeviceError, said
from collector.settings.load import Loaded
from collector.user_files.report import refusal


@click.command()
@click.argument("machine", metavar="PLACE|ADDRESS|FILE.snmprec")
@click.argument("figures", nargs=-1, metavar="[METER=FIGURE]...")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the profile; default: the folder that fleet.profiles names.",
)
@click.option("--force", is_flag=True, help="Overwrite the profile if it exists.")
@click.option("--prove", is_flag=True, help="Write it even where everything agrees already.")
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option(
    "--round2",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Go on with the rounds kept in this file, after some pages were printed.",
)
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to keep this round for a further one; default: beside the ledger.",
)
@click.option("--by", help="Who compared it; default: the user of this terminal.", metavar="NAME")
@walks_a_machine
@formatted
@with_keys
@configured
@into(CalibrateOptions)
def calibrate(options: CalibrateOptions) -> int:
    """Find which counters of a machine equal the figures on its panel, and write a profile.

    As in: calibrate 2f-soumu 合計=123,456 白黒=100,000 copy=40,000. Without figures it asks for
    them. Sums and differences of up to four counters are found as well. Where several fit, print
    some pages and give the figures again: a second round tells them apart.

    The profile is for this model. It is loaded back and must read the very figures before it is
    put in place. Only reads, over SNMP. Exit code 1 where something is not proved.
    """
    recording = recording_named(options.machine)
    stated = stated_figures(options.figures)
    if not stated and not sys.stdin.isatty():
        raise click.UsageError(phrase("give_figures"))
    if recording is not None:
        loaded = options.configuration(is_needed=False)
        source: CounterSource = Recorded(recording)
    else:
        loaded, source = _live(options)
    run = CalibrationRun(
        options=options,
        source=source,
        loaded=loaded,
        own=own_profiles(loaded, options.output),
        figures=stated,
        by=Author(options.by, "-").signature(SystemClock().now()).by,
        folder=None if options.output is not None else _folder(loaded, options),
    )
    try:
        return run.run()
    except (KeyboardInterrupt, click.Abort):
        say(phrase("calibrate_stopped"))
        raise
    except DeviceError as error:
        complain(worded(error.message))
        return Exit.FINDINGS


def _live(options: CalibrateOptions) -> tuple[Loaded | None, LiveMachine]:
    """Return the machine that is asked; raises as `AccessOptions.access` and `target` do."""
    ask = options.access()
    name, address, port, keys = options.target(ask, options.machine)
    bounds = EVERYTHING if options.everything else USUAL
    patience = Patience(options.timeout, retries=1)
    walking = Walking(options.everything, bounds, options.rate, patience)
    return ask.loaded, LiveMachine(name, Agent(address, port, keys), walking)


def _folder(loaded: Loaded | None, options: CalibrateOptions) -> Path | None:
    """Return the folder of the office's own profiles; raises where one is needed and not set."""
    folder = loaded.settings.fleet.profiles if loaded is not None else None
    if folder is not None or options.dry_run:
        return folder
    if loaded is None:
        raise click.UsageError(phrase("name_profile_file"))
    raise refusal(options.config.name, said("no_profiles_folder"), key="fleet.profiles")
