"""What a person types off a panel."""

import pytest

from collector.domain.counting.panel import (
    LARGEST,
    contradictions,
    panel_figure,
    panel_figures,
    panel_line,
    panel_meter,
)
from collector.domain.meters import METERS, Meter
from collector.domain.sentence import Unacceptable
from tests.wording import english, unacceptable


@pytest.mark.parametrize(
    ("line", "meter", "figure"),
    [
        ("total=12345", "total", 12345),
        ("total=12,345", "total", 12345),
        ("合計 12,345", "total", 12345),
        ("合計：１２，３４５枚", "total", 12345),
        ("合計=0", "total", 0),
        ("合計00012345", "total", 12345),
        ("トータル1 500", "total", 500),
        ("Total 1: 500", "total", 500),
        ("白黒=7", "total_mono", 7),
        ("モノクロ 7", "total_mono", 7),
        ("b/w = 7", "total_mono", 7),
        ("フルカラー=7", "total_color", 7),
        ("color=7", "total_color", 7),
        ("Full Colour 7 pages", "total_color", 7),
        ("コピー 7", "copy", 7),
        ("コピー（白黒）＝７", "copy_mono", 7),
        ("Copy: Black & White 12", "copy_mono", 12),
        ("白黒コピー12", "copy_mono", 12),
        ("プリンター フルカラー 3", "print_color", 3),
        ("ファクス 3", "fax", 3),
        ("ファックス受信 3", "fax", 3),
        ("FAX=3", "fax", 3),
        ("スキャン=3", "scan", 3),
        ("大判=3", "total_large", 3),
        ("A3 3", "total_large", 3),
        ("A3 白黒=3", "total_mono_large", 3),
        ("両面=3", "duplex", 3),
        ("用紙枚数=3", "sheets", 3),
        ("engine_total=3", "engine_total", 3),
        ("print-color=3", "print_color", 3),
    ],
)
def test_lines_as_panels_and_people_write_them(line: str, meter: str, figure: int) -> None:
    assert panel_line(line) == (meter, figure)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("totl=3", "'totl' is no meter; did you mean total?"),
        ("コピ=3", "did you mean コピー?"),
        ("xyzzy=3", "write one like total, mono, copy, 合計, 白黒"),
        ("total=-3", "-3 is below zero, which no counter is; look again"),
        ("total -3", "below zero"),
        ("total=1.234", "'1.234' is no figure; write only digits, like 123456 or 12,345"),
        ("total=1,23", "no figure"),
        ("total=abc", "no figure"),
        ("total=12a", "no figure"),
        ("total=", "the figure is missing"),
        ("total", "the figure is missing"),
        ("=3", "names no meter; write it like total=123456"),
        ("123", "names no meter"),
        ("", "names no meter"),
        ("()=3", "the meter's name is missing"),
        (f"total={LARGEST + 1}", "more than a counter holds"),
        ("total=" + "9" * 400, "no figure"),
        ("単色カラー=3", "a part of color; add it to full colour and give the sum as color"),
        ("トータル2 3", "counts large pages twice"),
        ("コピー プリント 3", "speaks of copy and print; give each with its own figure"),
        ("白黒フルカラー=3", "speaks of color and mono"),
        ("ページ=3", "no meter"),
        ("両面コピー=3", "no meter"),
    ],
)
def test_what_is_no_figure_gets_one_sentence(line: str, said: str) -> None:
    with pytest.raises(Unacceptable) as caught:
        panel_line(line)
    assert said in english(caught.value.why)
    assert "\n" not in english(caught.value.why)


def test_every_meter_is_called_by_its_own_name() -> None:
    assert [panel_meter(name) for name in METERS] == list(METERS)


def test_the_largest_counter_is_a_figure() -> None:
    assert panel_figure(f"{LARGEST:,}") == LARGEST


def test_a_meter_stands_there_once() -> None:
    assert panel_figures(["合計=3", "コピー=2"]) == {"total": 3, "copy": 2}
    with unacceptable("total stands there twice; give it once"):
        panel_figures(["合計=3", "total=3"])


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"total": 10, "total_mono": 4, "total_color": 6, "copy": 5, "print": 5}, []),
        ({"total": 10, "total_mono": 4, "total_color": 5}, ["mono and color of total come to 9"]),
        ({"copy": 10, "copy_mono": 11}, ["a part of copy is 11, more than copy"]),
        ({"total": 10, "copy": 8, "print": 2, "fax": 1}, ["copy, print and fax come to 11"]),
        ({"copy": 8, "scan": 99}, []),
    ],
)
def test_figures_that_do_not_go_together_are_told(figures: dict[str, int], said: list[str]) -> None:
    found = contradictions({Meter(name): figure for name, figure in figures.items()})
    assert len(found) == len(said)
    assert all(words in english(one) for words, one in zip(said, found, strict=True))
