"""How a proved profile knows its machines again: by model, never by serial number. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.calibration.examined import PROVED, Examined
from collector.adapters.snmp.facts import Facts, enterprise
from collector.adapters.snmp.naming import said_names
from collector.adapters.snmp.session import Oid, dotted

_SPECIAL: Final = re.compile(r"([.^$*+?{}\[\]\\|()])")
_NO_ID: Final = re.compile(r"[^a-z0-9]+")
_VERSION: Final = re.compile(r"\s+(?:[vV](?:er)?\.?)?[0-9]+(?:\.[0-9]+)+$")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Recognition:
    """The id of a profile, its rule as it stands in the file, and what a person should know."""

    id: str
    rule: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None


def recognition(examined: Examined, cells: Iterable[Oid]) -> Recognition:
    """Return how to know the machine's model again; `cells` are counters of it."""
    facts, (model, _) = examined.facts, said_names(examined.survey)
    rule = _evidence(facts)
    note = None
    if model is not None and rule:
        rule["model"] = _pattern(model)
    elif rule:
        note = "the machine does not say its model, so the profile is for its whole kind"
    else:
        first = next((one for one in cells if one[: len(mib.ENTERPRISES)] == mib.ENTERPRISES), None)
        rule = {"signature": dotted((first or mib.MARKER_LIFE)[:-1])}
        note = "the machine says nothing of itself, so the profile is for all that say nothing"
    return Recognition(_id(examined, model), rule, note)


def _evidence(facts: Facts) -> dict[str, str]:
    """Return the strongest mark: sysObjectID or hrDeviceID, else what the machine calls itself."""
    printer = facts.printer
    number = facts.object_id or (enterprise(printer.id) if printer else None)
    if number is not None:
        return {"object_id": dotted(number)}
    if facts.descr is not None:
        return {"descr": f"^{_escaped(facts.descr.split()[0])}"}
    if facts.device_id is not None:
        return {"device_id": _escaped(facts.device_id[1].partition(";")[0])}
    if printer is not None and printer.descr:
        return {"device_descr": f"^{_escaped(printer.descr)}$"}
    return {}


def _pattern(model: str) -> str:
    """Return a pattern for `model`; a version behind it, as Canon writes one, changes some day."""
    bare = _VERSION.sub("", model)
    return f"^{_escaped(model)}$" if bare in {model, ""} else rf"^{_escaped(bare)}(?:\s|$)"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _id(examined: Examined, model: str | None) -> str:
    identity, family = examined.plan.identity, examined.family.id
    maker = _slug(identity.vendor or "") if family == "generic" else family
    number = dotted(examined.facts.object_id or ())
    named = _slug(identity.model or model or number) or _slug(number) or "unnamed"
    name = named if not maker or named.startswith(f"{maker}-") else f"{maker}-{named}"
    return f"{PROVED}{name}"[:_LONGEST].rstrip("-")


def _slug(text: str) -> str:
    return _NO_ID.sub("-", text.casefold()).strip("-")
