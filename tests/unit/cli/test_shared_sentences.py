"""What many places share is said once; a unit that is none of sides stands beside its place."""

import pytest

from collector.cli.month import show_units
from collector.cli.words import CommandWords
from collector.domain.meters import Unit
from collector.domain.office.shares import PlaceId


@pytest.mark.parametrize(
    ("language", "sheets", "unstated"),
    [
        (
            "en",
            "counts sheets of paper, not printed sides",
            "unit that the machine does not name",
        ),
        ("ja", "用紙の枚数", "単位を示さない"),
    ],
)
def test_a_place_counted_in_another_unit_is_named_below_the_month(
    capsys: pytest.CaptureFixture[str], language: str, sheets: str, unstated: str
) -> None:
    units = {PlaceId("plotter"): Unit.SHEETS, PlaceId("archive"): Unit.UNSTATED}
    show_units(units, CommandWords(language))
    told = capsys.readouterr()
    archive, plotter = (told.out + told.err).splitlines()
    assert archive.startswith("archive: ")
    assert unstated in archive
    assert plotter.startswith("plotter: ")
    assert sheets in plotter


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_line_to_change_is_named_in_both_languages(language: str) -> None:
    told = CommandWords(language)("silent_together", credential="school", count=12)
    assert "[credentials.school]" in told
    assert "credentials__school__community" in told
    assert "12" in told
