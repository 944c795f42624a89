"""`copier-fleet fleet`: the fleet file from a spreadsheet, and back."""

import sys
from pathlib import Path

import click

from collector.cli.entering import Author, signing
from collector.cli.fleet_apply import Asked, apply_fleet
from collector.cli.options import configured, json_option, loaded_from
from collector.cli.output import Exit, result, say
from collector.errors import ConfigError, Problem
from collector.settings.fleet_csv import CsvEncoding, export_csv, import_csv
from collector.settings.fleet_toml import write_file, write_fleet_toml
from collector.settings.values import Language


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
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def import_(file: Path, output: Path | None, *, force: bool) -> int:
    """Make a fleet file (TOML) from FILE, a spreadsheet saved as CSV.

    UTF-8 and Shift_JIS, Japanese or English headings. Problems are told with their lines, and
    nothing is written then.
    """
    found = import_csv(file.read_bytes(), file.name)
    text = write_fleet_toml(found)
    if output is None:
        result(text)
    else:
        write_file(output, text, overwrite=force)
        say(f"{output}: {len(found.places)} places, {len(found.departments)} departments")
        say("next: copier-fleet check, then systemctl reload copier-fleet")
    return Exit.OK


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
        raise ConfigError([Problem(str(output), "exists already; give --force to overwrite it")])
    try:
        output.write_bytes(data)
    except OSError as exc:
        message = f"cannot be written ({exc.strerror}); check the folder and its permissions"
        raise ConfigError([Problem(str(output), message)]) from exc
    say(f"{output}: {len(loaded.fleet.places)} places, {len(loaded.fleet.departments)} departments")
    return Exit.OK


@fleet.command()
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another fleet file; with --apply it takes the place of the present one.",
)
@click.option("--apply", "apply_", is_flag=True, help="Put the difference in force; needs --why.")
@json_option
@signing(optional=True)
@configured
def apply(
    file: Path | None,
    author: Author,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    apply_: bool,
    as_json: bool,
) -> int:
    """Show what the fleet file says otherwise of days before today, and what months would change.

    Those days stay as they were recorded, whatever the file says, until --apply. Exit code 1 where
    something differs and was not applied. A closed month is never rewritten: its difference
    becomes an adjustment at the next close.
    """
    if apply_ and not author.why.strip():
        raise click.BadParameter("say why, it is kept with the change", param_hint="--why")
    asked = Asked(author, file, None, apply_, as_json)
    return apply_fleet(loaded_from(config, secrets), asked)
