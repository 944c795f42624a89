"""Laws of counting under doubt: nothing impossible counts, and rubbish leaves no trace."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.counting.count import count
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.findings import Code, Finding
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.usage import Quality, Usage
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

T0 = datetime(2026, 6, 1, tzinfo=UTC)  # Monday 09:00 in Tokyo
OFFICE = Office("s", ZoneInfo("Asia/Tokyo"))
RULES = Rules()
TOTAL, MONO, COLOR = Meter("total"), Meter("total_mono"), Meter("total_color")
WHO = DeviceIdentity(model="M", serial="SERIAL1", mac="aa")
IPM = 30

Meters = dict[Meter, int]
Row = tuple[float, Meters, int | None]
"""Minutes since the beginning, what is answered, and seconds since it was switched on."""


def run(rows: Iterable[Row], who: DeviceIdentity = WHO) -> tuple[list[Usage], list[Finding]]:
    track, usages, findings = None, [], []
    for minutes, meters, uptime in rows:
        answer = Answer(who, meters, uptime, rated_ipm=IPM)
        reading = Reading(PlaceId("p"), T0 + timedelta(minutes=minutes), answer)
        counted = count(track, reading, RULES, OFFICE)
        track = counted.track
        usages = [*counted.kept(usages), *counted.usages]
        findings += counted.findings
    return usages, findings


def pages(usages: Iterable[Usage], meter: Meter = TOTAL) -> int:
    return sum(one.pages for one in usages if one.meter == meter)


def family(mono: int, color: int) -> Meters:
    return {TOTAL: mono + color, MONO: mono, COLOR: color}


LIVES = st.integers(0, 3000) | st.integers(3000, 10**7)
STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=12)


def printing(life: tuple[int, int], steps: list[tuple[int, int]]) -> list[Row]:
    """Return polls every five minutes of a machine that is on and prints a little."""
    mono, color = life
    rows: list[Row] = [(0, family(mono, color), 10**6)]
    for n, (more_mono, more_color) in enumerate(steps, 1):
        mono, color = mono + more_mono, color + more_color
        rows.append((5 * n, family(mono, color), 10**6 + 300 * n))
    return rows


RUBBISH = st.one_of(
    st.just(0),
    st.just(2**31 - 1),
    st.integers(0, 2**32),
)


@given(
    st.tuples(LIVES.filter(lambda n: n > 200), LIVES),
    STEPS,
    st.integers(1, 10),
    st.lists(st.tuples(RUBBISH, RUBBISH, RUBBISH), min_size=1, max_size=4),
    st.booleans(),
)
def test_rubbish_between_two_plausible_answers_leaves_the_pages_as_without_it(
    life: tuple[int, int],
    steps: list[tuple[int, int]],
    after: int,
    wrong: list[tuple[int, int, int]],
    alike: bool,
) -> None:
    """For one to four such answers, up or down, different ones or one that is repeated."""
    rows = printing(life, steps)
    cut = min(after, len(rows) - 1)
    good = rows[cut - 1][1]
    if alike:
        wrong = [wrong[0]] * len(wrong)
    for total, _, _ in wrong:  # what is plausible is no rubbish
        assume(abs(total - good[TOTAL]) > 1000 or total == 0)
        assume(total == 0 or total > good[TOTAL] or 2 * total < good[TOTAL])
    rubbish: list[Row] = [
        (5 * (cut + n), {TOTAL: total, MONO: mono, COLOR: color}, 10**6 + 300 * (cut + n))
        for n, (total, mono, color) in enumerate(wrong)
    ]
    shift = len(wrong)
    rest = [(at + 5 * shift, meters, (up or 0) + 300 * shift) for at, meters, up in rows[cut:]]
    with_it, findings = run([*rows[:cut], *rubbish, *rest])
    without, _ = run(rows)
    assert [pages(with_it, one) for one in (TOTAL, MONO, COLOR)] == [
        pages(without, one) for one in (TOTAL, MONO, COLOR)
    ]
    waiting = {one.code for one in open_findings(findings, [], ())}
    assert Code.PAGES_IN_QUESTION not in waiting


@given(
    st.integers(5000, 10**6),
    st.integers(20, 40),
    st.integers(1, 20),
    st.integers(1000, 10**7),
    st.integers(1, 8),
)
def test_a_typed_in_counter_never_adds_a_life(
    life: int, days: int, rate: int, typed: int, polls: int
) -> None:
    """Too high by so many after a night: only what was printed counts, the rest is in question."""
    rows: list[Row] = []
    total = life
    for hour in range(24 * (days // 4)):
        rows.append((60 * hour, {TOTAL: total}, 10**6 + 3600 * hour))
        at = (T0 + timedelta(hours=hour)).astimezone(OFFICE.zone)
        total += rate if at.weekday() < 5 and 9 <= at.hour < 17 else 0
    start = rows[-1][0] + 14 * 60
    rows += [(start + 60 * n, {TOTAL: total + typed + n}, 600 + 3600 * n) for n in range(polls + 1)]
    usages, findings = run(rows)
    printed = total - life + polls
    assert abs(pages(usages) - printed) <= 20 * rate
    (question,) = (one for one in findings if one.code is Code.PAGES_IN_QUESTION)
    assert abs(int(question.evidence["pages"] or 0) - typed) <= 20 * rate
    assert open_findings(findings, [], ())


@given(
    st.integers(10**4, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 300),
    st.integers(1, 3000),
    st.booleans(),
)
def test_a_reset_counts_no_more_than_can_have_been_printed_since(
    life: int,
    value: int,
    more: int,
    minutes: int,
    off: bool,
) -> None:
    """Whatever lower value is read after whatever time, the life on it is no usage."""
    assume(value < life)
    uptime = 60 * min(minutes, 10) if off else 10**6 + 60 * (minutes + 5)
    rows: list[Row] = [
        (0, {TOTAL: life}, 10**6),
        (5, {TOTAL: life}, 10**6 + 300),
        (5 + minutes, {TOTAL: value}, uptime),
        (65 + minutes, {TOTAL: value + more}, uptime + 3600),
    ]
    usages, _ = run(rows)
    hours = (minutes + 60) / 60
    assert pages(usages) <= 60 * hours + 100 + more
    assert pages(usages) <= RULES.allowance(IPM, timedelta(minutes=minutes + 60))


ANSWERS = st.lists(
    st.tuples(
        st.integers(1, 3000),
        st.integers(0, 2**32) | st.integers(0, 50) | st.integers(990, 1010),
        st.integers(0, 2**32) | st.integers(0, 50) | st.integers(990, 1010),
        st.none() | st.integers(0, 10**7),
    ),
    max_size=10,
)


@given(ANSWERS)
def test_nothing_impossible_is_ever_counted(story: list[tuple[int, int, int, int | None]]) -> None:
    """Whatever is answered: no usage is more than the machine's rated speed in its time."""
    at, rows = 0, []
    for minutes, mono, color, uptime in story:
        at += minutes
        rows.append((at, family(mono, color), uptime))
    usages, _ = run(rows)
    for one in usages:
        assert one.pages >= 0
        if one.quality is not Quality.ESTIMATED:
            assert one.pages <= RULES.allowance(IPM, one.end - one.start)
        assert (one.low or 0) <= one.pages <= (one.pages if one.high is None else one.high)


@given(ANSWERS)
def test_total_is_mono_and_color_in_usages_as_it_is_in_the_meters(
    story: list[tuple[int, int, int, int | None]],
) -> None:
    at, rows = 0, []
    for minutes, mono, color, _ in story:
        at += minutes
        rows.append((at, family(mono, color), 10**6 + 60 * at))  # never off: nothing is lost
    usages, _ = run(rows)
    assert pages(usages) == pages(usages, MONO) + pages(usages, COLOR)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=40),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_machines_that_answer_in_turn_are_counted_each_by_its_own_meter(
    turns: list[tuple[bool, int]], one: int, two: int
) -> None:
    """Conservation by device: what each printed between its first and its last answer."""
    machines = (WHO, replace(WHO, serial="SERIAL2", mac="bb"))
    totals, first, track, usages, found = [one, two], [-1, -1], None, [], []
    for n, (which, more) in enumerate(turns):
        totals[which] += more
        first[which] = totals[which] if first[which] < 0 else first[which]
        answer = Answer(machines[which], {TOTAL: totals[which]}, 10**6 + 300 * n, rated_ipm=IPM)
        reading = Reading(PlaceId("p"), T0 + timedelta(minutes=5 * n), answer)
        counted = count(track, reading, RULES, OFFICE)
        track, usages = counted.track, [*counted.kept(usages), *counted.usages]
        found += counted.findings
    printed = sum(last - begin for last, begin in zip(totals, first, strict=True) if begin >= 0)
    assert pages(usages) == printed
    assert len([1 for one in found if one.code is Code.ADDRESS_CONFLICT]) <= 1
