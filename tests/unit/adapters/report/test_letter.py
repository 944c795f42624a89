"""The monthly letter as a page: complete in itself, called the same, telling what it is made of."""

import pytest

from collector.adapters.report.letter import letter_name, letters, seal_mark
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from tests.fakes.month_report import HOSTILE, SEAL, closed_report, running_report
from tests.fakes.monthly_letter import full_report
from tests.unit.adapters.report.test_page import Page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_letter_is_whole_and_asks_for_nothing(language: str) -> None:
    made = letters(full_report(), language)

    assert list(made) == [
        "letter-2026-11.html",
        *(f"letter-2026-11-{one}.html" for one in ("soumu", "zeimu", "fukushi", "kyoiku")),
    ]
    for octets in made.values():
        page, text = Page(octets), octets.decode()
        assert page.all("script") == page.all("link") == page.all("img") == []
        assert "url(" not in text
        assert "@import" not in text
        assert "default-src 'none'" in text
        assert len(page.all("h1")) == 1
        assert len(page.all("section")) == 4
        assert f'lang="{language}"' in text
        assert seal_mark(SEAL, language) in text[:1000]


def test_a_closed_month_names_its_revision_and_seal_and_another_one_is_provisional() -> None:
    closed = letters(closed_report(), "ja")["letter-2026-11.html"].decode()
    assert "確定 第2版" in closed
    assert f"封印 {SEAL}" in closed
    running = letters(running_report(), "ja")["letter-2026-11.html"].decode()
    assert "速報" in running
    assert "封印" not in running


def test_a_letter_of_a_closed_month_is_the_same_whenever_it_is_made() -> None:
    later = closed_report(made_at=running_report().made_at)
    assert letters(closed_report(), "ja") == letters(later, "ja")


def test_a_name_that_no_share_takes_is_told_by_its_digest() -> None:
    name = letter_name("2026-11", DepartmentId("総務 課"))
    assert name.isascii()
    assert name == letter_name("2026-11", DepartmentId("総務 課"))
    assert name != letter_name("2026-11", DepartmentId("総務課"))
    assert letter_name("2026-11", WHOLE_OFFICE) == "letter-2026-11.html"


def test_hostile_names_are_shown_and_nothing_else() -> None:
    text = letters(full_report(HOSTILE), "ja")["letter-2026-11-zeimu.html"].decode()
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_only_whose_letters_are_wanted_are_made() -> None:
    made = letters(closed_report(), "ja", [DepartmentId("zeimu")])
    assert list(made) == ["letter-2026-11-zeimu.html"]
