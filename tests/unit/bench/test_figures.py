"""What is told of a benchmark: its figure, its goal, and when it has become worse."""

import pytest

from tests.bench.__main__ import beyond
from tests.bench.figures import KEPT, Figure, Unit, figure, line, yardstick_s


def test_a_figure_tells_its_goal_and_whether_it_is_missed() -> None:
    assert line(Figure("a GET", 0.06, Unit.CPU_MS, goal=0.1)).split() == [
        *("a", "GET", "0.060", "ms", "CPU", "at", "most", "0.1")
    ]
    assert "MISSED: at most 0.1" in line(Figure("a GET", 0.11, Unit.CPU_MS, goal=0.1))
    assert "MISSED: at least 50000" in line(Figure("points", 7466, Unit.EACH_S, goal=50_000))
    assert Figure("memory", 88, Unit.MB).is_met is None


def test_a_ratio_is_beside_a_peer_or_a_fixed_piece_of_python_or_the_bytes_themselves(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = f"{tmp_path}/figures"
    monkeypatch.setenv(KEPT, kept)
    figure("ours", 0.5, Unit.CPU_MS, beside=0.25)
    figure("alone", 2000 * yardstick_s(), Unit.CPU_MS)
    figure("written", 11.0, Unit.KB)
    figure("by the clock", 3.0, Unit.WALL_S)
    assert len(capsys.readouterr().out.splitlines()) == 4
    with open(kept, encoding="utf-8") as file:  # noqa: PTH123 - as the benchmark's reader does
        ratios = [line.rpartition(" ")[2].strip("}\n") for line in file]
    assert ratios == ["2.0", "2.0", "11.0", "null"]


def test_what_came_to_a_quarter_more_is_told() -> None:
    baseline = {"get: ours": 2.0, "polls: changed": 30.0, "gone": 1.0}
    assert beyond({"get: ours": 2.4, "polls: changed": 37.4, "new": 9.0}, baseline) == []
    assert beyond({"get: ours": 2.6}, baseline) == ["get: ours: 2.6, baseline 2 (1.30 times)"]
