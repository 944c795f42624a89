"""What tables of counted readings say, in Japanese and English; joined into `words.py`."""

from collections.abc import Mapping
from typing import Final

TALLY_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "tally_months": ("設置場所別・月別面数", "Impressions by place and month"),
    "tally_range": ("範囲", "Range"),
    "tally_question": ("確認待ち", "In question"),
    "tally_waiting": ("確認が必要なお知らせ", "What waits for you"),
}
