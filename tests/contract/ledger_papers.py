"""Entries and statements as the ledger's contract suite is given them."""

from datetime import date, timedelta

from collector.domain.closing.statement import (
    Adjustment,
    BoundaryReading,
    DepartmentLine,
    Guess,
    PlaceLine,
    Statement,
)
from collector.domain.counting.entries import Decision, ManualReading, Verdict
from collector.domain.counting.usage import Quality
from collector.domain.meters import Meter
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from tests.contract.ledger_cases import HERE, MINUTE, RICOH, T0, THERE, TOTAL

WHO = Signature("佐藤", "基板交換のため", T0)
TAX = DepartmentId("tax")
NOVEMBER = Period("2026-11", date(2026, 11, 1), date(2026, 11, 30))


def entry(minutes: int = 0, place: PlaceId = HERE, replaces: str | None = None) -> ManualReading:
    signed = Signature("鈴木", "no answer at closing", T0 + minutes * MINUTE)
    return ManualReading(place, T0, {TOTAL: 123 + minutes}, signed, replaces)


def decision(finding: str = "abc", place: PlaceId = THERE) -> Decision:
    return Decision(finding, place, T0, Verdict.RESET, WHO)


def statement_of(
    revision: int = 1, previous: str = "", period: Period = NOVEMBER, pages: int = 40
) -> Statement:
    """Return a statement with something of everything."""
    opening = BoundaryReading(T0, RICOH.key, {TOTAL: 100, Meter("scan"): 3})
    closing = BoundaryReading(
        T0 + timedelta(days=29), RICOH.key, {TOTAL: 100 + pages}, by_hand=True
    )
    line = PlaceLine(
        place=HERE,
        name="2階 総務課前",
        opening=opening,
        closing=closing,
        pages={TOTAL: pages},
        shares={TAX: {TOTAL: pages + 5}},
        quality=Quality.ESTIMATED,
        estimated=7,
        guess=Guess({TOTAL: 5}, 2, 9),
        breaks=("2026-11-10: reset",),
    )
    department = DepartmentLine(TAX, "税務課", None, {TOTAL: pages + 5}, 1000, 1, 0, 7)
    adjustments = (
        (Adjustment(2, HERE, TAX, {TOTAL: -5}, "heard again", "e1"),) if revision > 1 else ()
    )
    return Statement(
        site="town-hall",
        zone="Asia/Tokyo",
        period=period,
        revision=revision,
        closed_at=T0 + timedelta(days=31),
        closed_by="佐藤",
        places=(line,),
        departments=(department,),
        adjustments=adjustments,
        previous=previous,
    )
