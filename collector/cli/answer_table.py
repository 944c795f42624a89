"""One machine's answer as tables."""

from collections.abc import Iterator, Sequence
from typing import Final

from collector.cli.output import ABSENT, result_tables
from collector.cli.words import (
    CommandWords,
    code_column,
    kind_text,
    level_text,
    severity_text,
    status_text,
    tray_text,
    trouble_text,
)
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Alert, Answer, Supply, Tray
from collector.domain.meters import METERS, Meter
from collector.domain.report.table import CellKind, Column, Table
from collector.texts import ENGLISH

_TEXT: Final = CellKind.TEXT


def show_answer(answer: Answer, words: CommandWords, form: str, document: object) -> None:
    """Print identity, meters with their units, supplies, trays, alerts and findings of `answer`.

    CSV has its meters, JSON is `document`.
    """
    meters = _meters_table(answer, words)
    result_tables(
        form,
        facts_table("machine", list(_facts(answer, words))),
        meters,
        _supplies_table(answer, words),
        _trays_table(answer, words),
        _alerts_table(answer, words),
        _findings_table(answer, words),
        main=meters,
        document=document,
    )


def facts_table(key: str, facts: Sequence[tuple[str, str]]) -> Table[tuple[str, str]]:
    """Return what is said of one thing, a line a fact, with no headings."""
    return Table(
        key,
        (
            Column("name", lambda row: row[0], "", CellKind.TEXT),
            Column("value", lambda row: row[1], "", CellKind.TEXT),
        ),
        facts,
    )


def _facts(answer: Answer, words: CommandWords) -> Iterator[tuple[str, str]]:
    identity = answer.identity
    uptime_s = answer.uptime_s
    for name, value in (
        ("profile", answer.profile),
        ("vendor", identity.vendor),
        ("model", identity.model),
        ("serial", identity.serial),
        ("firmware", identity.firmware),
        ("mac", identity.mac),
        ("object_id", identity.object_id),
        ("uptime", None if uptime_s is None else words("hours", hours=uptime_s / 3600)),
        ("status", condition_text(answer, words)),
    ):
        yield words(f"identity.{name}"), value or ABSENT


def _meters_table(answer: Answer, words: CommandWords) -> Table[Meter]:
    return Table(
        "meters",
        (
            Column("meter", lambda name: name, words("meter"), _TEXT),
            Column("value", lambda name: answer.meters[name], words("value")),
            Column(
                "unit",
                lambda name: answer.unit_of(name).value,
                words("unit"),
                _TEXT,
                shown=lambda name: words(answer.unit_of(name).value),
            ),
            Column(
                "confidence",
                lambda name: told.confidence if (told := answer.provenance.get(name)) else None,
                words("confidence"),
                _TEXT,
                shown=lambda name: _confidence(answer, name, words),
            ),
        ),
        [name for name in METERS if name in answer.meters],
    )


def _confidence(answer: Answer, name: Meter, words: CommandWords) -> str:
    told = answer.provenance.get(name)
    if told is None:
        return ""
    if not told.derived:
        return told.confidence
    return words("list.between").join((told.confidence, words("derived")))


def _supplies_table(answer: Answer, words: CommandWords) -> Table[Supply]:
    return Table(
        "supplies",
        (
            Column("name", lambda one: one.name, words("supply"), _TEXT),
            Column("kind", lambda one: kind_text(one, words), words("kind"), _TEXT),
            Column("level", lambda one: level_text(one, words), words("level")),
        ),
        answer.supplies,
        needs_rows=True,
    )


def _trays_table(answer: Answer, words: CommandWords) -> Table[Tray]:
    return Table(
        "trays",
        (
            Column("name", lambda one: one.name, words("tray"), _TEXT),
            Column("media", lambda one: one.media or None, words("media"), _TEXT),
            Column("level", lambda one: level_text(one, words), words("level")),
            Column("state", lambda one: tray_text(one.status, words), words("state"), _TEXT),
        ),
        answer.trays,
        needs_rows=True,
    )


def _alerts_table(answer: Answer, words: CommandWords) -> Table[Alert]:
    def alert_text(one: Alert) -> str:
        return one.text if one.said is None else words.said(one.said)

    return Table(
        "alerts",
        (
            Column(
                "severity",
                lambda one: one.severity.value,
                words("severity"),
                _TEXT,
                shown=lambda one: severity_text(one.severity, words),
            ),
            Column("alert", lambda one: one.text, words("alert"), _TEXT, shown=alert_text),
            Column("part", lambda one: one.part or None, words("part"), _TEXT),
        ),
        answer.alerts or (),
        needs_rows=True,
    )


def _findings_table(answer: Answer, words: CommandWords) -> Table[Finding]:
    return Table(
        "findings",
        (
            code_column(words),
            Column(
                "message",
                lambda one: ENGLISH.say(one.message),
                words("message"),
                _TEXT,
                shown=lambda one: words.said(one.message),
            ),
        ),
        answer.findings,
        title=words("findings"),
        needs_rows=True,
    )


def condition_text(answer: Answer, words: CommandWords) -> str:
    """Return what the machine is doing, and what hinders it where something does."""
    status, errors = status_text(answer.status, words), trouble_text(answer.errors, words)
    return f"{status} ({errors})" if errors else status
