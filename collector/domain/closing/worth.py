"""What the pages of a closed month were worth when it was sealed, and by what.

Yen, hours and CO2 come of dated factors, and a rank of headcounts: both stand in files that people
edit, also back in time. So a statement seals them: the figures, the headcounts, and all factors by
which they were reckoned. What was not known then stays unknown. The sheets are sealed with the
places, so the factors by which they were told stay those of the first sealing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.factors import (
    Career,
    Contract,
    Factor,
    Factors,
    Price,
    PriceStep,
    Tariff,
    in_force,
)
from collector.domain.cost.footprint import NO_FIGURE, Figure, Footprint
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.shares import PlaceId

_STATED_BY: Final = {
    "cost": "contracts",
    "paper_cost": "paper_yen",
    "hours": "seconds",
    "co2_g": "co2_g",
}
"""Figure -> the factors without which there is none."""

_TABLES: Final = {
    "seconds": "time",
    "co2_g": "co2",
    "paper_yen": "paper",
    "duplex": "duplex",
    "large": "large",
}
"""Kind of factors -> how the factors file calls it."""

_LONGEST: Final = 10**60
"""The greatest denominator that is sealed as it is; beyond it nobody rounds to another figure."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many people a department had, and the calendar that it shares with those alike."""

    people: int
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class WorthLine:
    """What a department's own pages were worth while it was a part of what stands `above` it."""

    department: DepartmentId
    above: tuple[DepartmentId, ...]
    figures: Footprint

    def group(self, level: int | None) -> tuple[DepartmentId, ...]:
        """Return in which departments it counts; on a `level` in the one that stands there."""
        line = (self.department, *self.above)
        if level is None:
            return line
        return (line[-level] if len(line) > level else self.department,)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a closed month was worth by `factors`, and its headcounts on its last day.

    A department that has no line was worth nothing, in each figure of which a factor is stated.
    `reasons` say why this revision states other factors or headcounts than the one before.
    """

    factors: Factors
    lines: tuple[WorthLine, ...] = ()
    heads: Mapping[DepartmentId, Staffing] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    def of(self, department: DepartmentId, level: int | None = None) -> Footprint:
        """Return what `department` came to with its parts, or all for `WHOLE_OFFICE`."""
        whole = department == WHOLE_OFFICE
        own = [one.figures for one in self.lines if whole or department in one.group(level)]
        return _footprint(lambda name: self._sum(name, own))

    def people(self, department: DepartmentId) -> int | None:
        """Return how many people it had; None where nobody had stated that."""
        known = self.heads.get(department)
        return None if known is None else known.people

    def calendar(self, department: DepartmentId) -> str | None:
        """Return the calendar by which its people worked."""
        known = self.heads.get(department)
        return None if known is None else known.calendar

    def would_use(self, today: Factors) -> Factors:
        """Return the factors of a next revision, where these are stated `today`."""
        return replace(sealable(today), duplex=self.factors.duplex, large=self.factors.large)

    def is_other(self, other: "Worth", day: date) -> bool:
        """Say whether any figure of a month that ended on `day` is another one by `other`."""
        careers = (in_force(one.factors.careers, day) for one in (self, other))
        return len({*careers}) > 1 or (self.lines, self.heads) != (other.lines, other.heads)

    def _sum(self, name: str, several: Sequence[Footprint]) -> Figure:
        if not getattr(self.factors, _STATED_BY[name]):
            return NO_FIGURE
        own: list[Figure] = [getattr(one, name) for one in several]
        if gaps := sorted({gap for one in own for gap in one.gaps}):
            return Figure(None, tuple(gaps))
        return Figure(sum((one.exact for one in own if one.exact is not None), Fraction(0)))


def sealable(factors: Factors) -> Factors:
    """Return what of `factors` makes a month's figures: not how an invoice rounds, nor power."""
    contracts = (
        replace(
            one,
            prices=tuple(replace(each, round_lines=None, round_tax=None) for each in one.prices),
        )
        for one in factors.contracts
    )
    return replace(factors, contracts=tuple(contracts), kwh_week=())


def worth_line(
    department: DepartmentId, above: tuple[DepartmentId, ...], found: Footprint
) -> WorthLine:
    """Return the line of these figures as it can be sealed."""
    return WorthLine(department, above, _footprint(lambda name: _kept(getattr(found, name))))


def _footprint(figure: Callable[[str], Figure]) -> Footprint:
    return Footprint(figure("cost"), figure("paper_cost"), figure("hours"), figure("co2_g"))


def _kept(figure: Figure) -> Figure:
    exact = figure.exact
    if not exact:
        return Figure(None, figure.gaps)
    if exact.denominator > _LONGEST:
        exact = exact.limit_denominator(_LONGEST)
    return Figure(exact)


def factors_changed(before: Factors, after: Factors, until: date) -> tuple[str, ...]:
    """Return which factors stated up to `until` are others, as the factors file calls them."""
    old, new = ({*_stated(one, until)} for one in (before, after))
    return tuple(dict.fromkeys(name for name, _ in sorted(old ^ new, key=lambda one: one[0])))


def _stated(factors: Factors, until: date) -> Iterator[tuple[str, object]]:
    for contract in factors.contracts:
        bare = replace(contract, prices=())
        for price in contract.prices:
            if price.start <= until:
                yield f"contract {contract.id} {price.start}", (bare, price)
    for kind, table in _TABLES.items():
        for one in getattr(factors, kind):
            if one.start <= until:
                yield f"{table} {one.start}", one
    for career in factors.careers:
        if career.start <= until:
            yield f"career {career.start}", career


def heads_changed(before: Worth, after: Worth) -> tuple[DepartmentId, ...]:
    """Return the departments of which other headcounts are stated."""
    names = sorted({*before.heads, *after.heads} - {WHOLE_OFFICE})
    return tuple(one for one in names if before.heads.get(one) != after.heads.get(one))


@dataclass(frozen=True, slots=True)
class StatedFactor:
    """One factor by which a month was reckoned: its table, whose it is, its value, its source."""

    table: str
    named: str
    start: date
    value: str
    source: str


def stated_factors(factors: Factors, until: date) -> Iterator[StatedFactor]:
    """Yield the factors stated up to `until`, in the order of the file."""
    for contract in factors.contracts:
        for price in contract.prices:
            if price.start <= until:
                yield StatedFactor(
                    "contract", contract.id, price.start, _priced(price), price.source
                )
    for kind, table in _TABLES.items():
        factor: Factor
        for factor in getattr(factors, kind):
            if factor.start <= until:
                places = ", ".join(sorted(factor.places or ()))
                margin = "" if factor.margin is None else f" ±{factor.margin}"
                value = f"{factor.value}{margin}"
                yield StatedFactor(table, places, factor.start, value, factor.source)
    for one in factors.careers:
        if one.start <= until:
            value = f"{one.hours_a_year} h × {one.years}"
            yield StatedFactor("career", "", one.start, value, one.source)


def _priced(price: Price) -> str:
    color = () if price.color is None else (f"color {_steps(price.color)}",)
    more = {"basic": price.basic_fee, "minimum": price.minimum}
    others = (f"{name} {amount}" for name, amount in more.items() if amount)
    weight = (f"A3 ×{price.large_weight}",) if price.large_weight != 1 else ()
    return "; ".join((f"mono {_steps(price.mono)}", *color, *others, *weight))


def _steps(tariff: Tariff) -> str:
    steps = (f"{one.yen}" + ("" if one.up_to is None else f" (≤{one.up_to:,})") for one in tariff)
    return " / ".join(steps)


# As it stands in the text of a statement.


def worth_content(worth: Worth) -> dict[str, object]:
    """Return `worth` as plain values of JSON, without what is empty."""
    careers = [
        [one.start.isoformat(), one.source, str(one.hours_a_year), str(one.years)]
        for one in worth.factors.careers
    ]
    contracts = [_contract(one) for one in worth.factors.contracts]
    factors = {kind: [_factor(one) for one in getattr(worth.factors, kind)] for kind in _TABLES}
    heads = {
        key: [one.people, *(() if one.calendar is None else (one.calendar,))]
        for key, one in worth.heads.items()
    }
    lines = [[one.department, list(one.above), _figures(one.figures)] for one in worth.lines]
    by = _without_empty({"contracts": contracts, "careers": careers, **factors})
    more = _without_empty({"heads": heads, "reasons": list(worth.reasons)})
    return {"by": by, "lines": lines, **more}


def to_worth(content: Mapping[str, Any]) -> Worth:
    """Return what `content` states; raises ValueError, KeyError or TypeError."""
    try:
        by = content["by"]
        kinds = {kind: tuple(map(_to_factor, by.get(kind, ()))) for kind in _TABLES}
        careers = tuple(map(_to_career, by.get("careers", ())))
        contracts = tuple(map(_to_contract, by.get("contracts", ())))
        lines = tuple(
            WorthLine(DepartmentId(key), tuple(map(DepartmentId, above)), _to_figures(found))
            for key, above, found in content["lines"]
        )
        heads = {DepartmentId(key): Staffing(*own) for key, own in content.get("heads", {}).items()}
    except ArithmeticError as error:
        raise ValueError(content) from error
    factors = Factors(contracts=contracts, careers=careers, **kinds)
    return Worth(factors, lines, heads, tuple(content.get("reasons", ())))


def _without_empty(facts: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in facts.items() if value}


def _figures(found: Footprint) -> dict[str, object]:
    stated: dict[str, object] = {}
    for name in _STATED_BY:
        figure: Figure = getattr(found, name)
        if figure.gaps:
            stated[name] = [[one.place, one.lack.value] for one in figure.gaps]
        elif figure.exact is not None:
            stated[name] = str(figure.exact)
    return stated


def _to_figures(content: Mapping[str, Any]) -> Footprint:
    def read(name: str) -> Figure:
        stated = content.get(name, ())
        if isinstance(stated, str):
            return Figure(Fraction(stated))
        return Figure(None, tuple(Gap(PlaceId(place), Lack(lack)) for place, lack in stated))

    return _footprint(read)


def _places(places: Iterable[PlaceId] | None) -> list[PlaceId] | None:
    return None if places is None else sorted(places)


def _to_places(content: Sequence[str] | None) -> frozenset[PlaceId] | None:
    return None if content is None else frozenset(map(PlaceId, content))


def _factor(one: Factor) -> list[object]:
    margin = None if one.margin is None else str(one.margin)
    return [one.start.isoformat(), one.source, str(one.value), _places(one.places), margin]


def _to_factor(content: Sequence[Any]) -> Factor:
    start, source, value, places, margin = content
    off = None if margin is None else Decimal(margin)
    return Factor(date.fromisoformat(start), source, Decimal(value), _to_places(places), off)


def _to_career(content: Sequence[Any]) -> Career:
    start, source, hours, years = content
    return Career(date.fromisoformat(start), source, Decimal(hours), Decimal(years))


def _contract(one: Contract) -> list[object]:
    return [one.id, _places(one.places), one.pooled, [_price(each) for each in one.prices]]


def _to_contract(content: Sequence[Any]) -> Contract:
    name, places, pooled, prices = content
    return Contract(name, tuple(map(_to_price, prices)), _to_places(places), pooled)


def _price(one: Price) -> list[object]:
    color = None if one.color is None else _tariff(one.color)
    amounts = [str(each) for each in (one.basic_fee, one.minimum, one.large_weight)]
    return [one.start.isoformat(), one.source, _tariff(one.mono), color, *amounts]


def _to_price(content: Sequence[Any]) -> Price:
    start, source, mono, color, *amounts = content
    basic_fee, minimum, large_weight = map(Decimal, amounts)
    return Price(
        date.fromisoformat(start),
        source,
        _to_tariff(mono),
        None if color is None else _to_tariff(color),
        basic_fee,
        minimum,
        large_weight,
    )


def _tariff(tariff: Tariff) -> list[list[object]]:
    return [[one.up_to, str(one.yen)] for one in tariff]


def _to_tariff(content: Sequence[Any]) -> Tariff:
    return tuple(PriceStep(up_to, Decimal(yen)) for up_to, yen in content)
