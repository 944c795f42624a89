"""The pieces of a profile file, each read from its table."""

from collections.abc import Mapping

from collector.adapters.snmp.numbers import NumberKind
from collector.adapters.snmp.profile_tables import table
from collector.adapters.snmp.profile_values import (
    Brand,
    IdentityRules,
    Part,
    RecordSource,
    Rule,
    Scalar,
    Source,
    TextSource,
)
from collector.adapters.snmp.section import Section

_TAG_DIGITS = 2


def is_tag(key: str | None) -> bool:
    """Say whether `key` names a record: two hexadecimal digits."""
    return key is not None and len(key) == _TAG_DIGITS and set(key) <= set("0123456789abcdef")


def rules(top: Section) -> tuple[Rule, ...]:
    """Return the ways to recognise the profile's machines."""
    found = []
    for section in top.sections("match"):
        rule = Rule(
            object_id=section.oid("object_id"),
            descr=section.pattern("descr"),
            device_id=section.pattern("device_id"),
            device_descr=section.pattern("device_descr"),
            signature=section.oid("signature"),
            weak=section.flag("weak"),
        )
        conditions = ("object_id", "descr", "device_id", "device_descr", "signature")
        if not any(section.has(key) for key in conditions):
            section.problem("", "matches every machine; state at least one condition")
        section.done()
        found.append(rule)
    return tuple(found)


def identity(section: Section) -> IdentityRules:
    """Return how the machine is named."""
    brands: list[Brand] = []
    for one in section.sections("brands"):
        pattern, vendor = one.pattern("pattern"), one.text("vendor")
        if pattern is None or not vendor:
            one.problem("", "needs a pattern and a vendor")
        else:
            brands.append(Brand(pattern, vendor))
        one.done()
    found = IdentityRules(
        vendor=section.text("vendor"),
        brands=tuple(brands),
        serial=_texts(section, "serial"),
        model=_texts(section, "model"),
        firmware=_texts(section, "firmware"),
    )
    section.done()
    return found


def _texts(section: Section, key: str) -> tuple[TextSource, ...]:
    found: list[TextSource] = []
    for one in section.sections(key):
        source = TextSource(
            oid=one.template("oid"),
            text=one.text("text"),
            pattern=one.pattern("pattern"),
            strip_prefix=one.flag("strip_prefix"),
        )
        known = ("descr", "device_descr")
        if source.text and source.text not in known and not source.text.startswith("device_id:"):
            one.problem("text", "must be descr, device_descr or device_id:KEY")
        if (source.oid is None) == (source.text is None):
            one.problem("", "needs an oid or a text, and not both")
        if source.pattern is not None and source.pattern.groups != 1:
            one.problem("pattern", "must have exactly one group, the part to keep")
        one.done()
        found.append(source)
    return tuple(found)


def parts(top: Section) -> Mapping[str, Part]:
    """Return the parts of the machine that OIDs speak of."""
    found: dict[str, Part] = {}
    for name, section in top.named("parts"):
        found[name] = Part(
            ids=section.oids("ids"),
            types=section.oids("types"),
            descr=section.pattern("descr"),
            default=section.number("default"),
        )
        section.done()
    return found


def sources(top: Section) -> Mapping[str, Source]:
    """Return where counters stand: `scalars`, `tables` and `records`, under one set of names."""
    found: dict[str, Source] = {}
    for name, section in top.named("scalars"):
        found[name] = Scalar(
            section.templates("oid"),
            section.choice("kind", NumberKind.COUNTER),
        )
        section.needs("oid")
        section.done()
    for name, section in top.named("tables"):
        found[name] = table(section)
    for name, section in top.named("records"):
        found[name] = RecordSource(section.template("oid") or ())
        section.needs("oid")
        section.done()
    return found
