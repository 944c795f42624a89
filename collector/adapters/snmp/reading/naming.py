"""Who a machine is, in the words of its profile: vendor, model, serial, firmware."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value, dotted
from collector.adapters.snmp.client.text import clean
from collector.adapters.snmp.condition.facts import id_keys
from collector.adapters.snmp.plan import PlannedText
from collector.adapters.snmp.profiles.values import IdentityRules, TextSource
from collector.adapters.snmp.reading.survey import Survey
from collector.domain.counting.identity import DeviceIdentity, real_serial

_LONG = 512
_REMEMBERED = 1024
"""Texts kept as they were read: every poll asks every machine for its name again."""


def read_text(planned: PlannedText, varbinds: Mapping[Oid, Value]) -> str | None:
    """Return the text that `planned` stands for, or None where it was not answered."""
    value = varbinds.get(planned.oid)
    return _text_in(planned, value) if isinstance(value, bytes) else None


@lru_cache(maxsize=_REMEMBERED)
def _text_in(planned: PlannedText, value: bytes) -> str | None:
    prefix = next((one for one in planned.prefixes if value.startswith(one)), b"")
    value = value[len(prefix) :]
    text = clean(value, _LONG)
    if text is not None and planned.key is not None:
        text = id_keys(text).get(planned.key)
    if text is not None and planned.pattern is not None:
        match = planned.pattern.search(text)
        text = match[1].strip() if match and match[1] else None
    return (clean(text.encode()) if text else None) or None


def planned_serial(survey: Survey) -> PlannedText | None:
    """Return where the serial stands: the first candidate that gives a real one."""
    for planned in _planned(survey, survey.profile.identity.serial):
        if serial_of(planned, survey.values) is not None:
            return planned
    return None


def serial_of(planned: PlannedText, varbinds: Mapping[Oid, Value]) -> str | None:
    """Return the serial number as answered, or None where there is none or it names nobody."""
    text = read_text(planned, varbinds)
    return real_serial(text)


def named(survey: Survey, serial: PlannedText | None) -> DeviceIdentity:
    """Return the machine's identity as it says it now."""
    rules = survey.profile.identity
    model = _first(survey, rules.model)
    vendor = _vendor(survey, rules, model)
    object_id = survey.facts.object_id
    return DeviceIdentity(
        vendor=vendor,
        model=_without_vendor(model, vendor) if model else None,
        serial=serial_of(serial, survey.values) if serial else None,
        mac=survey.facts.mac[1] if survey.facts.mac else None,
        firmware=_first(survey, rules.firmware),
        object_id=dotted(object_id) if object_id else None,
    )


def _vendor(survey: Survey, rules: IdentityRules, model: str | None) -> str | None:
    """Return who sold the machine: a name plate may be in its model alone (Develop on Konica's)."""
    facts = survey.facts
    device_id = facts.device_id
    said = (
        facts.descr,
        facts.printer.descr if facts.printer else None,
        id_keys(device_id[1]).get("MFG") if device_id else None,
        model,
    )
    for text in said:
        for brand in rules.brands:
            if text is not None and brand.pattern.search(text):
                return brand.vendor
    return rules.vendor


def _without_vendor(model: str, vendor: str | None) -> str:
    if vendor is None:
        return model
    return re.sub(rf"^{re.escape(vendor)}\s+(?=\S)", "", model, flags=re.IGNORECASE)


def _first(survey: Survey, sources: Iterable[TextSource]) -> str | None:
    texts = (read_text(planned, survey.values) for planned in _planned(survey, sources))
    return next((text for text in texts if text is not None), None)


def _planned(survey: Survey, sources: Iterable[TextSource]) -> Iterable[PlannedText]:
    for source in sources:
        oid, key = _place(survey, source)
        if oid is not None:
            yield PlannedText(oid, key, source.pattern, source.prefixes)


def said_names(survey: Survey) -> tuple[str | None, str | None]:
    """Return the model and the firmware as the machine says them now."""
    rules = survey.profile.identity
    return _first(survey, rules.model), _first(survey, rules.firmware)


def _place(survey: Survey, source: TextSource) -> tuple[Oid | None, str | None]:
    if source.oid is not None:
        return survey.filled(source.oid), None
    text = source.text or ""
    if text == "descr":
        return mib.SYS_DESCR, None
    if text == "device_descr":
        printer = survey.facts.printer
        return ((*mib.DEVICE_DESCR, printer.index) if printer else None), None
    found = survey.facts.device_id
    return (found[0] if found else None), text.partition(":")[2].upper()
