"""The shipped factors say nothing as they are, and are right when switched on."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from collector.domain.cost.factors import NO_FACTORS, PriceStep
from collector.settings.factors_file import parse_factors
from collector.settings.fleet.toml import parse_fleet
from collector.user_files.report import ProblemReport
from collector.user_files.toml_file import TomlFile

CONFIG = Path(__file__).parents[2] / "config"


def switched_on(name: str) -> TomlFile:
    """Return what an example says with every example in it switched on."""
    text = (CONFIG / name).read_text(encoding="utf-8")
    return TomlFile.of(name, re.sub(r"^#(?=\[|[a-z_0-9]+ = )", "", text, flags=re.MULTILINE))


def test_nobody_pays_by_the_examples_prices() -> None:
    text = (CONFIG / "factors.toml").read_text(encoding="utf-8")
    file = TomlFile.of("factors.toml", text)
    assert parse_factors(file, [], ProblemReport()) == NO_FACTORS


def test_the_factors_switched_on_are_right() -> None:
    report = ProblemReport()
    places = ["2f-soumu", "1f-zeimu"]
    factors = parse_factors(switched_on("factors.toml"), places, report)
    assert (report.problems, report.warnings) == ([], [])
    assert factors is not None
    (contract,) = factors.contracts
    assert [one.start for one in contract.prices] == [date(2025, 4, 1), date(2026, 4, 1)]
    assert contract.prices[1].mono == (
        PriceStep(3000, Decimal("2.4")),
        PriceStep(None, Decimal("2.0")),
    )
    kinds = (factors.seconds, factors.co2_g, factors.paper_yen, factors.duplex, factors.large)
    assert [len(one) for one in (*kinds, factors.kwh_week)] == [1] * 6


def test_the_target_plans_switched_on_are_right() -> None:
    report = ProblemReport()
    fleet = parse_fleet(switched_on("fleet.toml"), None, report, year_begins=4)
    assert report.problems == []
    assert fleet is not None
    kinds = {type(plan.rule).__name__ for one in fleet.targets.values() for plan in one.plans}
    assert kinds == {"Fixed", "Less", "Path", "Budget"}
    assert "whole_office" in fleet.targets
