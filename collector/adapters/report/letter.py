"""The monthly letter as a page of HTML that prints on one sheet of A4, without script and network.

The chart takes what the words leave of the sheet; where they are very many they get smaller.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from collector.adapters.report.charts import (
    Chart,
    chart_key,
    department_chart,
    office_chart,
    svg,
)
from collector.adapters.report.page import opened, shown
from collector.adapters.report.sentences import state
from collector.adapters.report.text_files import plain_name
from collector.adapters.report.words import ReportWords
from collector.domain.office.fleet import UNASSIGNED, WHOLE_OFFICE, DepartmentId
from collector.domain.report.letter import MonthlyLetter, monthly_letter
from collector.domain.report.month_report import MonthReport
from collector.texts import Texts


def letter_name(month: str, department: DepartmentId) -> str:
    """Return the file's name of a letter, the same for every revision, on every disk and share."""
    if department == WHOLE_OFFICE:
        return f"letter-{month}.html"
    return f"letter-{month}-{plain_name(department)}.html"


def seal_mark(seal: str, language: str) -> str:
    """Return what stands near the begin of a letter in `language` of a month sealed as `seal`."""
    return f'<meta name="copier-fleet-letter" content="{shown(seal)} {language}">'


def letters(
    report: MonthReport, language: str, departments: Sequence[DepartmentId] | None = None
) -> Mapping[str, bytes]:
    """Return the letters of these `departments` by file name; None: of the office and all it has.

    What nobody answers for is in the office's alone, unless it is asked for.
    Raises KeyError for a department that the report does not name.
    """
    words = ReportWords(language, report.zone)
    if departments is None:
        named = (one.department.id for one in report.departments)
        departments = [WHOLE_OFFICE, *(one for one in named if one != UNASSIGNED)]
    return {
        letter_name(report.period.name, one): _page(report, one, words).encode()
        for one in departments
    }


_MANY: Final = {True: 900, False: 1700}
"""Characters of a Japanese (or an English) letter from which on they are smaller."""

_HEIGHT: Final = 330
"""A chart has more room here than beside others."""


_TAG: Final = re.compile(r"<[^>]*>")


def _page(report: MonthReport, department: DepartmentId, words: ReportWords) -> str:
    letter = monthly_letter(report, department, words.name)
    texts = Texts(words.language, report.zone)
    seal = "" if report.closure is None else report.closure.seal
    body = [*_said(report, letter, words, texts)]
    is_dense = len(_TAG.sub("", "".join(body))) > _MANY[words.is_japanese]
    head = opened(
        texts.say(letter.title),
        words,
        report.version,
        styles=("letter.css",),
        more=f"{seal_mark(seal, words.language)}\n",
    )
    chart = _chart(report, department, words)
    return "".join(
        (
            head.replace("<body>", '<body class="dense">') if is_dense else head,
            *body,
            _drawn(report, chart, words),
            *_foot(report, words),
            "</body>\n</html>\n",
        )
    )


def _said(
    report: MonthReport, letter: MonthlyLetter, words: ReportWords, texts: Texts
) -> Iterator[str]:
    name = words("office")
    for one in report.departments:
        if one.department.id == letter.department:
            name = words.name(one.department)
    era = words.month(report.period.name)
    month = words("subtitle", era=era, month=report.period.name, site=report.site)
    yield (
        f'<header>\n<div>\n<p class="soft">{shown(words("letter.about"))}　{shown(month)}</p>\n'
        f"<h1>{shown(name)}</h1>\n</div>\n</header>\n"
    )
    told = shown(state(report, words))
    yield f'<p class="state">{told}</p>\n' if report.closure else f'<p class="banner">{told}</p>\n'
    yield f'<p class="headline">{shown(texts.say(letter.headline))}</p>\n<main>\n'
    for part in letter.parts:
        points = "".join(f"<li>{shown(texts.say(one))}</li>\n" for one in part.said)
        title = shown(texts.say(part.title))
        yield f"<section>\n<h2>{title}</h2>\n<ul>\n{points}</ul>\n</section>\n"
    yield "</main>\n"


def _chart(report: MonthReport, department: DepartmentId, words: ReportWords) -> Chart | None:
    if department == WHOLE_OFFICE:
        return replace(office_chart(report, words), height=_HEIGHT)
    own = next(one for one in report.departments if one.department.id == department)
    chart = department_chart(report, own, words)
    return None if chart is None else replace(chart, height=_HEIGHT)


def _drawn(report: MonthReport, chart: Chart | None, words: ReportWords) -> str:
    if chart is None:
        return ""
    return (
        f"<figure>\n<h2>{shown(words('letter.chart'))}</h2>\n{svg(chart)}\n"
        f"<figcaption>{shown(chart_key(report, words))}</figcaption>\n</figure>\n"
    )


def _foot(report: MonthReport, words: ReportWords) -> Iterator[str]:
    yield f"<footer>\n<p>{shown(words('letter.units'))}</p>\n"
    if report.closure is not None:
        facts = {"seal": report.closure.seal, "month": report.period.name}
        yield f'<p class="seal">{shown(words("letter.verify", **facts))}</p>\n'
    yield "</footer>\n"
