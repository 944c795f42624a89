"""The code of a municipality proves itself by its last digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.settings.sections import OpenDataSettings
from collector.settings.values import code_with_check_digit
from collector.user_files.tables import faults_of

KNOWN = ("011002", "131016", "131041", "232360", "271004", "401005", "473812")
"""札幌市, 千代田区, 新宿区, みよし市, 大阪市, 福岡市, 竹富町."""


@pytest.mark.parametrize("code", KNOWN)
def test_codes_as_the_ministry_lists_them(code: str) -> None:
    assert code_with_check_digit(code[:5]) == code
    assert OpenDataSettings(municipality_code=code).municipality_code == code


@pytest.mark.parametrize("text", ["１３１０１６", " 131016 "])
def test_width_and_blanks_make_no_other_code(text: str) -> None:
    assert OpenDataSettings(municipality_code=text).municipality_code == "131016"


@given(st.sampled_from(KNOWN), st.integers(2, 4), st.integers(1, 9))
def test_one_wrong_digit_is_seen(code: str, place: int, more: int) -> None:
    """But for 1, which stands for two remainders."""
    wrong = code[:place] + str((int(code[place]) + more) % 10) + code[place + 1 :]
    assert code_with_check_digit(wrong[:5]) != wrong or code.endswith("1")


@pytest.mark.parametrize(
    ("text", "part"),
    [("13101", "is 131016 meant?"), ("131017", "is 131016 meant?"), ("481017", "six digits")],
)
def test_what_is_no_code_is_refused_with_what_may_be_meant(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=part.replace("?", r"\?")):
        OpenDataSettings(municipality_code=text)


def test_the_settings_alone_are_sound() -> None:
    assert [*faults_of(OpenDataSettings())] == []
