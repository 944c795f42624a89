"""The factors file: every figure with its date and source, and what is wrong with it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from collector.domain.cost.factors import (
    NO_FACTORS,
    Career,
    Contract,
    Factor,
    Price,
    PriceStep,
    Rounding,
)
from collector.settings.load import Loaded
from tests.unit.settings.files import FLEET, loaded, problems

SETTINGS = '[factors]\nfile = "factors.toml"\n'
CONTRACT = '[[contract]]\nid = "c"\n'
PRICE = '[[contract.price]]\nfrom = 2025-04-01\nsource = "s"\n'
TIME = '[[time]]\nfrom = 2025-04-01\nsource = "s"\nseconds_per_impression = 4\n'


CAREER = '[[career]]\nfrom = 2025-04-01\nsource = "s"\nhours_a_year = 1860\nyears = 38\n'
DUPLEX = '[[duplex]]\nfrom = 2025-04-01\nsource = "s"\nduplex_percent = 45\n'


def read(folder: Path, text: str) -> Loaded:
    (folder / "factors.toml").write_text(text, encoding="utf-8")
    return loaded(folder, SETTINGS)


def faults(folder: Path, text: str) -> dict[str, str]:
    (folder / "factors.toml").write_text(text, encoding="utf-8")
    return problems(folder, SETTINGS)


def test_without_the_key_there_are_no_factors(tmp_path: Path) -> None:
    assert loaded(tmp_path).factors == NO_FACTORS
    assert read(tmp_path, "").factors == NO_FACTORS


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (message,) = problems(tmp_path, SETTINGS).values()
    assert "there is no file" in message
    assert "factors.file" in message


def test_a_contract_with_all_there_is(tmp_path: Path) -> None:
    text = CONTRACT + 'places = ["2f"]\ntogether = true\n' + PRICE
    text += "mono = [{ up_to = 3000, yen = 2.4 }, { yen = 2 }]\ncolor = 14.5\n"
    text += "basic_fee = 1000\nminimum = 3000\nlarge_weight = 2\n"
    (contract,) = read(tmp_path, text).factors.contracts
    mono = (PriceStep(3000, Decimal("2.4")), PriceStep(None, Decimal(2)))
    price = Price(
        date(2025, 4, 1),
        "s",
        mono,
        (PriceStep(None, Decimal("14.5")),),
        Decimal(1000),
        Decimal(3000),
        Decimal(2),
    )
    assert contract == Contract("c", (price,), frozenset({"2f"}), pooled=True)


def test_how_yen_are_rounded_is_a_term_of_a_price(tmp_path: Path) -> None:
    terms = 'round_lines = "down"\nround_tax = "half"\n'
    later = PRICE.replace("2025", "2026") + "mono = 2\n" + terms
    (contract,) = read(tmp_path, CONTRACT + PRICE + "mono = 3\n" + later).factors.contracts
    before, after = contract.prices
    assert (before.round_lines, before.round_tax) == (None, None)
    assert (after.round_lines, after.round_tax) == (Rounding.DOWN, Rounding.HALF)


def test_another_way_to_round_is_refused_with_its_line(tmp_path: Path) -> None:
    (message,) = faults(tmp_path, CONTRACT + PRICE + 'mono = 3\nround_tax = "dwon"\n').values()
    assert "one of down, up, half" in message
    assert "dwon" in message


def test_prices_stand_in_order_of_their_dates(tmp_path: Path) -> None:
    later = PRICE.replace("2025", "2026") + "mono = 2\n"
    (contract,) = read(tmp_path, CONTRACT + later + PRICE + "mono = 3\n").factors.contracts
    assert [one.start.year for one in contract.prices] == [2025, 2026]


def test_every_other_kind(tmp_path: Path) -> None:
    text = TIME + TIME.replace("time", "co2").replace("seconds_per_impression", "g_per_sheet")
    text += TIME.replace("time", "paper").replace(
        "seconds_per_impression = 4", "yen_per_sheet = 0.6"
    )
    factors = read(tmp_path, text).factors
    expected = Factor(date(2025, 4, 1), "s", Decimal(4))
    assert (factors.seconds, factors.co2_g) == ((expected,), (expected,))
    assert factors.paper_yen[0].value == Decimal("0.6")


def test_a_working_life(tmp_path: Path) -> None:
    (career,) = read(tmp_path, CAREER).factors.careers
    assert career == Career(date(2025, 4, 1), "s", Decimal(1860), Decimal(38))


def test_shares_of_paper_with_how_far_they_may_be_off(tmp_path: Path) -> None:
    text = DUPLEX + 'places = ["2f"]\n' + DUPLEX + "plus_minus = 7.5\n"
    own, common = read(tmp_path, text).factors.duplex
    assert (own.value, own.margin, own.places) == (Decimal(45), None, frozenset({"2f"}))
    assert (common.margin, common.places) == (Decimal("7.5"), None)


def test_a_place_that_is_gone_is_a_warning(tmp_path: Path) -> None:
    found = read(tmp_path, TIME + 'places = ["2g"]\n')
    (warning,) = found.warnings
    assert warning.path == "factors.toml:5: time[0].places"
    assert "no place '2g' in the fleet; known are: 2f" in warning.message
    assert found.factors.seconds[0].places == frozenset({"2g"})


ONE = CONTRACT + PRICE
FAULTS = [
    (ONE, 'contract[0] "c".price[0].mono', "is missing; write the yen"),
    (CONTRACT, 'contract[0] "c".price', "add a [[contract.price]]"),
    (
        ONE.replace('source = "s"\n', "") + "mono = 2",
        'contract[0] "c".price[0].source',
        "where the",
    ),
    (ONE.replace('"s"', '""') + "mono = 2", 'contract[0] "c".price[0].source', "is empty"),
    (
        ONE.replace("from = 2025-04-01\n", "") + "mono = 2",
        'contract[0] "c".price[0].from',
        "missing",
    ),
    (ONE + "mono = -2", 'contract[0] "c".price[0].mono', "no price"),
    (ONE + 'mono = "2"', 'contract[0] "c".price[0].mono', "no price"),
    (ONE + "mono = []", 'contract[0] "c".price[0].mono', "no step"),
    (ONE + "mono = [{ up_to = 5, yen = 1 }]", 'contract[0] "c".price[0].mono', "ends at 5"),
    (
        ONE + "mono = [{ yen = 1 }, { yen = 2 }]",
        'contract[0] "c".price[0].mono',
        "only the last has none",
    ),
    (
        ONE + "mono = [{ up_to = 5, yen = 1 }, { up_to = 5, yen = 2 }, { yen = 3 }]",
        'contract[0] "c".price[0].mono',
        "overlap",
    ),
    (
        ONE + "mono = [{ up_to = 5 }, { yen = 3 }]",
        'contract[0] "c".price[0].mono[0].yen',
        "missing",
    ),
    (ONE + "mono = 2\nbasic_fee = -1", 'contract[0] "c".price[0].basic_fee', "less than nothing"),
    (ONE + "mono = 2\nlarge_weight = 0", 'contract[0] "c".price[0].large_weight', "no weight"),
    (ONE + "mono = 2\ncolour = 1", 'contract[0] "c".price[0].colour', "did you mean color?"),
    (ONE + "mono = 2\n" + PRICE + "mono = 3", 'contract[0] "c".price[1].from', "keep one"),
    (ONE + "mono = 2\n" + ONE + "mono = 2", 'contract[1] "c".id', "already used"),
    (
        ONE + "mono = 2\n" + ONE.replace('"c"', '"d"') + "mono = 2",
        'contract[1] "d".places',
        "covers all other places",
    ),
    (
        (CONTRACT + 'places = ["2f"]\n' + PRICE + "mono = 2\n")
        + (CONTRACT.replace('"c"', '"d"') + 'places = ["2f"]\n' + PRICE + "mono = 2\n"),
        'contract[1] "d".places',
        "2f is already covered",
    ),
    (TIME + "places = []", "time[0].places", "names no place"),
    (TIME + 'places = "2f"', "time[0].places", "list of texts"),
    (TIME + TIME, "time[1].from", "keep one of the two"),
    (TIME.replace("seconds_per_impression = 4", ""), "time[0].seconds_per_impression", "missing"),
    (TIME.replace("= 4", "= nan"), "time[0].seconds_per_impression", "must be a number"),
    (DUPLEX.replace("45", "145"), "duplex[0].duplex_percent", "so many of a hundred"),
    (DUPLEX.replace("45", "-1"), "duplex[0].duplex_percent", "less than nothing"),
    (DUPLEX + "plus_minus = -1", "duplex[0].plus_minus", "less than nothing"),
    ('[[large]]\nfrom = 2025-04-01\nsource = "s"', "large[0].large_percent", "missing"),
    (CAREER.replace("38", "0"), "career[0].years", "above 0"),
    (CAREER.replace("1860", "-1"), "career[0].hours_a_year", "above 0"),
    (CAREER.replace("years = 38", ""), "career[0].years", "missing"),
    (CAREER.replace('source = "s"', ""), "career[0].source", "missing"),
    (CAREER + CAREER, "career[1].from", "keep one of the two"),
    ("[[times]]\n", "times", "did you mean time?"),
]


@pytest.mark.parametrize(("text", "path", "part"), FAULTS, ids=[one[2] for one in FAULTS])
def test_every_fault_has_its_path(tmp_path: Path, text: str, path: str, part: str) -> None:
    found = faults(tmp_path, text)
    assert part in found[f"factors.toml: {path}"]


def test_factors_and_fleet_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "factors.toml").write_text("x = 1", encoding="utf-8")
    found = problems(tmp_path, SETTINGS, FLEET + "y = 1")
    assert {path.split(":")[0] for path in found} == {"factors.toml", "fleet.toml"}
