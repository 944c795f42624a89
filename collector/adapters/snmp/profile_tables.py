"""The tables of a profile file: where they stand, what their columns say, how rows are called."""

import re
from collections.abc import Iterator, Mapping

from collector.adapters.snmp.profile_counted import counted, form
from collector.adapters.snmp.profile_keys import COLUMN
from collector.adapters.snmp.profile_sources import (
    CodeFrom,
    Column,
    Columns,
    Conditions,
    PartName,
    RowName,
    Said,
    Table,
    Template,
)
from collector.adapters.snmp.report import near, quoted
from collector.adapters.snmp.section import Section
from collector.adapters.snmp.session import Oid, arc_of
from collector.adapters.snmp.text import folded

_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_Words = Mapping[str, Mapping[str, frozenset[Said]]]
"""By column: the profile's words for what it says."""


def table(section: Section) -> Table:
    """Return one table. Without a place it adds rows to the table of that name it includes."""
    candidates = tuple(_columns(one) for one in section.sections("at"))
    reader = _Conditions(candidates, _words(section))
    return Table(
        candidates=candidates,
        rows={name: _row(one, reader) for name, one in section.named("rows")},
        form=form(section),
        counted=counted(section),
        verify_label=section.flag("verify_label"),
        refresh=section.flag("refresh"),
        only=reader.read(section, "only"),
        never=reader.read(section, "never"),
    )


def _columns(section: Section) -> Columns:
    code: Template | CodeFrom | None = None
    if section.has("code"):
        text = section.text("code")
        code = CodeFrom(text) if text in set(CodeFrom) else section.template("code")
    like = section.text("like")
    return Columns(
        value=section.template("value") or (),
        code=code,
        label=section.template("label"),
        maximum=section.template("maximum"),
        like=_like(section, like) if like else None,
        named=_named(section.section("columns")),
    )


def _like(section: Section, text: str) -> tuple[int | None, ...]:
    try:
        return tuple(None if arc == "*" else arc_of(arc) for arc in text.split("."))
    except ValueError:
        section.problem("like", f"{quoted(text)} must be arcs and stars such as *.20.*")
        return ()


def _named(section: Section) -> Mapping[str, Column]:
    found: dict[str, Column] = {}
    for name, value in section.items().items():
        if isinstance(value, dict):
            found[name] = _joined(section.inside(name, value, COLUMN))
        else:
            found[name] = Column(section.template(name))
    return found


def _joined(section: Section) -> Column:
    column = Column(section.template("oid"), section.arcs("arc"))
    if column.oid is None and len(column.arcs) > 1:
        section.problem("arc", "must be one arc where no oid of another table is given")
    return column


def _words(section: Section) -> _Words:
    found: dict[str, dict[str, frozenset[Said]]] = {}
    for column, words in section.named("values"):
        found[column] = {
            word: frozenset(_literal(value) for value in words.values(word))
            for word in words.items()
        }
        for word in words.items():
            if not all(map(_is_said, words.values(word))):
                words.problem(word, "must be what the column says: a number or a label")
    return found


def _is_said(value: object) -> bool:
    """Say whether a column can say `value`: a label without a letter or digit is like any other."""
    if isinstance(value, str):
        return _PART.fullmatch(value) is not None or folded(value) != ""
    return isinstance(value, int) and not isinstance(value, bool)


def _literal(value: object) -> Said:
    if isinstance(value, int):
        return value
    part = _PART.fullmatch(str(value))
    return PartName(part[1]) if part else folded(str(value))


class _Conditions:
    """Reads `{ column = wanted }` in the words of one table."""

    def __init__(self, candidates: tuple[Columns, ...], words: _Words) -> None:
        self._names = sorted({name for one in candidates for name in one.named})
        self._words = words

    def read(self, section: Section, key: str) -> Conditions:
        inside = section.section(key)
        found: dict[str, frozenset[Said]] = {}
        for name in inside.items():
            if name not in self._names:
                hint = near(name, self._names)
                inside.problem(name, f"no column of this table is called {quoted(name)}{hint}")
            found[name] = frozenset(self._wanted(inside, name))
        return found

    def _wanted(self, section: Section, name: str) -> Iterator[Said]:
        words = self._words.get(name, {})
        for value in section.values(name):
            if not _is_said(value):
                section.problem(name, f"must be what the column says, not {quoted(value)}")
            elif isinstance(value, str) and value in words:
                yield from words[value]
            elif isinstance(value, str) and words and not _PART.fullmatch(value):
                hint = near(value, words)
                section.problem(name, f"{quoted(value)} is none of the values of {name}{hint}")
            else:
                yield _literal(value)


def _row(section: Section, reader: _Conditions) -> RowName:
    codes: list[Oid] = []
    for value in section.values("code"):
        is_code = isinstance(value, int | str) and not isinstance(value, bool)
        try:
            codes.append(tuple(arc_of(arc) for arc in (str(value) if is_code else "").split(".")))
        except ValueError:
            section.problem("code", f"must be numbers, not {quoted(value)}")
    labels = frozenset(folded(one) for one in section.texts("label"))
    if "" in labels:
        section.problem("label", "must have a letter or digit: nothing else is compared")
    where = reader.read(section, "where")
    return RowName(tuple(codes), labels, where, section.flag("sum"), counted(section))
