"""What a machine reports of itself, in the maker's words or else in ours."""

from collections.abc import Sequence

import pytest

from collector.adapters.snmp.condition.alerts import MOST
from collector.domain.counting.findings import Severity
from collector.domain.counting.reading import Alert
from tests.unit.snmp.machines import SUPPLY, Said, answer, named

TABLE = "1.3.6.1.2.1.43.18.1.1"
TRAY = "1.3.6.1.2.1.43.8.2.1"


def row(
    index: int,
    severity: int,
    group: int,
    at: int,
    code: int,
    text: str | bytes = "",
    training: int = 3,
) -> Said:
    cells = {2: severity, 3: training, 4: group, 5: at, 7: code, 8: text}
    return {f"{TABLE}.{column}.1.{index}": value for column, value in cells.items()}


async def alerts(*said: Said) -> Sequence[Alert]:
    found = (await answer(named("ACME"), *said)).alerts
    assert found is not None
    return found


async def test_no_alert_is_known_to_be_none() -> None:
    assert await alerts() == ()


@pytest.mark.parametrize(
    ("severity", "code", "told"),
    [
        (3, 8, Severity.ERROR),
        (4, 1104, Severity.WARNING),
        (5, 1104, Severity.WARNING),
        (1, 1104, Severity.INFO),
        (0, 40000, Severity.INFO),
        (99, 8, Severity.INFO),
        (4, 503, Severity.INFO),  # powered up: no news
        (5, 23, Severity.INFO),  # power saver
        (5, 1001, Severity.INFO),  # the fuser is cold while the machine sleeps
        (3, 1001, Severity.ERROR),  # and does not get warm at all
        (4, 4, Severity.INFO),  # a cover was closed
    ],
)
async def test_severities(severity: int, code: int, told: Severity) -> None:
    (alert,) = await alerts(row(1, severity, 5, 1, code, "x"))
    assert alert.severity is told


async def test_the_makers_words_in_the_stated_charset() -> None:
    locale = {"1.3.6.1.2.1.43.7.1.1.4.1.2": 17, "1.3.6.1.2.1.43.5.1.1.2.1": 2}
    (alert,) = await alerts(row(7, 3, 8, 2, 808, "ﾖｳｼ ｶﾞ ｱﾘﾏｾﾝ\0".encode("cp932")), locale)
    assert alert == Alert("8.2.808", Severity.ERROR, "ﾖｳｼ ｶﾞ ｱﾘﾏｾﾝ", "paper empty")


@pytest.mark.parametrize(
    ("group", "code", "text"),
    [
        (8, 808, "paper tray: paper empty"),
        (11, 1109, "supply: waste toner box full"),
        (77, 8, "machine: jam"),
        (9, 31337, "output tray: alert 31337"),
        (9, 1, "output tray: alert 1"),
    ],
)
async def test_our_words_where_the_maker_has_none(group: int, code: int, text: str) -> None:
    (alert,) = await alerts(row(1, 5, group, 1, code))
    assert alert.text == text


async def test_it_names_the_supply_or_tray_that_it_is_about() -> None:
    supply = {f"{SUPPLY}.9.1.2": 1, f"{SUPPLY}.6.1.2": "Cyan Ink"}
    tray = {f"{TRAY}.10.1.12": 0, f"{TRAY}.13.1.12": "Tray 12"}
    found = await alerts(
        supply,
        tray,
        row(1, 5, 11, 2, 1105, "Ink is low."),
        row(2, 5, 8, 12, 808, "Load paper"),
        row(3, 5, 11, 9, 1105, "Ink is low."),
        row(4, 5, 6, 2, 3, "Cover"),
    )
    assert {one.key: one.part for one in found} == {
        "11.2.1105": "Cyan Ink",
        "8.12.808": "Tray 12",
        "11.9.1105": None,
        "6.2.3": None,
    }


async def test_only_a_service_engineer_can_help() -> None:
    (alert,) = await alerts(row(1, 3, 10, 1, 30, "SC542", training=5))
    assert alert.for_service


async def test_one_condition_is_one_alert_in_whichever_row_and_words() -> None:
    first = await alerts(row(17, 5, 11, 1, 1104, "toner 5 %"))
    later = await alerts(row(901, 5, 11, 1, 1104, "toner 4 %"), row(902, 5, 11, 1, 1104, "x"))
    assert [one.key for one in first] == [one.key for one in later]


async def test_codes_that_say_nothing_are_told_apart_by_their_text() -> None:
    found = await alerts(row(1, 4, 5, -1, 1, "Call 1"), row(2, 4, 5, -1, 1, "Call 2"))
    assert len({one.key for one in found}) == 2


async def test_an_alert_of_which_only_the_severity_is_answered() -> None:
    (alert,) = await alerts({f"{TABLE}.2.1.4": 3})
    assert (alert.severity, alert.text, alert.part) == (
        Severity.ERROR,
        "machine: alert without a code",
        None,
    )


async def test_of_too_many_the_worst_and_newest_are_kept() -> None:
    """An agent that keeps a history must not flood anybody, nor hide the jam at its beginning."""
    history = [row(number, 4, 5, number, 1104, f"old {number}") for number in range(10, 70)]
    found = await alerts(*history, row(2, 3, 13, 1, 8, "jam"), row(3000, 1, 5, 1, 1, "Idle"))
    assert len(found) == MOST
    assert found[0].text == "jam"
    assert {one.text for one in found[1:]} == {f"old {number}" for number in range(47, 70)}


async def test_worst_first() -> None:
    found = await alerts(
        row(1, 1, 5, 1, 1, "Idle"), row(2, 5, 11, 1, 1104, "low"), row(3, 3, 13, 1, 8, "jam")
    )
    assert [one.text for one in found] == ["jam", "low", "Idle"]
