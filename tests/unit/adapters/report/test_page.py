"""The page: complete in itself, escaped, readable by a screen reader."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.adapters.report.page import html
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.report.month_report import MonthReport
from tests.fakes.month_report import HOSTILE, SEAL, closed_report, running_report

VOID = frozenset({"meta", "br"})


class Page(HTMLParser):
    """What a browser would see: tags in order, texts, and whether every tag was closed."""

    def __init__(self, octets: bytes) -> None:
        """Read the whole page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._open: list[str] = []
        self._table = ""
        self.feed(octets.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self._table = found.get("id", "")
            self.tables[self._table] = []
        if tag == "tr":
            self.tables[self._table].append([])
        if tag in {"th", "td"}:
            self.tables[self._table][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._open[-1:] in (["th"], ["td"]):
            self.tables[self._table][-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(
    report: MonthReport, language: str = "ja", stamps: tuple[str, ...] = ("課長", "担当")
) -> Page:
    return Page(html(report, language, stamps))


@pytest.fixture(scope="module")
def closed() -> Page:
    return page_of(closed_report())


def test_it_asks_nobody_for_anything(closed: Page) -> None:
    assert {tag for tag, _ in closed.tags} & {
        "script",
        "link",
        "img",
        "iframe",
        "a",
        "base",
        "form",
    } == set()
    for _, attributes in closed.tags:
        assert {"src", "href", "action", "srcset", "data", "onclick", "onload"} & set(
            attributes
        ) == set()
    policy = next(one for one in closed.all("meta") if "http-equiv" in one)
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    style = (
        html(closed_report(), "ja", ()).decode().partition("<style>")[2].partition("</style>")[0]
    )
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("language", ["ja", "en"])
def test_language_and_title(language: str) -> None:
    page = page_of(closed_report(), language)
    assert page.all("html") == [{"lang": language}]
    heading = {"ja": "複合機 使用面数 月次報告書", "en": "Copier impressions: monthly report"}
    assert f"{heading[language]} 2026-11" in page.texts


def test_headings_of_tables_have_a_scope_and_every_line_as_many_cells(closed: Page) -> None:
    assert all(one.get("scope") in {"col", "row"} for one in closed.all("th"))
    assert {
        "brief",
        "months",
        "year",
        "departments",
        "department_months",
        "places",
        "adjustments",
    } <= set(closed.tables)
    for name, lines in closed.tables.items():
        assert len({len(line) for line in lines}) == 1, name
    for one in closed.all("div"):
        if one.get("role") == "region":
            assert one["tabindex"] == "0"
            assert one["aria-label"]


def test_charts_are_named_described_and_backed_by_tables(closed: Page) -> None:
    charts = closed.all("svg")
    assert len(charts) == 1 + len(closed_report().departments)
    ids = [one["id"] for _, one in closed.tags if "id" in one]
    assert len(ids) == len(set(ids))
    for chart in charts:
        assert chart["role"] == "img"
        assert set(chart["aria-labelledby"].split()) <= set(ids)
    assert closed.tables["months"][-1][:3] == ["2026-11", "令和8年11月", "46,924"]


def test_figures(closed: Page) -> None:
    brief = {line[0]: line[1:] for line in closed.tables["brief"]}
    assert brief["税務課"] == ["9,737", "9,337", "▲400", "104.3%", "10,516", "▲7.4%", "超過"]
    assert brief["教育委員会事務局　学校教育係"][1] == "–"
    places = {line[1]: line for line in closed.tables["places"]}
    assert places["p1"][4:10] == ["494,354", "10-31 23:56", "-4", "502,346", "12-01 00:01", "+2"]
    assert SEAL in " ".join(closed.texts)


def test_who_is_over_the_target_is_marked(closed: Page) -> None:
    alerts = [one for one in closed.all("tr") if one.get("class") == "alert"]
    assert len(alerts) >= 2


def test_hostile_names_are_shown_and_nothing_else(closed: Page) -> None:
    assert [line[0] for line in closed.tables["places"]].count(HOSTILE) == 1


@settings(max_examples=25)
@given(
    st.text(max_size=15),
    st.sampled_from(["", "<b>", '"', "'", "&amp;", "</style>", "</title>", "<!--", "\x00"]),
)
def test_any_name_leaves_the_page_as_it_is(text: str, begin: str) -> None:
    report = closed_report()
    name = begin + text + begin
    plain = [tag for tag, _ in page_of(report).tags]
    one = replace(report.departments[0], department=Department(DepartmentId("soumu"), name, name))
    place = replace(report.places[0], name=name)
    hostile = replace(
        report,
        site=name,
        departments=(one, *report.departments[1:]),
        places=(place, *report.places[1:]),
        closure=replace(report.closure or pytest.fail("closed"), by=name),
    )
    assert [tag for tag, _ in page_of(hostile, stamps=("課長", name)).tags] == plain


def test_a_running_month_is_marked_provisional() -> None:
    page = page_of(running_report())
    (banner,) = [one for one in page.all("p") if one.get("class") == "banner"]
    assert banner["role"] == "note"
    assert any(text.startswith("速報 — 2026-11-25 13:00 現在") for text in page.texts)
    assert page.tables["brief"][0][5] == "月末見込み"
    assert not re.search(SEAL, " ".join(page.texts))


def test_stamp_boxes(closed: Page) -> None:
    assert closed.tables[""] == [["課長", "担当"], ["", ""]]
    assert "" not in page_of(closed_report(), stamps=()).tables
