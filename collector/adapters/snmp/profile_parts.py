"""The pieces of a profile file, each read from its table."""

from collections.abc import Mapping
from dataclasses import replace

from collector.adapters.snmp.numbers import Form
from collector.adapters.snmp.profile_counted import counted, form, wrap
from collector.adapters.snmp.profile_sources import Confidence, RecordSource, Scalar, Source
from collector.adapters.snmp.profile_tables import table
from collector.adapters.snmp.profile_values import (
    Brand,
    IdentityRules,
    ModelFact,
    Part,
    Proof,
    Rule,
    TextSource,
)
from collector.adapters.snmp.report import Spot
from collector.adapters.snmp.section import Section

_SYMBOL_SETS = (b"\x01\x15", b"\xfd\xe8")
"""HP's private texts begin with the number of a symbol set: 277 (Roman-8) or 65000 (UTF-8)."""


def rules(top: Section) -> tuple[Rule, ...]:
    """Return the ways to recognise the profile's machines."""
    found = []
    for section in top.sections("match"):
        rule = Rule(
            descr=section.pattern("descr"),
            device_id=section.pattern("device_id"),
            device_descr=section.pattern("device_descr"),
            model=section.pattern("model"),
            firmware=section.pattern("firmware"),
            not_object_ids=section.oids("not_object_id"),
            not_descr=section.pattern("not_descr"),
            printer=section.flag("printer"),
            signature=section.oid("signature"),
            weak=section.flag("weak"),
            place=Spot(section.report, section.path),
        )
        object_ids = section.oids("object_id")
        found += [replace(rule, object_id=one) for one in object_ids or (None,)]
    return tuple(found)


def identity(section: Section) -> IdentityRules:
    """Return how the machine is named."""
    brands: list[Brand] = []
    for one in section.sections("brands"):
        pattern, vendor = one.pattern("pattern"), one.text("vendor")
        if pattern is not None and vendor:
            brands.append(Brand(pattern, vendor))
    return IdentityRules(
        vendor=section.text("vendor"),
        brands=tuple(brands),
        serial=_texts(section, "serial"),
        model=_texts(section, "model"),
        firmware=_texts(section, "firmware"),
    )


def _texts(section: Section, key: str) -> tuple[TextSource, ...]:
    found: list[TextSource] = []
    for one in section.sections(key):
        source = TextSource(
            text=one.text("text"), pattern=one.pattern("pattern"), prefixes=_prefixes(one)
        )
        oids = one.instances("oid")
        known = ("descr", "device_descr")
        if source.text and source.text not in known and not source.text.startswith("device_id:"):
            one.problem("text", "must be descr, device_descr or device_id:KEY")
        if source.pattern is not None and source.pattern.groups != 1:
            one.problem("pattern", "must have exactly one group, the part to keep")
        found += [replace(source, oid=oid) for oid in oids or (None,)]
    return tuple(found)


def models(top: Section, confidence: Confidence) -> tuple[ModelFact, ...]:
    """Return what is known of some models; sure as the file where nothing else is said."""
    found: list[ModelFact] = []
    for one in top.sections("models"):
        key = "model" if one.has("model") else "words"
        pattern, ipm, stated = one.pattern(key), one.number("ipm"), wrap(one)
        groups = pattern.groups if pattern is not None else 0
        if groups > 1:
            one.problem(key, "must have at most one group, the speed in impressions a minute")
        elif groups and ipm is not None:
            one.problem("ipm", f"is said twice: {key} has a group that holds the speed")
        elif pattern is not None and not groups and ipm is None and stated is None:
            one.problem(key, "says nothing of its models; add a group that holds the speed, or ipm")
        found.append(
            ModelFact(
                model=pattern if key == "model" else None,
                words=pattern if key == "words" else None,
                ipm=ipm,
                wrap=stated,
                confidence=one.one_of("confidence", Confidence) or confidence,
                source=one.text("source") or "",
            )
        )
    return tuple(found)


def _prefixes(section: Section) -> tuple[bytes, ...]:
    """Return the octets to drop before a text: `true` stands for HP's symbol sets."""
    return _SYMBOL_SETS if section.is_true("strip_prefix") else section.octets("strip_prefix")


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
    return found


def sources(top: Section) -> Mapping[str, Source]:
    """Return where counters stand: `scalars`, `tables` and `records`, under one set of names."""
    found: dict[str, Source] = {}
    for name, section in top.named("scalars"):
        found[name] = Scalar(section.instances("oid"), form(section), counted(section))
    for name, section in top.named("tables"):
        found[name] = table(section)
    for name, section in top.named("records"):
        place = section.template("oid") or ()
        found[name] = RecordSource(place, _record_form(section), counted(section))
    return found


def _record_form(section: Section) -> Form:
    return Form(sentinels=section.numbers("sentinels"))


def proof(section: Section) -> Proof | None:
    """Return when the counters were compared with a panel, or None."""
    on = section.date("on")
    if on is None:
        return None
    return Proof(on, section.text("model"), section.text("firmware"), section.text("note"))
