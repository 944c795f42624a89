"""A profile as data: what it comes to once its includes are merged in."""

from collections.abc import Iterable

from collector.adapters.snmp.profile_places import Json, counters, described, dotted_template
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_summary import (
    MeterLine,
    conditions,
    is_read,
    marks_of,
    meter_lines,
    meters_by_confidence,
)
from collector.adapters.snmp.profile_values import (
    DERIVED,
    IdentityRules,
    Part,
    Profile,
    Proof,
    TextSource,
)
from collector.adapters.snmp.session import dotted


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
            meter: [_way(one, low_confidence=low_confidence) for one in lines if one.meter == meter]
            for meter in dict.fromkeys(line.meter for line in lines)
        },
        "counters": {name: described(profile, term) for name, term in counters(profile).items()},
        "checks": [
            {
                "whole": one.whole,
                "parts": list(one.parts),
                "tolerance": one.tolerance,
                "percent": one.percent,
                **({"note": one.note} if one.note else {}),
            }
            for one in profile.checks
        ],
        "sheets_are_impressions": profile.sheets_are_impressions,
        "life_family": sorted(profile.life_family),
        "models": [
            {
                "model": one.model.pattern if one.model else None,
                "words": one.words.pattern if one.words else None,
                "ipm": one.ipm,
                "wrap": one.wrap,
                "confidence": one.confidence.value,
                "source": one.source,
            }
            for one in profile.models
        ],
        "rated_ipm": profile.rated_ipm,
        "nvram_step": profile.nvram_step,
        "wrap": profile.wrap,
        "sentinels": sorted(profile.sentinels),
    }


def _proved(proof: Proof | None) -> Json | None:
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


def _part(part: Part) -> Json:
    return {
        "ids": [dotted(one) for one in part.ids],
        "types": [dotted(one) for one in part.types],
        "descr": part.descr.pattern if part.descr else None,
        "default": part.default,
    }


def _way(line: MeterLine, *, low_confidence: bool) -> Json:
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
