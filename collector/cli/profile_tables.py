"""Profiles as tables: all of them in short, or one with everything."""

from collections.abc import Iterator, Sequence

from collector.adapters.snmp.profile_places import counters, dotted_template, notes, place
from collector.adapters.snmp.profile_review import LEAST_FIRST, counted_of
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_summary import (
    MeterLine,
    is_read,
    meter_lines,
    meters_by_confidence,
    meters_read,
    written,
)
from collector.adapters.snmp.profile_values import DERIVED, Check, Profile, Proof, TextSource
from collector.cli.output import result_table
from collector.cli.words import Words


def show_list(profiles: Sequence[Profile], words: Words, *, low_confidence: bool) -> None:
    """Print a line a profile: its machines, how many meters are read, the least sure of them."""
    keys = ["profile", "machines", "meters", "least_sure", "origin"]
    if any(one.proved for one in profiles):
        keys.append("proved_on")
    rows = [_short(one, words, low_confidence=low_confidence)[: len(keys)] for one in profiles]
    result_table(tuple(map(words, keys)), rows, numbers=(2,), spare=(1,))


def _short(profile: Profile, words: Words, *, low_confidence: bool) -> tuple[str, ...]:
    told = meters_by_confidence(profile)
    levels = [one for one in LEAST_FIRST if told[one]]
    read = [one for one in levels if low_confidence or one is not Confidence.LOW]
    return (
        profile.id,
        profile.about or "-",
        str(len(meters_read(profile, low_confidence=low_confidence))),
        read[0].value if read else "-",
        _origin(profile, words),
        profile.proved.on.isoformat() if profile.proved else "",
    )


def _origin(profile: Profile, words: Words) -> str:
    if profile.hides:
        return words("own_instead")
    return words("own" if profile.own else "shipped")


def show_profile(profile: Profile, words: Words, *, low_confidence: bool) -> None:
    """Print what the profile comes to: in general, its meters, its counters, its checks."""
    result_table(("", ""), [(words(key), text) for key, text in _facts(profile, words) if text])
    lines = meter_lines(profile)
    ways = [_way(profile, one, words, low_confidence=low_confidence) for one in lines]
    result_table(tuple(map(words, ("meter", "how", "confidence", "source"))), ways, spare=(3,))
    rows = [_counter(profile, name, words) for name in counters(profile)]
    result_table(tuple(map(words, ("counter", "where", "unit", "notes"))), rows, spare=(3,))
    if profile.checks:
        result_table((words("checked"), ""), [_check(one, words) for one in profile.checks])


def _facts(profile: Profile, words: Words) -> Iterator[tuple[str, str]]:
    rules = profile.identity
    yield "profile", profile.id
    yield "machines", profile.about
    yield "origin", f"{_origin(profile, words)} ({profile.file})"
    yield "includes", ", ".join(sorted(profile.includes))
    yield "recognised_by", "\n".join("; ".join(written(rule)) for rule in profile.rules)
    yield "priority", str(profile.priority or "")
    brands = dict.fromkeys(one.vendor for one in rules.brands)
    yield "maker", ", ".join(dict.fromkeys(filter(None, (rules.vendor, *brands))))
    for key, texts in (
        ("serial", rules.serial),
        ("model", rules.model),
        ("firmware", rules.firmware),
    ):
        yield key, "\n".join(map(_text, texts))
    yield "source", profile.source
    yield "limits", ", ".join(_limits(profile))
    yield "proved_on", _proof(profile.proved)


def _limits(profile: Profile) -> Iterator[str]:
    if profile.rated_ipm is not None:
        yield f"{profile.rated_ipm} impressions a minute"
    if profile.nvram_step is not None:
        yield f"a power cut loses up to {profile.nvram_step}"
    if profile.wrap is not None:
        yield f"wraps at {profile.wrap}"
    if profile.sheets_are_impressions:
        yield "its life count counts sides though it says sheets"


def _proof(proof: Proof | None) -> str:
    if proof is None:
        return ""
    machine = " ".join(filter(None, (proof.model, proof.firmware)))
    return ", ".join(filter(None, (proof.on.isoformat(), machine, proof.note)))


def _text(source: TextSource) -> str:
    where = dotted_template(source.oid) if source.oid is not None else source.text or ""
    return where if source.pattern is None else f"{where} by '{source.pattern.pattern}'"


def _way(
    profile: Profile, line: MeterLine, words: Words, *, low_confidence: bool
) -> tuple[str, ...]:
    """Return one way to read a meter; a source is told where it is not the whole profile's."""
    formula = line.formula
    text = formula.text.removeprefix(DERIVED)
    how = f"{line.group}: {text}" if line.group else text
    if formula.wrap is not None:
        how += f" (wraps at {formula.wrap})"
    confidence = formula.confidence.value
    if not is_read(line, low_confidence=low_confidence):
        confidence += f", {words('read_if_asked')}"
    source = "" if formula.source == profile.source else formula.source
    return line.meter, how, confidence, source


def _counter(profile: Profile, name: str, words: Words) -> tuple[str, ...]:
    term = counters(profile)[name]
    unit = counted_of(term, profile).unit
    shown = words(unit.value) if unit is not None else ""
    return name, place(profile, term), shown, ", ".join(notes(profile, term))


def _check(check: Check, words: Words) -> tuple[str, str]:
    limit = words("within", pages=check.tolerance)
    if check.percent is not None:
        limit += words("or_percent", percent=check.percent)
    return f"{check.whole} = {' + '.join(check.parts)}", limit
