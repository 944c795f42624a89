"""Texts and supplies: any charset, nothing that harms a terminal, no invented levels."""

import pytest

from collector.adapters.snmp.text import clean, folded
from collector.domain.reading import SupplyState
from tests.unit.snmp.machines import SUPPLY, P, answer, life, named


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("黒トナー".encode(), "黒トナー"),
        ("黒トナー".encode("shift_jis"), "黒トナー"),
        (b"Unit\xe0 nera", "Unità nera"),
        (b"black\0\0", "black"),
        (b"\x1b[31mred\x1b[0m\x1b]0;title\x07 ink", "red ink"),
        (b"one\r\n\ttwo \x7f\x9b", None),
        ("a\u202eb\u200bc".encode(), "abc"),
        (b" \0\r\n", None),
        (b"x" * 300, "x" * 80),
    ],
)
def test_words_are_made_fit_to_show(raw: bytes, text: str | None) -> None:
    found = clean(raw)
    if raw.startswith(b"one"):
        assert found is not None
        assert found.startswith("one two")
        assert all(char.isprintable() for char in found)
    else:
        assert found == text


def test_labels_are_compared_without_case_blanks_and_punctuation() -> None:
    assert folded("Counter: Machine Total") == folded("COUNTER:Machine_total ")
    assert folded("Prints") != folded("Prints (Document Filing)")


@pytest.mark.parametrize(
    ("level", "state", "remaining", "percent"),
    [
        (50, SupplyState.LEVEL, 50, 25.0),
        (0, SupplyState.LEVEL, 0, 0.0),
        (-1, SupplyState.UNLIMITED, None, None),
        (-2, SupplyState.UNKNOWN, None, None),
        (-3, SupplyState.SOME_REMAINING, None, None),
        (-100, SupplyState.UNKNOWN, None, None),
    ],
)
async def test_levels_below_zero_are_words(
    level: int, state: SupplyState, remaining: int | None, percent: float | None
) -> None:
    rows = {f"{SUPPLY}.6.1.3": "Toner", f"{SUPPLY}.8.1.3": 200, f"{SUPPLY}.9.1.3": level}
    (supply,) = (await answer(named("ACME"), rows)).supplies
    assert (supply.key, supply.name, supply.state) == ("1.3", "Toner", state)
    assert (supply.remaining, supply.level_pct) == (remaining, percent)


async def test_masked_and_prefixed_serials() -> None:
    serial = P + "11.2.3.9.4.2.1.1.3.3.0"
    hp = named("HP ETHERNET MULTI-ENVIRONMENT,SN:CNB1234567,FN:1", "11.2.3.9.1")
    found = await answer(hp, {serial: b"\xfd\xe8CNCCF10000\0"}, life(1))
    assert found.identity.serial == "CNCCF10000"
    found = await answer(hp, {serial: b"\x01\x15XXXXXXXXXX"}, life(1))
    assert found.identity.serial == "CNB1234567"
    found = await answer(named("ACME"), {"1.3.6.1.2.1.43.5.1.1.17.1": "0000000000"}, life(1))
    assert found.identity.serial is None
    assert found.identity.is_weak
