"""The drawn chart: its bars stand for their figures, and it can be read without seeing it."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.report.charts import Bar, Chart, nice_step, svg


def drawn(*bars: Bar, name: str = "c", title: str = "title") -> ET.Element:
    return ET.fromstring(svg(Chart(name, title, "told", "面", bars)))  # noqa: S314 - our own text


def rectangles(chart: ET.Element) -> list[ET.Element]:
    return [one for one in chart.iter("rect") if one.get("class", "").startswith("bar")]


def texts(chart: ET.Element) -> list[str]:
    return [one.text or "" for one in chart.iter("text")]


def test_heights_are_in_proportion() -> None:
    chart = drawn(Bar("1", 1000), Bar("2", 500), Bar("3", 0))
    one, half, none = (float(bar.get("height", "x")) for bar in rectangles(chart))
    assert half == pytest.approx(one / 2, abs=0.1)
    assert none == 0


def test_a_month_that_is_not_known_has_no_bar() -> None:
    chart = drawn(Bar("1", 1000), Bar("2", None))
    assert len(rectangles(chart)) == 1
    assert "–" in texts(chart)


def test_figures_labels_and_years_are_written() -> None:
    chart = drawn(Bar("11月", 12345, year="2025年"), Bar("12月", 9))
    assert {"12,345", "9", "11月", "12月", "2025年", "面"} <= set(texts(chart))


def test_the_target_is_broken_where_a_month_has_none() -> None:
    chart = drawn(Bar("1", 5, 10), Bar("2", 5, 10), Bar("3", 5), Bar("4", 5, 8))
    (path,) = chart.iter("path")
    assert path.get("d", "").count("M") == 2
    assert path.get("d", "").count("L") == 1
    assert not list(drawn(Bar("1", 5)).iter("path"))


def test_months_that_are_not_final_are_hatched_and_compared_ones_strong() -> None:
    chart = drawn(Bar("1", 5, soft=True), Bar("2", 5, strong=True), Bar("3", 5))
    soft, strong, plain = rectangles(chart)
    assert soft.get("style") == "fill:url(#c-hatch)"
    assert (strong.get("class"), strong.get("style")) == ("bar strong", None)
    assert (plain.get("class"), plain.get("style")) == ("bar", None)


def test_it_is_named_and_described_and_takes_hostile_titles_for_texts() -> None:
    chart = drawn(Bar("1", 5), name="office", title="</title><script>")
    assert chart.get("role") == "img"
    ids = {one.get("id"): one.text for one in chart if one.get("id")}
    assert [ids[name] for name in chart.get("aria-labelledby", "").split()] == [
        "</title><script>",
        "told",
    ]


def test_a_chart_of_nothing_is_a_chart() -> None:
    assert rectangles(drawn()) == []
    assert rectangles(drawn(Bar("1", None), Bar("2", None))) == []


@given(st.integers(0, 10**9), st.sampled_from([2, 4]))
def test_grid_lines_are_few_round_and_whole(highest: int, lines: int) -> None:
    step = nice_step(highest, lines=lines)
    assert step == int(step) >= 1
    assert -(-highest // step) <= lines + 1
    assert str(int(step)).rstrip("0") in {"1", "2", "25", "5", "3"}
