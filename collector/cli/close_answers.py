"""What `close` answers: a plan, what was sealed, or why nothing was. Tables, sentences or JSON."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.app.close_month import Refusal, RefusalKind
from collector.app.ground import Ground
from collector.cli.options import default_config
from collector.cli.output import Exit, complain, result_json, result_table, say
from collector.cli.statement_pages import print_changes, print_statement
from collector.cli.statement_table import (
    change_dict,
    completeness_dict,
    title,
    to_dict,
)
from collector.cli.words import Words
from collector.domain.reading import PlaceId
from collector.domain.sentences import completeness_text
from collector.domain.statement import Change, Plan, Sealed, Statement

_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    month: str | None
    apply: str | None
    by: str | None
    estimate_now: bool
    up_to: bool
    as_json: bool
    config: Path

    def command(self, month: str) -> str:
        """Return the command that shows this plan again."""
        flags = (
            " --up-to" if self.up_to else "",
            " --estimate-now" if self.estimate_now else "",
            "" if self.config == default_config() else f" --config {self.config}",
        )
        return f"close {month}{''.join(flags)}"


def together(plans: Sequence[Plan]) -> str:
    """Return the checksum of one plan, or one over those of several."""
    if len(plans) == 1:
        return plans[0].checksum
    joined = ",".join(plan.checksum for plan in plans)
    return hashlib.sha256(joined.encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True)
class Context:
    """What stands beside the plans that are shown.

    `is_same`: this very plan was shown before. `held_back` are places whose newest reading is not
    believed yet. `unwritable` says why the plan cannot be remembered, None where it is.
    """

    is_same: bool = False
    held_back: tuple[PlaceId, ...] = ()
    unwritable: str | None = None


class Answers:
    """Says what became of a wish, in the office's language; each answer has its exit code."""

    def __init__(self, wish: Wish, ground: Ground, words: Words) -> None:
        """Answer `wish`."""
        self._wish = wish
        self._ground = ground
        self._words = words

    def nothing(self) -> Exit:
        """Say that no month waits."""
        if self._wish.as_json:
            result_json({"state": "nothing_to_close"})
        else:
            say(self._words("nothing_to_close"))
        return Exit.OK

    def planned(self, plans: Sequence[Plan], context: Context) -> Exit:
        """Show `plans` and how to apply them; of several months only their totals."""
        words, wish = self._words, self._wish
        if wish.as_json:
            shown = [_to_json(plan) for plan in plans]
            result_json({"state": "planned", "checksum": together(plans), "plans": shown})
        elif len(plans) > 1:
            self._print_months(plans)
        else:
            statement = plans[0].statement
            print_statement(statement, self._ground, words, title(statement, words, planned=True))
            print_changes(plans[0].changes, words)
        if context.unwritable is not None:
            say(words("not_remembered", reason=context.unwritable))
        if not wish.as_json:
            self._print_context(plans, context)
        return Exit.OK

    def _print_context(self, plans: Sequence[Plan], context: Context) -> None:
        words, month = self._words, plans[-1].statement.period.name
        if context.is_same:
            say(words("no_change"))
        if context.held_back:
            say(words("held_back", names=", ".join(context.held_back)))
        if any(plan.completeness.in_question for plan in plans):
            say(words("decide_by"))
        command = self._wish.command(month)
        say(words("how_to_apply", command=command, checksum=together(plans)))

    def _print_months(self, plans: Sequence[Plan]) -> None:
        words = self._words
        rows = [
            (
                plan.statement.period.name,
                str(plan.statement.revision),
                f"{plan.statement.total:,}",
                completeness_text(plan.completeness, japanese=words.is_japanese),
            )
            for plan in plans
        ]
        headings = [words(key) for key in ("month", "revision", "pages", "completeness")]
        result_table(headings, rows, title=words("months_title"), numbers=(1, 2))

    def sealed(self, statements: Sequence[Sealed]) -> Exit:
        """Say what was sealed."""
        found = [
            {
                "month": one.statement.period.name,
                "revision": one.statement.revision,
                "by": one.statement.closed_by,
                "seal": one.seal,
            }
            for one in statements
        ]
        if self._wish.as_json:
            result_json({"state": "sealed", "sealed": found})
            return Exit.OK
        for facts in found:
            say(self._words("applied", **{**facts, "seal": str(facts["seal"])[:_DIGITS]}))
        return Exit.OK

    def overtaken(self, month: str) -> Exit:
        """Say that somebody else sealed something in between."""
        complain(self._words("sealed_meanwhile", command=self._wish.command(month)))
        return Exit.FINDINGS

    def changed(self, month: str, changes: Sequence[Change]) -> Exit:
        """Say that the plan is another one by now, and in what, as far as that is known."""
        words, wish = self._words, self._wish
        facts = {"month": month, "checksum": wish.apply, "command": wish.command(month)}
        complain(words("plan_changed", **facts))
        if wish.as_json:
            result_json({"state": "changed", "changes": [change_dict(one) for one in changes]})
        else:
            print_changes(changes, words)
        return Exit.FINDINGS

    def refused(self, refusal: Refusal) -> Exit:
        """Say in one sentence why the month is not closed now."""
        until, zone = refusal.until, self._ground.office.zone
        sentence = self._words(
            f"refused_{refusal.kind.value}",
            month=refusal.period,
            day=refusal.day,
            until="" if until is None else f"{until.astimezone(zone):%Y-%m-%d %H:%M}",
            names=", ".join(refusal.names),
            first=next(iter(refusal.names), ""),
        )
        if self._wish.as_json:
            result_json({"state": "refused", "why": refusal.kind.value, "message": sentence})
        complain(sentence)
        waits = refusal.kind in {
            RefusalKind.STILL_SILENT,
            RefusalKind.IN_QUESTION,
            RefusalKind.CLOCK_IN_DOUBT,
        }
        return Exit.FINDINGS if waits else Exit.USAGE

    def closed_already(self, statement: Statement, *, by_this_plan: bool) -> Exit:
        """Closing twice is closing once; a checksum that never was the sealed plan's is told."""
        local = statement.closed_at.astimezone(self._ground.office.zone)
        facts = {
            "month": statement.period.name,
            "revision": statement.revision,
            "by": statement.closed_by,
            "at": f"{local:%Y-%m-%d %H:%M}",
        }
        key = "applied_before" if by_this_plan else "refused_nothing_new"
        sentence = self._words(key, **facts)
        if self._wish.as_json:
            result_json({"state": "closed", **facts, "message": sentence})
        else:
            say(sentence)
        return Exit.OK if self._wish.apply is None or by_this_plan else Exit.FINDINGS


def _to_json(plan: Plan) -> dict[str, object]:
    return {
        "month": plan.statement.period.name,
        "checksum": plan.checksum,
        "completeness": completeness_dict(plan.completeness),
        "changes": [change_dict(one) for one in plan.changes],
        "statement": to_dict(plan.statement),
    }
