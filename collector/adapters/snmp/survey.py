"""Looks a machine's counters up once, so that formulas can be turned into exact OIDs."""

from dataclasses import dataclass, field

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.facts import Facts
from collector.adapters.snmp.life import Life, find_life
from collector.adapters.snmp.numbers import Form, Unreadable
from collector.adapters.snmp.plan import Cell, PlannedTerm
from collector.adapters.snmp.profile_review import counted_of
from collector.adapters.snmp.profile_sources import RecordSource, Scalar, Size, Table, Template
from collector.adapters.snmp.profile_values import Profile, Term
from collector.adapters.snmp.records import tagged_counters
from collector.adapters.snmp.rows import Found, Missing, Row, RowReader, every, pick
from collector.adapters.snmp.session import Oid, Session, Value


@dataclass(slots=True)
class Survey:
    """What one machine answers for one profile. Look-ups are pure once it is loaded."""

    profile: Profile
    facts: Facts
    values: dict[Oid, Value] = field(default_factory=dict)
    tables: dict[str, list[tuple[Row, ...]]] = field(default_factory=dict)
    life: Life = field(default_factory=Life)
    _found: dict[tuple[str, str | None], Found | Missing] = field(default_factory=dict)

    def filled(self, template: Template) -> Oid | None:
        """Return `template` with this machine's part indexes, or None."""
        return self.facts.filled(template, self.profile.parts)

    def find(self, term: Term) -> Found | Missing:
        """Return the cells of `term`. What is there but unreadable has a cell all the same."""
        key = (term.source, term.key)
        if key not in self._found:
            self._found[key] = self._find(term)
        return self._found[key]

    def _find(self, term: Term) -> Found | Missing:
        source = self.profile.sources.get(term.source)
        if isinstance(source, Scalar):
            return self._scalar(source)
        if isinstance(source, RecordSource):
            return self._record(source, int(term.key or "0", 16))
        if isinstance(source, Table):
            return self._table(term.source, source, term.key or "*")
        return self._life(term.source)

    def planned(self, term: Term, found: Found) -> PlannedTerm:
        """Return `term` with its cells, as a plan holds it."""
        known = counted_of(term, self.profile.sources)
        weight = (known.weight or 1) if known.size is Size.LARGE else 1
        home = self.profile.home_of(term.source, term.key)
        return PlannedTerm(term.name, found.cells, term.sign, weight, home)

    def wrap(self, term: Term, found: Found) -> int | None:
        """Return the modulus of the counter `term`: its own, the machine's word, the profile's."""
        known = counted_of(term, self.profile.sources)
        wrap = known.wrap or found.wrap or self.profile.wrap
        return wrap // self.planned(term, found).weight if wrap is not None else None

    def _scalar(self, source: Scalar) -> Found | Missing:
        for template in source.oids:
            oid = self.filled(template)
            value = self.values.get(oid) if oid is not None else None
            if oid is not None and source.form.is_counter(value):
                return Found((Cell(oid, source.form),), readable=source.form.is_readable(value))
        return Missing.ABSENT

    def _record(self, source: RecordSource, tag: int) -> Found | Missing:
        oid = self.filled(source.oid)
        if oid is None:
            return Missing.ABSENT
        try:
            counters = tagged_counters(self.values.get(oid))
        except Unreadable:
            return Found((Cell(oid, source.form, tag),), readable=False)
        absent = source.form.read(counters.get(tag)) is None
        return Missing.ABSENT if absent else Found((Cell(oid, source.form, tag),))

    def _table(self, name: str, table: Table, key: str) -> Found | Missing:
        missing = Missing.ABSENT
        for rows in self.tables.get(name, ()):
            found = every(rows, table) if key == "*" else pick(rows, table, table.rows[key])
            if isinstance(found, Found):
                return found
            if found is Missing.AMBIGUOUS:
                missing = found
        return missing

    def _life(self, name: str) -> Found | Missing:
        life = self.life
        if life.several:
            return Missing.AMBIGUOUS
        counted = life.counts(sheets_are_impressions=self.profile.sheets_are_impressions)
        if life.oid is None or counted != name:
            return Missing.ABSENT
        form = Form(sentinels=self.profile.sentinels)
        value = self.facts.markers.get(life.oid)
        if not form.is_counter(value):
            return Missing.ABSENT
        return Found((Cell(life.oid, form),), readable=form.is_readable(value))


async def look(session: Session, profile: Profile, facts: Facts) -> Survey:
    """Ask for everything the formulas of `profile` may need."""
    survey = Survey(profile, facts)
    wanted: list[Oid] = []
    rows = RowReader(session, facts, profile.parts)
    for name, source in profile.sources.items():
        if isinstance(source, Table):
            survey.tables[name] = await rows.places(source)
        else:
            templates = source.oids if isinstance(source, Scalar) else (source.oid,)
            wanted += [oid for oid in map(survey.filled, templates) if oid is not None]
    wanted += identity_oids(survey)
    survey.values |= facts.base
    if wanted:
        survey.values |= await session.get(tuple(dict.fromkeys(wanted)))
    survey.life = await find_life(session, facts)
    return survey


def identity_oids(survey: Survey) -> list[Oid]:
    """Return where the machine may say its serial, model and firmware."""
    rules, printer = survey.profile.identity, survey.facts.printer
    texts = (*rules.serial, *rules.model, *rules.firmware)
    filled = (survey.filled(text.oid) for text in texts if text.oid is not None)
    descr = [(*mib.DEVICE_DESCR, printer.index)] if printer is not None and printer.descr else []
    return [*(oid for oid in filled if oid is not None), *descr]
