"""The words of tables: one key, one meaning, in both languages."""

import ast
from collections import Counter
from pathlib import Path

from collector.cli import words
from collector.cli.words import CommandWords

STATED_IN = ("words.py",)


def test_no_key_is_stated_twice() -> None:
    """The later of two would silently stand for both."""
    folder = Path(words.__file__).parent
    keys = Counter(
        key.value
        for name in STATED_IN
        for table in ast.walk(ast.parse((folder / name).read_text(encoding="utf-8")))
        if isinstance(table, ast.Dict)
        for key in table.keys
        if isinstance(key, ast.Constant)
    )
    assert len(keys) > 100
    assert [key for key, times in keys.items() if times > 1] == []


def test_headings_of_past_forecasts_name_the_working_days() -> None:
    assert CommandWords("ja")("after_days", days=10) == "10勤務日後"
    assert CommandWords("en")("after_days", days=10) == "After 10"
