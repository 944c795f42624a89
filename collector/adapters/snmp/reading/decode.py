"""Reads one set of answers by a plan. Pure: the same answers give the same values, in any order.

No number is invented: a meter of which one part was not answered, was a sentinel, was rubbish or
came out below zero is absent.
"""

from collections.abc import Mapping
from dataclasses import replace

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value, dotted
from collector.adapters.snmp.condition.alerts import alerts_of
from collector.adapters.snmp.condition.facts import enterprise, mac_of
from collector.adapters.snmp.condition.status import state_of
from collector.adapters.snmp.condition.supplies import supply
from collector.adapters.snmp.condition.trays import tray
from collector.adapters.snmp.plan import Cell, PlannedTerm, ReadingPlan
from collector.adapters.snmp.profiles.numbers import Unreadable
from collector.adapters.snmp.profiles.values import Check
from collector.adapters.snmp.reading.naming import serial_of
from collector.adapters.snmp.reading.slow_poll import Condition
from collector.adapters.snmp.reading.totals import idle_total, no_total, odd_unit, uptime_s
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL, Meter
from collector.domain.sentence import sentence, verbatim
from collector.errors import DeviceNonsense
from collector.texts import ENGLISH


def decode(
    plan: ReadingPlan,
    varbinds: Mapping[Oid, Value],
    place: str = "",
    condition: Condition | None = None,
) -> Answer:
    """Return what the machine at `place` said to `plan.oids`, in the `condition` it was seen in.

    Raises DeviceNonsense where it answered nothing of what was asked, or where every counter it
    answered is rubbish.
    """
    reader, meters = _counted(plan, varbinds, place)
    findings = [*_remarks(plan, place), *reader.findings(place)]
    idle = idle_total(plan, meters, varbinds, place)
    if idle is not None:
        findings.append(idle)
        meters = {one: value for one, value in meters.items() if one != TOTAL}
    findings += _judged(plan, meters, place, is_told=idle is not None)
    answer = Answer(
        identity=_identity(plan, varbinds),
        meters=meters,
        uptime_s=uptime_s(varbinds),
        profile=plan.profile,
        wraps={one: wrap for one, wrap in plan.wraps.items() if meters.get(one, 0) < wrap},
        rated_ipm=plan.rated_ipm,
        nvram_step=plan.nvram_step,
        formulas={meter: text for meter, text in plan.formulas.items() if meter in meters},
        raw=reader.raw,
        lacks=plan.lacks,
        provenance=plan.provenance,
        findings=tuple(findings),
    )
    return _conditioned(answer, plan, varbinds, condition or Condition())


def _counted(
    plan: ReadingPlan, varbinds: Mapping[Oid, Value], place: str
) -> tuple["_AnswerReader", Mapping[Meter, int]]:
    unknown = plan.identity.vendor is None and plan.identity.model is None
    if not any(oid in varbinds for oid in plan.oids) and (plan.marks or unknown):
        raise DeviceNonsense(place, ENGLISH("device.no_printer"))
    reader = _AnswerReader(plan, varbinds)
    meters = reader.meters()
    if reader.rubbish and not reader.numbers:
        raise DeviceNonsense(
            place,
            ENGLISH("device.no_numbers", why=next(iter(reader.rubbish.values()))),
        )
    return reader, meters


def _conditioned(
    answer: Answer, plan: ReadingPlan, varbinds: Mapping[Oid, Value], condition: Condition
) -> Answer:
    """Return `answer` with what the machine holds, does and reports."""
    known = dict(condition.values) | dict(varbinds) if condition.values else varbinds
    alerts = None if condition.alerts is None else alerts_of(plan, condition.alerts)
    status, errors = state_of(plan, known, alerts or ())
    supplies = (supply(one, known) for one in plan.supplies)
    trays = (tray(one, known, plan.charsets.texts) for one in plan.trays)
    return replace(
        answer,
        status=status,
        errors=errors,
        supplies=tuple(one for one in supplies if one is not None),
        trays=tuple(one for one in trays if one is not None),
        alerts=alerts,
    )


class _AnswerReader:
    """Reads each term once; keeps what was rubbish, by OID."""

    def __init__(self, plan: ReadingPlan, varbinds: Mapping[Oid, Value]) -> None:
        self._plan = plan
        self._varbinds = varbinds
        self.raw: dict[str, int] = {}
        self.rubbish: dict[Oid, str] = {}
        self.split: dict[Oid, tuple[Oid, ...]] = {}
        self.numbers = 0

    def meters(self) -> Mapping[Meter, int]:
        found: dict[Meter, int] = {}
        for planned in self._plan.meters:
            value = planned.value(self._term)
            if value is not None:
                found[planned.meter] = value
        for term in self._plan.spare:
            self._term(term)
        return found

    def _term(self, term: PlannedTerm) -> int | None:
        """Return the sum of the term's cells, or None where one was not answered."""
        total = 0
        is_whole = True
        for cell in term.cells:
            value = self._cell(cell)
            if value is None:
                is_whole = False  # the other cells are looked at all the same: rubbish is told
            else:
                total += value
        if not is_whole:
            return None
        self.raw[term.name] = total
        return total

    def _cell(self, cell: Cell) -> int | None:
        raw = self._varbinds.get(cell.oid)
        try:
            value = cell.read(self._varbinds)
        except Unreadable as exc:
            self.rubbish[cell.oid] = str(exc)
            return None
        self.numbers += value is not None
        if cell.twins and any(self._varbinds.get(twin, raw) != raw for twin in cell.twins):
            self.split[cell.oid] = cell.twins
            return None
        return value

    def findings(self, place: str) -> tuple[Finding, ...]:
        unreadable = tuple(
            Finding(
                Code.DEVICE_NONSENSE,
                Severity.WARNING,
                place,
                sentence("finding.device_nonsense.cell", oid=dotted(oid), why=verbatim(why)),
                evidence={"oid": dotted(oid)},
            )
            for oid, why in self.rubbish.items()
        )
        split = tuple(
            Finding(
                Code.TABLE_AMBIGUOUS,
                Severity.WARNING,
                place,
                sentence("finding.table_ambiguous.split", oid=dotted(oid)),
                evidence={"oid": dotted(oid)},
            )
            for oid in self.split
        )
        return unreadable + split


def _identity(plan: ReadingPlan, varbinds: Mapping[Oid, Value]) -> DeviceIdentity:
    object_id = enterprise(varbinds.get(mib.SYS_OBJECT_ID))
    serial = serial_of(plan.serial, varbinds) if plan.serial else None
    mac = mac_of(varbinds.get(plan.mac)) if plan.mac else None
    number = dotted(object_id) if object_id else None
    known = plan.identity
    if (serial, mac, number) == (known.serial, known.mac, known.object_id):
        return known
    return replace(known, serial=serial, mac=mac, object_id=number)


def _remarks(plan: ReadingPlan, place: str) -> tuple[Finding, ...]:
    return tuple(
        Finding(one.code, Severity.WARNING, place, one.message, evidence=one.evidence)
        for one in plan.remarks
    )


def _judged(
    plan: ReadingPlan, meters: Mapping[Meter, int], place: str, *, is_told: bool
) -> tuple[Finding, ...]:
    """Return what does not add up, and what is odd about the total unless `is_told`."""
    found = [_cross_foot(check, meters, place) for check in plan.checks]
    if TOTAL not in meters and not is_told:
        found.append(no_total(plan, place))
    elif TOTAL in meters:
        found.append(odd_unit(plan, meters[TOTAL], place))
    return tuple(one for one in found if one is not None)


def _cross_foot(check: Check, meters: Mapping[Meter, int], place: str) -> Finding | None:
    """Compare a meter with its parts.

    The evidence is the difference alone: it stays the same from poll to poll, so that one fact
    is one finding. Counts that drift apart differ by more every month, so theirs is left out.
    """
    whole = meters.get(check.whole)
    parts = [meters.get(part) for part in check.parts]
    known = [part for part in parts if part is not None]
    if whole is None or len(known) != len(parts) or check.allows(whole, sum(known)):
        return None
    names = " + ".join(check.parts)
    evidence: dict[str, str | int | float | None] = {"whole": check.whole, "parts": names}
    if check.percent is None:
        evidence["difference"] = whole - sum(known)
    return Finding(
        Code.CROSS_FOOT,
        Severity.WARNING,
        place,
        sentence(
            "finding.cross_foot",
            whole=check.whole,
            figure=whole,
            parts=names,
            sum=sum(known),
            advice=verbatim(check.note) if check.note else sentence("cross_foot.compare"),
        ),
        evidence=evidence,
    )
