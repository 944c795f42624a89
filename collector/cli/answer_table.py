"""One machine's answer as tables."""

from collector.cli.output import result_table
from collector.cli.words import Words
from collector.domain.meters import METERS, Meter
from collector.domain.reading import Answer, Supply


def show_answer(answer: Answer, words: Words) -> None:
    """Print identity, meters with their units, supplies and findings of `answer`."""
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
        "status": answer.status.value,
    }
    result_table(("", ""), [(name, value or "-") for name, value in facts.items()])
    result_table(
        (words("meter"), words("value"), words("unit"), words("confidence")),
        [
            (name, f"{answer.meters[name]:,}", words(unit.value), _confidence(answer, name, words))
            for name, unit in METERS.items()
            if name in answer.meters
        ],
        numbers=(1,),
    )
    if answer.supplies:
        result_table(
            (words("supply"), words("level")),
            [(supply.name, level_text(supply)) for supply in answer.supplies],
            numbers=(1,),
        )
    if answer.findings:
        result_table(
            (words("code"), words("message")),
            [(finding.code.value, finding.message) for finding in answer.findings],
            title=words("findings"),
        )


def _confidence(answer: Answer, name: Meter, words: Words) -> str:
    told = answer.provenance.get(name)
    if told is None:
        return ""
    return f"{told.confidence}, {words('derived')}" if told.derived else told.confidence


def level_text(supply: Supply) -> str:
    """Return how full a supply is, in words where the machine gives no number."""
    if supply.level_pct is None:
        return supply.state.value.replace("_", " ")
    return f"{supply.level_pct:.0f} %"
