"""A profile as data: what it comes to once its includes are merged in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from collector.adapters.snmp.client.session import dotted
from collector.adapters.snmp.profiles.review import BUILT_IN, LEAST_FIRST, counted_of, formulas_of
from collector.adapters.snmp.profiles.values import (
    DERIVED,
    Check,
    Columns,
    Conditions,
    Confidence,
    CounterTable,
    Formula,
    FormulaTerm,
    IdentityRules,
    MachinePart,
    ModelFact,
    PanelProof,
    PartName,
    Profile,
    RecordSource,
    RowName,
    Rule,
    Said,
    Scalar,
    Size,
    Template,
    TextSource,
)
from collector.domain.meters import METERS, Meter
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.texts import ENGLISH

# What a profile reads, and how it knows its machines, in short.


_ENTERPRISES = "1.3.6.1.4.1."


@dataclass(frozen=True, slots=True)
class MeterLine:
    """One way to read a meter; of several with the same `group` the first that fits is taken.

    `group` is empty for a meter chosen by itself, else it names the set: `set 2`, `derived`.
    """

    meter: Meter
    formula: Formula
    group: str = ""


def meter_lines(profile: Profile) -> tuple[MeterLine, ...]:
    """Return every way of `profile` to read a meter, in the order of the meters."""
    found = [
        MeterLine(meter, formula, f"set {number}")
        for choice in profile.choices
        for number, one in enumerate(choice, start=1)
        for meter, formula in one.items()
    ]
    found += [MeterLine(meter, one) for meter, how in profile.meters.items() for one in how]
    found += [
        MeterLine(meter, one, "derived") for meter, how in profile.derived.items() for one in how
    ]
    order = list(METERS)
    return tuple(sorted(found, key=lambda line: order.index(line.meter)))


def meters_by_confidence(profile: Profile) -> Mapping[Confidence, tuple[Meter, ...]]:
    """Return the meters of `profile` by the confidence of their surest formula."""
    surest: dict[Meter, Confidence] = {}
    for line in meter_lines(profile):
        known = surest.setdefault(line.meter, line.formula.confidence)
        surest[line.meter] = max(known, line.formula.confidence, key=LEAST_FIRST.index)
    return {
        level: tuple(meter for meter, one in surest.items() if one is level) for level in Confidence
    }


def meters_read(profile: Profile, *, low_confidence: bool) -> tuple[Meter, ...]:
    """Return the meters that `profile` reads where the machine has them."""
    found = dict.fromkeys(
        line.meter for line in meter_lines(profile) if is_read(line, low_confidence=low_confidence)
    )
    return tuple(found)


def is_read(line: MeterLine, *, low_confidence: bool) -> bool:
    """Say whether this way to read a meter is used at all."""
    return low_confidence or line.formula.confidence is not Confidence.LOW


def marks_of(profile: Profile) -> str:
    """Return in short how machines are recognised: enterprises, then kinds of names."""
    numbers = dict.fromkeys(
        dotted(rule.object_id).removeprefix(_ENTERPRISES)
        for rule in profile.rules
        if rule.object_id is not None
    )
    names = dict.fromkeys(name for rule in profile.rules for name in _names(rule))
    found = [f"sysObjectID {', '.join(numbers)}"] if numbers else []
    return "; ".join([*found, *names]) or "any other printer"


def _names(rule: Rule) -> Iterator[str]:
    for name, pattern in (
        ("sysDescr", rule.descr),
        ("device id", rule.device_id),
        ("hrDeviceDescr", rule.device_descr),
        ("model", rule.model),
        ("firmware", rule.firmware),
    ):
        if pattern is not None:
            yield name
    if rule.signature is not None:
        yield "signature"


def conditions(rule: Rule) -> Mapping[str, str | list[str] | bool]:
    """Return what `rule` states, by the keys of a profile file."""
    oids = {"object_id": rule.object_id, "signature": rule.signature}
    patterns = {
        "descr": rule.descr,
        "device_id": rule.device_id,
        "device_descr": rule.device_descr,
        "model": rule.model,
        "firmware": rule.firmware,
        "not_descr": rule.not_descr,
    }
    found: dict[str, str | list[str] | bool] = {
        key: dotted(oid) for key, oid in oids.items() if oid is not None
    }
    found |= {key: one.pattern for key, one in patterns.items() if one is not None}
    if rule.not_object_ids:
        found["not_object_id"] = [dotted(one) for one in rule.not_object_ids]
    return found | {key: True for key in ("printer", "weak") if getattr(rule, key)}


def written(rule: Rule) -> tuple[str, ...]:
    """Return the conditions of `rule` as a profile writes them: `descr '^ACME'`."""
    found: list[str] = []
    for key, value in conditions(rule).items():
        if value is True:
            found.append(key)
        else:
            values = value if isinstance(value, list) else [str(value)]
            is_oid = key.endswith("object_id") or key == "signature"
            found += [f"{key} {one}" if is_oid else f"{key} '{one}'" for one in values]
    return tuple(found)


# Where each counter of a profile stands, in words and as data.


_LIFE = "1.3.6.1.2.1.43.10.2.1.4 (prtMarkerLifeCount)"
Json = dict[str, object]


def counters(profile: Profile) -> Mapping[str, FormulaTerm]:
    """Return every counter that the formulas of `profile` name, in their order."""
    found: dict[str, FormulaTerm] = {}
    for _, formula in formulas_of(profile):
        for term in (*formula.terms, *formula.given, *formula.unless):
            found.setdefault(term.name, term)
    return found


def place(profile: Profile, term: FormulaTerm) -> Sentence:
    """Return in words where the counter stands: `1.3.6.1.4.1.367.3.2.1.2.19.1.0`."""
    source = profile.sources.get(term.source)
    if isinstance(source, Scalar):
        return sentence("counter.at", where=_either(_templates(source.oids)))
    if isinstance(source, RecordSource):
        where = dotted_template(source.oid)
        return sentence("counter.record", where=where, key=term.key or "")
    if isinstance(source, CounterTable):
        columns = _either(map(_column, source.candidates))
        row = source.rows.get(term.key or "")
        told = sentence("counter.every_row") if row is None else _row(row)
        return sentence("counter.in_rows", where=columns, row=told)
    return sentence(
        "counter.built_in", where=_LIFE, unit=sentence(f"counter.unit_{BUILT_IN[term.source].unit}")
    )


def _either(ways: Iterable[str | Sentence]) -> str | Sentence:
    """Return one of `ways`, as a sentence where there are several."""
    first, *others = ways
    for other in others:
        first = sentence("list.or", first=first, others=other)
    return first


def notes(profile: Profile, term: FormulaTerm) -> Iterator[Sentence]:
    """Yield what else is known of the counter: how it is written, what it counts, how wide."""
    source = profile.sources.get(term.source)
    if source is not None:
        if source.form.kind.value != "counter":
            yield verbatim(source.form.kind.value)
        if source.form.prefixes:
            prefixes = _either(one.hex() for one in source.form.prefixes)
            yield sentence("counter.after", prefixes=prefixes)
        if source.form.sentinels:
            never = tuple(map(str, sorted(source.form.sentinels)))
            yield sentence("counter.never", values=never)
    counted = counted_of(term, profile)
    if counted.size is not None and counted.size is not Size.ALL:
        yield sentence(f"counter.{counted.size.value}_pages")
    if counted.color is not None:
        yield sentence(f"counter.{counted.color.value}_pages")
    if counted.weight not in {None, 1}:
        yield sentence("counter.weight", times=counted.weight or 1)
    wrap = counted.wrap or (profile.wrap if source is not None else None)
    if wrap is not None:
        yield sentence("counter.wraps", at=str(wrap))


def described(profile: Profile, term: FormulaTerm) -> Json:
    """Return the counter as data."""
    source = profile.sources.get(term.source)
    counted = counted_of(term, profile)
    form = source.form if source is not None else None
    return {
        "place": ENGLISH.say(place(profile, term)),
        "kind": form.kind.value if form else "counter",
        "prefixes": [one.hex() for one in form.prefixes] if form else [],
        "sentinels": sorted(form.sentinels) if form else [],
        "unit": counted.unit,
        "families": sorted(counted.families),
        "size": counted.size,
        "color": counted.color,
        "weight": counted.weight or 1,
        "wrap": counted.wrap or (profile.wrap if source is not None else None),
        "confidence": counted.confidence,
        "source": counted.source,
    }


def dotted_template(template: Template) -> str:
    """Return `template` as a profile writes it: `1.3.6.1.{printer}`."""
    return ".".join(f"{{{arc}}}" if isinstance(arc, str) else str(arc) for arc in template)


def _templates(oids: Iterable[Template]) -> list[str]:
    return [dotted_template(one) for one in oids]


def _column(columns: Columns) -> str:
    text = dotted_template(columns.value)
    if columns.like is None:
        return text
    return f"{text}.{'.'.join('*' if arc is None else str(arc) for arc in columns.like)}"


def _row(row: RowName) -> Sentence:
    codes = [".".join(map(str, code)) for code in row.codes]
    labels = [repr(one) for one in sorted(row.labels)]
    parts = [sentence("counter.code", codes=_either(codes))] if codes else []
    parts += [sentence("counter.label", labels=_either(labels))] if labels else []
    text = parts[0] if parts else verbatim("")
    for other in parts[1:]:
        text = sentence("counter.else", first=text, other=other)
    if row.where:
        where = _conditions(row.where)
        alone = sentence("counter.only_where", where=where)
        text = sentence("counter.where", row=text, where=where) if parts else alone
    return sentence("counter.sum_of_rows", rows=text) if row.summed else text


def _conditions(conditions: Conditions) -> tuple[Sentence, ...]:
    return tuple(
        sentence("counter.is", column=name, values=_said(wanted))
        for name, wanted in conditions.items()
    )


def _said(wanted: Iterable[Said]) -> str | Sentence:
    words = (f"{{{one.name}}}" if isinstance(one, PartName) else str(one) for one in wanted)
    return _either(sorted(words))


def brief(profile: Profile) -> Json:
    """Return what a list of profiles says of one; `meters` by the confidence of the surest way."""
    told = meters_by_confidence(profile)
    return {
        "id": profile.id,
        "about": profile.about,
        "own": profile.own,
        "hides_shipped": profile.hides,
        "file": profile.file,
        "includes": sorted(profile.includes),
        "known_by": marks_of(profile),
        "meters": {level.value: list(told[level]) for level in Confidence},
        "proved": _proved(profile.proved),
    }


def whole(profile: Profile, *, low_confidence: bool) -> Json:
    """Return everything: marks, names, each meter with its ways in order, counters, checks.

    A way is `read` where its confidence is not L, or with `low_confidence`.
    """
    lines = meter_lines(profile)
    return {
        **brief(profile),
        "source": profile.source,
        "priority": profile.priority or 0,
        "match": [dict(conditions(rule)) for rule in profile.rules],
        "identity": _identity(profile.identity),
        "parts": {name: _part(part) for name, part in profile.parts.items()},
        "ways": {
            meter: [way(one, low_confidence=low_confidence) for one in lines if one.meter == meter]
            for meter in dict.fromkeys(line.meter for line in lines)
        },
        "counters": {name: described(profile, term) for name, term in counters(profile).items()},
        "checks": [_check(one) for one in profile.checks],
        "sheets_are_impressions": profile.sheets_are_impressions,
        "life_family": sorted(profile.life_family),
        "models": [_model(one) for one in profile.models],
        "rated_ipm": profile.rated_ipm,
        "nvram_step": profile.nvram_step,
        "wrap": profile.wrap,
        "sentinels": sorted(profile.sentinels),
    }


def _check(check: Check) -> Json:
    return {
        "whole": check.whole,
        "parts": list(check.parts),
        "tolerance": check.tolerance,
        "percent": check.percent,
        **({"note": check.note} if check.note else {}),
    }


def _model(fact: ModelFact) -> Json:
    return {
        "model": fact.model.pattern if fact.model else None,
        "words": fact.words.pattern if fact.words else None,
        "ipm": fact.ipm,
        "wrap": fact.wrap,
        "confidence": fact.confidence.value,
        "source": fact.source,
    }


def _proved(proof: PanelProof | None) -> Json | None:
    if proof is None:
        return None
    return {
        "on": proof.on.isoformat(),
        "model": proof.model,
        "firmware": proof.firmware,
        "note": proof.note,
    }


def _identity(rules: IdentityRules) -> Json:
    return {
        "vendor": rules.vendor,
        "brands": [{"pattern": one.pattern.pattern, "vendor": one.vendor} for one in rules.brands],
        "serial": _texts(rules.serial),
        "model": _texts(rules.model),
        "firmware": _texts(rules.firmware),
    }


def _texts(sources: Iterable[TextSource]) -> list[Json]:
    found: list[Json] = []
    for one in sources:
        place: Json = {"oid": dotted_template(one.oid)} if one.oid else {"text": one.text}
        if one.pattern is not None:
            place["pattern"] = one.pattern.pattern
        if one.prefixes:
            place["strip_prefix"] = [prefix.hex() for prefix in one.prefixes]
        found.append(place)
    return found


def _part(part: MachinePart) -> Json:
    return {
        "ids": [dotted(one) for one in part.ids],
        "types": [dotted(one) for one in part.types],
        "descr": part.descr.pattern if part.descr else None,
        "default": part.default,
    }


WAY_KEYS = ("formula", "derived", "set", "confidence", "read", "wrap", "source")


def way(line: MeterLine, *, low_confidence: bool) -> Json:
    """Return one way to read a meter as plain values, by `WAY_KEYS`."""
    formula = line.formula
    return {
        "formula": formula.text.removeprefix(DERIVED),
        "derived": formula.text.startswith(DERIVED),
        "set": line.group if line.group != "derived" else "",
        "confidence": formula.confidence.value,
        "read": is_read(line, low_confidence=low_confidence),
        "wrap": formula.wrap,
        "source": formula.source,
    }
