"""The first look at a report: the office's key figures, and what proves them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from collector.adapters.report.sentences import state, unit_of
from collector.adapters.report.words import ReportWords
from collector.domain.report.month_report import Figures, MonthReport, TargetVerdict
from collector.domain.report.table import Cell, CellKind, clean
from collector.texts.figures import completeness_text, since_text

_GRAMS = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Fact:
    """One key figure: its name, its value and unit; `alert` where it is over the target."""

    label: str
    value: Cell
    kind: CellKind = CellKind.COUNT
    unit: str = ""
    alert: bool = False


def facts(report: MonthReport, words: ReportWords) -> tuple[Fact, ...]:
    """Return the office's key figures; one that is not known is not among them."""
    known = _known(report, words)
    return (*facts_of(report.office, words), Fact(words("completeness"), known, CellKind.TEXT))


def facts_of(figures: Figures, words: ReportWords) -> tuple[Fact, ...]:
    """Return the key figures of the office or of a department; those that are known."""
    return tuple(one for one in _facts(figures, words) if one.value is not None)


def _facts(office: Figures, words: ReportWords) -> Iterator[Fact]:
    unit = f" {words('impressions')}" if words.is_japanese else ""
    over = office.verdict is TargetVerdict.OVER
    ends, burden = office.expected, office.burden
    yield Fact(words("pages"), office.pages, unit=unit)
    yield from _sheets(office, words)
    counts = f" {unit_of(office, words).strip()}".rstrip()
    yield Fact(words("target"), office.target, unit=counts)
    yield Fact(words("left"), office.left, unit=counts, alert=over)
    yield Fact(words("ratio"), office.ratio, CellKind.SHARE, alert=over)
    if ends is not None:
        yield Fact(words("expected"), round(ends.expected), unit=counts)
        margin = words("range_of", low=f"{round(ends.low):,}", high=f"{round(ends.high):,}")
        yield Fact(words("range"), margin, CellKind.TEXT, counts)
    yield Fact(words("last_year"), office.last_year, unit=unit)
    if ends is None:
        yield Fact(words("change_ratio"), office.change_ratio, CellKind.CHANGE)
    yield Fact(words("estimated"), office.estimated, unit=unit)
    yield Fact(words("cost"), burden.cost_yen)
    yield Fact(words("paper_cost"), burden.paper_yen)
    yield Fact(words("hours"), burden.hours, CellKind.AMOUNT)
    yield Fact(
        words("co2"), None if burden.co2_g is None else burden.co2_g / _GRAMS, CellKind.AMOUNT
    )


def _sheets(office: Figures, words: ReportWords) -> Iterator[Fact]:
    """Yield how much paper it was, and how much of the pages stands on both sides of a sheet."""
    paper, duplex = office.sheets.paper, office.sheets.duplex
    unit = f" {words('sheets_unit')}" if words.is_japanese else ""
    if paper is not None and office.sheets.quality is not None and office.sheets.rules:
        how = words(f"sheets_{office.sheets.quality.value}")
        yield Fact(words("sheets_as", how=how), paper.value, unit=unit)
    if duplex is not None:
        yield Fact(words("duplex_share"), float(duplex.share), CellKind.SHARE)


def _known(report: MonthReport, words: ReportWords) -> str:
    """Return how complete the office's month is, and since when it is measured."""
    text = completeness_text(report.completeness, japanese=words.is_japanese)
    since = report.office.since
    if since is None:
        return text
    return f"{text}{words('joined')}{since_text(since, japanese=words.is_japanese)}"


def proof(report: MonthReport, words: ReportWords) -> tuple[tuple[str, str], ...]:
    """Return who made this report from what, and how to check it, as name and text."""
    closure, month = report.closure, report.period.name
    rows = [(words("state"), clean(state(report, words)))]
    if closure is not None:
        rows.append((words("this_seal"), closure.seal))
        rows.append((words("previous_seal"), closure.previous or words("none")))
    made = {"at": words.time(report.made_at), "version": report.version, "zone": str(report.zone)}
    return (
        *rows,
        (
            words("check_item"),
            words("verify_open" if closure is None else "verify_closed", month=month),
        ),
        (words("completeness"), _known(report, words)),
        (words("unit_item"), words("unit_meaning")),
        (words("blank_item"), words("absent_blank")),
        (words("made_item"), words("made", **made)),
    )
