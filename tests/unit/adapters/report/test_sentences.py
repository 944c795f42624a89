"""The sentence that matters, in every case there is."""

from dataclasses import replace

import pytest

from collector.adapters.report.sentences import headline, state
from collector.adapters.report.words import ReportWords
from collector.domain.closing.statement import Completeness
from collector.domain.counting.ranges import Margin
from collector.domain.report.month_report import Figures, Stage
from collector.texts.figures import completeness_text
from tests.fakes.month_report import TOKYO, closed_report, running_report

JA, EN = ReportWords("ja", TOKYO), ReportWords("en", TOKYO)


@pytest.mark.parametrize(
    ("office", "ja", "en"),
    [
        (
            Figures(900),
            "令和8年11月は全庁で 900 面。",
            "In 2026-11: 900 impressions in the whole office.",
        ),
        (
            Figures(900, target=1000, last_year=1200),
            (
                "令和8年11月は全庁で 900 面。"
                "目標 1,000 面を 100 面下回りました（目標比 90.0%）。"
                "前年同月より 300 面（25.0%）減りました。"
            ),
            (
                "In 2026-11: 900 impressions in the whole office. 100 below the target of 1,000 "
                "(90.0% of it). 300 (25.0%) fewer than a year before."
            ),
        ),
        (
            Figures(1100, target=1000, last_year=1000),
            (
                "令和8年11月は全庁で 1,100 面。"
                "目標 1,000 面を 100 面上回りました（目標比 110.0%）。"
                "前年同月より 100 面（10.0%）増えました。"
            ),
            (
                "In 2026-11: 1,100 impressions in the whole office. 100 above the target of 1,000 "
                "(110.0% of it). 100 (10.0%) more than a year before."
            ),
        ),
        (
            Figures(5, target=0, last_year=5),
            "令和8年11月は全庁で 5 面。目標は 0 面です。前年同月と同じです。",
            (
                "In 2026-11: 5 impressions in the whole office. The target is 0. "
                "The same as a year before."
            ),
        ),
    ],
)
def test_headlines_of_a_whole_month(office: Figures, ja: str, en: str) -> None:
    report = closed_report(office=office, departments=())
    assert headline(report, JA) == ja
    assert headline(report, EN) == en


def test_headline_of_a_running_month_tells_where_it_ends() -> None:
    assert headline(running_report(), EN) == (
        "Up to 2026-11-25 13:00: 46,924 impressions in the whole office. 5,924 above the target "
        "of 41,000 (114.4% of it). Expected at the end of the month: 56,309 (51,616 to 61,001). "
        "Above their targets: Tax. Heading above their targets: General Affairs, 福祉課."
    )
    below = replace(running_report().office, target=50_000)
    assert "目標 50,000 面まで残り 3,076 面（目標比 93.8%）" in headline(
        running_report(office=below), JA
    )


def test_departments_over_their_targets_are_named() -> None:
    assert "目標超過：税務課。" in headline(closed_report(), JA)
    assert "Above their targets: Tax. Heading above their targets: General Affairs, 福祉課." in (
        headline(running_report(), EN)
    )
    many = tuple(
        replace(one, department=replace(one.department, name=f"{one.department.name}{number}"))
        for number in range(8)
        for one in closed_report().departments[1:2]
    )
    assert (
        "目標超過：税務課0、税務課1、税務課2、税務課3、税務課4、税務課5 ほか 2 部署。"
        in headline(closed_report(departments=many), JA)
    )


def test_states() -> None:
    assert state(closed_report(), EN) == "Closed, revision 2 (by 佐藤 on 2026-12-07 09:12)"
    assert state(running_report(), EN).startswith(
        "Provisional, as of 2026-11-25 13:00. The month is not over"
    )
    assert "over but not closed" in state(running_report(stage=Stage.OPEN), EN)


@pytest.mark.parametrize(
    ("known", "ja", "en"),
    [
        (Completeness(27, 27), "27 台中 27 台検針", "27 of 27 read"),
        (
            Completeness(27, 26, ("p",), Margin(140, 140)),  # type: ignore[arg-type] - a place's id is a text
            "27 台中 26 台検針、1 台推定（±140 面）",
            "26 of 27 read, 1 estimated (±140)",
        ),
    ],
)
def test_completeness_stands_beside_the_total(known: Completeness, ja: str, en: str) -> None:
    assert completeness_text(known, japanese=True) == ja
    assert completeness_text(known, japanese=False) == en
