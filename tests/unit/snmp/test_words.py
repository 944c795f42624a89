"""Texts and supplies: any charset, nothing that harms a terminal, no invented levels."""

import codecs

import pytest

from collector.adapters.snmp.client.charsets import CODECS, Charsets, plan_charsets
from collector.adapters.snmp.client.text import clean, folded
from collector.domain.counting.reading import SupplyState
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import SUPPLY, P, Said, answer, life, named, values


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("黒トナー".encode(), "黒トナー"),
        ("黒トナー".encode("shift_jis"), "黒トナー"),
        (b"Unit\xe0 nera", "Unità nera"),
        (b"black\0\0", "black"),
        (b"\x1b[31mred\x1b[0m\x1b]0;title\x07 ink\x1b(B", "red ink"),
        ("ﾄﾅｰ ｶﾞ ｱﾘﾏｾﾝ".encode("cp932"), "ﾄﾅｰ ｶﾞ ｱﾘﾏｾﾝ"),
        ("黒トナー".encode("iso2022_jp"), "黒トナー"),
        ("トナーがありません".encode()[:-2], "トナーがありませ"),
        ("トナー切れ".encode("cp932")[:-1], "トナー切"),
        (b"one\r\n\ttwo \x7f\x9b", None),
        ("a\u202eb\u200bc".encode(), "abc"),
        (b" \0\r\n", None),
        (b"x" * 300, "x" * 80),
    ],
)
def test_words_are_made_fit_to_show(raw: bytes, text: str | None) -> None:
    found = clean(raw)
    if raw.startswith(b"one"):
        assert found is not None
        assert found.startswith("one two")
        assert all(char.isprintable() for char in found)
    else:
        assert found == text


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("cp932", "ﾂｱｰ".encode("cp932"), "ﾂｱｰ"),
        ("cp932", b"\xc4\xb1", "ﾄｱ"),  # would be valid UTF-8 as well
        (None, b"\xc4\xb1", "ı"),
        ("utf-8", "黒トナー".encode(), "黒トナー"),
        ("utf-8", "黒トナー".encode("cp932"), "黒トナー"),
        ("euc_jp", "黒トナー".encode("euc_jp"), "黒トナー"),
        ("latin-1", b"Unit\xe0nera", "Unitànera"),  # valid Shift_JIS as well
        ("latin-1", "黒トナー".encode(), "黒トナー"),
        ("hp-roman8", "Unité".encode("hp-roman8"), "Unité"),
        ("hp-roman8", "トナー".encode(), "トナー"),
        ("ascii", "トナー".encode("cp932"), "トナー"),
        ("iso8859-5", "Тонер".encode("iso8859-5"), "Тонер"),
        ("cp949", "토너".encode("cp949"), "토너"),
        ("gb18030", "黑色碳粉".encode("gb18030"), "黑色碳粉"),
        ("utf-16", "黒トナー".encode("utf-16-be"), "黒トナー"),
        ("utf-16", "黒トナー".encode("utf-16"), "黒トナー"),  # little-endian, with its mark
        ("utf-16-be", "あいう".encode("utf-16-be"), "あいう"),
        ("utf-16", b"TK-8527K", "TK-8527K"),
        ("no-such-codec", "黒トナー".encode(), "黒トナー"),
    ],
)
def test_words_are_in_the_charset_that_the_machine_states(
    charset: str | None, raw: bytes, text: str
) -> None:
    assert clean(raw, charset=charset) == text


LOCALE = "1.3.6.1.2.1.43.7.1.1.4"
CURRENT = "1.3.6.1.2.1.43.5.1.1.2"
CONSOLE = "1.3.6.1.2.1.43.5.1.1.10"


@pytest.mark.parametrize(
    ("stated", "texts", "console"),
    [
        ({}, None, None),
        ({f"{LOCALE}.1.1": 106}, "utf-8", "utf-8"),
        ({f"{LOCALE}.1.1": 4, f"{LOCALE}.1.8": 17, f"{CURRENT}.1": 8}, "cp932", None),
        (
            {f"{LOCALE}.1.1": 4, f"{LOCALE}.1.8": 17, f"{CURRENT}.1": 1, f"{CONSOLE}.1": 8},
            "latin-1",
            "cp932",
        ),
        ({f"{LOCALE}.1.1": 4, f"{LOCALE}.1.2": 17}, None, None),  # nothing says which
        ({f"{LOCALE}.1.1": 99_999, f"{CURRENT}.1": 1}, None, None),
        ({f"{LOCALE}.1.1": "17", f"{CURRENT}.1": "1"}, None, None),
        ({f"{LOCALE}.1.1": 2004, f"{LOCALE}.2.1": 17, f"{CURRENT}.2": 1}, "cp932", None),
    ],
)
async def test_the_chosen_localization_states_the_charset(
    stated: Said, texts: str | None, console: str | None
) -> None:
    assert await plan_charsets(FakeSession(values(stated))) == Charsets(texts, console)


def test_every_charset_has_a_codec() -> None:
    for codec in CODECS.values():
        assert codecs.getincrementaldecoder(codec)("strict").decode(b"") == ""


def test_labels_are_compared_without_case_blanks_and_punctuation() -> None:
    assert folded("Counter: Machine Total") == folded("COUNTER:Machine_total ")
    assert folded("Prints") != folded("Prints (Document Filing)")


@pytest.mark.parametrize(
    ("level", "state", "remaining", "percent"),
    [
        (50, SupplyState.LEVEL, 50, 25.0),
        (0, SupplyState.LEVEL, 0, 0.0),
        (-1, SupplyState.UNLIMITED, None, None),
        (-2, SupplyState.UNKNOWN, None, None),
        (-3, SupplyState.SOME_REMAINING, None, None),
        (-100, SupplyState.UNKNOWN, None, None),
    ],
)
async def test_levels_below_zero_are_words(
    level: int, state: SupplyState, remaining: int | None, percent: float | None
) -> None:
    rows = {f"{SUPPLY}.6.1.3": "Toner", f"{SUPPLY}.8.1.3": 200, f"{SUPPLY}.9.1.3": level}
    (supply,) = (await answer(named("ACME"), rows)).supplies
    assert (supply.key, supply.name, supply.state) == ("1.3", "Toner", state)
    assert (supply.remaining, supply.level_pct) == (remaining, percent)


async def test_masked_and_prefixed_serials() -> None:
    serial = P + "11.2.3.9.4.2.1.1.3.3.0"
    hp = named("HP ETHERNET MULTI-ENVIRONMENT,SN:CNB1234567,FN:1", "11.2.3.9.1")
    found = await answer(hp, {serial: b"\xfd\xe8CNCCF10000\0"}, life(1))
    assert found.identity.serial == "CNCCF10000"
    found = await answer(hp, {serial: b"\x01\x15XXXXXXXXXX"}, life(1))
    assert found.identity.serial == "CNB1234567"
    found = await answer(named("ACME"), {"1.3.6.1.2.1.43.5.1.1.17.1": "0000000000"}, life(1))
    assert found.identity.serial is None
    assert found.identity.is_weak
