"""Alerts of a machine: told once for as long as they last, over a restart too."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from collector.domain.counting.findings import Code, Severity
from collector.domain.counting.reading import Alert, Answer
from collector.errors import DeviceUnreachable
from tests.unit.app.office import RICOH, AnOffice, answer
from tests.wording import english

JAM = Alert("13.1.8", Severity.ERROR, "用紙がつまりました", "jam")
LOW = Alert("11.1.1104", Severity.WARNING, "Toner low", "toner almost empty", "Black Toner")
SLEEP = Alert("5.-1.23", Severity.INFO, "Sleep", "power saver")


@pytest.fixture
def office() -> AnOffice:
    return AnOffice()


def reports(*alerts: Alert) -> Answer:
    return replace(answer(RICOH, 1000), alerts=alerts)


async def hear(office: AnOffice, said: Answer | None) -> Sequence[str]:
    """Poll once, five minutes later; return which alerts were told."""
    office.clock.forward(minutes=5)
    outcome = await (office.silent("1f") if said is None else office.poll("1f", said))
    return [str(one.evidence["alert"]) for one in outcome.findings if one.code == "device_alert"]


async def test_an_alert_is_told_once_and_again_only_after_it_went_away(office: AnOffice) -> None:
    assert await hear(office, reports()) == []
    assert await hear(office, reports(JAM)) == ["13.1.8"]
    assert await hear(office, reports(JAM)) == []
    assert await hear(office, reports(JAM, LOW)) == ["11.1.1104"]
    assert await hear(office, reports(LOW)) == []
    assert await hear(office, reports(LOW, JAM)) == ["13.1.8"]
    assert await office.codes() == [Code.DEVICE_ALERT] * 3


async def test_what_is_told_is_in_the_makers_words_and_says_what_to_do(office: AnOffice) -> None:
    await hear(office, reports(JAM, LOW, replace(LOW, key="x", text="SC542", for_service=True)))
    assert [(one.severity, english(one.message)) for one in await office.ledger.findings()] == [
        (
            Severity.ERROR,
            "the machine reports: 用紙がつまりました; see to it at the machine",
        ),
        (
            Severity.WARNING,
            "the machine reports: Toner low (Black Toner); see to it at the machine",
        ),
        (
            Severity.WARNING,
            "the machine reports: SC542 (Black Toner); call the service company",
        ),
    ]


async def test_a_machines_routine_is_no_news(office: AnOffice) -> None:
    assert await hear(office, reports(SLEEP)) == []
    assert await office.codes() == []


async def test_a_restart_tells_nothing_again(office: AnOffice) -> None:
    await hear(office, reports(JAM))
    office.restart()
    await office.polls.remember()
    assert await hear(office, reports(JAM, LOW)) == ["11.1.1104"]


async def test_alerts_that_were_not_asked_for_neither_ended_nor_began(office: AnOffice) -> None:
    await hear(office, reports(JAM))
    assert await hear(office, answer(RICOH, 1000)) == []
    assert await hear(office, reports(JAM)) == []
    assert await hear(office, reports()) == []
    assert await hear(office, reports(JAM)) == ["13.1.8"]


async def test_a_silence_in_between_tells_nothing_again(office: AnOffice) -> None:
    await hear(office, reports(JAM))
    for _ in range(3):
        assert await hear(office, None) == []
    assert await hear(office, reports(JAM)) == []


async def test_other_findings_are_told_beside_alerts(office: AnOffice) -> None:
    """The same list of what was told holds both kinds."""
    await hear(office, reports(JAM))
    office.clock.forward(hours=30)
    await office.poll("1f", DeviceUnreachable("1f", "no answer"))
    assert await hear(office, None) == []
    assert await office.codes() == [Code.DEVICE_ALERT, Code.DEVICE_SILENT]
    office.restart()
    await office.polls.remember()
    assert await hear(office, reports(JAM)) == []
