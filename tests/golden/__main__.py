"""Write what `tests.golden.office` and the recordings come to into a folder: for `diff -r`."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from collector.cli.main import commands
from tests.golden.office import DIGESTS, MONTHS, digests, fill, lines, statement_of
from tests.surroundings import environment

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures"
PROGRAM = (sys.executable, "-m", "collector")
COMMANDS = (
    ("month", "2026-09", "--format", "json"),
    ("month", "2026-09", "--format", "csv"),
    ("month", "2026-09"),
    ("month", "2026-08", "--office", "--format", "json"),
    ("month", "2026-09", "--year", "--format", "json"),
    ("statement", "list", "--json"),
    ("statement", "show", "2026-09", "--json"),
    ("statement", "show", "2026-08"),
    ("statement", "verify"),
    ("findings", "--days", "4000", "--json"),
    ("entries",),
    ("forecast", "2026-09"),
    ("profiles",),
)


def main(out: Path) -> None:
    """Write all of it into `out`."""
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        rows, texts = asyncio.run(fill(Path(folder)))
        (out / "rows.txt").write_text(lines(rows))
        (out / DIGESTS).write_text(digests(rows))
        for month, text in texts.items():
            (out / statement_of(month)).write_text(text)
        config = ("--config", str(Path(folder, "collector.toml")))
        for number, command in enumerate(COMMANDS):
            more = () if command == ("profiles",) else config
            _write(out / "commands" / f"{number:02} {' '.join(command)}.txt", *command, *more)
        report = Path(folder, "report")
        _write(out / "report.txt", "report", MONTHS[-1], "--output", str(report), *config)
        shutil.copytree(report, out / "report", dirs_exist_ok=True)
    for file in sorted(CAPTURES.rglob("*.snmprec")):
        _write(out / "decode" / f"{file.stem}.json", "decode", "--json", str(file))
    for verb in ("", *sorted(commands.list_commands(click.Context(commands)))):
        _write(out / "help" / f"{verb or 'all'}.txt", *verb.split(), "--help")


def _write(file: Path, *arguments: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, check=False, env=environment()
    )
    file.write_text(f"{done.stdout}{done.stderr}exit code {done.returncode}\n")


main(Path(sys.argv[1]))
