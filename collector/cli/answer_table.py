"""One machine's answer as tables."""

from collector.cli.machine_words import (
    kind_text,
    level_text,
    status_text,
    tray_text,
    trouble_text,
)
from collector.cli.output import result_table
from collector.cli.words import CommandWords
from collector.domain.counting.reading import Answer
from collector.domain.meters import METERS, Meter


def show_answer(answer: Answer, words: CommandWords) -> None:
    """Print identity, meters with their units, supplies, trays, alerts and findings of `answer`."""
    identity = answer.identity
    facts = {
        "profile": answer.profile,
        "vendor": identity.vendor,
        "model": identity.model,
        "serial": identity.serial,
        "firmware": identity.firmware,
        "mac": identity.mac,
        "sysObjectID": identity.object_id,
        "uptime": None if answer.uptime_s is None else f"{answer.uptime_s / 3600:,.1f} h",
        "status": condition_text(answer, words),
    }
    result_table(("", ""), [(name, value or "-") for name, value in facts.items()])
    result_table(
        (words("meter"), words("value"), words("unit"), words("confidence")),
        [
            (
                name,
                f"{answer.meters[name]:,}",
                words(answer.unit_of(name).value),
                _confidence(answer, name, words),
            )
            for name in METERS
            if name in answer.meters
        ],
        numbers=(1,),
    )
    show_stock(answer, words)
    if answer.findings:
        result_table(
            (words("code"), words("message")),
            [(finding.code.value, finding.message) for finding in answer.findings],
            title=words("findings"),
        )


def _confidence(answer: Answer, name: Meter, words: CommandWords) -> str:
    told = answer.provenance.get(name)
    if told is None:
        return ""
    return f"{told.confidence}, {words('derived')}" if told.derived else told.confidence


def show_stock(answer: Answer, words: CommandWords) -> None:
    """Print supplies, trays and what the machine reports; what it does not have is left out."""
    if answer.supplies:
        result_table(
            (words("supply"), words("kind"), words("level")),
            [(one.name, kind_text(one, words), level_text(one, words)) for one in answer.supplies],
            numbers=(2,),
        )
    if answer.trays:
        result_table(
            (words("tray"), words("media"), words("level"), words("state")),
            [
                (one.name, one.media or "-", level_text(one, words), tray_text(one.status, words))
                for one in answer.trays
            ],
            numbers=(2,),
        )
    if answer.alerts:
        result_table(
            (words("severity"), words("alert"), words("part")),
            [(one.severity.value, one.text, one.part or "-") for one in answer.alerts],
        )


def condition_text(answer: Answer, words: CommandWords) -> str:
    """Return what the machine is doing, and what hinders it where something does."""
    status, errors = status_text(answer.status, words), trouble_text(answer.errors, words)
    return f"{status} ({errors})" if errors else status
