"""Reads the factors file: contracts with their prices, paper and its shares, time, power."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator, Field
from pydantic_core import ErrorDetails

from collector.domain.cost.factors import (
    Career,
    Contract,
    Dated,
    Factor,
    Factors,
    Price,
    PriceStep,
    Rounding,
    Tariff,
)
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.fleet.draft import check_unique
from collector.settings.values import (
    Amount,
    Day,
    Pages,
    Text,
    Texts,
    YesNo,
    id_problem,
    name_problem,
)
from collector.user_files.lines import FilePath
from collector.user_files.report import ProblemReport, RefusedValue, Where, hint
from collector.user_files.tables import FileTable, WhenMissing, is_sound, tell
from collector.user_files.toml_file import TomlFile, read_toml

_Conflicts = Iterator[tuple[str | FilePath, Sentence]]
_ALL: Final = 100
"""Per cent."""


def _negative(key: str, amount: Decimal | None) -> _Conflicts:
    if amount is not None and amount < 0:
        yield key, said("negative", amount=amount)


# What an impression costs, as people write it: one price, or steps of a month's impressions.


class StepTable(FileTable):
    """What an impression costs, up to so many in a month."""

    up_to: Pages | None = None
    yen: Annotated[Amount | None, WhenMissing("missing_step_price")]

    def conflicts(self) -> _Conflicts:
        """Yield a price below nothing."""
        yield from _negative("yen", self.yen)


def _steps(value: object) -> object:
    if isinstance(value, list):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not Decimal(str(value)).is_finite() or Decimal(str(value)) < 0:
        raise RefusedValue("price")
    return [{"yen": value}]


Steps = Annotated[tuple[StepTable, ...], BeforeValidator(_steps)]


def _order_problem(ends: Sequence[int | None]) -> Sentence | None:
    """Say where steps overlap, leave a gap or do not end, or None."""
    if not ends:
        return said("no_step")
    bounds = [0, *(one for one in ends[:-1] if one is not None)]
    if ends[-1] is not None:
        return said("steps_end", end=ends[-1])
    if len(bounds) < len(ends):
        return said("steps_go_on")
    overlap = any(later <= former for former, later in pairwise(bounds))
    return said("steps_overlap") if overlap else None


# The tables of the file.


class DatedTable(FileTable):
    """From when on figures hold, and where they come from."""

    start: Annotated[Day | None, WhenMissing("missing_date")] = Field(alias="from")
    source: Annotated[Text | None, WhenMissing("missing_source")]

    def conflicts(self) -> _Conflicts:
        """Yield what is wrong with the source."""
        if self.source is not None and (problem := name_problem(self.source)):
            yield "source", problem


class PriceTable(DatedTable):
    """The prices of a contract from a day on."""

    mono: Annotated[Steps | None, WhenMissing("missing_price")]
    color: Steps | None = None
    basic_fee: Amount | None = Decimal(0)
    minimum: Amount | None = Decimal(0)
    large_weight: Amount | None = Decimal(1)
    round_lines: Rounding | None = None
    round_tax: Rounding | None = None

    def conflicts(self) -> _Conflicts:
        """Yield amounts that are too small, and steps that do not follow one another."""
        yield from super().conflicts()
        yield from _negative("basic_fee", self.basic_fee)
        yield from _negative("minimum", self.minimum)
        if self.large_weight is not None and self.large_weight < 1:
            yield "large_weight", said("weight", weight=self.large_weight)
        for key, steps in (("mono", self.mono), ("color", self.color)):
            if steps is not None and is_sound(steps):
                problem = _order_problem([one.up_to for one in steps])
                if problem is not None:
                    yield key, problem

    @classmethod
    def sentence(cls, path: FilePath, error: ErrorDetails) -> Sentence:
        """Return the sentence for `error`; what is no step is no price either."""
        is_price = error["loc"][0] in {"mono", "color"} and error["type"] == "model_type"
        return said("price") if is_price else super().sentence(path, error)

    def price(self) -> Price | None:
        """Return the prices, None where a part of them was refused."""
        if self.start is None or self.source is None or self.mono is None:
            return None
        none, once = Decimal(0), Decimal(1)
        return Price(
            self.start,
            self.source,
            _tariff(self.mono),
            None if self.color is None else _tariff(self.color),
            self.basic_fee or none,
            self.minimum or none,
            self.large_weight or once,
            self.round_lines,
            self.round_tax,
        )


def _tariff(steps: Iterable[StepTable]) -> Tariff:
    return tuple(PriceStep(one.up_to, one.yen or Decimal(0)) for one in steps)


class ContractTable(FileTable):
    """A counter contract."""

    id: Text | None
    places: Texts | None = None
    together: YesNo | None = False
    price: tuple[PriceTable, ...] | None = ()

    def conflicts(self) -> _Conflicts:
        """Yield what is wrong with the id, and that there are no prices or places."""
        if self.id is not None and (problem := id_problem(self.id)):
            yield "id", problem
        if self.price == ():
            yield "price", said("missing_prices")
        if self.places == ():
            yield "places", said("places_empty")


class FactorTable(DatedTable):
    """A figure from a day on, for some places or all; what it is says the table of its kind."""

    places: Texts | None = None
    value: Amount | None

    def conflicts(self) -> _Conflicts:
        """Yield a figure below nothing, and that there are no places."""
        yield from super().conflicts()
        yield from _negative(type(self).model_fields["value"].alias or "value", self.value)
        if self.places == ():
            yield "places", said("places_empty")


class TimeTable(FactorTable):
    """What time an impression takes."""

    value: Amount | None = Field(alias="seconds_per_impression")


class CarbonTable(FactorTable):
    """What carbon dioxide a sheet stands for."""

    value: Amount | None = Field(alias="g_per_sheet")


class PaperTable(FactorTable):
    """What a sheet of paper costs."""

    value: Amount | None = Field(alias="yen_per_sheet")


class CareerTable(DatedTable):
    """What a working life is."""

    hours_a_year: Amount | None
    years: Amount | None

    def conflicts(self) -> _Conflicts:
        """Yield what nobody works."""
        yield from super().conflicts()
        for key, amount in (("hours_a_year", self.hours_a_year), ("years", self.years)):
            if amount is not None and amount <= 0:
                yield key, said("not_above_zero", amount=amount)

    def career(self) -> Career | None:
        """Return the working life, None where a part of it was refused."""
        if self.start is None or self.source is None:
            return None
        if self.hours_a_year is None or self.years is None:
            return None
        return Career(self.start, self.source, self.hours_a_year, self.years)


class PowerTable(FactorTable):
    """What a copier takes in a week."""

    value: Amount | None = Field(alias="kwh_per_week")


class PercentTable(FactorTable):
    """How many of 100 something is; `plus_minus` is by how many it may be off."""

    plus_minus: Amount | None = None

    def conflicts(self) -> _Conflicts:
        """Yield what no share can be."""
        yield from super().conflicts()
        yield from _negative("plus_minus", self.plus_minus)
        if self.value is not None and self.value > _ALL:
            key = type(self).model_fields["value"].alias or "value"
            yield key, said("percent_above", percent=self.value)


class DuplexTable(PercentTable):
    """How many of 100 printed sides are on sheets printed on both."""

    value: Amount | None = Field(alias="duplex_percent")


class LargeTable(PercentTable):
    """How many of 100 sheets are A3 or larger."""

    value: Amount | None = Field(alias="large_percent")


class FactorTables(FileTable):
    """What a factors file holds."""

    contract: tuple[ContractTable, ...] | None = ()
    time: tuple[TimeTable, ...] | None = ()
    co2: tuple[CarbonTable, ...] | None = ()
    paper: tuple[PaperTable, ...] | None = ()
    duplex: tuple[DuplexTable, ...] | None = ()
    large: tuple[LargeTable, ...] | None = ()
    career: tuple[CareerTable, ...] | None = ()
    power: tuple[PowerTable, ...] | None = ()


Thing = TypeVar("Thing", bound=Dated)


def read_factors(
    path: Path, places: Collection[str] | None, report: ProblemReport
) -> Factors | None:
    """Return the factors in the TOML file `path`, or None after telling every problem.

    `places` are the fleet's; any other is told as a warning: it may have been there once. None
    leaves them unchecked.
    """
    file = read_toml(path, report, said("copy_factors"))
    return None if file is None else parse_factors(file, places, report)


def parse_factors(
    file: TomlFile, places: Collection[str] | None, report: ProblemReport
) -> Factors | None:
    """Return the factors stated by a TOML file, or None after telling every problem by its line."""
    before = len(report.problems)
    tables = FactorTables.model_validate(file.tree)
    tell(tables, file.spot, report)
    reader = _FactorsReader(file, places, report)
    contracts = [
        (reader.contract(one, number), file.below("contract", number))
        for number, one in enumerate(tables.contract or ())
    ]
    _check_contracts(contracts, report)
    factors = Factors(
        contracts=tuple(one for one, _ in contracts),
        seconds=reader.factors("time", tables.time or ()),
        co2_g=reader.factors("co2", tables.co2 or ()),
        paper_yen=reader.factors("paper", tables.paper or ()),
        duplex=reader.factors("duplex", tables.duplex or ()),
        large=reader.factors("large", tables.large or ()),
        careers=reader.careers(tables.career or ()),
        kwh_week=reader.factors("power", tables.power or ()),
    )
    report.in_order(before)
    return factors if len(report.problems) == before else None


class _FactorsReader:
    """Makes figures of one table after the other; what is wrong goes into the report."""

    def __init__(
        self, file: TomlFile, places: Collection[str] | None, report: ProblemReport
    ) -> None:
        self._file = file
        self._places = places
        self._report = report

    def contract(self, table: ContractTable, number: int) -> Contract:
        """Return one contract; parts of it that were refused are left out."""
        places = self._named(table.places, self._file.below("contract", number))
        prices = [
            (price, self._file.below("contract", number, "price", nth))
            for nth, one in enumerate(table.price or ())
            if (price := one.price())
        ]
        return Contract(table.id or "", self._in_order(prices), places, bool(table.together))

    def factors(self, kind: str, tables: Iterable[FactorTable]) -> tuple[Factor, ...]:
        """Return the entries of one kind."""
        found: list[tuple[Factor, Where]] = []
        for number, one in enumerate(tables):
            where = self._file.below(kind, number)
            places = self._named(one.places, where)
            if one.start is not None and one.source is not None and one.value is not None:
                margin = one.plus_minus if isinstance(one, PercentTable) else None
                found.append((Factor(one.start, one.source, one.value, places, margin), where))
        return self._in_order(found)

    def careers(self, tables: Iterable[CareerTable]) -> tuple[Career, ...]:
        """Return the working lives that are stated."""
        found = [(one.career(), self._file.below("career", at)) for at, one in enumerate(tables)]
        return self._in_order([(one, where) for one, where in found if one is not None])

    def _named(self, names: Sequence[str] | None, where: Where) -> frozenset[PlaceId] | None:
        if names is None:
            return None
        for name in names:
            if self._places is not None and name not in self._places:
                near = hint(name, self._places)
                told = said("place_unknown", name=repr(name), hint=near)
                self._report.warning(where("places"), told)
        return frozenset(PlaceId(name) for name in names)

    def _in_order(self, things: Sequence[tuple[Thing, Where]]) -> tuple[Thing, ...]:
        """Return `things` by their start, after telling of two that hold for one place."""
        taken: set[tuple[date, PlaceId | None]] = set()
        for thing, where in things:
            places = thing.places if isinstance(thing, Factor) else None
            keys = {(thing.start, place) for place in places or {None}}
            if keys & taken:
                self._report.problem(where("from"), said("begins_twice", start=thing.start))
            taken |= keys
        return tuple(sorted((one for one, _ in things), key=lambda one: one.start))


def _check_contracts(contracts: Sequence[tuple[Contract, Where]], report: ProblemReport) -> None:
    """Tell of two contracts with one id, and of places that two of them cover."""
    check_unique(((one.id or None, where) for one, where in contracts), report)
    covered: dict[PlaceId | None, Where] = {}
    for contract, where in contracts:
        for place in sorted(contract.places) if contract.places is not None else [None]:
            if place in covered:
                code = "others_covered" if place is None else "place_covered"
                told = said(code, place=place, other=covered[place](""))
                report.problem(where("places"), told)
            covered.setdefault(place, where)
