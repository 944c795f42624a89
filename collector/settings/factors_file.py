"""Reads the factors file: counter contracts with their prices, and what paper and time come to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

from collector.domain.cost.factors import Contract, Dated, Factor, Factors, Price, PriceStep, Tariff
from collector.domain.office.shares import PlaceId
from collector.settings.layers import read_toml
from collector.settings.problems import ProblemReport, did_you_mean
from collector.settings.toml_table import TomlTable, Where
from collector.settings.values import id_problem, name_problem

# What an impression costs, as people write it: one price, or steps of a month's impressions.


_RULE: Final = (
    "write the yen of one impression like 2.5, or steps like "
    "[{ up_to = 3000, yen = 2.5 }, { yen = 2.0 }]"
)


def read_tariff(
    table: TomlTable, key: str, report: ProblemReport, *, needed: bool = False
) -> Tariff | None:
    """Return the tariff under `key`, or None where there is none or it was refused."""
    value = table.value(key)
    where = table.where(key)
    if value is None:
        if needed:
            report.problem(where, f"is missing; {_RULE}")
        return None
    if isinstance(value, list):
        return _steps(table, key, report)
    yen = table.amount(key) if isinstance(value, (int, float)) else None
    if yen is None or yen < 0:
        report.problem(where, f"is no price; {_RULE}")
        return None
    return (PriceStep(None, yen),)


def _steps(table: TomlTable, key: str, report: ProblemReport) -> Tariff | None:
    before = len(report.problems)
    steps = [_step(one, report) for one in table.tables(key)]
    if len(report.problems) == before:
        _check_order([up_to for up_to, _ in steps], table.where(key), report)
    if len(report.problems) > before:
        return None
    return tuple(PriceStep(up_to, yen) for up_to, yen in steps)


def _step(table: TomlTable, report: ProblemReport) -> tuple[int | None, Decimal]:
    up_to, yen = table.whole("up_to", None), table.amount("yen")
    if yen is None and "yen" not in table.stated():
        report.problem(table.where("yen"), "is missing; add what one impression of this step costs")
    elif yen is not None and yen < 0:
        report.problem(table.where("yen"), f"{yen} is less than nothing; correct it")
    table.finish()
    return up_to, yen or Decimal(0)


def _check_order(ends: Sequence[int | None], path: str, report: ProblemReport) -> None:
    """Tell where steps overlap, leave a gap or do not end."""
    if not ends:
        report.problem(path, f"has no step; {_RULE}")
        return
    bounds = [0, *(one for one in ends[:-1] if one is not None)]
    if ends[-1] is not None:
        report.problem(path, f"ends at {ends[-1]} impressions; leave up_to off in the last step")
    elif len(bounds) < len(ends):
        report.problem(path, "goes on after a step without up_to; only the last has none")
    elif any(later <= former for former, later in pairwise(bounds)):
        report.problem(path, "has steps that overlap; let every up_to be more than the one before")


_MISSING: Final = "copy the example from config/, or remove the key factors.file"
_SOURCE: Final = "is missing; say where the figure comes from: contract, catalogue, study, date"

Thing = TypeVar("Thing", bound=Dated)


def read_factors(
    path: Path, places: Collection[str] | None, report: ProblemReport
) -> Factors | None:
    """Return the factors in the TOML file `path`, or None after telling every problem.

    `places` are the fleet's; any other is told as a warning: it may have been there once. None
    leaves them unchecked.
    """
    before = len(report.problems)
    tree = read_toml(path, report, _MISSING)
    if len(report.problems) > before:
        return None
    return parse_factors(tree, path.name, places, report)


def parse_factors(
    tree: Mapping[str, object], file: str, places: Collection[str] | None, report: ProblemReport
) -> Factors | None:
    """Return the factors stated by a TOML tree, or None after telling every problem."""
    before = len(report.problems)
    root = TomlTable(tree, lambda key: f"{file}: {key}" if key else file, report)
    reader = _FactorsReader(places, report)
    contracts = [(reader.contract(one), one.where) for one in root.tables("contract")]
    _check_contracts(contracts, report)
    factors = Factors(
        contracts=tuple(one for one, _ in contracts),
        seconds=reader.factors(root.tables("time"), "seconds_per_impression"),
        co2_g=reader.factors(root.tables("co2"), "g_per_sheet"),
        paper_yen=reader.factors(root.tables("paper"), "yen_per_sheet"),
    )
    root.finish()
    return factors if len(report.problems) == before else None


class _FactorsReader:
    """Reads one entry after the other; what is wrong goes into the report."""

    def __init__(self, places: Collection[str] | None, report: ProblemReport) -> None:
        self._places = places
        self._report = report

    def contract(self, table: TomlTable) -> Contract:
        """Return one contract; parts of it that were refused are left out."""
        name = table.text("id", needed=True)
        if name is not None and (problem := id_problem(name)):
            self._report.problem(table.where("id"), problem)
        places = self._named(table)
        pooled = table.yes("together", default=False)
        entries = table.tables("price", "contract.price")
        if not entries:
            self._report.problem(table.where("price"), "is missing; add a [[contract.price]]")
        prices = [(price, one.where) for one in entries if (price := self._price(one))]
        table.finish()
        return Contract(name or "", self._in_order(prices), places, bool(pooled))

    def _price(self, table: TomlTable) -> Price | None:
        start, source = table.day("from"), self._source(table)
        mono = read_tariff(table, "mono", self._report, needed=True)
        color = read_tariff(table, "color", self._report)
        fee, minimum = self._amount(table, "basic_fee"), self._amount(table, "minimum")
        weight = table.amount("large_weight")
        if weight is not None and weight < 1:
            told = f"{weight} is no weight; write 2 where an A3 impression is billed as two"
            self._report.problem(table.where("large_weight"), told)
        table.finish()
        if start is None or source is None or mono is None:
            return None
        none, once = Decimal(0), Decimal(1)
        return Price(start, source, mono, color, fee or none, minimum or none, weight or once)

    def factors(self, tables: Iterable[TomlTable], key: str) -> tuple[Factor, ...]:
        """Return the entries of one kind, whose value stands under `key`."""
        found: list[tuple[Factor, Where]] = []
        for table in tables:
            start, source, places = table.day("from"), self._source(table), self._named(table)
            value = self._amount(table, key, needed=True)
            table.finish()
            if start is not None and source is not None and value is not None:
                found.append((Factor(start, source, value, places), table.where))
        return self._in_order(found)

    def _source(self, table: TomlTable) -> str | None:
        source = table.text("source")
        if source is None and "source" not in table.stated():
            self._report.problem(table.where("source"), _SOURCE)
        elif source is not None and (problem := name_problem(source)):
            self._report.problem(table.where("source"), problem)
            return None
        return source

    def _amount(self, table: TomlTable, key: str, *, needed: bool = False) -> Decimal | None:
        amount = table.amount(key)
        if amount is None and needed and key not in table.stated():
            self._report.problem(table.where(key), "is missing; add it")
        if amount is not None and amount < 0:
            self._report.problem(table.where(key), f"{amount} is less than nothing; correct it")
        return amount

    def _named(self, table: TomlTable) -> frozenset[PlaceId] | None:
        names = table.texts("places")
        if names is None:
            return None
        if not names:
            self._report.problem(
                table.where("places"), "names no place; remove it, then it holds for all others"
            )
        for name in names:
            if self._places is not None and name not in self._places:
                hint = did_you_mean(name, self._places)
                self._report.warning(
                    table.where("places"), f"there is no place {name!r} in the fleet; {hint}"
                )
        return frozenset(PlaceId(name) for name in names)

    def _in_order(self, things: Sequence[tuple[Thing, Where]]) -> tuple[Thing, ...]:
        """Return `things` by their start, after telling of two that hold for one place."""
        taken: set[tuple[date, PlaceId | None]] = set()
        for thing, where in things:
            places = thing.places if isinstance(thing, Factor) else None
            keys = {(thing.start, place) for place in places or {None}}
            if keys & taken:
                told = f"another one begins on {thing.start} too; keep one of the two"
                self._report.problem(where("from"), told)
            taken |= keys
        return tuple(sorted((one for one, _ in things), key=lambda one: one.start))


def _check_contracts(contracts: Iterable[tuple[Contract, Where]], report: ProblemReport) -> None:
    """Tell of two contracts with one id, and of places that two of them cover."""
    ids: dict[str, str] = {}
    covered: dict[PlaceId | None, str] = {}
    for contract, where in contracts:
        if contract.id in ids:
            told = f"the id {contract.id!r} is already used by {ids[contract.id]}"
            report.problem(where("id"), f"{told}; give each contract its own")
        ids.setdefault(contract.id, where("id"))
        for place in sorted(contract.places) if contract.places is not None else [None]:
            if place in covered and place is None:
                told = f"{covered[place]} covers all other places already; name this one's places"
                report.problem(where("places"), told)
            elif place in covered:
                told = f"{place} is already covered by {covered[place]}; keep one of the two"
                report.problem(where("places"), told)
            covered.setdefault(place, where(""))
