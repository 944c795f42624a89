"""What must hold over a whole profile once its includes are merged in.

Every counter that a formula names exists; units and overlapping families are never mixed; where
one counter takes a large page for two, the rest of its formula takes the second one away again.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from collector.adapters.snmp.profiles.values import (
    DERIVED,
    Alternatives,
    Confidence,
    CounterFacts,
    CounterTable,
    Formula,
    FormulaTerm,
    PartName,
    Profile,
    RecordSource,
    Scalar,
    Size,
    Source,
    Template,
    Tone,
)
from collector.domain.meters import METERS, Meter, Unit
from collector.domain.sentence import Sentence
from collector.errors import Problem, Spot, said
from collector.user_files.report import hint, problem_at, quoted
from collector.user_files.toml_file import TomlFile

BUILT_IN: Final[Mapping[str, CounterFacts]] = {
    "life": CounterFacts(unit=Unit.IMPRESSIONS, families=frozenset({"life"})),
    "sheets": CounterFacts(unit=Unit.SHEETS, families=frozenset({"sheets"})),
    "life_unstated": CounterFacts(unit=Unit.UNSTATED, families=frozenset({"life_unstated"})),
}
"""Sources every profile has: the Printer-MIB's life count in impressions, in sheets, and in a unit
that the machine does not name."""

LAST_RESORT: Final = tuple(
    Formula(name, (FormulaTerm(name),), confidence=confidence, source="RFC 3805")
    for name, confidence in (("sheets", Confidence.HIGH), ("life_unstated", Confidence.MEDIUM))
)
"""A total of machines that state no impressions: what they do count, in its own unit."""

_TAG_DIGITS: Final = 2
LEAST_FIRST: Final = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
_OTHER: Final = {Tone.MONO: Tone.COLOR, Tone.COLOR: Tone.MONO}
_SIZED: Final = ("total", "copy", "print", "fax", "scan", "other")


def wrongs(profile: Profile, file: TomlFile, known: Container[Problem]) -> Iterator[Problem]:
    """Yield what is wrong with `profile`, which is in `file`.

    An included sum that is only wrong here is told with the profile's name; one that is wrong in
    its own file is `known` already.
    """
    yield from _wrong_sums(profile, file, known)
    for meter, formula in _derived_of(profile):
        for term in (*formula.given, *formula.unless):
            reason = _wrong_term(term, profile.sources) if term.key is not None else None
            if reason is not None:
                yield _wrong_sum(formula, reason)
        counters = [(term, _counted_meter(term)) for term in formula.terms]
        for reason in (*_mixed_units(meter, counters), *_uneven(meter, counters)):
            yield _wrong_sum(formula, reason)
    for name, source in profile.sources.items():
        if isinstance(source, CounterTable) and not source.candidates:
            yield problem_at(file.spot(("tables", name, "at")), said("table_nowhere"))
    for name in dict.fromkeys(_parts_named(profile)):
        if name not in profile.parts:
            told = said("no_part", name=repr(name), hint=hint(name, profile.parts))
            yield problem_at(file.written(f"{{{name}}}"), told)


def _wrong_sum(formula: Formula, reason: Sentence, code: str = "sum", by: str = "") -> Problem:
    spot = Spot("?") if formula.place is None else formula.place.spot
    text = quoted(formula.text.removeprefix(DERIVED))
    facts = {"text": text, "reason": reason} | ({"by": by} if by else {})
    told = said(code, **facts)
    return problem_at(spot, told, is_cut=True)


def _wrong_sums(profile: Profile, file: TomlFile, known: Container[Problem]) -> Iterator[Problem]:
    for meter, formula in formulas_of(profile):
        for reason in reasons_against(profile, meter, formula):
            problem = _wrong_sum(formula, reason)
            is_foreign = formula.place is None or formula.place.file is not file
            if is_foreign and problem not in known:
                problem = _wrong_sum(formula, reason, "included_sum", profile.id)
            yield problem


def settled(profile: Profile) -> Profile:
    """Return `profile` with the confidence that each formula comes to, and whose word it is."""

    def of(alternatives: Alternatives) -> Alternatives:
        return tuple(_settled(one, profile) for one in alternatives)

    return replace(
        profile,
        sources={
            name: _with_sentinels(one, profile.sentinels) for name, one in profile.sources.items()
        },
        meters={meter: of(found) for meter, found in profile.meters.items()},
        choices=tuple(
            tuple({meter: _settled(how, profile) for meter, how in one.items()} for one in choice)
            for choice in profile.choices
        ),
    )


def counted_of(term: FormulaTerm, profile: Profile) -> CounterFacts:
    """Return what is known of the counter that `term` names."""
    source = profile.sources.get(term.source)
    if source is None:
        known = BUILT_IN.get(term.source, CounterFacts())
        is_life = term.source == "life" and profile.life_family
        return replace(known, families=profile.life_family) if is_life else known
    row = source.rows.get(term.key or "") if isinstance(source, CounterTable) else None
    if row is not None:
        return row.counted.over(source.counted)
    return source.counted


def weight_of(term: FormulaTerm, profile: Profile) -> int:
    """Return how many times the counter `term` counts each of the pages that it is about."""
    known = counted_of(term, profile)
    return (known.weight or 1) if known.size is Size.LARGE else 1


def _with_sentinels(source: Source, more: frozenset[int]) -> Source:
    form = replace(source.form, sentinels=source.form.sentinels | more)
    return replace(source, form=form)


def _settled(formula: Formula, profile: Profile) -> Formula:
    """Take the least confidence of the counters, unless the formula states its own."""
    counters = [counted_of(term, profile) for term in formula.terms]
    stated = [one.confidence for one in counters if one.confidence is not None]
    words = dict.fromkeys(one.source for one in counters if one.source is not None)
    if formula.stated or not stated:
        return formula
    # A counter that says nothing of itself is as sure as its file.
    every = stated if len(stated) == len(counters) else [*stated, formula.confidence]
    least = min(every, key=LEAST_FIRST.index)
    return replace(formula, confidence=least, source="; ".join(words) or formula.source)


def formulas_of(profile: Profile) -> Iterator[tuple[Meter, Formula]]:
    """Yield every formula that names counters, with its meter; derived ones name meters."""
    for meter, alternatives in profile.meters.items():
        for formula in alternatives:
            yield meter, formula
    for choice in profile.choices:
        for one in choice:
            yield from one.items()


def _derived_of(profile: Profile) -> Iterator[tuple[Meter, Formula]]:
    for meter, alternatives in profile.derived.items():
        for formula in alternatives:
            yield meter, formula


def reasons_against(profile: Profile, meter: Meter, formula: Formula) -> Iterator[Sentence]:
    """Yield why `formula` may not stand for `meter` in `profile`, in words that end a sentence."""
    unknown = [
        reason
        for term in (*formula.terms, *formula.given, *formula.unless)
        if (reason := _wrong_term(term, profile.sources))
    ]
    if unknown:
        yield from unknown
        return
    counters = [(term, counted_of(term, profile)) for term in formula.terms]
    yield from _mixed_units(meter, counters)
    yield from _mixed_families(counters)
    if not formula.equal:  # what sizes are in it is what it is compared for
        yield from _uneven(meter, counters)


def _wrong_term(term: FormulaTerm, sources: Mapping[str, Source]) -> Sentence | None:
    source = sources.get(term.source)
    if isinstance(source, CounterTable):
        if term.key is None:
            return said("row_of_table", table=term.source)
        if term.key == "*" or term.key in source.rows:
            return None
        near = hint(term.key, source.rows)
        return said("no_row", table=term.source, row=repr(term.key), hint=near)
    if isinstance(source, RecordSource):
        return None if is_tag(term.key) else said("no_tag", record=term.source)
    if isinstance(source, Scalar) or term.source in BUILT_IN:
        return said("no_rows", counter=term.source) if term.key is not None else None
    near = hint(term.source, [*sources, *BUILT_IN])
    return said("no_counter", name=repr(term.source), hint=near)


def is_tag(key: str | None) -> bool:
    """Say whether `key` names a record: two hexadecimal digits."""
    return key is not None and len(key) == _TAG_DIGITS and set(key) <= set("0123456789abcdef")


_Counters = list[tuple[FormulaTerm, CounterFacts]]


def _counted_meter(term: FormulaTerm) -> CounterFacts:
    size = next((one for one in Size if term.source.endswith(f"_{one}")), None)
    return CounterFacts(unit=METERS.get(Meter(term.source)), size=size)


def _mixed_units(meter: Meter, counters: _Counters) -> Iterator[Sentence]:
    unit = METERS[meter]
    for term, counted in counters:
        if unit is not Unit.UNSTATED and counted.unit not in {None, unit}:
            yield said("other_unit", counter=term.name, counts=counted.unit, meter=meter, unit=unit)


def _mixed_families(counters: _Counters) -> Iterator[Sentence]:
    if family_of(one.families for _, one in counters) is None:
        names = [
            said("of_family", counter=term.name, family="/".join(sorted(one.families)) or "none")
            for term, one in counters
        ]
        yield said("families_mixed", counters=names)


def family_of(families: Iterable[frozenset[str]]) -> frozenset[str] | None:
    """Return the families that all counters share; empty where none states any; None for none.

    Counters of a family add up; counters of two families show the same pages twice. One that
    states no family goes with any but the Printer-MIB's life count, which is the whole machine's.
    """
    every = tuple(families)
    stated = [one for one in every if one]
    if not stated:
        return frozenset()
    shared = frozenset.intersection(*stated)
    alone = len(stated) != len(every) and shared & set(BUILT_IN)
    return None if alone or not shared else shared


def _uneven(meter: Meter, counters: _Counters) -> Iterator[Sentence]:
    """Compare how often small and large pages are counted, where the profile says so.

    Where it says which counters are of black pages and which of colour, both are compared.
    """
    facts = [(one.size, one.weight, one.color) for _, one in counters]
    if meter.split("_")[0] not in _SIZED or not any(any(one) for one in facts):
        return
    tones = tuple(Tone) if any(color for *_, color in facts) else (None,)
    required = [(term, one) for term, one in counters if not term.optional]
    for some in (counters, required):
        for tone in tones:
            small, large = _times_in(some, tone)
            if some and not _is_wanted(meter, tone, small, large):
                pages = f" {tone}" if tone is not None else ""
                yield said("uneven", pages=pages, small=small, large=large)
                return


def _is_wanted(meter: Meter, tone: Tone | None, small: int, large: int) -> bool:
    """Say whether pages of `tone` may come out so often; a machine may have those of one only."""
    is_none = small == large == 0
    if tone is not None and f"_{_OTHER[tone]}" in meter:
        return is_none
    is_named = tone is None or f"_{tone}" in meter
    return _is_even(meter, small, large) or (is_none and not is_named)


def _times_in(counters: _Counters, tone: Tone | None) -> tuple[int, int]:
    """Return how often a small and a large page of this tone are in a sum."""
    told = [(term, _times(one)) for term, one in counters if one.color in {None, tone}]
    small, large = (sum(term.sign * times[at] for term, times in told) for at in (0, 1))
    return small, large


def _is_even(meter: Meter, small: int, large: int) -> bool:
    if meter.endswith("_large"):
        return small == 0 < large
    if meter.endswith("_small"):
        return large == 0 < small
    return small == large


def _times(counted: CounterFacts) -> tuple[int, int]:
    """Return how often a small and a large page are in the counter as it is read."""
    if counted.size is Size.LARGE:
        return 0, 1
    if counted.size is Size.SMALL:
        return 1, 0
    return 1, counted.weight or 1


def _parts_named(profile: Profile) -> Iterator[str]:
    for template in _templates(profile):
        yield from (arc for arc in template if isinstance(arc, str))
    for source in profile.sources.values():
        if isinstance(source, CounterTable):
            conditions = (source.only, source.never, *(row.where for row in source.rows.values()))
            for wanted in (said for one in conditions for said in one.values()):
                yield from (said.name for said in wanted if isinstance(said, PartName))


def _templates(profile: Profile) -> Iterator[Template]:
    rules = profile.identity
    for text in (*rules.serial, *rules.model, *rules.firmware):
        if text.oid is not None:
            yield text.oid
    for source in profile.sources.values():
        if isinstance(source, Scalar):
            yield from source.oids
        elif isinstance(source, RecordSource):
            yield source.oid
        else:
            for columns in source.candidates:
                named = (column.oid for column in columns.named.values())
                optional = (columns.code, columns.label, columns.maximum, *named)
                yield columns.value
                yield from (one for one in optional if isinstance(one, tuple))
