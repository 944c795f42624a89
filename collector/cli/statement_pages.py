"""Print a statement, or a plan for one, as tables that fit the terminal."""

from collections.abc import Sequence

from collector.app.ground import Ground
from collector.cli import statement_table as table
from collector.cli.output import result_table
from collector.cli.words import Words
from collector.domain.statement import Adjustment, Change, Statement


def print_statement(
    statement: Statement, ground: Ground, words: Words, title: str, *, proof: bool = False
) -> None:
    """Print places, how their pages come about, adjustments and departments of `statement`.

    `proof`: the formula of every place, and not only of those where it is not plain.
    """
    result_table(
        table.place_headings(words),
        list(table.place_rows(statement, ground.office, words)),
        title=title,
        numbers=table.PLACE_NUMBERS,
        spare=table.PLACE_SPARE,
    )
    formulas = list(table.formula_rows(statement, words, every=proof))
    if formulas:
        headings = (words("place"), words("formula"))
        result_table(headings, formulas, title=words("formula_title"))
    print_adjustments(statement, statement.adjustments, ground, words)
    questions = list(table.question_rows(statement))
    if questions:
        names = [words(key) for key in ("id", "place", "pages")]
        result_table(names, questions, title=words("questions_title"), numbers=(2,))
    result_table(
        table.department_headings(words),
        list(table.department_rows(statement, ground.fleet, words)),
        title=words("departments_title"),
        numbers=table.DEPARTMENT_NUMBERS,
        spare=table.DEPARTMENT_SPARE,
    )


def print_adjustments(
    statement: Statement, adjustments: Sequence[Adjustment], ground: Ground, words: Words
) -> None:
    """Print `adjustments`, which are of `statement`; nothing where there are none."""
    if not adjustments:
        return
    names = table.department_names(statement, ground.fleet, words)
    result_table(
        table.adjustment_headings(words),
        list(table.adjustment_rows(adjustments, names, words)),
        title=words("adjustments_title"),
        numbers=(1, 3),
    )


def print_changes(changes: Sequence[Change], words: Words, title: str = "changes_title") -> None:
    """Print in what a plan differs from the one before; nothing where it does not."""
    if not changes:
        return
    headings = [words(key) for key in ("place", "differs", "before", "after")]
    rows = list(table.change_rows(changes, words))
    result_table(headings, rows, title=words(title), numbers=(2, 3))
