"""How commands speak: results on stdout, prose on stderr, failures as an exit code."""

import os
import shlex
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from collector.domain.sentence import Sentence
from collector.errors import CollectorError, ConfigError, Problem
from collector.texts import ENGLISH
from collector.texts.catalogue import COMMANDS, Words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table as Grid

    from collector.domain.report.table import Cell, Column, Table

_PIPE_WIDTH = 200
"""Columns of a table that goes into a pipe or file: wide enough to cut nothing."""

_TEXT_WIDTH = 12
"""Columns in which a text can still be read, wrapped."""


ABSENT: Final = "-"
"""How a terminal shows what is not there; never 0."""


SPOKEN: Final = ContextVar("spoken", default=ENGLISH)
"""In which language, and on whose clocks, a person is told things: the office's, once known."""


def worded(text: Sentence | str) -> str:
    """Return a sentence in the language that is spoken; so is a text if it is in a catalogue."""
    spoken = SPOKEN.get()
    return spoken.translated(text) if isinstance(text, str) else spoken.say(text)


def phrase(key: str, /, **facts: object) -> str:
    """Return the text called `key` of the commands' catalogue, in the language that is spoken."""
    return Words(COMMANDS, SPOKEN.get().language)(key, **facts)


def listed(names: Iterable[object]) -> str:
    """Return `names` one after the other, as the language that is spoken lists them."""
    return phrase("list.between").join(map(str, names))


def told(problem: Problem) -> str:
    """Return where something is wrong, and what, in the language that is spoken."""
    from collector.user_files import report

    return report.told(problem, SPOKEN.get())


TYPED: Final = ContextVar[tuple[str, ...]]("typed", default=())
"""What was typed after `copier-fleet`."""


_BY_SYSTEMD: Final = "NOTIFY_SOCKET"
_START: Final = ("sudo", "systemctl", "start", "copier-fleet")


def as_owner(owner: int) -> str | None:
    """Return the line that does what was typed as the user `owner`; None where it does not help.

    The service is never started by hand: its files would be somebody else's.
    """
    typed = TYPED.get()
    if owner == os.geteuid():
        return None
    if typed[:1] == ("run",):
        return None if _BY_SYSTEMD in os.environ else shlex.join(_START)
    from collector.user_files.report import user_name

    user = ("-u", user_name(owner)) if owner else ()
    return shlex.join(("sudo", *user, "copier-fleet", *typed))


class Exit(IntEnum):
    """What the program ends with."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    BUG = 70
    CONFIG = 78


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, emoji=False)


def result(text: str) -> None:
    """Print machine output, exactly as it is, and at once: whoever reads a pipe is waiting."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def result_json(value: object) -> None:
    """Print `value` as JSON."""
    import json

    result(json.dumps(value, ensure_ascii=False, indent=2))


def result_tables(
    form: str,
    *tables: "Table[Any]",
    main: "Table[Any] | None" = None,
    document: object = None,
) -> None:
    """Print `tables` as `form` says: table, csv or json.

    CSV is the `main` one, by default the first, and so is JSON unless there is a `document`, which
    holds its records beside more than a table says.
    """
    from collector.domain.report.table import csv_text, records

    records_of = tables[0] if main is None else main
    if form == "csv":
        result(csv_text(records_of))
    elif form == "json":
        result_json(records(records_of) if document is None else document)
    else:
        for one in tables:
            _print(one)


def _print(table: "Table[Any]") -> None:
    """Print a table that fits the terminal, and what is to be said below it.

    Numbers and the first column are never cut and other texts are wrapped. Where the terminal is
    too narrow for that, columns are left out, the table's spare ones first, and named.
    """
    from rich.cells import cell_len
    from rich.text import Text

    if table.needs_rows and not table.rows:
        return
    console = _console(stderr=False)
    columns = table.drawn()
    lines = texts(table)
    widths = {
        column.key: max(cell_len(one) for one in (column.heading or "", *cells))
        for column, *cells in zip(columns, *lines, strict=True)
    }
    whole = {columns[0].key, *(one.key for one in columns if one.is_number)}
    lost = _left_out(table.spare, widths, whole, console.width)
    grid = _grid(table.title, [one for one in columns if one.key not in lost], widths, whole)
    for cells in lines:
        kept = zip(cells, columns, strict=True)
        grid.add_row(*(Text(cell) for cell, column in kept if column.key not in lost))
    console.print(grid)
    if names := [one.heading or "" for one in columns if one.key in lost]:
        say(phrase("no_room", names=listed(names)))
    for note in table.notes:
        say(note)


def texts(table: "Table[Any]") -> list[tuple[str, ...]]:
    """Return what a terminal shows of `table`, line by line, the total last."""
    columns = table.drawn()
    foot = table.foot(columns)
    lines = [*table.body(columns), *([foot] if foot is not None else [])]
    return [tuple(map(_text, line.cells, columns)) for line in lines]


def _grid(
    title: str, columns: "Sequence[Column[Any]]", widths: Mapping[str, int], whole: Collection[str]
) -> "Grid":
    """Return an empty table with these columns; those in `whole` are never cut."""
    from rich.table import Table as Grid

    grid = Grid(
        title=title or None,
        title_justify="left",
        title_style="bold",
        show_header=any(one.heading for one in columns),
    )
    for one in columns:
        grid.add_column(
            one.heading or "",
            justify="right" if one.is_number else "left",
            no_wrap=one.key in whole,
            min_width=widths[one.key] if one.key in whole else None,
            overflow="fold",
        )
    return grid


def _left_out(
    spare: Sequence[str], widths: Mapping[str, int], whole: Collection[str], room: int
) -> set[str]:
    """Return which columns a terminal as wide as `room` does without.

    First those in `spare`; where that is not enough, others from the last to the third.
    """
    lost: set[str] = set()
    for key in (*spare, *reversed([*widths][2:])):
        kept = {one: width for one, width in widths.items() if one not in lost}
        if key in kept and _needed(kept, whole) > room:
            lost.add(key)
    return lost


def _text(cell: "Cell", column: "Column[Any]") -> str:
    """Return `cell` as a terminal shows it; a dash where it is absent."""
    from collector.domain.report.table import CellKind

    if cell is None:
        return ABSENT
    if isinstance(cell, str):
        return cell
    match column.kind:
        case CellKind.SIGNED:
            return f"{cell:+,}" if cell else "0"
        case CellKind.SHARE:
            return f"{cell:.0%}"
        case CellKind.CHANGE:
            return f"{cell:+.1%}" if cell else "0.0%"
        case _:
            return f"{cell:,}"


def _needed(widths: Mapping[str, int], whole: Collection[str]) -> int:
    """Return how wide a table is at least, frame and padding included."""
    inner = (width if key in whole else min(width, _TEXT_WIDTH) for key, width in widths.items())
    return 1 + sum(width + 3 for width in inner)


def say(sentence: str) -> None:
    """Tell a person something, on stderr."""
    from rich.markup import escape

    _console(stderr=True).print(escape(sentence), soft_wrap=True)


def complain(sentence: str) -> None:
    """Tell a person what went wrong, on stderr."""
    from rich.text import Text

    label = Text(phrase("error"), style="bold red", end=" ")
    _console(stderr=True).print(label + Text(f" {sentence}"), soft_wrap=True)


def explain(error: CollectorError) -> Exit:
    """Print what `error` says, every problem on its own line, and return the exit code for it."""
    if not isinstance(error, ConfigError):
        complain(worded(str(error)))
        _tell_owner(error)
        return Exit.BUG
    count = len(error.problems)
    complain(phrase("nothing_done", count=count))
    for problem in error.problems:
        say(f"  {told(problem)}")
    _tell_owner(error)
    return Exit.CONFIG


def _tell_owner(error: CollectorError) -> None:
    line = None if error.owner is None else as_owner(error.owner)
    if line is not None:
        say(phrase("type_as_owner", line=line))


@contextmanager
def progress(label: str, total: int | None) -> "Iterator[Progress]":
    """Show a bar on stderr while work goes on; advance task 0. Silent where nobody looks."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = _console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        bar.add_task(label, total=total)
        yield bar
