"""What is said of machines: every value has words, and a waste box is never read as toner."""

from itertools import product

import pytest

from collector.cli.words import (
    CommandWords,
    kind_text,
    level_text,
    status_text,
    tray_text,
    trouble_text,
)
from collector.domain.counting.reading import (
    DeviceStatus,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)

JA, EN = CommandWords("ja"), CommandWords("en")
TONER = Supply("1", "x", SupplyState.LEVEL, 30, 120, SupplyKind.TONER, "cyan")
WASTE = Supply("2", "x", SupplyState.LEVEL, 30, 120, SupplyKind.WASTE)


@pytest.mark.parametrize("words", [JA, EN])
def test_every_value_has_words(words: CommandWords) -> None:
    assert all(status_text(one, words) for one in DeviceStatus)
    assert all(trouble_text((one,), words) for one in Trouble)
    assert all(tray_text(one, words) for one in TrayStatus)
    for kind, state in product(SupplyKind, SupplyState):
        supply = Supply("1", "x", state, 5 if state is SupplyState.LEVEL else None, 10, kind)
        assert kind_text(supply, words)
        assert level_text(supply, words)


def test_levels_in_words() -> None:
    assert (level_text(TONER, JA), level_text(TONER, EN)) == ("25%", "25%")
    assert level_text(WASTE, JA) == "空き 25%（75% 使用）"
    assert level_text(WASTE, EN) == "25% free (75% full)"
    some = SupplyState.SOME_REMAINING
    assert level_text(Supply("1", "x", some, kind=SupplyKind.WASTE), JA) == "空きあり"
    assert level_text(Supply("1", "x", some), JA) == "残りあり"
    assert level_text(Tray("1", "x", SupplyState.UNKNOWN), JA) == "不明"
    assert level_text(Tray("1", "x", SupplyState.LEVEL, 1181), EN) == "1,181"


def test_kinds_and_troubles_in_words() -> None:
    assert kind_text(TONER, JA) == "トナー シアン"
    assert kind_text(WASTE, EN) == "waste"
    both = (Trouble.NO_PAPER, Trouble.JAMMED)
    assert trouble_text(both, JA) == "用紙切れ、紙詰まり"
    assert trouble_text((), EN) == ""
