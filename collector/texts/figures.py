"""What a month's figures mean, put into words of one language."""

from collections.abc import Iterable, Mapping
from datetime import date

from collector.domain.closing.statement import Completeness
from collector.domain.cost.billing import Gap
from collector.domain.cost.sheets import PaperSum
from collector.domain.month.course import Course
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Target
from collector.domain.report import sentences
from collector.texts import ENGLISH, JAPANESE, Texts


def _in(*, japanese: bool) -> Texts:
    return JAPANESE if japanese else ENGLISH


def bring_back(course: Course, *, japanese: bool) -> str:
    """Return where the month is heading, and what would bring it back where something would."""
    return _in(japanese=japanese).say(sentences.heading(course))


def target_text(target: Target, *, japanese: bool) -> str:
    """Return what `target` rests on, or why there is none."""
    return _in(japanese=japanese).say(sentences.basis(target))


def gaps_text(gaps: Iterable[Gap], *, japanese: bool) -> str:
    """Return which places keep a sum of money (or hours, or grams) from being known, and why."""
    return _in(japanese=japanese).say(sentences.gaps(gaps))


def completeness_text(known: Completeness, *, japanese: bool) -> str:
    """Return how far a total rests on readings, and what is open beside it."""
    return _in(japanese=japanese).say(sentences.completeness(known))


def paper_text(sheets: PaperSum, *, japanese: bool) -> str:
    """Return what a number of sheets rests on, or which places keep it from being known."""
    return _in(japanese=japanese).say(sentences.paper(sheets))


def known_text(month: DepartmentMonth, *, japanese: bool) -> str:
    """Return how complete a month is, and since when it is measured where that is within it."""
    return _in(japanese=japanese).say(sentences.known_of(month))


def since_text(since: date, *, japanese: bool) -> str:
    """Return from when a month is measured that began before the first reading."""
    return _in(japanese=japanese).say(sentences.measured_since(since))


def colours_text(since: Mapping[PlaceId, date], *, japanese: bool) -> str:
    """Return from when black and colour are known of places that did not tell them before."""
    return _in(japanese=japanese).say(sentences.colours(since))
