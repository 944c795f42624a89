"""A dossier as JSON that people can read, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Any, Final

from collector.adapters.snmp.dossier import Dossier
from collector.adapters.snmp.plan import Held
from collector.adapters.snmp.session import Manners, Oid, dotted, oid
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter

_FORMAT: Final = 1


def written(dossier: Dossier) -> str:
    """Return `dossier` as JSON, on one line."""
    manners = dossier.manners
    return json.dumps(
        {
            "format": _FORMAT,
            "identity": {k: v for k, v in asdict(dossier.identity).items() if v is not None},
            "descr": dossier.descr,
            "said": _dotted(dossier.said),
            "profile": dossier.profile,
            "meters": {
                str(meter): [held.text, sorted(held.terms), held.cells]
                for meter, held in sorted(dossier.meters.items())
            },
            "at_once": manners.at_once,
            "rows": manners.rows,
            "refused": _dotted(manners.refused),
            "by_next": _dotted(manners.by_next),
            "learnt": _iso(dossier.learnt),
            "mannered": _iso(dossier.mannered),
        },
        ensure_ascii=False,
    )


def read(text: str | None) -> Dossier | None:
    """Return what `written` was given; None for no text, and for one that is no dossier.

    A dossier that cannot be read is learnt again: nothing depends on it but politeness and the
    formulas, whose change the counting rules see by themselves.
    """
    if text is None:
        return None
    try:
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _read(fields: Mapping[str, Any]) -> Dossier:
    if fields["format"] != _FORMAT:
        raise ValueError("a dossier of another release")
    known = {one.name for one in fields_of(DeviceIdentity)}
    identity = {k: str(v) for k, v in fields["identity"].items() if k in known}
    return Dossier(
        identity=DeviceIdentity(**identity),
        descr=fields["descr"],
        said=_oids(fields["said"]),
        profile=fields["profile"],
        meters={
            Meter(meter): Held(str(text), frozenset(terms), int(cells))
            for meter, (text, terms, cells) in fields["meters"].items()
        },
        manners=Manners(
            at_once=_whole(fields["at_once"]),
            rows=_whole(fields["rows"]),
            refused=_oids(fields["refused"]),
            by_next=_oids(fields["by_next"]),
        ),
        learnt=_time(fields["learnt"]),
        mannered=_time(fields["mannered"]),
    )


def _dotted(names: frozenset[Oid]) -> list[str]:
    return [dotted(name) for name in sorted(names)]


def _oids(texts: list[str]) -> frozenset[Oid]:
    return frozenset(oid(text) for text in texts)


def _whole(value: int | None) -> int | None:
    return None if value is None else int(value)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    at = None if text is None else datetime.fromisoformat(text)
    if at is not None and at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at
