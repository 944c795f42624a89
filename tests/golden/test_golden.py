"""What the office of `office.py` publishes and seals stays what it is, to the octet.

Where it is meant to change, `python -m tests.golden FOLDER` writes the new texts: lay them beside
this file, and say in the commit what changed and why.
"""

import asyncio
from pathlib import Path

from tests.golden.office import digests, fill

HERE = Path(__file__).parent


def test_rows_and_statements_are_unchanged(tmp_path: Path) -> None:
    rows, texts = asyncio.run(fill(tmp_path))
    for month, text in texts.items():
        assert text == (HERE / f"statement-{month}.txt").read_text(), month
    assert digests(rows) == (HERE / "digests.json").read_text()
