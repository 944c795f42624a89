"""`copier-fleet effect`: what something that was done from a day on has saved."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.cli.options import (
    ConfigOptions,
    at_office,
    configured,
    formatted,
    into,
    named_department,
)
from collector.cli.output import Exit, phrase, result_tables
from collector.cli.words import CommandWords
from collector.domain.month.effect import FEWEST_MONTHS, EffectFigure, EffectKind
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.report.table import CellKind, Column, Table
from collector.texts.figures import gaps_text, paper_text

if TYPE_CHECKING:
    from collector.app.month.effects import DepartmentEffect, Saving
    from collector.domain.month.effect import Between
    from collector.settings.load import Loaded

_SMALL_UNITS: Final = frozenset({"hours", "co2_kg"})
"""Shown with one decimal; all others are whole."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What was saved in one unit: judged by itself, or worked out; `why` it is not known."""

    of: "DepartmentEffect"
    unit: str
    saved: "Between | None" = None
    judged: EffectFigure | None = None
    why: tuple[str, str] = ("", "")

    def amount(self, value: float | None) -> int | float | None:
        """Return `value` with the decimals of the unit."""
        if value is None:
            return None
        return round(value, 1) if self.unit in _SMALL_UNITS else round(value)

    @property
    def kind(self) -> EffectKind | None:
        """What it comes to; as the pages or sheets do that it is worked out of."""
        return None if self.saved is None else self.saved.kind


def _lines(found: "DepartmentEffect") -> list[_Line]:
    lines = [_judged(found, "impressions", found.impressions)]
    if found.without is not None:
        lines.append(_judged(found, "impressions_without", found.without))
    why = _no_sheets(found)
    lines.append(_judged(found, "sheets", found.sheets, why))
    lines.append(_worked_out(found, "yen", found.yen))
    lines.append(_worked_out(found, "paper_yen", found.paper_yen, why))
    lines.append(_worked_out(found, "hours", found.hours))
    lines.append(_worked_out(found, "co2_kg", found.co2_kg, why))
    return lines


def _judged(
    found: "DepartmentEffect",
    unit: str,
    figure: EffectFigure | None,
    why: tuple[str, str] = ("", ""),
) -> _Line:
    return _Line(found, unit, None if figure is None else figure.saved, figure, why)


def _worked_out(
    found: "DepartmentEffect", unit: str, saving: "Saving", why: tuple[str, str] = ("", "")
) -> _Line:
    if saving.saved is not None:
        return _Line(found, unit, saving.saved)
    if saving.gaps:
        why = gaps_text(saving.gaps, japanese=True), gaps_text(saving.gaps, japanese=False)
    return _Line(found, unit, why=why if any(why) else _both("effect_no_factor"))


def _no_sheets(found: "DepartmentEffect") -> tuple[str, str]:
    """Return why an effect in sheets, or worked out of them, is not known; nothing where it is."""
    if found.sheets is not None:
        return "", ""
    if found.paper is not None and found.paper.gaps:
        return paper_text(found.paper, japanese=True), paper_text(found.paper, japanese=False)
    return _both("effect_no_sheets", months=FEWEST_MONTHS)


def _both(key: str, **facts: object) -> tuple[str, str]:
    return CommandWords("ja")(key, **facts), CommandWords("en")(key, **facts)


def effect_table(found: "DepartmentEffect", words: CommandWords) -> Table[_Line]:
    """Return a line a unit: expected, counted, saved and its range; what it means stands below."""
    name = found.department.name if words.is_japanese else found.department.name_en
    name = name or found.department.name
    return Table(
        "effect",
        (*_about(), *_figures(words), *_meaning(words)),
        _lines(found),
        title=words("effect_title", name=name, since=found.since, until=found.until),
        notes=tuple(_notes(found, name, words)),
        spare=("share", "counted", "expected"),
    )


def _about() -> tuple[Column[_Line], ...]:
    return (
        Column("department", lambda one: one.of.department.id),
        Column("name", lambda one: one.of.department.name),
        Column("since", lambda one: one.of.since.isoformat()),
        Column("until", lambda one: one.of.until.isoformat()),
    )


def _figures(words: CommandWords) -> tuple[Column[_Line], ...]:
    def span(one: _Line) -> str | None:
        if one.saved is None:
            return None
        return f"{one.amount(one.saved.low):,} – {one.amount(one.saved.high):,}"

    return (
        Column(
            "unit",
            lambda one: one.unit,
            words("effect_unit"),
            CellKind.TEXT,
            shown=lambda one: words(f"effect_unit.{one.unit}"),
        ),
        Column(
            "expected",
            lambda one: one.judged and one.amount(one.judged.expected),
            words("effect_expected"),
        ),
        Column(
            "counted",
            lambda one: one.judged and one.amount(one.judged.counted.value),
            words("effect_counted"),
        ),
        Column(
            "saved",
            lambda one: one.saved and one.amount(one.saved.value),
            words("effect_saved"),
        ),
        Column(
            "share",
            lambda one: one.judged and round(one.judged.share, 4),
            words("effect_share"),
            CellKind.SHARE,
        ),
        Column("range", None, words("effect_range"), shown=span),
        Column("saved_low", lambda one: one.saved and one.amount(one.saved.low)),
        Column("saved_high", lambda one: one.saved and one.amount(one.saved.high)),
    )


def _meaning(words: CommandWords) -> tuple[Column[_Line], ...]:
    return (
        Column(
            "effect",
            lambda one: one.kind and one.kind.value,
            words("effect_kind"),
            CellKind.TEXT,
            shown=lambda one: one.kind and words(f"effect_kind.{one.kind.value}"),
        ),
        Column("tellable_share", lambda one: one.judged and round(one.judged.tellable, 4)),
        Column("wait_months", lambda one: one.judged and one.judged.wait),
        Column("says", lambda one: _says(one, CommandWords("ja"))),
        Column("says_en", lambda one: _says(one, CommandWords("en"))),
        Column("reason", lambda one: one.why[0] or None),
        Column("reason_en", lambda one: one.why[1] or None),
    )


def _says(line: _Line, words: CommandWords) -> str | None:
    """Return in words what an effect that is judged by itself comes to."""
    judged, saved = line.judged, line.saved
    if judged is None or saved is None:
        return None
    amount = abs(saved.value)
    facts = {
        "since": line.of.since,
        "until": line.of.until,
        "unit": words(f"effect_unit.{line.unit}"),
        "expected": f"{judged.expected:,.0f}",
        "counted": f"{judged.counted.value:,.0f}",
        "amount": f"{amount:,.0f}",
        "share": f"{abs(judged.share):.0%}",
        "low": f"{saved.low:,.0f}",
        "high": f"{saved.high:,.0f}",
        "more": f"{max(0.0, -saved.low):,.0f}",
        "less": f"{max(0.0, saved.high):,.0f}",
        "tellable": f"{judged.tellable:.0%}",
    }
    kind = judged.kind
    if kind is EffectKind.MORE:
        facts |= {"low": f"{-saved.high:,.0f}", "high": f"{-saved.low:,.0f}"}
    said = words(f"effect_says.{kind.value}", **facts)
    if kind is not EffectKind.CHANCE:
        return said
    wait = "effect_wait" if judged.wait else "effect_never"
    return said + words("sentence.between") + words(wait, months=judged.wait, **facts)


def _notes(found: "DepartmentEffect", name: str, words: CommandWords) -> Iterator[str]:
    """Yield what the figures mean, what they rest on, and what stands against them."""
    lines = _lines(found)
    for line in lines:
        if (said := _says(line, words)) is not None:
            yield said
    yield words("effect_basis", since=found.since, name=name)
    if not found.seasoned:
        yield words("effect_no_season")
    if any(line.saved is not None for line in lines if line.judged is None):
        yield words("effect_rates")
    yield from _cautions(found, words)
    for why in dict.fromkeys(line.why[0 if words.is_japanese else 1] for line in lines):
        if why:
            units = (line.unit for line in lines if why in line.why)
            yield words("effect_absent", units=_joined(units, words), why=why)


def _joined(units: Iterator[str], words: CommandWords) -> str:
    return words("list.between").join(words(f"effect_unit.{unit}") for unit in units)


def _cautions(found: "DepartmentEffect", words: CommandWords) -> Iterator[str]:
    """Yield what changed beside what was done, and what is not known yet."""
    for key, days in (("effect_moved", found.moved), ("effect_came", found.came)):
        if days:
            places = (f"{place} ({day})" for place, day in sorted(days.items()))
            yield words(key, places=words("list.between").join(places), since=found.since)
    if found.unread:
        yield words(
            "effect_unread",
            places=words("list.between").join(found.unread),
            pages=f"{sum(found.unread.values()):,.0f}",
        )
    if found.questions:
        yield words("effect_questions", pages=f"{found.questions:,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectOptions(ConfigOptions):
    """What the command line asks for."""

    department: str | None
    since: datetime
    until: datetime | None
    form: str

    def span(self, office: Office, now: datetime) -> tuple[date, date]:
        """Return the first and the last day; raises BadParameter for days that are not over."""
        yesterday = office.local_day(now) - ONE_DAY
        since, until = self.since.date(), yesterday if self.until is None else self.until.date()
        if until > yesterday:
            message = phrase("effect_until_over", until=until, yesterday=yesterday)
            raise click.BadParameter(message, param_hint="--until")
        if since > until:
            message = phrase("effect_since_over", since=since, until=until)
            raise click.BadParameter(message, param_hint="--since")
        return since, until


@click.command()
@click.option("--department", "-d", help="Only this department, with its parts (its id or name).")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The first day on which it was done, like 2026-07-01.",
)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day; default: yesterday."
)
@formatted
@configured
@into(EffectOptions)
def effect(options: EffectOptions) -> int:
    """Say what something that is done since a day has saved: sheets, yen, hours, CO2.

    What was counted is held against what the months before it say of the time after, by working
    days and season; no day after it is learnt from. Of 100 such ranges 95 hold the truth. Where the
    range holds 0 nothing can be told apart from chance, and it is said how long that would take.
    """
    loaded = options.load()
    found = asyncio.run(_found(loaded, options))
    if found.impressions is None:
        raise click.BadParameter(_refusal(found), param_hint="--since")
    words = CommandWords(loaded.settings.office.language)
    result_tables(options.form, effect_table(found, words))
    return Exit.OK


async def _found(loaded: "Loaded", options: EffectOptions) -> "DepartmentEffect":
    from collector.app.month.effects import effect_of

    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        span = options.span(context.office, now)
        department = named_department(context.fleet, options.department)
        return await effect_of(ledger, context, department, span, now)


def _refusal(found: "DepartmentEffect") -> str:
    """Return why nothing can be said of the time before, and what would help."""
    if found.counted_from is not None and found.since < found.counted_from:
        return phrase("effect_not_counted", since=found.since, first=found.counted_from)
    if found.known >= FEWEST_MONTHS:
        return phrase("effect_nothing_before", since=found.since)
    facts = {"since": found.since, "known": found.known, "needed": FEWEST_MONTHS}
    if found.earliest is None:
        return phrase("effect_nothing_counted", **facts)
    return phrase("effect_too_early", earliest=found.earliest, **facts)
