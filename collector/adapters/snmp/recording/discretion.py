"""Reads `discretion.toml`: what a recording leaves out, and what its objects hold."""

import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from collector.adapters.snmp.client.session import Oid, oid
from collector.domain.privacy.redaction_table import SecretKind
from collector.domain.sentence import Sentence, sentence, verbatim

_TABLE: Final = Path(__file__).with_name("discretion.toml")


@dataclass(frozen=True, slots=True)
class Discretion:
    """Subtrees by name: those left out (with what they hold), those of one kind, descriptions."""

    left_out: Mapping[Oid, Sentence] = field(default_factory=dict)
    holds: Mapping[Oid, SecretKind] = field(default_factory=dict)
    describes: frozenset[Oid] = frozenset()

    def barred(self, name: Oid) -> Oid | None:
        """Return the subtree that keeps `name` out of a recording, or None."""
        return _above(name, self.left_out)

    def kind_of(self, name: Oid) -> SecretKind | None:
        """Return what the whole value of `name` is, or None where nothing says so."""
        found = _above(name, self.holds)
        return self.holds[found] if found else None

    def is_description(self, name: Oid) -> bool:
        """Say whether a machine describes itself there."""
        return _above(name, self.describes) is not None


def _above(name: Oid, subtrees: Container[Oid]) -> Oid | None:
    return next((name[:size] for size in range(len(name), 0, -1) if name[:size] in subtrees), None)


@cache
def shipped() -> Discretion:
    """Return the table that comes with the program."""
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    return Discretion(
        left_out={oid(one["oid"]): _named(one) for one in table["leave_out"]},
        holds={oid(one["oid"]): SecretKind(one["kind"]) for one in table["holds"]},
        describes=frozenset(oid(one["oid"]) for one in table["describes"]),
    )


def _named(entry: Mapping[str, str]) -> Sentence:
    maker, what = entry.get("maker"), verbatim(entry["what"])
    return sentence("left_out.of_maker", maker=maker, what=what) if maker else what
