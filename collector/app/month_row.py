"""A month as fields of a row: what the published schema says of it."""

from collections.abc import Collection, Mapping
from typing import Final

from collector.domain.footprint import Figure
from collector.domain.meters import Meter
from collector.domain.months import DepartmentMonth
from collector.domain.rows import Value
from collector.domain.sentences import bring_back, known_text, target_text

_METERS: Final[Mapping[str, Meter]] = {
    "mono": Meter("total_mono"),
    "color": Meter("total_color"),
    "copy": Meter("copy"),
    "print": Meter("print"),
    "fax": Meter("fax"),
    "scan": Meter("scan"),
    "sheets": Meter("sheets"),
}
_FIGURES: Final = {"cost": 0, "paper_cost": 0, "hours": 2, "co2_g": 0}
"""Field -> decimals shown. Exact until here."""


def month_fields(month: DepartmentMonth, published: Collection[str] = ()) -> dict[str, Value]:
    """Return every field of a month; where there is no target it is 0, and `has_target` false.

    A rewrite merges fields, so a field that may vanish (a target taken away) is always written.
    Forecast fields exist once there is a day to go by and stay from then on. Money, hours and CO2
    have no field while they are not known; of those `published` once, one that is not known any
    more is taken back as 0. The fields that end in `_known` tell.
    """
    fields: dict[str, Value] = {name: month.meters.get(m, 0) for name, m in _METERS.items()}
    fields |= {
        "pages": month.pages,
        "estimated": month.estimated,
        "places": month.places,
        "places_read": month.places_read,
        "elapsed": float(month.elapsed),
        "final": month.final,
        "revision": month.revision,
        "name": month.department.name,
        "name_en": month.department.name_en or month.department.name,
        "low": month.low,
        "high": month.high,
        "in_question": month.known.in_question,
        "measured_since": "" if month.since is None else month.since.isoformat(),
        "completeness": known_text(month, japanese=True),
        "completeness_en": known_text(month, japanese=False),
    }
    if month.last_year is not None:
        fields["last_year"] = month.last_year
    if month.forecast is not None:
        fields["forecast"] = float(month.forecast.expected)
        fields["forecast_low"] = float(month.forecast.low)
        fields["forecast_high"] = float(month.forecast.high)
    return fields | _target(month) | _year(month) | _footprint(month, published)


def known_figures(month: DepartmentMonth) -> frozenset[str]:
    """Return the fields of money, hours and CO2 that are known."""
    return frozenset(name for name, figure in _figures(month).items() if figure.exact is not None)


def _target(month: DepartmentMonth) -> dict[str, Value]:
    heading = month.course
    return {
        "target": month.target or 0,
        "has_target": month.target is not None,
        "remaining": month.remaining if month.remaining is not None else 0,
        "ratio": float(month.ratio or 0.0),
        "pace": 0.0 if heading is None else float(heading.pace or 0.0),
        "allowed_pace": 0.0 if heading is None else float(heading.allowed or 0.0),
        "cut": 0 if heading is None else heading.cut or 0,
        "basis": target_text(month.basis, japanese=True),
        "basis_en": target_text(month.basis, japanese=False),
        "advice": "" if heading is None else bring_back(heading, japanese=True),
        "advice_en": "" if heading is None else bring_back(heading, japanese=False),
    }


def _year(month: DepartmentMonth) -> dict[str, Value]:
    year = month.year
    if year is None or year.since is None:
        return {"year_since": "", "year_pages": 0, "year_target": 0, "year_remaining": 0}
    return {
        "year_since": year.since,
        "year_pages": year.pages or 0,
        "year_target": year.target or 0,
        "year_remaining": year.left or 0,
    }


def _figures(month: DepartmentMonth) -> Mapping[str, Figure]:
    one = month.footprint
    return {
        "cost": one.cost,
        "paper_cost": one.paper_cost,
        "hours": one.hours,
        "co2_g": one.co2_g,
    }


def _footprint(month: DepartmentMonth, published: Collection[str]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for name, figure in _figures(month).items():
        amount = figure.rounded(_FIGURES[name])
        fields[f"{name}_known"] = amount is not None
        if amount is not None:
            fields[name] = float(amount)
        elif name in published:
            fields[name] = 0.0
    return fields
