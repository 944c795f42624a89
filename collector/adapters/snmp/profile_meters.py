"""The meters of a profile file: sums, sets of sums, and the checks on them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from collector.adapters.snmp.formula import parsed
from collector.adapters.snmp.profile_counted import wrap
from collector.adapters.snmp.profile_keys import FORMULA
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_values import DERIVED, Alternatives, Check, Formula, MeterSet
from collector.adapters.snmp.report import Spot, near, quoted
from collector.adapters.snmp.section import Section
from collector.domain.meters import METERS, Meter, meter

_DEFAULT_TOLERANCE = 20


@dataclass(frozen=True, slots=True)
class Origin:
    """Confidence and source of a file's formulas where they do not state their own."""

    confidence: Confidence
    source: str

    @classmethod
    def of(cls, top: Section) -> "Origin":
        """Return the file's own."""
        confidence = top.choice("confidence", Confidence.HIGH)
        return cls(confidence, top.text("source") or "")


def meters(top: Section, origin: Origin) -> Mapping[Meter, Alternatives]:
    """Return each meter with its alternatives in order."""
    return _alternatives(top.section("meters"), origin)


def derived(top: Section, origin: Origin) -> Mapping[Meter, Alternatives]:
    """Return the meters that are worked out from other meters where there is no counter."""
    section = top.section("derived")
    found = _alternatives(section, origin)
    for name, alternatives in found.items():
        for place, formula in enumerate(alternatives):
            for term in (*formula.terms, *formula.given, *formula.unless):
                if term.key is not None or term.source not in METERS:
                    hint = near(term.source, METERS)
                    section.problem(name, f"{term.name!r} is no meter{hint}", place)
                elif term.source == name:
                    section.problem(name, "cannot be worked out from itself", place)
    return {
        name: tuple(replace(one, text=DERIVED + one.text) for one in alternatives)
        for name, alternatives in found.items()
    }


def _alternatives(section: Section, origin: Origin) -> Mapping[Meter, Alternatives]:
    found: dict[Meter, Alternatives] = {}
    for name in section.items():
        known = _meter(section, name)
        formulas = [
            _formula(section, name, value, origin, place)
            for place, value in enumerate(section.values(name))
        ]
        if known is not None:
            found[known] = tuple(one for one in formulas if one is not None)
    return found


def choices(top: Section, origin: Origin) -> tuple[tuple[MeterSet, ...], ...]:
    """Return the sets of meters of which the first that resolves whole is taken."""
    found: list[tuple[MeterSet, ...]] = []
    for section in top.sections("choose"):
        sets = [_set(one, origin) for one in section.sections("sets")]
        if not sets:
            section.problem("sets", "must hold at least one set of meters")
        found.append(tuple(sets))
    return tuple(found)


def _set(section: Section, origin: Origin) -> MeterSet:
    found: dict[Meter, Formula] = {}
    for name, value in section.items().items():
        known = _meter(section, name)
        formula = _formula(section, name, value, origin)
        if known is not None and formula is not None:
            found[known] = formula
    return found


def _meter(section: Section, name: str) -> Meter | None:
    """Return the meter that the key `name` is."""
    if name not in METERS:
        section.problem(name, f"is no meter{_hint(section, name)}")
        return None
    return meter(name)


def _named(section: Section, key: str, name: str | None, place: int | None = None) -> Meter | None:
    """Return the meter that stands at `key`."""
    if name is not None and name not in METERS:
        section.problem(key, f"{quoted(name)} is no meter{_hint(section, name)}", place)
        return None
    return meter(name) if name is not None else None


def _hint(section: Section, name: str) -> str:
    if section.report.is_full:
        return ""
    return near(name, METERS) or "; the list is in collector/domain/meters.py"


def _formula(
    section: Section, name: str, value: object, origin: Origin, place: int | None = None
) -> Formula | None:
    if isinstance(value, str):
        value = {"of": value}
    if not isinstance(value, dict):
        message = f"must be a sum such as 'row[copy] + row[fax]', not {quoted(value)}"
        section.problem(name, message, place)
        return None
    one = section.inside(name, value, FORMULA, place)
    text = one.text("of") or ""
    confidence = one.one_of("confidence", Confidence)
    try:
        terms, given, unless = parsed(text)
    except ValueError as exc:
        section.problem(name, str(exc), place)
        terms, given, unless = (), (), ()
    formula = Formula(
        text=text,
        terms=terms,
        given=given,
        unless=unless,
        confidence=confidence or origin.confidence,
        source=one.text("source") or origin.source,
        wrap=wrap(one),
        stated=confidence is not None,
        place=Spot(section.report, section.at(name, place)),
    )
    return formula if terms else None


def checks(top: Section) -> tuple[Check, ...]:
    """Return the cross-foot rules."""
    found: list[Check] = []
    for section in top.sections("checks"):
        whole = _named(section, "whole", section.text("whole"))
        named = [
            _named(section, "parts", name, place)
            for place, name in enumerate(section.texts("parts"))
        ]
        known = tuple(one for one in named if one is not None)
        tolerance = section.number("tolerance")
        percent = section.number("percent")
        if whole is not None and known:
            limit = _DEFAULT_TOLERANCE if tolerance is None else tolerance
            found.append(Check(whole, known, limit, percent))
    return tuple(found)
