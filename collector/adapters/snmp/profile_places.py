"""Where each counter of a profile stands, in words and as data."""

from collections.abc import Iterable, Iterator, Mapping

from collector.adapters.snmp.profile_review import BUILT_IN, counted_of, formulas_of
from collector.adapters.snmp.profile_sources import (
    Columns,
    Conditions,
    PartName,
    RecordSource,
    RowName,
    Said,
    Scalar,
    Size,
    Table,
    Template,
)
from collector.adapters.snmp.profile_values import Profile, Term

_LIFE = "1.3.6.1.2.1.43.10.2.1.4 (prtMarkerLifeCount)"
Json = dict[str, object]


def counters(profile: Profile) -> Mapping[str, Term]:
    """Return every counter that the formulas of `profile` name, in their order."""
    found: dict[str, Term] = {}
    for _, formula in formulas_of(profile):
        for term in (*formula.terms, *formula.given, *formula.unless):
            found.setdefault(term.name, term)
    return found


def place(profile: Profile, term: Term) -> str:
    """Return in words where the counter stands: `1.3.6.1.4.1.367.3.2.1.2.19.1.0`."""
    source = profile.sources.get(term.source)
    if isinstance(source, Scalar):
        return " or ".join(_templates(source.oids))
    if isinstance(source, RecordSource):
        return f"{dotted_template(source.oid)}, record {term.key}"
    if isinstance(source, Table):
        where = " or ".join(_column(one) for one in source.candidates)
        row = source.rows.get(term.key or "")
        return f"{where}: {_row(row) if row is not None else 'every row'}"
    return f"{_LIFE} in {BUILT_IN[term.source].unit}"


def notes(profile: Profile, term: Term) -> Iterator[str]:
    """Yield what else is known of the counter: how it is written, what it counts, how wide."""
    source = profile.sources.get(term.source)
    if source is not None:
        if source.form.kind.value != "counter":
            yield source.form.kind.value
        if source.form.prefixes:
            yield f"after {' or '.join(one.hex() for one in source.form.prefixes)}"
        if source.form.sentinels:
            yield f"never {', '.join(map(str, sorted(source.form.sentinels)))}"
    counted = counted_of(term, profile)
    if counted.size is not None and counted.size is not Size.ALL:
        yield f"{counted.size} pages"
    if counted.color is not None:
        yield f"{counted.color} pages"
    if counted.weight not in {None, 1}:
        yield f"a large page counts {counted.weight} times"
    wrap = counted.wrap or (profile.wrap if source is not None else None)
    if wrap is not None:
        yield f"wraps at {wrap}"


def described(profile: Profile, term: Term) -> Json:
    """Return the counter as data."""
    source = profile.sources.get(term.source)
    counted = counted_of(term, profile)
    form = source.form if source is not None else None
    return {
        "place": place(profile, term),
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


def _row(row: RowName) -> str:
    codes = " or ".join(".".join(map(str, code)) for code in row.codes)
    labels = " or ".join(repr(one) for one in sorted(row.labels))
    parts = [f"code {codes}"] if codes else []
    parts += [f"label {labels}"] if labels else []
    text = ", else ".join(parts)
    where = _conditions(row.where)
    text = f"{text}, where {where}" if text and where else text or where
    return f"the sum of rows of {text}" if row.summed else text


def _conditions(conditions: Conditions) -> str:
    return ", ".join(f"{name} is {_said(wanted)}" for name, wanted in conditions.items())


def _said(wanted: Iterable[Said]) -> str:
    words = (f"{{{one.name}}}" if isinstance(one, PartName) else str(one) for one in wanted)
    return " or ".join(sorted(words))
