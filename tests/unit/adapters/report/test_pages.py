"""The pages that always show this month: complete in themselves, linked, escaped, worst first."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.report.pages import (
    FLEET,
    LAST_MONTH,
    OFFICE,
    QUESTIONS,
    is_page_of_ours,
    is_unfinished,
    office_pages,
    page_of,
)
from collector.app.close.auto_closing import Awaiting
from collector.app.office_board import CopierNow, OfficeBoard
from collector.domain.cost.purchased import PaperBalance, Reconciliation, paper_periods
from collector.domain.cost.sheets import Paper
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import (
    Answer,
    DeviceStatus,
    Reading,
    Supply,
    SupplyKind,
    SupplyState,
    Trouble,
)
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence, verbatim
from collector.ports import PlaceState
from tests.fakes.month_report import HOSTILE, closed_report, running_report
from tests.unit.adapters.report.test_page import Page

STAMPS = ("課長",)
AT = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def copier(place: str, *, online: bool = True, **answer: object) -> CopierNow:
    told = Answer(DeviceIdentity(serial="A"), {}, **answer)  # type: ignore[arg-type] - names of its fields
    reading = Reading(PlaceId(place), AT - timedelta(minutes=3), told)
    state = PlaceState(PlaceId(place), last=reading, seen_at=reading.at, online=online)
    return CopierNow(Place(PlaceId(place), f"部屋 {place}", ""), state, (DepartmentId("soumu"),))


def board(**changes: object) -> OfficeBoard:
    report = running_report()
    low = Supply("1", "k", SupplyState.LEVEL, 5, 100, SupplyKind.TONER, "black")
    days = {date(2026, 11, day): 100 * day for day in range(1, 26)}
    one = OfficeBoard(
        report=report,
        departments=tuple(each.department for each in report.departments),
        days={WHOLE_OFFICE: days, DepartmentId("soumu"): days},
        days_left=4,
        copiers=(
            copier("fine", status=DeviceStatus.ASLEEP, supplies=(low,)),
            copier("jammed", errors=(Trouble.JAMMED,)),
            copier("gone", online=False),
            CopierNow(Place(PlaceId("new"), HOSTILE, ""), PlaceState(PlaceId("new")), ()),
        ),
        questions=(
            Finding(
                Code.METER_RESET,
                Severity.WARNING,
                "jammed",
                sentence("finding.device_silent", hours=3, why=verbatim(HOSTILE)),
                AT,
            ),
        ),
        names={"jammed": "部屋 jammed"},
    )
    return replace(one, **changes)  # type: ignore[arg-type] - names are checked by `replace`


def quarter(number: int, balance: PaperBalance, *, over: bool = True) -> Reconciliation:
    period = paper_periods(2026, Office("hall", ZoneInfo("Asia/Tokyo")))[number - 1]
    return Reconciliation(WHOLE_OFFICE, period, balance, balance, over=over)


def exactly(sheets: int) -> Paper:
    return Paper(sheets, sheets, sheets)


PAPER = (
    quarter(
        2,
        PaperBalance(exactly(250_000), Paper(5000, -3000, 9000), exactly(231_000), exactly(1200)),
    ),
    quarter(3, PaperBalance(exactly(90_000), exactly(0), None, None), over=False),
    quarter(
        5,
        PaperBalance(exactly(520_000), Paper(2000, -3000, 7000), exactly(480_000), exactly(2400)),
        over=False,
    ),
)


def read(pages: dict[str, bytes], name: str) -> Page:
    return Page(pages[name])


def made(language: str = "ja", **changes: object) -> dict[str, bytes]:
    return dict(office_pages(board(**changes), language, STAMPS))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_is_whole_and_asks_for_nothing(language: str) -> None:
    pages = made(language, last_month=closed_report())
    assert {OFFICE, FLEET, QUESTIONS, LAST_MONTH, page_of(DepartmentId("soumu"))} <= pages.keys()
    for name, octets in pages.items():
        page = Page(octets)
        tags = {tag for tag, _ in page.tags}
        assert not tags & {"script", "link", "img", "iframe", "object"}, name
        assert "<script" not in octets.decode(), name
        assert (page.tags[0][0], page.tags[0][1]["lang"]) == ("html", language)
        policies = [one.get("content") for tag, one in page.tags if tag == "meta"]
        assert "default-src 'none'; style-src 'unsafe-inline'" in policies
        ids = [one["id"] for _, one in page.tags if "id" in one]
        assert len(ids) == len(set(ids)), name


def test_what_became_of_paper_is_told_only_where_paper_was_entered() -> None:
    told = made(paper=PAPER)[OFFICE].decode()
    every = ("用紙の購入と使用（枚）", "2026年度 第2四半期", "第3四半期（途中）", "250,000")
    for said in (*every, "2026年度（途中）", "38,000（33,000～43,000）"):
        assert said in told
    assert "14,000（10,000～22,000）" in told, "unexplained, within the range of the stock"
    assert "用紙の購入" not in made()[OFFICE].decode()
    assert "Paper bought and used" in made("en", paper=PAPER)[OFFICE].decode()


def test_every_link_leads_to_a_page_that_is_there() -> None:
    pages = made(last_month=closed_report())
    for name, octets in pages.items():
        for tag, attributes in Page(octets).tags:
            if tag == "a":
                assert unquote(attributes["href"]) in pages, name
    assert LAST_MONTH not in made()
    assert b"last-month" not in made()[OFFICE]


def test_the_worst_department_comes_first_and_the_verdict_is_a_word() -> None:
    text = made()[OFFICE].decode()
    words = re.findall(r'class="badge (\w+)">([^<]+)<', text)
    order = ["over", "heading_over", "within", "none"]
    assert words
    assert [order.index(kind) for kind, _ in words] == sorted(order.index(k) for k, _ in words)
    assert dict(words).get("over", "超過") == "超過"


def test_what_hinders_a_copier_stands_above_those_that_print() -> None:
    rows = read(made(), FLEET).tables["copiers"][1:]
    by_name = {row[0]: row for row in rows}
    assert [row[0] for row in rows] == ["部屋 gone", HOSTILE, "部屋 jammed", "部屋 fine"]
    assert by_name["部屋 gone"][2] == "応答なし"
    assert by_name["部屋 jammed"][2] == "紙詰まり"
    assert by_name[HOSTILE][2:4] == ["未応答", "–"]
    assert by_name["部屋 fine"][2] == "スリープ中"
    assert by_name["部屋 fine"][6] == "トナー ブラック 5%"


def test_a_question_names_its_place_and_the_command_that_answers_it() -> None:
    one = board().questions[0]
    (_, row) = read(made(), QUESTIONS).tables["questions"]
    assert row[0] == "部屋 jammed"
    assert HOSTILE in row[3]
    answers = "reset|glitch|replaced|ignore"
    assert row[4] == f"copier-fleet findings resolve {one.id} --as {answers} --why 理由"
    assert "確認を待っていることはありません" in made(questions=())[QUESTIONS].decode()


def test_a_month_that_waits_is_told_where_people_look_first() -> None:
    waits = Awaiting("2026-10", AT, automatic=False, behind=2)
    pages = made(awaiting=waits)
    assert "令和8年10月は終わりましたが、まだ締めていません。" in pages[OFFICE].decode()
    assert "copier-fleet close 2026-10" in pages[QUESTIONS].decode()


def test_a_department_shows_its_own_copiers_only() -> None:
    pages = made()
    assert len(read(pages, page_of(DepartmentId("soumu"))).tables["copiers"]) == 4
    assert "copiers" not in read(pages, page_of(DepartmentId("zeimu"))).tables


def test_a_department_that_is_gone_says_so() -> None:
    pages = made(departments=board().departments[1:])
    said = "この部署は、現在の登録ファイルにはありません"
    assert said in pages[page_of(DepartmentId("soumu"))].decode()
    assert said not in pages[page_of(DepartmentId("zeimu"))].decode()


def test_without_a_day_or_a_target_nothing_is_made_up() -> None:
    report = running_report()
    bare = tuple(
        replace(one, figures=replace(one.figures, target=None, course=None, expected=None))
        for one in report.departments
    )
    text = made(report=replace(report, departments=bare), days={})[OFFICE].decode()
    assert "目標なし" in text
    assert 'class="gauge' not in text
    assert "今月の日別面数" not in text


@given(st.lists(st.text(min_size=1, max_size=64), unique=True))
def test_each_department_has_a_file_of_its_own_on_every_disk(ids: list[str]) -> None:
    names = [page_of(DepartmentId(one)) for one in ids]
    assert len({name.casefold() for name in names}) == len(ids)
    for name in names:
        assert name.isascii()
        assert len(name) < 100
        assert is_page_of_ours(name)
        assert re.fullmatch(r"[a-z0-9._-]+", name)


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        (page_of(DepartmentId("soumu")), True),
        (LAST_MONTH, True),
        (".index.html.4711.part", True),
        (OFFICE, False),
        ("department.html", False),
        ("notes.txt", False),
    ],
)
def test_only_what_was_written_here_is_taken_away(name: str, is_ours: bool) -> None:
    begin = made()[OFFICE][:1000]
    assert is_page_of_ours(name, begin) == is_ours
    assert not is_page_of_ours(name, b"<!DOCTYPE html><p>somebody else's")
    assert is_unfinished(name) == name.endswith(".part")
