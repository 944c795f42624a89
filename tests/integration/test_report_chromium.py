"""The report's page in a real browser: complete in itself, quiet, right, and printable."""

import asyncio
import re
from pathlib import Path

import pytest

from collector.adapters.report.letter import letters
from collector.adapters.report.page import html
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.report.month_report import MonthReport
from tests.fakes.month_report import HOSTILE, closed_report, running_report
from tests.fakes.monthly_letter import full_report
from tests.servers.chromium import Tab, browser_tab
from tests.servers.paper import A4_LANDSCAPE, A4_PORTRAIT, paper_of
from tests.unit.adapters.report.test_pages import made

pytestmark = pytest.mark.integration

STAMPS = ("部長", "課長", "係長", "担当")
CELLS = "[...document.querySelectorAll('#{table} tr')].map(r => [...r.cells].map(c => c.innerText))"


def written(folder: Path, report: MonthReport, language: str = "ja") -> Path:
    path = folder / "report.html"
    path.write_bytes(html(report, language, STAMPS))
    return path


async def rows(tab: Tab, table: str) -> list[list[str]]:
    found: list[list[str]] = await tab.value(CELLS.format(table=table))
    return found


async def test_it_asks_for_nothing_complains_of_nothing_and_shows_the_figures(
    tmp_path: Path,
) -> None:
    path = await asyncio.to_thread(written, tmp_path, closed_report())
    async with browser_tab(tmp_path) as tab:
        await tab.open(path)
        brief = {row[0]: row[1:] for row in await rows(tab, "brief")}
        places = await rows(tab, "places")
        bars = await tab.value("document.querySelectorAll('#office-title ~ rect.bar').length")
        drawn = await tab.value("getComputedStyle(document.querySelector('svg .bar')).fill")
        named = await tab.value("document.querySelector('svg').getAttribute('aria-labelledby')")
        runs = await tab.value("document.scripts.length + document.links.length")

    assert tab.requests == [path.as_uri()]
    assert tab.complaints == []
    assert brief["全庁"][:4] == ["46,924", "41,000", "▲5,924", "114.4%"]
    assert [row[0] for row in places].count(HOSTILE) == 1
    assert (bars, runs) == (12, 0)
    assert drawn not in {"", "rgb(0, 0, 0)"}, "the style sheet does not reach the chart"
    assert named == "office-title office-desc"


async def test_it_prints_on_a4(tmp_path: Path) -> None:
    path = await asyncio.to_thread(written, tmp_path, closed_report())
    async with browser_tab(tmp_path) as tab:
        await tab.open(path)
        pdf = await tab.pdf()
    (tmp_path / "report.pdf").write_bytes(pdf)
    paper = await asyncio.to_thread(paper_of, tmp_path / "report.pdf")

    assert set(paper.pages) == {A4_PORTRAIT, A4_LANDSCAPE}
    assert paper.pages[0] == paper.pages[-1] == A4_PORTRAIT
    assert 4 <= len(paper.pages) <= 6
    assert re.search(rf"^ +1 ?/ ?{len(paper.pages)}$", paper.text, re.MULTILINE)
    for figure in ("46,924", "41,000", "114.4%", "494,354", "502,346", "379,155"):
        assert figure in paper.text, figure


async def test_it_fits_narrow_windows_and_both_kinds_of_light(tmp_path: Path) -> None:
    path = await asyncio.to_thread(written, tmp_path, running_report(), "en")
    async with browser_tab(tmp_path) as tab:
        await tab.open(path)
        contexts = []
        for scheme in ("light", "dark"):
            await tab.media(prefers_color_scheme=scheme)
            contexts.append(await tab.value("getComputedStyle(document.body).backgroundColor"))
        fits = []
        for pixels in (360, 800, 1600):
            await tab.width(pixels)
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            fits.append(await tab.value(wide))
        await tab.width(360)
        scrolls = await tab.value(
            "(e => e.scrollWidth > e.clientWidth)(document.querySelector('#places').parentElement)"
        )
        banner = await tab.value("document.querySelector('.banner').innerText")

    assert contexts[0] == "rgb(255, 255, 255)"
    assert contexts[1] != contexts[0]
    assert fits == [0, 0, 0], "the page itself never scrolls sideways"
    assert scrolls, "a wide table scrolls in its own frame"
    assert banner.startswith("Provisional, as of 2026-11-25 13:00")


@pytest.mark.parametrize("width", [420, 1600])
async def test_the_pages_of_this_month_fit_a_phone_and_a_desk(tmp_path: Path, width: int) -> None:
    pages = made(last_month=None)
    for name, octets in pages.items():
        (tmp_path / name).write_bytes(octets)
    async with browser_tab(tmp_path) as tab:
        await tab.width(width)
        for name in pages:
            await tab.open(tmp_path / name)
            beyond = await tab.value(BEYOND)
            seen = await tab.value(SEEN)
            assert beyond == [], f"{name} at {width}"
            assert seen in {"", {420: "phone", 1600: "desk"}[width]}, name
        assert {one.rpartition("/")[2] for one in tab.requests} == pages.keys()
        assert tab.complaints == []


BEYOND = """
[...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  const inner = getComputedStyle(e).display != 'inline' && !e.closest('svg');
  const cut = inner && e.scrollWidth > e.clientWidth + 1;
  return box.width && (box.right > document.documentElement.clientWidth + 1 || cut);
}).map(e => e.tagName + '.' + e.className + ': ' + e.innerText)
"""
SEEN = """
[...document.querySelectorAll('.desk, .phone')].filter(e => e.getBoundingClientRect().height)
  .map(e => e.className).filter((one, at, all) => all.indexOf(one) == at).join()
"""


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_every_letter_is_one_sheet_whatever_it_says(tmp_path: Path, language: str) -> None:
    longest = "総合行政推進局 市民協働部 " if language == "ja" else "General Administration "
    found = {}
    for case, report in (
        ("plain", closed_report()),
        ("running", running_report()),
        ("full", full_report()),
        ("long", full_report((longest * 20)[:200])),
        ("unbroken", full_report("総" * 200)),
    ):
        made = letters(report, language, [WHOLE_OFFICE, report.departments[1].department.id])
        found |= {f"{case}-{name}": octets for name, octets in made.items()}
    async with browser_tab(tmp_path) as tab:
        for name, octets in found.items():
            path = tmp_path / name
            await asyncio.to_thread(path.write_bytes, octets)
            await tab.open(path)
            pdf = path.with_suffix(".pdf")
            await asyncio.to_thread(pdf.write_bytes, await tab.pdf())
            paper = await asyncio.to_thread(paper_of, pdf)
            assert paper.pages == (A4_PORTRAIT,), name
            assert "2026" in paper.text
            last = "両面印刷した" if language == "ja" else "piece of paper"
            assert last in paper.text, f"{name}: the foot is cut"
            await tab.width(400)
            widest = await tab.value("document.documentElement.scrollWidth")
            assert widest <= 400, name
    assert {one for one in tab.requests if not one.startswith("file:")} == set()
    assert tab.complaints == []
