"""How commands speak: results on stdout, prose on stderr, failures as an exit code."""

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from collector.errors import CollectorError, ConfigError

_PIPE_WIDTH = 200
"""Columns of a table that goes into a pipe or file: wide enough to cut nothing."""

_TEXT_WIDTH = 12
"""Columns in which a text can still be read, wrapped."""


class Exit(IntEnum):
    """What the program ends with."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    BUG = 70
    CONFIG = 78


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, emoji=False)


def result(text: str) -> None:
    """Print machine output, exactly as it is, and at once: whoever reads a pipe is waiting."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def result_json(value: object) -> None:
    """Print `value` as JSON."""
    result(json.dumps(value, ensure_ascii=False, indent=2))


def result_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    numbers: Sequence[int] = (),
    spare: Sequence[int] = (),
) -> None:
    """Print a table that fits the terminal; columns in `numbers` stand to the right.

    Numbers and the first column are never cut and other texts are wrapped. Where the terminal is
    too narrow for that, columns in `spare` are left out, the first of them first, and named.
    """
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    whole = {0, *numbers}
    console = _console(stderr=False)
    shown = list(range(len(headings)))
    for index in spare:
        if _needed(widths, shown, whole) > console.width:
            shown.remove(index)
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        show_header=any(headings),
    )
    for index in shown:
        table.add_column(
            headings[index],
            justify="right" if index in numbers else "left",
            no_wrap=index in whole,
            min_width=widths[index] if index in whole else None,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(row[index]) for index in shown))
    console.print(table)
    if left_out := [headings[index] for index in sorted({*spare} - {*shown})]:
        say(f"no room for: {', '.join(left_out)}; widen the window or pipe this into: less -S")


def _needed(widths: Sequence[int], shown: Sequence[int], whole: Collection[int]) -> int:
    """Return how wide a table is at least, frame and padding included."""
    inner = (widths[at] if at in whole else min(widths[at], _TEXT_WIDTH) for at in shown)
    return 1 + sum(width + 3 for width in inner)


def say(sentence: str) -> None:
    """Tell a person something, on stderr."""
    _console(stderr=True).print(escape(sentence), soft_wrap=True)


def complain(sentence: str) -> None:
    """Tell a person what went wrong, on stderr."""
    _console(stderr=True).print(f"[bold red]error:[/] {escape(sentence)}", soft_wrap=True)


def explain(error: CollectorError) -> Exit:
    """Print what `error` says, every problem on its own line, and return the exit code for it."""
    if not isinstance(error, ConfigError):
        complain(str(error))
        return Exit.BUG
    count = len(error.problems)
    complain(f"nothing was done because of {count} problem{'s' if count > 1 else ''}:")
    for problem in error.problems:
        say(f"  {problem.path}: {problem.message}")
    return Exit.CONFIG


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Progress]:
    """Show a bar on stderr while work goes on; advance task 0. Silent where nobody looks."""
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
