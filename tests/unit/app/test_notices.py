"""What is watched, when it is told, and what becomes of a letter that nobody takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from collector.app.close.close_month import CloseMonth, Refusal
from collector.app.month_report import month_report
from collector.app.notes import CLOCK_IN_DOUBT, NOTICES
from collector.app.notices import Notices, Outside, Post, SinkHealth, rehearse
from collector.app.office_context import OfficeContext
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.notices import Addressee, Matter, Notice, QuietHours
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.office_calendar import Office, Period
from collector.domain.office.targets import Targets
from collector.domain.sentence import sentence
from collector.errors import LedgerError, LetterNotTaken
from collector.ports import Ledger
from collector.texts import Texts
from tests.unit.app.office import (
    CANON,
    LONG_AGO,
    OFFICE,
    RICOH,
    ZEIMU,
    AnOffice,
    answer,
    fleet,
    place,
)

A_FLEET = fleet(
    place("1f", (LONG_AGO, {"soumu": 100})),
    place("2f", (LONG_AGO, {"zeimu": 100})),
    targets={"soumu": Targets(default=100), "zeimu": Targets(default=100_000)},
)
READERS = (
    Addressee("managers", frozenset({Matter.TARGETS, Matter.CLOSING, Matter.QUESTIONS})),
    Addressee("it", frozenset({Matter.MACHINES, Matter.LEDGER, Matter.SINKS})),
)


def hours(office: Office) -> QuietHours:
    return QuietHours(office, time(18), time(8), time(8, 30))


def office_of(targets: dict[str, Targets]) -> AnOffice:
    """Return an office like `A_FLEET` with other `targets`."""
    places = (
        place("1f", (LONG_AGO, {"soumu": 100})),
        place("2f", (LONG_AGO, {"zeimu": 100})),
    )
    return AnOffice(OfficeContext(fleet(*places, targets=targets), OFFICE))


@dataclass
class Told:
    """A service's notices with an office around them, and what reached whom."""

    office: AnOffice = field(default_factory=lambda: AnOffice(OfficeContext(A_FLEET, OFFICE)))
    got: list[tuple[str, str]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    held_up: datetime | None = None
    sinks: list[SinkHealth] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    readers: tuple[Addressee, ...] = READERS
    bodies: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start for the first time."""
        self.restart()

    def restart(self) -> None:
        """Know nothing but what the ledger does."""

        async def sinks() -> Sequence[SinkHealth]:
            return self.sinks

        one = self.office
        outside = Outside(lambda: self.held_up, sinks, lambda: 1.0)
        post = Post(self.readers, hours, 0.8)
        self.notices = Notices(one.ledger, one.current, one.clock, post, outside)

    async def send(self, reader: str, notices: Sequence[Notice], lost: int) -> None:
        assert lost == 0
        if reader in self.away:
            raise LetterNotTaken("403")
        self.got += [(reader, one.said.key) for one in notices]
        self.bodies += notices

    async def round(self, **later: float) -> list[tuple[str, str]]:
        """Let time pass, look, deliver; return what was told now."""
        self.office.clock.forward(**later)
        before = len(self.got)
        await self.notices.look()
        self.found += await self.notices.deliver(self.send)
        return self.got[before:]


async def counted(told: Told, total: int, name: str = "1f") -> None:
    told.office.clock.forward(minutes=5)
    await told.office.poll(name, answer(RICOH if name == "1f" else CANON, total))


async def test_a_department_is_told_near_and_over_once_over_a_restart() -> None:
    told = Told()
    await counted(told, 1000)
    assert await told.round(minutes=20) == []
    await counted(told, 1085)
    assert await told.round(minutes=20) == [("managers", "notice.near")]
    told.restart()
    assert await told.round(minutes=20) == []
    await counted(told, 1101)
    assert await told.round(minutes=20) == [("managers", "notice.over")]
    told.restart()
    await counted(told, 1140)
    assert await told.round(hours=1) == []


async def test_a_target_of_the_whole_office_is_told_like_a_departments() -> None:
    told = Told(office_of({WHOLE_OFFICE: Targets(default=100)}))
    await counted(told, 1000)
    await counted(told, 5000, "2f")
    await told.round()
    await counted(told, 1060)
    await counted(told, 5020, "2f")
    assert await told.round(minutes=20) == [("managers", "notice.near")], "80 of both together"
    told.restart()
    await counted(told, 5041, "2f")
    assert await told.round(minutes=20) == [("managers", "notice.over")]
    assert told.bodies[-1].topic == "over|2026-11|whole_office"
    assert Texts("ja").say(told.bodies[-1].said).startswith("全庁は 2026-11 の目標 100面")
    assert await told.round(hours=1) == []
    found = await rehearsed(told)
    assert [(key, name) for key, name in found if name == WHOLE_OFFICE] == [("over", WHOLE_OFFICE)]


async def test_an_office_that_will_be_over_is_told_though_no_department_has_a_target() -> None:
    told, total = Told(office_of({WHOLE_OFFICE: Targets(default=330)})), 1000
    for day in (2, 4, 5, 6, 9, 10, 11):
        for hour in (0, 4, 8):
            told.office.clock.at = datetime(2026, 11, day, hour, 0, tzinfo=UTC)
            total += 10
            await counted(told, total)
            await told.round()
    assert [one.topic for one in told.bodies if one.topic.startswith("ahead|")] == [
        "ahead|2026-11|whole_office"
    ]
    assert ("ahead", WHOLE_OFFICE) in await rehearsed(told)


@pytest.mark.parametrize(
    ("targets", "topics"),
    [
        ({"soumu": 90, "zeimu": 10}, ["over|2026-11|soumu", "over|2026-11|whole_office"]),
        ({"soumu": 90}, ["over|2026-11|soumu"]),
    ],
)
async def test_a_sum_of_targets_is_told_of_where_it_is_there(
    targets: dict[str, int], topics: list[str]
) -> None:
    told = Told(office_of({name: Targets(default=pages) for name, pages in targets.items()}))
    await counted(told, 1000)
    await counted(told, 1101)
    await told.round()
    assert [one.topic for one in told.bodies] == topics


async def test_the_target_of_the_only_department_is_not_told_again_as_the_offices() -> None:
    alone = fleet(place("1f", (LONG_AGO, {"soumu": 100})), targets={"soumu": Targets(default=100)})
    only = tuple(one for one in alone.departments if one.id == "soumu")
    told = Told(AnOffice(OfficeContext(replace(alone, departments=only), OFFICE)))
    await counted(told, 1000)
    await counted(told, 1101)
    assert await told.round() == [("managers", "notice.over")]


async def rehearsed(told: Told) -> list[tuple[str, str]]:
    """Return what of targets a rehearsal of the month up to now tells, with whose it is."""
    one, post = told.office, Post(READERS, hours, 0.8)
    span = (date(2026, 11, 1), one.clock.now())
    found = rehearse(one.ledger, one.current.context, post, span)
    topics = [each.notice.topic.split("|") async for each in found if each.reader == "managers"]
    return [(topic[0], topic[2]) for topic in topics if len(topic) > 2]


async def test_what_comes_in_quiet_hours_comes_with_the_digest() -> None:
    told = Told()
    await counted(told, 1000)
    told.office.clock.at = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)  # 19:00
    await counted(told, 1101)
    assert await told.round() == []
    told.restart()
    told.office.clock.at = datetime(2026, 11, 2, 23, 29, tzinfo=UTC)
    assert await told.round() == []
    assert await told.round(minutes=1) == [("managers", "notice.over")]
    assert await told.round(hours=1) == []


async def test_a_silent_machine_and_its_return_are_told_once() -> None:
    told = Told()
    await counted(told, 1000)
    await told.round()
    for _ in range(5):
        await told.office.silent("1f")
        told.office.clock.forward(hours=5)
    assert await told.round() == [("it", "notice.silent")]
    assert await told.round(hours=1) == []
    await counted(told, 1001)
    assert await told.round(minutes=16) == [("it", "notice.heard")]


async def test_one_who_cannot_be_reached_is_one_finding_and_loses_nothing() -> None:
    told = Told(away={"managers"})
    await counted(told, 1000)
    await counted(told, 1101)
    told.sinks = [SinkHealth("influx", told.office.clock.now(), 7, is_proven=True)]
    for _ in range(6):
        await told.round(hours=1)
    assert [(one.code, one.subject) for one in told.found] == [(Code.RECEIVER_SILENT, "managers")]
    assert [one.code for one in await told.office.ledger.findings()].count(
        Code.RECEIVER_SILENT
    ) == 1
    assert told.got == [("it", "notice.sink_bad")], "the others are told"
    told.away.clear()
    told.restart()
    assert await told.round(hours=2) == [("managers", "notice.over")]


async def test_one_who_cannot_be_reached_is_tried_ever_less_often() -> None:
    told, tries = Told(), 0

    async def refusing(reader: str, notices: Sequence[Notice], lost: int) -> None:
        nonlocal tries
        del reader, notices, lost
        tries += 1
        raise LetterNotTaken("403")

    told.send = refusing  # type: ignore[method-assign]  # counts the tries
    await counted(told, 1000)
    await counted(told, 1101)
    for _ in range(7 * 60):
        await told.round(minutes=1)
    assert 7 <= tries <= 14


async def test_a_ledger_that_is_held_up_is_told_though_nothing_can_be_noted() -> None:
    told = Told()
    await counted(told, 1000)
    await counted(told, 1101)
    assert await told.round() == [("managers", "notice.over")]
    noted = await NOTICES.get(told.office.ledger)
    told.held_up = told.office.clock.now()
    assert await told.round(minutes=14) == []
    assert await told.round(minutes=1) == [("it", "notice.held_up")]
    assert await NOTICES.get(told.office.ledger) == noted
    told.held_up = None
    assert await told.round(minutes=16) == [("it", "notice.written")], "and nothing of the rest"
    told.restart()
    assert await told.round(minutes=16) == []


async def test_sinks_are_told_bad_and_good_but_never_by_a_guess() -> None:
    told = Told()
    bad = SinkHealth("mqtt", told.office.clock.now(), 3, is_proven=True)
    told.sinks = [bad]
    assert await told.round(minutes=15) == [("it", "notice.sink_bad")]
    told.sinks = [replace(bad, bad_since=None, is_proven=False)]
    told.restart()
    assert await told.round(minutes=16) == []
    told.sinks = [replace(bad, bad_since=None)]
    assert await told.round(minutes=16) == [("it", "notice.sink_good")]


async def test_nothing_is_judged_while_the_clock_is_in_doubt() -> None:
    told = Told()
    await counted(told, 1000)
    await counted(told, 1101)
    await CLOCK_IN_DOUBT.put(told.office.ledger, "jumped")
    assert await told.round() == []
    await CLOCK_IN_DOUBT.put(told.office.ledger, "")
    assert await told.round() == [("managers", "notice.over")]


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (Code.LEDGER_RESTORED, "notice.written"),
        (Code.STATEMENT_BROKEN, "notice.written"),
        (Code.ROW_REJECTED, "notice.rejected"),
    ],
)
async def test_what_befell_the_ledger_is_told_once(code: Code, key: str) -> None:
    told = Told()
    for day in range(3):
        at = told.office.clock.now() + timedelta(days=day)
        one = Finding(
            code, Severity.ERROR, "2026-10", sentence("notice.written"), at, {"revision": 1}
        )
        if day == 0 or code is not Code.LEDGER_RESTORED:
            await told.office.ledger.record_findings([one])
    assert await told.round() == [("it", key)]
    assert await told.round(days=1) == []


async def test_a_month_that_waits_is_told_and_told_again_when_it_is_late() -> None:
    told = Told()
    await counted(told, 1000)
    await counted(told, 1001)
    await told.round()
    told.office.clock.at = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert ("managers", "notice.closing") in await told.round()
    told.office.clock.at = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)
    assert ("managers", "notice.closing.late") in await told.round()


async def test_pages_in_question_are_told_with_what_to_decide() -> None:
    told = Told()
    await counted(told, 1000)
    told.office.clock.forward(minutes=5)
    await counted(told, 90_000)
    told.office.clock.forward(minutes=5)
    await counted(told, 90_001)
    news = await told.round(minutes=5)
    codes = await told.office.codes()
    assert (("managers", "notice.question") in news) == (Code.PAGES_IN_QUESTION in codes)
    assert Code.PAGES_IN_QUESTION in codes


async def test_a_rehearsal_tells_what_the_service_told_and_writes_nothing() -> None:
    told = Told()
    total, now = 1000, told.office.clock
    for day in range(2, 21):
        for hour in (0, 4, 8):
            now.at = datetime(2026, 11, day, hour, 0, tzinfo=UTC)
            total += 3
            await counted(told, total)
            await told.round()
    noted = await NOTICES.get(told.office.ledger)
    post = Post(READERS, hours, 0.8)
    context = told.office.current.context
    found = [
        one
        async for one in rehearse(told.office.ledger, context, post, (date(2026, 11, 1), now.at))
    ]
    targets = [one for one in told.got if one[0] == "managers"]
    assert [
        (one.reader, one.notice.said.key) for one in found if one.reader == "managers"
    ] == targets
    assert {key for _, key in targets} >= {"notice.near", "notice.over"}
    assert await NOTICES.get(told.office.ledger) == noted
    assert all(not hours(OFFICE).is_on(one.at) for one in found)


async def closed(told: Told, month: str) -> None:
    one = told.office
    close = CloseMonth(one.ledger, one.current.context, one.clock.now())
    plan = await close.plan(month, estimate_now=True)
    assert not isinstance(plan, Refusal)
    await close.apply(plan, "佐藤")


def letters_of(round_: Sequence[tuple[str, str]]) -> list[str]:
    return [reader for reader, key in round_ if key == "notice.letter"]


async def test_a_letter_is_sent_once_to_those_alone_who_want_that_departments() -> None:
    wanting = (
        *READERS,
        Addressee("tax", frozenset(), letters=frozenset({ZEIMU, DepartmentId("nobody")})),
        Addressee("chief", frozenset(), letters=frozenset({WHOLE_OFFICE, ZEIMU})),
    )
    told = Told(readers=wanting)
    await counted(told, 1000)
    await counted(told, 1005)
    told.office.clock.at = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
    assert letters_of(await told.round()) == []
    await closed(told, "2026-11")
    assert letters_of(await told.round(minutes=20)) == ["tax", "chief", "chief"]
    told.restart()
    assert letters_of(await told.round(hours=1)) == []
    body = next(one for one in told.bodies if one.topic == "letter|2026-11|1|whole_office")
    assert Texts("ja").say(body.said) == "2026年11月 複合機の月次通知（全庁）（確定 第1版）"
    assert "印刷5面" in Texts("ja").say(body.advice or sentence("list", items=""))


async def test_a_letter_of_long_ago_is_news_to_nobody() -> None:
    told = Told()
    await counted(told, 1000)
    told.office.clock.at = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
    await closed(told, "2026-11")
    told.readers = (Addressee("chief", frozenset(), letters=frozenset({WHOLE_OFFICE})),)
    told.office.clock.forward(days=8)
    told.restart()
    assert letters_of(await told.round()) == []


async def test_a_letter_that_was_sent_is_not_worked_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    async def counting(ledger: Ledger, context: OfficeContext, period: Period, *more: Any) -> Any:  # noqa: ANN401 - as `month_report`
        made.append(period.name)
        return await month_report(ledger, context, period, *more)

    monkeypatch.setattr("collector.app.notices.month_report", counting)
    letters = frozenset({WHOLE_OFFICE, DepartmentId("nobody")})
    told = Told(readers=(Addressee("chief", frozenset(), letters=letters),))
    await counted(told, 1000)
    told.office.clock.at = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
    await closed(told, "2026-11")
    assert letters_of(await told.round(minutes=20)) == ["chief"]
    told.restart()
    for _ in range(3):
        await told.round(hours=1)
    assert made == ["2026-11"]


async def test_a_statement_that_was_changed_sends_no_letter_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refusing(*_: object) -> None:
        raise LedgerError("seal")

    monkeypatch.setattr("collector.app.notices.month_report", refusing)
    told = Told(readers=(Addressee("chief", frozenset(), letters=frozenset({WHOLE_OFFICE})),))
    await counted(told, 1000)
    told.office.clock.at = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
    await closed(told, "2026-11")
    assert await told.round(minutes=20) == []
    monkeypatch.undo()
    assert letters_of(await told.round(minutes=20)) == ["chief"], "it is sent once it is sound"
