"""What machines count themselves tells which of two of our times is wrong."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.times import UptimeMark, Wrong, counted_between, which_is_wrong

T0 = datetime(2026, 5, 4, 0, 0, tzinfo=UTC)
UP = 4_000_000
GOOD = UptimeMark(T0, UP)
SPANS = st.integers(60, 20 * 86_400)


def later(seconds: int, *, clock_off: int = 0) -> UptimeMark:
    """Return an answer `seconds` after GOOD, read while the clock was wrong by `clock_off`."""
    return UptimeMark(T0 + timedelta(seconds=seconds + clock_off), UP + seconds)


@given(after=SPANS, more=SPANS, off=st.integers(86_400, 400 * 86_400))
def test_a_clock_that_was_ahead_and_is_right_again_was_wrong_before(
    after: int, more: int, off: int
) -> None:
    ahead, now = later(after, clock_off=after + more + off), later(after + more)
    assert which_is_wrong(GOOD, ahead, now) is Wrong.BEFORE


@given(after=SPANS, more=SPANS, off=st.integers(86_400, 400 * 86_400))
def test_a_clock_that_was_right_and_is_set_back_is_wrong_now(
    after: int, more: int, off: int
) -> None:
    right, back = later(after), later(after + more, clock_off=-(more + off))
    assert which_is_wrong(GOOD, right, back) is Wrong.NOW


def test_a_restart_in_between_tells_nothing() -> None:
    ahead, now = later(300, clock_off=86_400), UptimeMark(T0 + timedelta(minutes=10), 30)
    assert counted_between(ahead, now) is None
    assert which_is_wrong(GOOD, ahead, now) is Wrong.UNKNOWN
    assert which_is_wrong(None, ahead, later(600)) is Wrong.UNKNOWN
    assert which_is_wrong(UptimeMark(T0, None), ahead, later(600)) is Wrong.UNKNOWN
