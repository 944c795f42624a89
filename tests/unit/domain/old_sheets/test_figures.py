"""One cell as a number of pages."""

from datetime import date

import pytest

from collector.domain.old_sheets.cells import Broken, Value, figure, is_number
from collector.domain.sentence import verbatim
from tests.wording import unacceptable


@pytest.mark.parametrize(
    "written",
    [
        *(12000, 12000.0, "12000", "12,000", "１２，０００", "12 000", "12、000", "12,000枚"),
        *(" 12000 面 ", "12000ページ", "12000 pages", "12000.0", "１２０００"),
    ],
)
def test_one_number_in_many_spellings(written: Value) -> None:
    assert figure(written) == 12000
    assert is_number(written)


@pytest.mark.parametrize(
    "written", [None, "-", "－", "―", "ー", "—", "--", "N/A", "n/a", "不明", "未検針", "…"]
)
def test_what_is_not_known_is_nothing_and_never_0(written: Value) -> None:
    assert figure(written) is None
    assert not is_number(written)


def test_0_is_0() -> None:
    assert (figure(0), figure("0"), figure("０枚")) == (0, 0, 0)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (-5, "negative"),
        ("-5", "negative"),
        ("△1,200", "negative"),
        ("▲3", "negative"),
        ("(12)", "negative"),
        (12.5, "no whole number"),
        ("12.5", "no whole number"),
        ("1.234", "no whole number"),
        ("12,34", "no whole number"),
        ("1,2345", "no whole number"),
        ("約300", "no whole number"),
        ("100 200 3", "no whole number"),
        ("TRUE", "no whole number"),
        (float("nan"), "no whole number"),
        (float("inf"), "no whole number"),
        ("9" * 5000, "more than any copier counts"),
        (2**32, "more than any copier counts"),
        ("4294967296", "more than any copier counts"),
        (date(2025, 4, 1), "is the date 2025-04-01"),
        (Broken(verbatim("is the error #REF!")), "is the error #REF!"),
    ],
)
def test_what_is_no_number_of_pages_is_named(written: Value, why: str) -> None:
    with unacceptable(why):
        figure(written)
