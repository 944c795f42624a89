"""`copier-fleet explain`: what a code means, where to look, what to enter, what a month becomes."""

import asyncio
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.app.close.close_month import RefusalKind
from collector.cli.findings import answers_table, the_finding
from collector.cli.language import translated, wrapped
from collector.cli.options import at_office, configured, formatted, loaded_from
from collector.cli.output import SPOKEN, Exit, phrase, result, result_tables
from collector.cli.words import CommandWords, severity_text
from collector.domain.closing.seal import FaultKind
from collector.domain.cost.billing import Lack
from collector.domain.counting.deciding import answers, may_be
from collector.domain.counting.entries import Decision, Verdict, in_force
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.office.fleet import Place
from collector.domain.office.shares import PlaceId
from collector.domain.report.table import CellKind, Column, Table
from collector.domain.spelling import fold, nearest
from collector.texts.catalogue import EXPLAIN, LANGUAGES, Words

if TYPE_CHECKING:
    from collector.ports import PlaceState
    from collector.settings.load import Loaded


class CodeKind(StrEnum):
    """Where a person meets a code."""

    FINDING = "finding"
    CLOSING = "closing"
    VERIFYING = "verifying"
    FIGURE = "figure"


class Effect(StrEnum):
    """What becomes of the month's number.

    `MEASURED`: all pages count, as measured. `ESTIMATED`: a part of it is an estimate. `HELD`:
    pages come in with the next good reading. `IN_QUESTION`: pages stand beside it. `NOT_COUNTED`:
    pages are missing from it. `NOT_CLOSED`: it is not sealed meanwhile. `UNPROVED`: it was sealed,
    and can no longer be proved. `BLANK`: pages count, but a figure that is worked out of them is
    blank. `NONE`: nothing changes.
    """

    MEASURED = "measured"
    ESTIMATED = "estimated"
    HELD = "held"
    IN_QUESTION = "in_question"
    NOT_COUNTED = "not_counted"
    NOT_CLOSED = "not_closed"
    UNPROVED = "unproved"
    BLANK = "blank"
    NONE = "none"


SECTIONS: Final = ("means", "check", "act", "number")
"""What is said of each code, in this order."""

CODES: Final[Mapping[CodeKind, type[StrEnum]]] = {
    CodeKind.FINDING: Code,
    CodeKind.CLOSING: RefusalKind,
    CodeKind.VERIFYING: FaultKind,
    CodeKind.FIGURE: Lack,
}
"""The codes of each kind."""

_EFFECTS: Final[Mapping[CodeKind, Mapping[Effect, tuple[StrEnum, ...]]]] = {
    CodeKind.FINDING: {
        Effect.MEASURED: (
            *(Code.METER_ROLLBACK, Code.METER_WRAPPED, Code.METER_GLITCH, Code.ABOVE_PACE),
            *(Code.METER_JUMP_CONFIRMED, Code.WEAK_IDENTITY, Code.CROSS_FOOT, Code.TOTAL_UNIT),
            *(Code.PROFILE_AMBIGUOUS, Code.PROFILE_UNPROVED, Code.EXCLUSION_TOO_LARGE),
        ),
        Effect.ESTIMATED: (
            *(Code.DEVICE_REPLACED, Code.DEVICE_MOVED, Code.METER_RESET, Code.ADDRESS_CONFLICT),
            *(Code.STILL_THERE, Code.LEDGER_RESTORED, Code.CLOSING_READING_MISSING),
        ),
        Effect.HELD: (
            *(Code.ADDRESS_CHANGED, Code.METER_SUSPECT, Code.DEVICE_SILENT),
            *(Code.CREDENTIAL_SILENT, Code.DEVICE_REFUSED, Code.DEVICE_NONSENSE),
        ),
        Effect.IN_QUESTION: (Code.PAGES_IN_QUESTION,),
        Effect.NOT_COUNTED: (
            *(Code.DEVICE_UNLISTED, Code.READING_DISTRUSTED, Code.TOTAL_MISSING),
            *(Code.METER_REDEFINED, Code.PLACE_VANISHED),
        ),
        Effect.NOT_CLOSED: (Code.CLOCK_IN_DOUBT, Code.STATEMENT_BROKEN),
        Effect.BLANK: (Code.TABLE_AMBIGUOUS,),
        Effect.NONE: (
            *(Code.CLOCK_TRUSTED, Code.READING_OUT_OF_ORDER, Code.DEVICE_ALERT),
            *(Code.MONTH_AWAITS_CLOSING, Code.MONTH_CLOSED, Code.MONTH_ADJUSTED),
            *(Code.ROW_REJECTED, Code.FLEET_DIFFERS, Code.OFFICE_CHANGED),
            *(Code.DATABASE_KEEPS_LESS, Code.SINK_EMPTIED, Code.RECEIVER_SILENT),
            *(Code.PAPER_UNEXPLAINED, Code.CENTRE_CONTRADICTS),
        ),
    },
    CodeKind.CLOSING: {
        Effect.NONE: (RefusalKind.NOTHING_NEW,),
        Effect.NOT_CLOSED: (
            *(RefusalKind.EMPTY, RefusalKind.NOT_OVER, RefusalKind.BEFORE_LEDGER),
            *(RefusalKind.EARLIER_OPEN, RefusalKind.STILL_SILENT, RefusalKind.IN_QUESTION),
            RefusalKind.CLOCK_IN_DOUBT,
        ),
    },
    CodeKind.VERIFYING: {
        Effect.NOT_CLOSED: (FaultKind.SEAL, FaultKind.CHAIN),
        Effect.UNPROVED: (
            *(FaultKind.REVISION, FaultKind.LINES, FaultKind.SUMS),
            *(FaultKind.WITNESS, FaultKind.GONE, FaultKind.READINGS),
        ),
    },
    CodeKind.FIGURE: {Effect.BLANK: tuple(Lack)},
}

_MARGIN: Final = "  "
"""What stands before every line of a section; before a line shown as it is, twice."""
_WIDEST: Final = 80
_AN_ID: Final = re.compile(r"(?=.*[0-9])[0-9a-f]{4,12}")
"""A finding's id, or how one begins: no code has a digit."""
_A_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Topic:
    """A code where a person meets it, and what becomes of the month's number."""

    kind: CodeKind
    code: str
    effect: Effect


def topics() -> tuple[Topic, ...]:
    """Return every code that people meet; one that is met in two places is two of them."""
    effects = {
        (kind, code): effect
        for kind, groups in _EFFECTS.items()
        for effect, codes in groups.items()
        for code in codes
    }
    return tuple(
        Topic(kind, one.value, effects[kind, one]) for kind, codes in CODES.items() for one in codes
    )


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding of the ledger: what it says, its place, what is known there, who decided on it."""

    finding: Finding
    message: str
    at: str
    place: Place | None
    machine: str
    decided: Sequence[Decision]


@click.command()
@click.argument("code", required=False)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Default: as the office.")
@formatted
@configured
def explain(
    config: Path, secrets: tuple[Path, ...], *, code: str | None, lang: str | None, form: str
) -> int:
    """Explain CODE: what it means, where to look, what to enter, what a month becomes.

    CODE is what findings, closing, statement verify and month call it (meter_reset), its Japanese
    name, or the id of a finding, which is then shown as well. Without one every code is listed.
    """
    words = CommandWords(lang or SPOKEN.get().language)
    if code is None:
        result_tables(form, _list(topics(), words))
        return Exit.OK
    found = _called(code)
    told = None
    if not found:
        if not _AN_ID.fullmatch(fold(code)):
            raise click.BadParameter(_unknown(code), param_hint="CODE")
        told = asyncio.run(_told(loaded_from(config, secrets), fold(code), words))
        found = _called(told.finding.code.value)[:1]
    if form == "table":
        _print(found, told, words)
    else:
        result_tables(form, _list(found, words, told))
    return Exit.OK


def _called(code: str) -> tuple[Topic, ...]:
    """Return what `code` names, in English or by a name of either language."""
    wanted = _folded(code)
    names = [CommandWords(one) for one in LANGUAGES]
    return tuple(
        one
        for one in topics()
        if wanted in {one.code, *(_folded(words(f"code.{one.code}")) for words in names)}
    )


def _folded(text: str) -> str:
    return fold(text).replace("-", "_")


def _unknown(code: str) -> str:
    """Return that `code` is none, and which one may be meant."""
    japanese = CommandWords(LANGUAGES[0])
    known = {
        _folded(name): name for one in topics() for name in (one.code, japanese(f"code.{one.code}"))
    }
    near = nearest(_folded(code), known, cutoff=0.5)
    hint = phrase("did_you_mean", name=known[near]) if near else phrase("code_list")
    return phrase("no_code", code=code, hint=hint)


# A finding of the ledger.


async def _told(loaded: "Loaded", finding_id: str, words: CommandWords) -> ShownFinding:
    """Return the finding whose id begins so; raises BadParameter where it is none or several."""
    async with at_office(loaded, SystemClock().now()) as (ledger, context):
        finding = await the_finding(ledger, finding_id, "CODE")
        place = context.fleet.place(PlaceId(finding.subject))
        state = None if place is None else await ledger.state(place.id)
        entries = in_force(await ledger.entries())
    zone, at = context.office.zone, finding.at
    return ShownFinding(
        finding,
        words.said(finding.message, zone),
        "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}",
        place,
        "" if state is None else _machine(state),
        [one for one in entries if isinstance(one, Decision) and one.finding == finding.id],
    )


def _machine(state: "PlaceState") -> str:
    """Return what the machine is called that was read there last, empty where none was."""
    if state.last is None:
        return ""
    one = state.last.answer.identity
    return " ".join(filter(None, (one.vendor, one.model, one.serial)))


def _fill_in(told: ShownFinding | None) -> Mapping[str, str]:
    """Return what stands for id, place, month and answer: the finding's own, else their names."""
    found = {name: translated(name.upper()) for name in ("id", "place", "month")}
    found["answer"] = Verdict.PRINTED.value
    if told is None:
        return found
    found["id"], may = told.finding.id, may_be(told.finding)
    found["answer"] = Verdict.PRINTED.value if Verdict.PRINTED in may else may[0].value
    if told.place is not None:
        found["place"] = shlex.quote(told.place.id)
    for one in (told.finding.evidence.get("period"), told.finding.subject):
        if isinstance(one, str) and _A_MONTH.fullmatch(one):
            found["month"] = one
    return found


def _facts(told: ShownFinding, words: CommandWords) -> Iterator[tuple[str, str]]:
    """Yield heading and text of what is known of the finding."""
    finding, place = told.finding, told.place
    severity = severity_text(finding.severity, words)
    yield words("id"), words("explained_as", called=finding.id, kind=severity)
    if finding.at is not None:
        yield words("at"), told.at
    if place is None:
        yield words("explained_subject"), finding.subject
    else:
        named = words("list.between").join((place.name, place.address))
        yield words("place"), words("explained_as", called=place.id, kind=named)
    if told.machine:
        yield words("machine_now"), told.machine
    yield words("message"), told.message
    if finding.severity is not Severity.INFO:
        yield words("may_be"), words("list.between").join(may_be(finding))
    for one in told.decided:
        said = f"{one.signed.by}: {one.signed.why}"
        yield words("decided_as"), words("explained_as", called=one.verdict.value, kind=said)


# What is printed.


def _list(
    found: Sequence[Topic], words: CommandWords, told: ShownFinding | None = None
) -> Table[Topic]:
    said, facts = Words(EXPLAIN, words.language), _fill_in(told)

    def section(name: str) -> Column[Topic]:
        return _data(name, lambda one: said(f"{one.kind}.{one.code}.{name}", **facts))

    return Table(
        "codes",
        (*_called_columns(words), *map(section, SECTIONS), *_finding_columns(told)),
        found,
        notes=(words("explain_one"),),
        shown=("code", *(("name",) if words.is_japanese else ()), "kind", "effect"),
        spare=("kind",),
    )


def _data(key: str, value: Callable[[Topic], object]) -> Column[Topic]:
    return Column(key, value, kind=CellKind.TEXT)


def _called_columns(words: CommandWords) -> Iterator[Column[Topic]]:
    text = CellKind.TEXT
    yield Column("code", lambda one: one.code, words("explained_code"), text)
    yield Column("name", lambda one: words(f"code.{one.code}"), words("explained_name"), text)
    yield Column(
        "kind",
        lambda one: one.kind.value,
        words("explained_kind"),
        text,
        shown=lambda one: words(f"explained.{one.kind}"),
    )
    yield Column(
        "effect",
        lambda one: one.effect.value,
        words("explained_effect"),
        text,
        shown=lambda one: words(f"effect.{one.effect}"),
    )


def _finding_columns(told: ShownFinding | None) -> Iterator[Column[Topic]]:
    """Yield what programs read of the finding; all of it is absent where none was named."""
    one = None if told is None else told.finding
    at = None if one is None or one.at is None else one.at.isoformat()
    yield _data("finding", lambda _: one and one.id)
    yield _data("at", lambda _: at)
    yield _data("subject", lambda _: one and one.subject)
    yield _data("message", lambda _: told and told.message)
    yield _data("machine", lambda _: (told and told.machine) or None)
    yield _data("evidence", lambda _: None if one is None else dict(one.evidence))


def _print(found: Sequence[Topic], told: ShownFinding | None, words: CommandWords) -> None:
    """Print each topic as prose, under what is known of the finding."""
    width = min(shutil.get_terminal_size((_WIDEST, 0)).columns, _WIDEST)
    lines: list[str] = []
    if told is not None:
        for heading, text in _facts(told, words):
            lines += _within(f"{heading}: {text}", width, "", "  ")
        lines.append("")
    for one in found:
        lines += [*_prose(one, _fill_in(told), words, width), ""]
    result("\n".join(lines[:-1]))
    if told is not None and (counted := answers(told.finding)):
        result_tables("table", answers_table(counted, words))


def _prose(
    topic: Topic, facts: Mapping[str, str], words: CommandWords, width: int
) -> Iterator[str]:
    said = Words(EXPLAIN, words.language)
    name, kind = words(f"code.{topic.code}"), words(f"explained.{topic.kind}")
    called = " ".join(dict.fromkeys((name, topic.code)))
    yield from _within(words("explained_as", called=called, kind=kind), width, "", "")
    for section in SECTIONS:
        heading = words(f"explained.{section}", effect=words(f"effect.{topic.effect}"))
        yield from ("", words("explained_section", name=heading))
        for line in said(f"{topic.kind}.{topic.code}.{section}", **facts).split("\n"):
            if line.startswith(_MARGIN):
                yield f"{_MARGIN}{line}"
            else:
                yield from _within(line, width, _MARGIN, _MARGIN)


def _within(text: str, width: int, first: str, following: str) -> Iterator[str]:
    """Yield `text` in lines no wider than `width`, margins included."""
    margins = chain([first], repeat(following))
    yield from map("".join, zip(margins, wrapped(text, width - len(following)), strict=False))
