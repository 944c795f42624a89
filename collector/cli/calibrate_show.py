"""What came of a comparison with a panel, as a table, sentences and JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from collector.calibration.fits import TELLING, Class, FittingFormula, SumOrigin
from collector.calibration.machine import Examined
from collector.calibration.proposal import ProfileProposal
from collector.calibration.verdicts import MeterVerdict, State, Verdicts
from collector.cli.output import listed, phrase, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.meters import METERS, Meter
from collector.domain.report.table import CellKind, Column, Table, records
from collector.domain.sentence import Sentence
from collector.texts import ENGLISH

_SHOWN: Final = 3
_TEXT: Final = CellKind.TEXT
_TO_PRINT: Final = (
    "copy_mono",
    "copy_color",
    "print_mono",
    "print_color",
    "fax",
    "scan",
    "large",
    "duplex",
)
"""Every kind in another number, so that the second figures tell the counters apart."""


def show(settled: Verdicts, proposal: ProfileProposal | None, words: CommandWords) -> None:
    """Print a line for each meter, and in prose what stands behind it."""
    result_tables("table", verdicts_table(settled, proposal, words))
    for one in _in_order(settled):
        for sentence in _sentences(one, settled.counters):
            say(sentence)
    if settled.cut:
        say(phrase("large_table"))
    for finding in proposal.findings if proposal is not None else ():
        say(phrase("note", what=words.said(finding.message)))
    for meter in proposal.lost if proposal is not None else ():
        say(phrase("not_read_any_more", meter=meter))


def verdicts_table(
    settled: Verdicts, proposal: ProfileProposal | None, words: CommandWords
) -> Table[MeterVerdict]:
    """Return a line for each meter: what the panel says, what is read, what was found."""
    now = proposal.answer.meters if proposal is not None else {}
    return Table(
        "meters",
        (
            Column("meter", lambda one: one.meter, words("meter"), _TEXT),
            Column(
                "panel",
                lambda one: list(one.figures),
                words("on_panel"),
                shown=lambda one: one.figure,
            ),
            Column("reads", lambda one: now.get(one.meter), words("reads_now")),
            Column("before", lambda one: one.before, words("read_before")),
            Column("difference", None, words("panel_less_before"), shown=_difference),
            Column(
                "state",
                lambda one: one.state.value,
                words("judgement"),
                _TEXT,
                shown=lambda one: _judgement(one, words),
            ),
            Column(
                "formula", lambda one: one.fit and one.fit.text, words("counter_formula"), _TEXT
            ),
            Column("confidence", lambda one: one.fit and one.confidence.value),
            Column("proved", lambda one: one.is_sure),
            Column("ties", lambda one: [fit.text for fit in one.ties]),
            Column("others", lambda one: one.others),
            Column("close", _close),
            Column("refused", _refused),
        ),
        _in_order(settled),
        shown=("meter", "panel", "reads", "formula", "before", "difference", "state"),
        spare=("before",),
    )


def _close(one: MeterVerdict) -> list[dict[str, object]]:
    return [{"formula": near.text, "reads": near.reads} for near in one.near]


def _refused(one: MeterVerdict) -> list[dict[str, object]]:
    return [{"formula": fit.text, "why": ENGLISH.say(why)} for fit, why in one.refused]


def _difference(one: MeterVerdict) -> str | None:
    difference = None if one.before is None else one.figure - one.before
    return f"{difference:+,}" if difference else None if difference is None else "0"


def _in_order(settled: Verdicts) -> list[MeterVerdict]:
    return [settled.verdicts[one] for one in METERS if one in settled.verdicts]


def _judgement(one: MeterVerdict, words: CommandWords) -> str:
    if one.state is State.TIED:
        return words("tied", count=len(one.ties) + 1)
    if one.state is State.AGREES and not one.is_telling:
        return words("agrees_small")
    if one.state is State.FOUND and not one.is_sure:
        return words("found_unsure")
    return words(one.state.value)


def _sentences(one: MeterVerdict, counters: int) -> Iterator[str]:
    if one.state is State.SMALL or (one.state is State.AGREES and not one.is_telling):
        yield _small(one)
        return
    for fit, reason in one.refused[:_SHOWN]:
        yield phrase(
            "comes_to_but", meter=one.meter, sum=fit.text, figure=one.figure, reason=worded(reason)
        )
    if one.fit is None:
        yield from _nothing(one, counters)
        return
    count = 1 + len(one.ties) + one.others
    fitting = phrase("fitting_more" if one.more else "fitting", count=count)
    why = _why(one.fit)
    yield phrase("of_counters", meter=one.meter, counters=counters, fitting=fitting, why=why)
    if one.passed_over:
        yield (phrase("passed_over", meter=one.meter))
    if one.ties:
        names, left = listed(fit.text for fit in one.ties[:_SHOWN]), len(one.ties) - _SHOWN
        rest = phrase("and_more", count=left) if left > 0 else ""
        yield (phrase("fits_as_well", meter=one.meter, sums=names, rest=rest))
    elif one.state is State.FOUND and not one.is_sure and not one.passed_over:
        yield (phrase("by_chance", meter=one.meter, chance=one.chance))


def _why(fit: FittingFormula) -> str:
    if fit.origin is SumOrigin.PRESENT:
        return phrase("read_by_now", sum=fit.text)
    if fit.origin is SumOrigin.PROFILE:
        return phrase("makers_way", sum=fit.text)
    if fit.meters:
        return phrase("panels_sum", sum=fit.text)
    if fit.judged is Class.SAID:
        labels = " + ".join(counter.label or counter.name for _, counter in fit.parts)
        return phrase("by_label", sum=fit.text, labels=labels)
    return phrase("is_taken", sum=fit.text)


def _small(one: MeterVerdict) -> str:
    fitting = phrase("others_there", count=one.others) if one.others else phrase("nothing_else")
    said = phrase("agrees_with_read") if one.state is State.AGREES else phrase("left_as_is")
    return phrase(
        "proves_nothing",
        meter=one.meter,
        figure=one.figure,
        fitting=fitting,
        least=TELLING,
        said=said,
    )


def _nothing(one: MeterVerdict, counters: int) -> Iterator[str]:
    yield phrase("none_comes_to", meter=one.meter, counters=counters, figure=one.figure)
    for near in one.near:
        way = near.reads - one.figure
        yield (
            phrase(
                "close_is",
                meter=one.meter,
                sum=near.text,
                reads=near.reads,
                off=abs(way),
                way=phrase("way.more" if way > 0 else "way.less"),
            )
        )
    if not one.near:
        yield phrase("look_again_all", meter=one.meter)


def advice(settled: Verdicts) -> str:
    """Return what to print before a further round, so that it tells most."""
    open_ones = [one.meter for one in settled.verdicts.values() if not one.is_settled]
    wanted: dict[str, None] = {}
    for meter in open_ones:
        wanted |= dict.fromkeys(_prints_for(meter))
    return listed(phrase(f"print.{key}") for key in _TO_PRINT if key in wanted)


def _prints_for(meter: Meter) -> Iterable[str]:
    if meter.startswith("duplex"):
        return ("duplex",)
    service, *rest = meter.split("_")
    found = {
        f"{one}_{colour}"
        for one in (("copy", "print") if service not in {"copy", "print"} else (service,))
        for colour in ([one for one in rest if one in {"mono", "color"}] or ("mono", "color"))
    }
    found = {service} if service in {"fax", "scan"} else found
    return {*found, "large"} if "large" in rest else found


def show_records(
    settled: Verdicts,
    proposal: ProfileProposal | None,
    written: str | None,
    words: CommandWords,
    form: str,
) -> None:
    """Print what programs read: the meters, in JSON with everything beside them."""
    table = verdicts_table(settled, proposal, words)
    document = {
        "profile": proposal.recognition.id if proposal is not None else None,
        "written": written,
        "counters": settled.counters,
        "meters": {one.pop("meter"): one for one in records(table)},
        "toml": proposal.text if proposal is not None else None,
    }
    result_tables(form, table, document=document)


def introduce(examined: Examined, walked: Sequence[Sentence]) -> None:
    """Say which machine it is and what is known of it."""
    identity = examined.plan.identity
    name = " ".join(filter(None, (identity.vendor, identity.model))) or phrase("nameless")
    firmware = phrase("comma_firmware", firmware=identity.firmware) if identity.firmware else ""
    say(
        phrase(
            "read_by_profile",
            machine=name,
            firmware=firmware,
            profile=examined.present.id,
            count=len(examined.counters),
        )
    )
    proved = examined.present.proved
    if proved is not None:
        on = phrase("on_firmware", firmware=proved.firmware) if proved.firmware else ""
        say(phrase("compared_before", day=proved.on, firmware=on))
    for note in walked:
        say(phrase("note", what=worded(note)))
