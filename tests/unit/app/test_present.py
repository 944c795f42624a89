"""What a board is shown: all that stands, what is gone, counts of the ledger, open questions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.app.enter.amend import Amend
from collector.app.publish.deliver import Deliver
from collector.app.publish.present import Present
from collector.bootstrap.service import ROW_WORDS
from collector.domain.counting.deciding import decide
from collector.domain.counting.entries import PaperPurchase, PaperSize, Verdict
from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.rows import Row
from collector.errors import SinkUnavailable
from collector.ports import LogRef
from tests.fakes.sink import FakeBoard
from tests.unit.app.office import A_FLEET, RICOH, AnOffice, answer

OTHER = replace(RICOH, serial="ANOTHER")


class Shown:
    """An office whose board is looked at."""

    def __init__(self) -> None:
        """Open with an empty ledger and a board that shows nothing."""
        self.office = AnOffice()
        self.board = FakeBoard()
        self.start()

    def start(self) -> None:
        """Start the service anew, knowing nothing."""
        office = self.office
        office.restart()
        self.present = Present(
            office.ledger, office.renderer, office.current, office.clock, ROW_WORDS
        )
        self.deliver = Deliver(
            *(office.ledger, self.board, office.renderer, office.clock), present=self.present
        )

    async def bring(self) -> None:
        while await self.deliver():
            pass

    async def reads(self, place: str, total: int, machine: DeviceIdentity = RICOH) -> None:
        """Let a machine be read a minute later, and the board be told."""
        self.office.clock.forward(minutes=1)
        await self.office.poll(place, answer(machine, total))
        await self.bring()

    def newest(self, measurement: str, **tags: str) -> Row | None:
        found = [
            row
            for batch in self.board.batches
            for row in batch
            if row.measurement == measurement and tags.items() <= row.tags.items()
        ]
        return found[-1] if found else None

    def counted(self, place: str) -> int:
        row = self.newest("place", place=place)
        assert row is not None
        return int(row.fields["counted"])


def names(rows: Iterable[Row], tag: str) -> set[str]:
    return {row.tags[tag] for row in rows if tag in row.tags}


async def test_counts_grow_with_counted_pages_alone() -> None:
    town = Shown()
    await town.reads("1f", 121_000)
    assert town.counted("1f") == 0, "a machine's life before is not ours"
    await town.reads("1f", 121_025)
    assert town.counted("1f") == 25
    await town.reads("1f", 500_000, OTHER)
    await town.reads("1f", 500_004, OTHER)
    before = town.counted("1f")
    counted = await town.office.pages("1f")
    assert before == counted < 25 + 1000, "an exchange for a used machine"
    row = town.newest("place", place="1f")
    assert row is not None
    assert row.fields["area"] == "総務課"


async def test_a_count_is_the_ledgers_over_months_and_after_a_restart() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    for pages in range(1, 4):
        town.office.clock.forward(days=31)
        await town.reads("1f", 1000 + 10 * pages)
        assert town.counted("1f") == 10 * pages == await town.office.pages("1f")
    town.start()
    await town.bring()
    assert town.counted("1f") == 30


async def test_a_past_day_that_changes_is_added_up_again() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    await town.reads("1f", 1040)
    town.office.clock.forward(days=40)
    await town.reads("1f", 1041)
    assert town.counted("1f") == 41
    day = next(iter(await town.office.ledger.days(date.min, date.max, PlaceId("1f")))).day
    assert day < town.office.current.context.office.local_day(town.office.clock.now())
    rows = await town.present.beside([LogRef("day", f"1f|{day}")])
    assert [row.fields["counted"] for row in rows] == [41]


async def test_all_is_shown_at_the_start_and_only_then() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    await town.reads("2f", 700, OTHER)
    assert len(town.board.shown) == 1
    town.start()
    await town.bring()
    assert len(town.board.shown) == 2
    rows = town.board.shown[-1].rows
    assert names(rows, "place") == {"1f", "2f"}
    assert names(rows, "department") >= {"soumu", "zeimu"}
    assert {row.measurement for row in rows} >= {"copier", "department_month", "office_month"}
    assert town.board.shown[-1].gone == ()


async def test_a_silent_place_is_shown_silent() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    for _ in range(2):
        town.office.clock.forward(minutes=5)
        await town.office.silent("1f")
    town.start()
    await town.bring()
    rows = [row for row in town.board.shown[-1].rows if row.measurement == "copier"]
    assert [row.fields["online"] for row in rows] == [True, False]
    await town.reads("1f", 1000)
    back = town.newest("copier", place="1f")
    assert back is not None
    assert back.fields["online"] is True, "though it says what it said before"


async def test_a_place_and_a_department_that_are_gone_are_named_as_such() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    await town.reads("2f", 700, OTHER)
    yesterday = town.office.current.context.office.local_day(town.office.clock.now())
    ended = [
        replace(one, until=yesterday - timedelta(days=1)) if one.id == "2f" else one
        for one in A_FLEET.places
    ]
    left = tuple(one for one in A_FLEET.departments if one.id != "zeimu")
    former = (Department(DepartmentId("zeimu"), "税務課"),)
    town.office.reorganise(replace(A_FLEET, places=tuple(ended), departments=left, former=former))
    await town.bring()
    shown = town.board.shown[-1]
    assert len(town.board.shown) == 2
    of_place = [row.measurement for row in shown.gone if row.tags.get("place") == "2f"]
    assert of_place == ["copier", "place"]
    assert names(shown.gone, "department") >= {"zeimu"}
    assert "2f" not in names(shown.rows, "place")
    months = [row for row in shown.rows if row.measurement == "department_month"]
    assert "zeimu" not in names(months, "department")


async def test_a_renamed_department_is_shown_at_once() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    named = tuple(
        replace(one, name="総務企画課") if one.id == "soumu" else one for one in A_FLEET.departments
    )
    town.office.reorganise(replace(A_FLEET, departments=named))
    await town.bring()
    month = town.newest("department_month", department="soumu")
    place = town.newest("place", place="1f")
    assert month is not None
    assert place is not None
    assert (month.fields["name"], place.fields["area"]) == ("総務企画課", "総務企画課")


async def test_all_is_shown_again_when_a_day_begins() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    town.office.clock.forward(days=1)
    await town.bring()
    assert len(town.board.shown) == 2


async def test_what_could_not_be_shown_is_shown_later() -> None:
    town = Shown()
    town.board.failures.append(SinkUnavailable("away"))
    with pytest.raises(SinkUnavailable):
        await town.bring()
    await town.reads("1f", 1000)
    assert len(town.board.shown) == 1


async def a_question() -> Shown:
    """Return an office in which pages wait for a person."""
    town = Shown()
    await town.reads("1f", 1000)
    for total in (1010, 21_852, 21_852, 21_853):
        town.office.clock.forward(minutes=30)
        await town.reads("1f", total)
    codes = await town.office.codes()
    assert Code.PAGES_IN_QUESTION in codes
    return town


async def test_a_question_is_shown_until_it_is_answered() -> None:
    town = await a_question()
    asked = town.newest("question")
    assert asked is not None
    assert asked.fields["open"] is True
    assert int(asked.fields["pages"]) > 20_000
    assert "確認待ち" in str(asked.fields["message_ja"])

    finding = await town.office.ledger.finding(asked.tags["finding"])
    assert finding is not None
    signed = Signature("me", "looked at it", town.office.clock.now())
    await town.office.ledger.amend(
        [decide(finding, Verdict.IGNORE, signed)], [], [LogRef("month", "2026-11")]
    )
    town.board.failures.append(SinkUnavailable("away"))
    with pytest.raises(SinkUnavailable):
        await town.bring()
    await town.bring()
    answered = town.newest("question")
    assert answered is not None
    assert (answered.tags, answered.fields["open"]) == (asked.tags, False)
    town.start()
    await town.bring()
    assert not any(row.measurement == "question" for row in town.board.shown[-1].rows)


async def test_a_question_stands_again_after_a_restart() -> None:
    town = await a_question()
    town.start()
    await town.bring()
    assert [row for row in town.board.shown[-1].rows if row.measurement == "question"]


async def test_paper_of_this_year_and_of_the_quarter_before_is_shown() -> None:
    town = Shown()
    await town.reads("1f", 1000)
    assert not {row.measurement for row in town.board.shown[-1].rows} & {"paper_year"}
    context, now = town.office.current.context, town.office.clock.now()
    today = context.office.local_day(now)
    signed = Signature("佐藤", "納品", now)
    amend = Amend(town.office.ledger, context)
    paper = PaperPurchase(None, today, PaperSize.A4, 2500, signed)
    await amend.carry_out(await amend.work_out([paper]))
    town.start()
    await town.bring()
    rows = {row.measurement: row for row in town.board.shown[-1].rows}
    assert rows["paper_quarter"].fields["bought"] == rows["paper_year"].fields["bought"] == 2500
    town.office.clock.forward(days=92)
    town.start()
    await town.bring()
    later = {row.measurement: row for row in town.board.shown[-1].rows}
    assert later["paper_quarter"].at == rows["paper_quarter"].at, "nothing newer was bought"
