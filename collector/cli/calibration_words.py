"""What a comparison with a panel says, in Japanese and English; joined into `words.py`."""

from collections.abc import Mapping
from typing import Final

CALIBRATION_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "on_panel": ("パネル", "Panel"),
    "reads_now": ("読取値", "Reads now"),
    "read_before": ("これまで", "Before"),
    "panel_less_before": ("これまでとの差", "Difference"),
    "judgement": ("判定", "Judgement"),
    "counter_formula": ("計算式", "Formula"),
    "agrees": ("一致", "agrees"),
    "agrees_small": ("一致（未証明）", "agrees, not proved"),
    "found": ("特定", "found"),
    "found_unsure": ("候補（要確認）", "likely"),
    "tied": ("同順位 {count} 件", "one of {count}"),
    "small": ("値が小さく不明", "too small"),
    "nothing": ("該当なし", "nothing fits"),
}
