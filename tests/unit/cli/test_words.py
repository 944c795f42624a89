"""The words of tables, in both languages."""

from collector.cli.words import CommandWords


def test_headings_of_past_forecasts_name_the_working_days() -> None:
    assert CommandWords("ja")("after_days", days=10) == "10勤務日後"
    assert CommandWords("en")("after_days", days=10) == "After 10"
