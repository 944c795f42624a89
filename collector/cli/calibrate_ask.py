"""Asks a person in front of a copier for the figures on its panel."""

from collections.abc import Mapping

import click

from collector.cli.output import complain, say
from collector.domain.meters import Meter
from collector.domain.panel import contradictions, panel_figure, panel_figures, panel_line

_SHOW_HOW = (
    "open the counter page of the panel (カウンター), let nobody print, and type its figures, one "
    "meter a line, like: total 123,456 or 合計 123456 or コピー白黒 789. An empty line ends."
)


def stated_figures(words: tuple[str, ...]) -> Mapping[Meter, int]:
    """Return the figures of the command line; raises BadParameter with one sentence."""
    try:
        return panel_figures(words)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="METER=FIGURE") from exc


def ask_figures() -> Mapping[Meter, int]:
    """Ask for figures until an empty line; at least one. Raises Abort on Ctrl-C or the end."""
    say(_SHOW_HOW)
    found: dict[Meter, int] = {}
    while True:
        line = _answer(">")
        if not line and not found:
            say("type one figure at least; Ctrl-C stops")
        elif not line:
            if _are_right(found):
                return found
        else:
            _take(line, found)


def _take(line: str, found: dict[Meter, int]) -> None:
    try:
        meter, figure = panel_line(line)
    except ValueError as exc:
        complain(str(exc))
        return
    say(f"{meter} is {figure:,}{', as corrected' if meter in found else ''}")
    found[meter] = figure


def _are_right(found: Mapping[Meter, int]) -> bool:
    problems = contradictions(found)
    for sentence in problems:
        complain(sentence)
    return not problems or yes("is that what the panel says?", default=False)


def ask_again(before: Mapping[Meter, int]) -> Mapping[Meter, int]:
    """Ask for the same meters; an empty line leaves a figure as it was. Raises Abort."""
    say("type the figures as they are now; an empty line where one has not changed")
    found: dict[Meter, int] = {}
    for meter, figure in before.items():
        found[meter] = _one_again(meter, figure)
    return found


def _one_again(meter: Meter, before: int) -> int:
    while True:
        line = _answer(f"{meter} [{before:,}]:")
        try:
            figure = panel_figure(line) if line else before
        except ValueError as exc:
            complain(str(exc))
            continue
        if figure >= before:
            return figure
        complain(f"{figure:,} is less than before, which no counter is")
        if yes(f"was {before:,} mistyped?", default=False):
            return figure


def wait(sentence: str) -> None:
    """Say something and wait for the return key; raises Abort."""
    say(sentence)
    _answer("press Enter when it is done")


def yes(question: str, *, default: bool) -> bool:
    """Return whether a person agrees; raises Abort."""
    return click.confirm(question, default=default, err=True)


def _answer(prompt: str) -> str:
    text: str = click.prompt(prompt, default="", show_default=False, prompt_suffix=" ", err=True)
    return text.strip()
