"""Line protocol: exact bytes, and what is refused."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from collector.adapters.influx.line_protocol import UnwritableRow, render
from collector.domain.rows import Row
from tests.fakes.rows import NASTY, NOON, copier_row, event_row

SECONDS = int(NOON.timestamp())
JST = timezone(timedelta(hours=9))


def line_of(**tags: str) -> str:
    named = {"site": "s", "place": "p", "code": "c"} | tags
    row = Row("copier_event", named, {"severity": "info"}, NOON)
    return render(row).decode()


def test_every_type_is_written_as_its_own() -> None:
    fields = {"pages": 12, "ratio": 0.5, "final": True, "name": "総務課"}
    tags = {"site": "hall", "department": "soumu", "month": "2024-11"}
    line = render(Row("department_month", tags, fields, NOON))
    assert line.decode() == (
        "department_month,department=soumu,month=2024-11,site=hall "
        f'final=true,name="総務課",pages=12i,ratio=0.5 {SECONDS}'
    )


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("2F 総務課", r"2F\ 総務課"),
        ("a,b=c", r"a\,b\=c"),
        ('say "yes"', r'say\ "yes"'),
        ("ends in backslash\\", r"ends\ in\ backslash＼"),
        ("a\\,b", r"a＼\,b"),
        ("line\nend", r"line\ end"),
        ("Black\r\n", "Black"),
    ],
)
def test_tag_value(given: str, written: str) -> None:
    assert (
        line_of(place=given)
        == f'copier_event,code=c,place={written},site=s severity="info" {SECONDS}'
    )


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_tag_is_left_out(empty: str) -> None:
    assert line_of(place=empty) == f'copier_event,code=c,site=s severity="info" {SECONDS}'


def test_quotes_and_backslashes_in_a_string_field() -> None:
    line = render(event_row('a "b" \\ c\nd\\')).decode()
    assert r'message="a \"b\" \\ c d\\",severity="warning"' in line


@pytest.mark.parametrize("text", NASTY)
def test_nothing_makes_two_lines_of_one(text: str) -> None:
    line = render(event_row(text, place=text))
    assert len(line.splitlines()) == 1


def test_a_lone_surrogate_does_not_stop_the_row() -> None:
    assert b'message="?x"' in render(event_row("\udcffx"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_float_that_is_no_number_is_refused(value: float) -> None:
    row = Row(
        "copier_supply", {"site": "s", "place": "p", "supply": "k"}, {"level_pct": value}, NOON
    )
    with pytest.raises(UnwritableRow, match=r"copier_supply\.level_pct: .* is no number"):
        render(row)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_an_integer_beyond_64_bits_is_refused(value: int) -> None:
    with pytest.raises(UnwritableRow, match=r"copier\.total: .* more than 64 bits"):
        render(copier_row("p", value))


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_the_ends_of_64_bits_are_written(value: int) -> None:
    assert f"total={value}i".encode() in render(copier_row("p", value))


def test_time_is_whole_seconds_whatever_the_zone() -> None:
    late = datetime(2024, 11, 15, 12, 0, 0, 999_999, tzinfo=JST)
    assert render(copier_row("p", 1, late)).endswith(f" {SECONDS}".encode())
    before = datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)
    assert render(copier_row("p", 1, before)).endswith(b" -1")


@pytest.mark.parametrize(
    "at",
    [NOON.replace(tzinfo=None), datetime(2263, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)],
)
def test_a_time_that_servers_cannot_keep_is_refused(at: datetime) -> None:
    with pytest.raises(UnwritableRow, match="time"):
        render(copier_row("p", 1, at))


def test_a_boolean_is_no_integer() -> None:
    assert b"online=true" in render(copier_row("p", 1))
