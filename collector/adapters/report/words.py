"""What a monthly report says, in Japanese or English."""

from datetime import date, datetime, tzinfo
from typing import Final

from collector.domain.office.fleet import Department
from collector.domain.office.office_calendar import era_day, era_fiscal_year, era_month
from collector.domain.report.table import clean
from collector.texts import Texts
from collector.texts.catalogue import REPORT, Words

TERMS: Final = (
    "impression",
    "sheet",
    "scanned_side",
    "reading",
    "off_by",
    "measured",
    "estimated",
    "edited",
    "not_read",
    "used",
    "adjustment",
)
"""Terms that a report explains, in its order."""


_INDENT: Final = "\u3000"
"""What a name begins with for each level above it."""


class ReportWords:
    """The words of one language, `ja` or `en`, and how it writes numbers, days and names."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        """Speak `language`; anything but `ja` is English. Times are told in `zone`."""
        self._words = Words(REPORT, language)
        self._zone = zone

    def __call__(self, key: str, **facts: object) -> str:
        """Return the words for `key`, with `facts` filled in."""
        return self._words(key, **facts)

    def translated(self, text: str) -> str:
        """Return a sealed sentence in this language, its times on the office's clocks."""
        return Texts(self.language, self._zone).translated(text)

    @property
    def is_japanese(self) -> bool:
        """Whether Japanese is spoken."""
        return self._words.is_japanese

    @property
    def zone(self) -> tzinfo:
        """In which times are told."""
        return self._zone

    @property
    def language(self) -> str:
        """The language's tag."""
        return "ja" if self.is_japanese else "en"

    def terms(self) -> tuple[tuple[str, str], ...]:
        """Return every term and its meaning."""
        return tuple((self(f"term.{one}"), self(f"meaning.{one}")) for one in TERMS)

    def stamps(self) -> tuple[str, ...]:
        """Return the titles of the stamp boxes, where the office states none."""
        return tuple(self("stamp_titles").split("/"))

    def name(self, department: Department) -> str:
        """Return the department's name in this language, where it has one."""
        if self.is_japanese:
            return department.name
        return department.name_en or department.name

    def in_tree(self, department: Department, level: int | None) -> str:
        """Return the department's name, the further in the deeper it stands in the tree."""
        return _INDENT * ((level or 1) - 1) + clean(self.name(department))

    def local(self, at: datetime) -> datetime:
        """Return `at` on the office's wall clock, without its zone, as a cell holds it."""
        return at.astimezone(self._zone).replace(tzinfo=None, microsecond=0)

    def time(self, at: datetime) -> str:
        """Return `at` on the office's wall clock: `2026-11-30 17:05`."""
        return f"{self.local(at):%Y-%m-%d %H:%M}"

    def day(self, day: date) -> str:
        """Return `day`, in Japanese with its era: `令和8年11月30日（2026-11-30）`."""
        return f"{era_day(day)}（{day.isoformat()}）" if self.is_japanese else day.isoformat()

    def month(self, month: str) -> str:
        """Return the month called `month` as a sentence says it: `令和8年11月`."""
        return era_month(first_of(month)) if self.is_japanese else month

    def year(self, year: int) -> str:
        """Return the fiscal year that begins in `year`: `令和8年度（2026年度）`."""
        return self("fiscal_year", year=year, era=era_fiscal_year(year))

    def short_month(self, month: str) -> str:
        """Return the month of the year alone, as a chart says it: `11月`, `Nov`."""
        return self("months_of_year").split()[first_of(month).month - 1]


def first_of(month: str) -> date:
    """Return the first calendar day of the month called `month` (like 2026-11)."""
    year, number = month.split("-")
    return date(int(year), int(number), 1)
