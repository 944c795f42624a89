"""The pages that always show this month: the office, each department, its copiers, what waits.

Made of the report's own parts: each is complete in itself, without script and network.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from collector.adapters.report.charts import (
    Chart,
    chart_key,
    day_chart,
    department_chart,
    office_chart,
    small,
    svg,
)
from collector.adapters.report.department_tables import unknowns
from collector.adapters.report.key_figures import Fact, facts, facts_of
from collector.adapters.report.page import (
    GENERATOR,
    facts_html,
    html,
    opened,
    section,
    shown,
    table_html,
)
from collector.adapters.report.sentences import headline, state, text_of, unit_of
from collector.adapters.report.text_files import plain_name
from collector.adapters.report.words import ReportWords
from collector.app.close.auto_closing import Awaiting
from collector.app.office_board import CopierNow, OfficeBoard
from collector.domain.cost.purchased import Reconciliation
from collector.domain.cost.sheets import Paper
from collector.domain.counting.deciding import may_be
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import DeviceStatus, Supply, SupplyState
from collector.domain.office.fleet import UNASSIGNED, WHOLE_OFFICE, DepartmentId
from collector.domain.report.month_report import DepartmentFigures, Figures, TargetVerdict
from collector.domain.report.table import CellKind, Column, Table
from collector.texts import Texts
from collector.texts.catalogue import COMMANDS, Words
from collector.texts.figures import bring_back, target_text

# What the pages are called.


OFFICE: Final = "index.html"
FLEET: Final = "fleet.html"
QUESTIONS: Final = "questions.html"
LAST_MONTH: Final = "last-month.html"
_DEPARTMENT: Final = "department-"
_OURS: Final = re.compile(rf"{_DEPARTMENT}.+\.html|{re.escape(LAST_MONTH)}")
_UNFINISHED: Final = re.compile(r"\.(.+\.html)\.\d+\.part")


def page_of(department: DepartmentId) -> str:
    """Return the file's name of a department's page, the same on every disk and share."""
    return f"{_DEPARTMENT}{plain_name(department)}.html"


def is_unfinished(name: str) -> bool:
    """Say whether a file with this name would be the unfinished one of a page."""
    return _UNFINISHED.fullmatch(name) is not None


def is_page_of_ours(name: str, begin: bytes | None = None) -> bool:
    """Say whether a file with this name, and this `begin`, is a page that may be gone one day."""
    return (is_unfinished(name) or _OURS.fullmatch(name) is not None) and (
        begin is None or GENERATOR.encode() in begin
    )


# All of them.


_EVERY_S: Final = 600
"""A page that is left open is read again so often; it is written anew once an hour."""


def office_pages(board: OfficeBoard, language: str, stamps: Sequence[str]) -> Mapping[str, bytes]:
    """Return every page by its file's name, in `language`; `stamps` are for last month's report."""
    one = _Board(board, ReportWords(language, board.report.zone))
    pages = {
        OFFICE: one.page(one.words("office"), OFFICE, _office(one)),
        FLEET: one.page(one.words("board.copiers"), FLEET, _fleet(one)),
        QUESTIONS: one.page(one.words("board.questions"), QUESTIONS, _questions(one)),
    }
    for each in board.report.departments:
        name = page_of(each.department.id)
        pages[name] = one.page(one.words.name(each.department), name, _department(one, each))
    if board.last_month is not None:
        pages[LAST_MONTH] = html(board.last_month, language, stamps)
    return pages


@dataclass(frozen=True, slots=True)
class _Board:
    """What stands on every page, and the words for it."""

    board: OfficeBoard
    words: ReportWords

    def page(self, title: str, name: str, body: Iterator[str]) -> bytes:
        """Return the page called `name`: its head, the way to the others, `body`, its foot."""
        report, words = self.board.report, self.words
        refresh = f'<meta http-equiv="refresh" content="{_EVERY_S}">\n'
        month = words.month(report.period.name)
        head = opened(
            f"{month}　{title}", words, report.version, styles=("pages.css",), more=refresh
        )
        text = (
            f"{head}<header>\n<div>\n<h1>{shown(title)}</h1>\n"
            f"<p><strong>{shown(month)}</strong>　"
            f"{shown(words('board.title'))}　{shown(report.site)}</p>\n"
            f'<p class="soft">{shown(state(report, words))}</p>\n</div>\n</header>\n'
            f"{self._ways(name)}<main>\n{''.join(body)}</main>\n"
            f'<footer>\n<p class="soft">{shown(words("board.hourly"))}</p>\n'
            f'<p class="soft">{shown(words("unit"))}</p>\n</footer>\n</body>\n</html>\n'
        )
        return text.encode()

    def _ways(self, name: str) -> str:
        """Return the links to the other pages."""
        words, waiting = self.words, len(self.board.questions)
        asked = words("board.questions")
        ways = {
            OFFICE: words("office"),
            FLEET: words("board.copiers"),
            QUESTIONS: f"{asked} ({waiting})" if waiting else asked,
        }
        if self.board.last_month is not None:
            ways[LAST_MONTH] = words("board.last_month")
        links = "".join(
            f'<a href="{to}"{_here(to == name)}>{shown(text)}</a>\n' for to, text in ways.items()
        )
        return f'<nav aria-label="{shown(words("board.ways"))}">\n{links}</nav>\n'

    def count(self, value: float) -> str:
        """Return a number as a reader of the language writes it."""
        return text_of(round(value), CellKind.COUNT, japanese=self.words.is_japanese)

    def tile(self, key: str, value: int, counted: str, *, alert: bool = False) -> Fact:
        """Return a number of what is `counted` as a key figure, called by `key`."""
        unit = f" {self.words(counted)}" if self.words.is_japanese else ""
        return Fact(self.words(key), value, CellKind.COUNT, unit, alert=alert and value > 0)


def _here(is_here: bool) -> str:  # noqa: FBT001 - the only question
    return ' aria-current="page"' if is_here else ""


def _charts(one: _Board, department: DepartmentId, months: Chart | None) -> str:
    """Return the thirteen months and the days of this one, as far as they are known."""
    words, drawn = one.words, []
    if months is not None:
        drawn.append(
            section(words("board.months"), [_both(months, chart_key(one.board.report, words))])
        )
    if days := one.board.days.get(department):
        drawn.append(section(words("board.days"), [_both(day_chart(days, "days", words))]))
    return f'<div class="charts">\n{"".join(drawn)}</div>\n'


def _both(chart: Chart, key: str = "") -> str:
    """Return a chart for a desk and one for a phone, of which each reader sees one."""
    narrow = small(chart)
    caption = f"<figcaption>{shown(key)}</figcaption>\n" if key else ""
    drawn = "" if narrow is None else svg(replace(narrow, name=f"{narrow.name}-narrow"))
    return (
        f'<figure>\n<div class="desk">{svg(chart)}</div>\n<div class="phone">{drawn}</div>\n'
        f"{caption}</figure>\n"
    )


# The office: how it stands, and its departments, the worst first.


_ORDER: Final = (TargetVerdict.OVER, TargetVerdict.HEADING_OVER, TargetVerdict.WITHIN)


def _office(one: _Board) -> Iterator[str]:
    board, words = one.board, one.words
    report = board.report
    found = [each.figures.verdict for each in report.departments]
    yield f'<p class="headline">{shown(headline(report, words))}</p>\n'
    if board.awaiting is not None:
        waits = _awaits(board.awaiting, words)
        yield f'<p class="banner"><a href="{QUESTIONS}">{shown(waits)}</a></p>\n'
    over, heading = TargetVerdict.OVER, TargetVerdict.HEADING_OVER
    tiles = [
        one.tile("board.over", found.count(over), "board.unit_department", alert=True),
        one.tile("board.heading_over", found.count(heading), "board.unit_department", alert=True),
        one.tile("board.within", found.count(TargetVerdict.WITHIN), "board.unit_department"),
        one.tile("board.days_left", board.days_left, "board.unit_day"),
    ]
    yield facts_html([*tiles, *facts(report, words)], words)
    cards = "".join(_card(one, each) for each in sorted(report.departments, key=_urgency))
    yield section(words("board.departments"), [f'<div class="cards">\n{cards}</div>\n'])
    yield _charts(one, WHOLE_OFFICE, office_chart(report, words))
    if board.paper:
        paper = _paper_table(board.paper, words)
        note = f'<p class="soft">{shown(words("board.paper_equation"))}</p>\n'
        yield section(paper.title, [table_html(paper, words, stacked=True), note])
    if told := unknowns(report, words):
        notes = "".join(f"<li>{shown(text)}</li>\n" for text in told)
        yield section(words("board.unknown"), [f'<ul class="notes">\n{notes}</ul>\n'])


def _urgency(one: DepartmentFigures) -> tuple[int, float]:
    """Return what puts the worst first: how it stands, then how far above its target it will be."""
    figures = one.figures
    order = len(_ORDER) if figures.verdict is None else _ORDER.index(figures.verdict)
    return order, -max(_ends(figures) or 0.0, figures.ratio or 0.0)


def _ends(figures: Figures) -> float | None:
    """Return what is expected of the month over its target; None where one of both is missing."""
    if figures.expected is None or not figures.target:
        return None
    return figures.expected.expected / figures.target


def _card(one: _Board, each: DepartmentFigures) -> str:
    """Return a department in short: how it stands, how far it is, what would bring it back."""
    words, figures = one.words, each.figures
    name = (
        f'<a href="{quote(page_of(each.department.id))}">{shown(words.name(each.department))}</a>'
    )
    lines = "".join(f"<p>{shown(text)}</p>\n" for text in _standing(one, figures))
    return (
        f"<article>\n<h3>{name}{_badge(figures, words)}</h3>\n{_gauge(figures)}{lines}</article>\n"
    )


def _badge(figures: Figures, words: ReportWords) -> str:
    verdict = figures.verdict
    kind = "none" if verdict is None else verdict.value
    text = words("board.no_target" if verdict is None else f"verdict_{kind}")
    return f' <span class="badge {kind}">{shown(text)}</span>'


def _standing(one: _Board, figures: Figures) -> Iterator[str]:
    """Yield what a department has used, where it will end, and what would bring it back."""
    words, unit, used = one.words, unit_of(figures, one.words), figures.used
    if used is not None and figures.target is not None:
        facts = {"used": one.count(used), "target": one.count(figures.target), "unit": unit}
        yield words("board.used_of", **facts)
    else:
        yield words("board.used", used=one.count(figures.pages), unit=words("impressions"))
    if figures.expected is not None:
        ends = figures.expected
        low, high = one.count(ends.low), one.count(ends.high)
        yield words("board.ends", expected=one.count(ends.expected), low=low, high=high, unit=unit)
    if figures.course is not None:
        yield bring_back(figures.course, japanese=words.is_japanese)


_LEAST: Final = 1.15
"""A gauge reaches at least so far beyond the target."""


def _gauge(figures: Figures) -> str:
    """Return a bar of what is used, what is expected, and where the target is."""
    if figures.ratio is None:
        return ""
    ends = _ends(figures) or figures.ratio
    scale = 100 / max(_LEAST, ends, figures.ratio)
    kind = "within" if figures.verdict is None else figures.verdict.value
    used, expected = (min(one * scale, 100.0) for one in (figures.ratio, ends))
    return (
        f'<svg class="gauge {kind}" viewBox="0 0 100 8" preserveAspectRatio="none"'
        ' aria-hidden="true">'
        '<rect class="ground" width="100" height="8"/>'
        f'<rect class="ends" width="{expected:.1f}" height="8"/>'
        f'<rect class="used" width="{used:.1f}" height="8"/>'
        f'<line class="mark" x1="{scale:.1f}" x2="{scale:.1f}" y1="0" y2="8"/></svg>\n'
    )


def _paper_table(quarters: Sequence[Reconciliation], words: ReportWords) -> Table[Reconciliation]:
    """Return by quarter and by fiscal year what became of the paper bought, in sheets."""
    text = CellKind.TEXT

    def ranged(key: str, of: Callable[[Reconciliation], Paper | None]) -> Column[Reconciliation]:
        def said(one: Reconciliation) -> str | None:
            paper = of(one)
            if paper is None or paper.low == paper.high:
                return None if paper is None else f"{paper.value:,}"
            span = words("range_of", low=f"{paper.low:,}", high=f"{paper.high:,}")
            return words("board.paper_range", value=f"{paper.value:,}", range=span)

        return Column(key, None, words(f"board.paper_{key}"), text, shown=said)

    def named(one: Reconciliation) -> str:
        year, quarter = one.period.year, one.period.quarter
        if quarter is None:
            return words("board.paper_year" if one.over else "board.paper_year_running", year=year)
        key = "board.paper_quarter" if one.over else "board.paper_running"
        return words(key, year=year, quarter=quarter)

    return Table(
        "paper",
        (
            Column("quarter", named, words("board.paper_period"), text),
            ranged("bought", lambda one: one.sheets.bought),
            ranged("stock_change", lambda one: one.sheets.stock_change),
            ranged("counted", lambda one: one.sheets.counted),
            ranged("excluded", lambda one: one.sheets.excluded),
            ranged("unexplained", lambda one: one.sheets.unexplained),
        ),
        quarters,
        words("board.paper"),
    )


# A department: its figures, its months, its copiers.


def _department(one: _Board, each: DepartmentFigures) -> Iterator[str]:
    board, words, figures = one.board, one.words, each.figures
    key = each.department.id
    if each.department not in board.departments and key != UNASSIGNED:
        yield f'<p class="banner">{shown(words("board.former"))}</p>\n'
    lines = "".join(f"<p>{shown(text)}</p>\n" for text in _standing(one, figures))
    yield f'<div class="headline">{_badge(figures, words)}{_gauge(figures)}{lines}</div>\n'
    if figures.target is not None:
        basis = target_text(figures.basis, japanese=words.is_japanese)
        yield f'<p class="soft">{shown(words("basis"))}: {shown(basis)}</p>\n'
    yield facts_html(facts_of(figures, words), words)
    yield _charts(one, key, department_chart(board.report, each, words))
    own = [copier for copier in board.copiers if key in copier.departments]
    if own:
        yield section(words("board.copiers"), [table_html(_copiers(one, own), words, stacked=True)])


# The copiers: which answer, what they lack, what they printed.


def _fleet(one: _Board) -> Iterator[str]:
    words, copiers = one.words, one.board.copiers
    silent = sum(each.is_silent for each in copiers)
    tiles = [
        one.tile("board.answering", len(copiers) - silent, "board.unit_copier"),
        one.tile("board.silent", silent, "board.unit_copier", alert=True),
        one.tile(
            "board.troubled",
            sum(bool(_troubles(each)) for each in copiers),
            "board.unit_copier",
            alert=True,
        ),
        one.tile("board.low", sum(bool(_low(each)) for each in copiers), "board.unit_copier"),
    ]
    yield facts_html(tiles, words)
    ordered = sorted(copiers, key=lambda each: -_weight(each))
    yield table_html(_copiers(one, ordered), words, stacked=True)


def _weight(each: CopierNow) -> int:
    """Return how soon somebody should look at a copier; alike ones keep their order."""
    return 4 * each.is_silent + 2 * bool(_troubles(each)) + bool(_low(each))


def _troubles(each: CopierNow) -> tuple[str, ...]:
    """Return what hinders a copier that answers, as keys of words."""
    last = each.state.last
    if last is None or each.is_silent:
        return ()
    return tuple(f"trouble.{error.value}" for error in last.answer.errors)


_LOW_PCT: Final = 10.0


def _low(each: CopierNow) -> tuple[Supply, ...]:
    """Return what has to be bought or emptied soon, as far as the copier tells."""
    last = each.state.last
    every = () if last is None else last.answer.supplies
    return tuple(
        one
        for one in every
        if one.state is SupplyState.EMPTY
        or (one.level_pct is not None and one.level_pct <= _LOW_PCT)
    )


def _copiers(one: _Board, copiers: Sequence[CopierNow]) -> Table[CopierNow]:
    """Return `copiers` as a table: what they do, when they were heard, what they printed."""
    words, machine = one.words, Words(COMMANDS, one.words.language)
    pages = {place.place: place.pages for place in one.board.report.places}
    named = {each.department.id: each.department for each in one.board.report.departments}
    between = words("between")

    def answering(each: CopierNow) -> str:
        return between.join(words.name(named[key]) for key in each.departments if key in named)

    def condition(each: CopierNow) -> str:
        return _condition(each, words, machine)

    def heard(each: CopierNow) -> str | None:
        seen = each.state.seen_at
        return None if seen is None else words.time(seen)

    def model(each: CopierNow) -> str | None:
        track = each.state.track
        return None if track is None else track.identity.model

    def low(each: CopierNow) -> str | None:
        return between.join(_supply(supply, machine) for supply in _low(each)) or None

    text = CellKind.TEXT
    return Table(
        "copiers",
        (
            Column("place", lambda each: each.place.name, words("place"), text),
            Column("departments", answering, words("department"), text),
            Column("condition", condition, words("state"), text),
            Column("heard", heard, words("board.heard"), text),
            Column("pages", lambda each: pages.get(each.place.id), words("board.this_month")),
            Column("model", model, words("board.model"), text),
            Column("low", low, words("board.supplies"), text),
        ),
        copiers,
        words("board.copiers"),
        alert=lambda each: each.is_silent or bool(_troubles(each)),
    )


def _condition(each: CopierNow, words: ReportWords, machine: Words) -> str:
    last = each.state.last
    if each.state.seen_at is None:
        return words("board.never")
    if each.is_silent:
        return words("board.no_answer")
    if troubles := _troubles(each):
        return words("between").join(machine(key) for key in troubles)
    is_asleep = last is not None and last.answer.status is DeviceStatus.ASLEEP
    return machine("status.asleep") if is_asleep else words("board.answers")


_COLORS: Final = frozenset({"black", "cyan", "magenta", "yellow"})


def _supply(supply: Supply, machine: Words) -> str:
    kind, color, left = machine(f"supply.{supply.kind.value}"), supply.color, supply.level_pct
    if color is not None:
        kind = f"{kind} {machine(f'color.{color}') if color in _COLORS else color}"
    return f"{kind} {machine('left.empty')}" if left is None else f"{kind} {left:.0f}%"


# What waits for a person, and how it is decided.


def _questions(one: _Board) -> Iterator[str]:
    board, words = one.board, one.words
    if board.awaiting is not None:
        month = board.awaiting.month
        waits = _awaits(board.awaiting, words)
        asked = words("board.decide_with", month=month)
        yield f'<p class="banner">{shown(waits)}{shown(asked)}</p>\n'
    if not board.questions:
        yield f'<p class="headline">{shown(words("board.nothing_waits"))}</p>\n'
        return
    yield f"<p>{shown(words('board.who_decides'))}</p>\n"
    yield table_html(_asked(one), words, stacked=True)


def _awaits(awaiting: Awaiting, words: ReportWords) -> str:
    """Return which month is over and not closed, and how many behind it."""
    text = words("board.awaits", month=words.month(awaiting.month))
    return text + (words("board.behind", months=awaiting.behind) if awaiting.behind else "")


def _asked(one: _Board) -> Table[Finding]:
    words, texts, text = one.words, Texts(one.words.language, one.board.report.zone), CellKind.TEXT
    machine, names = Words(COMMANDS, words.language), one.board.names

    def at(each: Finding) -> str | None:
        return None if each.at is None else words.time(each.at)

    return Table(
        "questions",
        (
            Column(
                "place", lambda each: names.get(each.subject, each.subject), words("place"), text
            ),
            Column("at", at, words("board.at"), text),
            Column("code", lambda each: machine(f"code.{each.code.value}"), words("item"), text),
            Column("message", lambda each: texts.say(each.message), words("value"), text),
            Column(
                "command",
                lambda each: words("board.resolve", id=each.id, answers="|".join(may_be(each))),
                words("board.command"),
                text,
            ),
        ),
        one.board.questions,
        words("board.questions"),
    )
