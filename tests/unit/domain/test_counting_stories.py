"""The stories of the cases, and others of their kinds, by the pages that were really printed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.domain.counting.count import count
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.findings import Code, Finding
from collector.domain.counting.identity import DeviceIdentity, real_serial
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import Answer, Brought, Reading, Stay
from collector.domain.counting.usage import Usage
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

STORIES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "counting"
OFFICE = Office("s", ZoneInfo("Asia/Tokyo"))
RULES = Rules()
TOTAL, MONO, COLOR = Meter("total"), Meter("total_mono"), Meter("total_color")
MILLION = {TOTAL: 10**6}


@dataclass
class Come:
    """What a run of readings came to."""

    usages: list[Usage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def pages(self, meter: str = "total") -> int:
        return sum(one.pages for one in self.usages if one.meter == meter)

    @property
    def low(self) -> int:
        return sum(one.pages if one.low is None else one.low for one in self._totals())

    @property
    def high(self) -> int:
        return sum(one.pages if one.high is None else one.high for one in self._totals())

    @property
    def waiting(self) -> set[Code]:
        return {one.code for one in open_findings(self.findings, [], ())}

    def question(self) -> int:
        found = open_findings(self.findings, [], ())
        return sum(
            int(one.evidence["pages"] or 0) for one in found if one.code is Code.PAGES_IN_QUESTION
        )

    def _totals(self) -> Iterator[Usage]:
        return (one for one in self.usages if one.meter == TOTAL)


def run(readings: Iterable[Reading]) -> Come:
    track, come = None, Come()
    for one in readings:
        counted = count(track, one, RULES, OFFICE)
        track = counted.track
        come.usages = [*counted.kept(come.usages), *counted.usages]
        come.findings += counted.findings
    return come


def story(name: str, wraps: Mapping[Meter, int] | None = None) -> dict[str, Come]:
    """Return what each place of the case `name` comes to."""
    places: dict[str, list[Reading]] = {}
    for line in (STORIES / f"{name}.jsonl").read_text().splitlines():
        row = json.loads(line)
        identity = DeviceIdentity(
            model=row["model"], serial=real_serial(row["serial"]), mac=row["mac"]
        )
        meters = {Meter(meter): value for meter, value in row["meters"].items()}
        answer = Answer(identity, meters, row["uptime_s"], wraps=wraps or {})
        at = datetime.fromisoformat(row["at"])
        places.setdefault(row["place"], []).append(Reading(PlaceId(row["place"]), at, answer))
    return {place: run(readings) for place, readings in places.items()}


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("first-reading-zero", 1),
        ("jump-twice-and-back", 13),
        ("two-zeros-young-machine", 5),
        ("typed-back-older", 42),
        ("lower-by-forty-after-a-night", 10),
        ("jump-after-a-day-off", 10),
        ("serial-loses-zeros", 1058),
        ("silent-over-new-year", 2316),
        ("second-reset", 22 + 41),
        ("typed-in-too-high-overnight", 948 + 8),
    ],
)
def test_a_story_comes_to_its_pages(name: str, pages: int) -> None:
    (come,) = story(name).values()
    assert come.pages() == pages
    assert come.low <= pages <= come.high


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("typed-in-too-high-overnight", 10_000),
        ("typed-back-older", 800),
        ("lower-by-forty-after-a-night", 40),
        ("jump-after-a-day-off", 250_000),
        ("jump-twice-and-back", 0),
        ("first-reading-zero", 0),
        ("second-reset", 0),
    ],
)
def test_what_cannot_have_been_printed_waits_for_a_person(name: str, question: int) -> None:
    (come,) = story(name).values()
    assert come.question() == question
    assert (Code.PAGES_IN_QUESTION in come.waiting) == bool(question)


def test_an_answer_of_which_one_meter_is_impossible_counts_in_none() -> None:
    (come,) = story("one-foreign-answer").values()
    assert [come.pages(meter) for meter in ("total", "total_mono", "total_color")] == [4, 3, 1]
    (come,) = story("two-zeros-young-colour").values()
    assert [come.pages(meter) for meter in ("total", "total_mono", "total_color")] == [10, 8, 2]
    assert come.waiting == set()


def test_a_zero_near_a_wrap_is_no_wrap() -> None:
    (come,) = story("wrap-one-zero", MILLION).values()
    assert come.pages() == 6


def test_a_silence_that_ends_in_another_machine_is_estimated() -> None:
    (come,) = story("exchanged-while-silent").values()
    silent = come.pages() - (1071 + 3)
    assert abs(silent - 9 * 72) < 40
    assert come.low <= 1074 + 9 * 72 <= come.high
    assert come.high - come.low < 9 * 72


def test_machines_swapped_in_a_silence_bring_their_pages_along() -> None:
    lines = (STORIES / "swapped-while-silent.jsonl").read_text().splitlines()
    places: dict[str, list[Reading]] = {"p": [], "q": []}
    last: dict[str, tuple[str, Reading]] = {}
    for line in lines:
        row = json.loads(line)
        place, at = PlaceId(row["place"]), datetime.fromisoformat(row["at"])
        answer = Answer(
            DeviceIdentity(serial=row["serial"]), {TOTAL: row["meters"]["total"]}, row["uptime_s"]
        )
        reading = Reading(place, at, answer)
        home, before = last.get(row["serial"], (place, reading))
        if home != place:
            said = before.answer
            brought = Brought(PlaceId(home), before.at, said.uptime_s, said.meters)
            reading = Reading(place, at, answer, Stay.ARRIVED, brought=brought)
        last[row["serial"]] = (place, reading)
        places[place].append(reading)
    found = {place: run(readings) for place, readings in places.items()}
    printed = (51476 - 50000) + (80734 - 80000)
    assert sum(one.pages() for one in found.values()) == printed
    assert all(one.low < one.pages() for one in found.values())


T0 = datetime(2026, 6, 1, tzinfo=OFFICE.zone) + timedelta(hours=9)
WHO = DeviceIdentity(model="M", serial="SERIAL1", mac="aa")
OTHER = DeviceIdentity(model="M", serial="SERIAL2", mac="bb")


def said(
    minutes: float, total: int, up: float | None = None, who: DeviceIdentity = WHO, **rest: int
) -> Reading:
    """Return a reading after so many minutes; `up`: minutes since it was switched on."""
    uptime = 10**6 + int(minutes * 60) if up is None else int(up * 60)
    meters = {TOTAL: total, **{Meter(name): value for name, value in rest.items()}}
    answer = Answer(who, meters, uptime, rated_ipm=30)
    return Reading(PlaceId("p"), T0 + timedelta(minutes=minutes), answer)


def work(days: int, per_hour: int, start: int = 0, who: DeviceIdentity = WHO) -> list[Reading]:
    """Return `days` of hourly readings of a machine that prints `per_hour` in working time."""
    found, total = [], start
    for hour in range(24 * days):
        at = T0 + timedelta(hours=hour)
        found.append(said(60 * hour, total, who=who))
        total += per_hour if OFFICE.works_on(OFFICE.local_day(at)) and 9 <= at.hour < 17 else 0
    return found


DAY = 24 * 60


def test_an_election_night_is_counted_and_told() -> None:
    usual = work(12, 12, 5000)
    start, total = 11 * DAY + 9 * 60, usual[-1].answer.meters[TOTAL]
    night = [said(start + 5 * n, total + 50 * n) for n in range(36, 97)]
    come = run([*(one for one in usual if one.at < night[0].at), *night])
    assert come.pages() == total + 50 * 96 - 5000
    assert Code.ABOVE_PACE in come.waiting
    assert come.question() == 0


def test_three_weeks_of_silence_with_the_usual_number_of_pages_are_counted() -> None:
    usual = work(14, 12, 5000)
    total = usual[-1].answer.meters[TOTAL]
    come = run([*usual, said(35 * DAY, total + 1500, up=60), said(35 * DAY + 60, total + 1510)])
    assert come.pages() == total + 1510 - 5000
    assert come.waiting == set()


@pytest.mark.parametrize("typed", [700, 10_000, 400_000])
@pytest.mark.parametrize("polls", [1, 3, 20])
def test_typed_in_too_high_is_in_question_however_long_it_stays(typed: int, polls: int) -> None:
    usual = work(12, 12, 5000)
    total = usual[-1].answer.meters[TOTAL]
    after = [said(12 * DAY + 60 * n, total + typed + n, up=5 + 60 * n) for n in range(polls + 1)]
    come = run([*usual, *after])
    assert abs(come.pages() - (total - 5000 + polls)) <= 2
    assert abs(come.question() - typed) <= 2


@pytest.mark.parametrize("fall", [31, 40, 900, 25_000])
def test_a_count_that_is_set_back_adds_no_life(fall: int) -> None:
    come = run(
        [
            *(said(0, 30_000), said(60, 30_012)),
            *(said(1000, 30_012 - fall, up=10), said(1060, 30_017 - fall), said(1120, 30_020)),
        ][:4]
    )
    assert come.pages() == 12 + 5
    assert come.question() == fall


def test_a_heavy_month_by_hand_or_file_is_borne_out_by_the_next() -> None:
    """Readings once a month: a rate that goes on is the place's own and no typed-in count."""
    totals = (0, 31_000, 60_000, 95_000)
    come = run(said(month * 30 * DAY, 10**5 + n) for month, n in enumerate(totals))
    assert come.pages() == 95_000
    assert Code.PAGES_IN_QUESTION not in come.waiting


def test_a_conflict_of_days_is_told_once_and_loses_no_page() -> None:
    readings = []
    for n in range(300):
        who, start = (WHO, 1000) if n % 2 else (OTHER, 90_000)
        readings.append(said(5 * n, start + n, who=who))
    come = run(readings)
    assert come.pages() == (299 - 1) + (298 - 0)
    codes = [one.code for one in come.findings if one.code is not Code.ABOVE_PACE]
    assert codes == [Code.DEVICE_REPLACED, Code.ADDRESS_CONFLICT]


def test_a_loan_machine_goes_and_the_old_one_goes_on_from_its_own_count() -> None:
    come = run(
        [
            *(said(0, 1000), said(60, 1010)),
            *(said(DAY, 500, who=OTHER), said(DAY + 60, 520, who=OTHER)),
            *(said(5 * DAY, 1013), said(5 * DAY + 60, 1020)),
        ]
    )
    assert come.pages() == 10 + 20 + 3 + 7
    assert come.low < come.pages()


@pytest.mark.parametrize("serial", ["12-3456", "0123456", "123456", "00123456"])
def test_a_serial_written_otherwise_is_the_same_machine(serial: str) -> None:
    one = DeviceIdentity(model="M", serial="0012-3456", mac="aa")
    again = DeviceIdentity(model="M", serial=serial, mac="aa")
    come = run([said(0, 100, who=one), said(DAY, 300, who=again), said(DAY + 5, 301, who=one)])
    assert come.pages() == 201
    elsewhere = DeviceIdentity(model="M", serial=serial, mac="cc")
    come = run([said(0, 100, who=one), said(5, 300, who=elsewhere)])
    assert come.findings[0].code is Code.DEVICE_REPLACED


def test_an_uptime_that_wraps_after_497_days_is_no_restart() -> None:
    wrap = 2**32 // 100
    before, after = said(0, 1000, up=(wrap - 100) / 60), said(60, 1700, up=(3600 - 100) / 60)
    come = run([before, after, said(65, 1701, up=(3900 - 100) / 60)])
    assert come.pages() == 701


def test_a_wrap_is_confirmed_by_the_next_answer() -> None:
    def wrapping(reading: Reading) -> Reading:
        answer = reading.answer
        said = Answer(answer.identity, answer.meters, answer.uptime_s, wraps=MILLION)
        return Reading(reading.place, reading.at, said)

    come = run(map(wrapping, [said(0, 999_980), said(60, 15), said(120, 30)]))
    assert come.pages() == 50
    come = run(map(wrapping, [said(0, 999_000), said(60, 0), said(120, 0), said(180, 999_006)]))
    assert come.pages() == 6


@pytest.mark.parametrize("zeros", [1, 2, 5])
@pytest.mark.parametrize("life", [900, 123_456])
def test_a_machine_that_answers_zero_while_it_starts_has_printed_nothing(
    zeros: int, life: int
) -> None:
    starting = [said(5 * n, 0, up=1 + 5 * n) for n in range(zeros)]
    later = [said(5 * (zeros + n), life + n, up=1 + 5 * (zeros + n)) for n in range(3)]
    come = run([*starting, *later])
    assert come.pages() == 2
    assert come.waiting == set()


def test_pages_that_a_power_cut_by_day_took_unread_widen_the_number() -> None:
    usual = work(4, 12, 5000)
    total, at = usual[-1].answer.meters[TOTAL], 4 * DAY + 60
    come = run([*usual, said(at, total), said(at + 60, total + 5, up=30)])
    assert come.pages() == total + 5 - 5000
    assert come.low == come.pages()
    assert come.high == come.pages() + RULES.rollback_max


def test_a_machine_that_is_switched_off_each_night_is_known_to_the_page() -> None:
    come = run(
        replace(one, answer=replace(one.answer, uptime_s=600 + 3600 * (hour - 8)))
        for one in work(30, 12)
        if 8 <= (hour := one.at.astimezone(OFFICE.zone).hour) < 20
    )
    assert come.low == come.pages() == come.high


@pytest.mark.parametrize("typed", [700, 10_000])
def test_a_machine_under_repair_may_have_printed_nothing(typed: int) -> None:
    usual = work(11, 12, 5000)
    total = usual[-1].answer.meters[TOTAL]
    back = 13 * DAY + 60
    come = run([*usual, said(back, total + typed, up=5), said(back + 60, total + typed, up=65)])
    assert come.low <= total - 5000 <= come.high


@pytest.mark.parametrize("less", [40, 90])
def test_a_count_put_back_lower_is_not_the_old_one_when_it_prints_past_it(less: int) -> None:
    usual = work(11, 12, 5000)
    total, back = usual[-1].answer.meters[TOTAL], 13 * DAY + 60
    after = [said(back + 60 * n, total - less + 30 * n, up=5 + 60 * n) for n in range(8)]
    come = run([*usual, *after])
    assert come.low <= total - 5000 + 30 * 7 <= come.high


def test_a_count_typed_in_after_a_reset_is_in_question_even_if_it_could_be_printed() -> None:
    usual = work(12, 12, 1000)
    total, at = usual[-1].answer.meters[TOTAL], 12 * DAY
    reset = [said(at + 60 * n, 2 * n, up=60 * n + 5) for n in range(1, 5)]
    assert total < RULES.allowance(30, timedelta(hours=1))
    typed = [said(at + 60 * n, total - 100 + n, up=60 * n + 5) for n in range(5, 8)]
    come = run([*usual, *reset, *typed])
    assert abs(come.pages() - (total - 1000)) < 50
    assert Code.PAGES_IN_QUESTION in come.waiting


def test_pages_of_a_shared_address_may_be_the_other_machines() -> None:
    own = [said(60 * n, 1000 + n) for n in range(10)]
    both = [
        said(
            600 + 30 * n, 1010 + n if n % 4 > 1 else 90_000 + 5 * n, who=WHO if n % 4 > 1 else OTHER
        )
        for n in range(40)
    ]
    come = run([*own, *both])
    assert come.low <= 49 < come.pages() <= come.high
