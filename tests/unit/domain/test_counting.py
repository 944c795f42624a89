"""The counting rules by example: what each kind of reading adds, and what a person is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.counting.count import Counted, count
from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import Quality, Usage
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from tests.wording import english

T0 = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
A = DeviceIdentity(vendor="Ricoh", model="IM C3000", serial="3081R900123")
B = DeviceIdentity(vendor="Canon", model="iR-ADV C5840", serial="2XK04711")
PLACE = PlaceId("2f")
RULES = Rules()
OFFICE = Office("s", ZoneInfo("Asia/Tokyo"))


def reading(
    minute: float,
    total: int | None,
    *,
    identity: DeviceIdentity = A,
    uptime_s: int | None = 10**6,
    wraps: dict[Meter, int] | None = None,
    by: str | None = None,
    **meters: int,
) -> Reading:
    values = {Meter(name): value for name, value in meters.items()}
    if total is not None:
        values[Meter("total")] = total
    formulas = {} if by is None else {Meter("total"): by}
    answer = Answer(identity, values, uptime_s, wraps=wraps or {}, rated_ipm=30, formulas=formulas)
    return Reading(PLACE, T0 + timedelta(minutes=minute), answer)


def run(*readings: Reading, rules: Rules = RULES) -> tuple[PlaceTrack, list[Usage], list[Code]]:
    track: PlaceTrack | None = None
    usages: list[Usage] = []
    codes: list[Code] = []
    for one in readings:
        counted: Counted = count(track, one, rules, OFFICE)
        track = counted.track
        usages = [*counted.kept(usages), *counted.usages]
        codes += [finding.code for finding in counted.findings]
    assert track is not None
    return track, usages, codes


def pages(usages: list[Usage], meter: str = "total") -> int:
    return sum(usage.pages for usage in usages if usage.meter == meter)


def test_first_reading_sets_the_start_and_counts_nothing() -> None:
    track, usages, codes = run(reading(0, 213402))
    assert usages == []
    assert codes == []
    assert track.meters[Meter("total")].first == 213402


def test_growth_is_measured_with_its_evidence() -> None:
    _, usages, codes = run(reading(0, 1000), reading(5, 1012))
    assert [(one.first, one.last, one.quality) for one in usages] == [
        (1000, 1012, Quality.MEASURED)
    ]
    assert (usages[0].start, usages[0].end) == (T0, T0 + timedelta(minutes=5))
    assert codes == []


def test_idle_copier_counts_nothing_again_and_again() -> None:
    _, usages, codes = run(*(reading(5 * n, 1000) for n in range(10)))
    assert usages == []
    assert codes == []


def test_missing_meter_is_not_zero_and_loses_nothing() -> None:
    _, usages, codes = run(
        reading(0, 1000, scan=50), reading(5, None, scan=52), reading(10, 1010, scan=53)
    )
    assert pages(usages) == 10
    assert pages(usages, "scan") == 3
    assert codes == []


def test_meter_that_appears_later_starts_where_it_is() -> None:
    _, usages, _ = run(reading(0, 1000), reading(5, 1001, copy=400), reading(10, 1002, copy=401))
    assert pages(usages, "copy") == 1


def test_few_pages_less_after_a_restart_is_a_rollback() -> None:
    track, usages, codes = run(
        reading(0, 1000), reading(5, 1008), reading(10, 1001, uptime_s=60), reading(15, 1006)
    )
    assert pages(usages) == 8
    assert codes == [Code.METER_ROLLBACK]
    assert track.meters[Meter("total")].epoch == 1


def test_after_a_rollback_counting_goes_on_above_the_old_value() -> None:
    _, usages, codes = run(
        reading(0, 1000),
        reading(5, 1008),
        reading(10, 1001, uptime_s=60),
        reading(15, 1005),
        reading(20, 1011),
    )
    assert pages(usages) == 11
    assert codes == [Code.METER_ROLLBACK]


def test_few_pages_less_without_a_restart_is_held_back() -> None:
    track, usages, codes = run(reading(0, 1000), reading(5, 995, uptime_s=2 * 10**6))
    assert usages == []
    assert codes == [Code.METER_SUSPECT]
    assert track.held is not None
    assert track.held.meters == {"total": 995}


def test_low_then_back_is_a_glitch_and_the_pages_between_count() -> None:
    _, usages, codes = run(reading(0, 5000), reading(5, 3), reading(10, 5004))
    assert pages(usages) == 4
    assert codes == [Code.METER_SUSPECT, Code.METER_GLITCH]


def test_low_and_still_low_is_a_reset_and_pages_since_count() -> None:
    track, usages, codes = run(reading(0, 5000), reading(5, 20), reading(10, 26))
    assert pages(usages) == 26
    assert codes == [Code.METER_SUSPECT, Code.METER_RESET]
    assert track.meters[Meter("total")].epoch > 1
    assert track.meters[Meter("total")].first == 0


def test_board_with_somebody_elses_count_adds_only_its_growth() -> None:
    track, usages, codes = run(reading(0, 500000), reading(5, 88000), reading(10, 88006))
    assert pages(usages) == 6
    assert codes == [Code.METER_SUSPECT, Code.PAGES_IN_QUESTION]
    assert track.meters[Meter("total")].first == 88000


def test_reset_of_a_machine_is_judged_as_one() -> None:
    """An exchanged board brings its own count in every meter, also in those that are small."""
    track, usages, codes = run(
        reading(0, 500_000, fax=9_000), reading(5, 88_000, fax=40), reading(10, 88_006, fax=41)
    )
    assert (pages(usages), pages(usages, "fax")) == (6, 1)
    assert codes == [Code.METER_SUSPECT, Code.PAGES_IN_QUESTION]
    assert track.meters[Meter("fax")].first == 40


def test_reset_of_one_meter_leaves_the_others_counting() -> None:
    _, usages, codes = run(
        reading(0, 5000, scan=900), reading(5, 5002, scan=0), reading(10, 5004, scan=3)
    )
    assert pages(usages) == 4
    assert pages(usages, "scan") == 3
    assert codes == [Code.METER_SUSPECT, Code.METER_RESET]


def test_wrap_loses_no_page() -> None:
    wraps = {Meter("total"): 10**6}
    track, usages, codes = run(
        reading(0, 999_990, wraps=wraps), reading(5, 15, wraps=wraps), reading(10, 20, wraps=wraps)
    )
    assert pages(usages) == 30
    assert codes == [Code.METER_SUSPECT, Code.METER_WRAPPED]
    assert track.meters[Meter("total")].epoch == 2


def test_drop_far_from_the_wrap_is_no_wrap() -> None:
    wraps = {Meter("total"): 10**6}
    _, usages, codes = run(reading(0, 500_000, wraps=wraps), reading(5, 15, wraps=wraps))
    assert usages == []
    assert codes == [Code.METER_SUSPECT]


def test_impossible_jump_is_held_and_dropped_when_it_was_a_glitch() -> None:
    _, usages, codes = run(reading(0, 1000), reading(5, 4_000_000), reading(10, 1003))
    assert pages(usages) == 3
    assert codes == [Code.METER_SUSPECT, Code.METER_GLITCH]


def test_an_impossible_jump_is_in_question_however_often_it_is_read() -> None:
    _, usages, codes = run(reading(0, 1000), reading(5, 90_000), reading(10, 90_004))
    assert pages(usages) == 4
    assert codes == [Code.METER_SUSPECT, Code.PAGES_IN_QUESTION]


def test_long_silence_makes_many_pages_plausible() -> None:
    _, usages, codes = run(reading(0, 1000), reading(60 * 24 * 20, 7_000))
    assert pages(usages) == 6_000
    assert codes == []


def test_more_after_a_silence_than_a_place_is_known_to_print_waits() -> None:
    _, usages, codes = run(reading(0, 1000), reading(60 * 24 * 20, 31_000))
    assert pages(usages) == 0
    assert codes == [Code.METER_SUSPECT]


def test_another_serial_is_a_replacement_and_its_life_count_is_no_usage() -> None:
    track, usages, codes = run(
        reading(0, 1000),
        reading(5, 1010),
        reading(10, 77_000, identity=B),
        reading(15, 77_005, identity=B),
    )
    assert pages(usages) == 15
    assert codes == [Code.DEVICE_REPLACED]
    assert track.identity.serial == B.serial
    assert track.meters[Meter("total")].epoch == 2


def test_serial_not_answered_once_is_no_replacement() -> None:
    bare = DeviceIdentity(vendor="Ricoh", model="IM C3000")
    track, usages, codes = run(reading(0, 1000), reading(5, 1010, identity=bare), reading(10, 1012))
    assert pages(usages) == 12
    assert codes == []
    assert track.identity.serial == A.serial


def test_machine_without_a_serial_is_marked_weak_once() -> None:
    bare = DeviceIdentity(vendor="Brother", model="HL-2270DW")
    _, _, codes = run(reading(0, 10, identity=bare), reading(5, 11, identity=bare))
    assert codes == [Code.WEAK_IDENTITY]


def test_older_reading_is_told_and_not_counted() -> None:
    _, usages, codes = run(reading(0, 1000), reading(10, 1010), reading(5, 1005))
    assert pages(usages) == 10
    assert codes == [Code.READING_OUT_OF_ORDER]


def test_same_reading_twice_changes_nothing() -> None:
    once = run(reading(0, 1000), reading(5, 1010))
    twice = run(reading(0, 1000), reading(5, 1010), reading(5, 1010))
    assert once == twice


def test_one_finding_names_every_meter_it_concerns() -> None:
    first = count(None, reading(0, 5000, copy=100, scan=7), RULES, OFFICE)
    counted = count(first.track, reading(5, 3, copy=1, scan=7), RULES, OFFICE)
    (finding,) = counted.findings
    assert finding.code is Code.METER_SUSPECT
    assert finding.evidence == {"total": "5000 -> 3", "copy": "100 -> 1"}
    assert "total 5000 -> 3" in english(finding.message)


@pytest.mark.parametrize("later", [1000, 1001, 1500])
def test_reset_machine_that_is_held_goes_on_when_replaced(later: int) -> None:
    _, usages, codes = run(
        reading(0, 1000),
        reading(5, 2),
        reading(10, later, identity=B),
        reading(15, later + 1, identity=B),
    )
    assert pages(usages) == 1
    assert codes == [Code.METER_SUSPECT, Code.DEVICE_REPLACED]


def test_another_formula_begins_a_new_epoch_and_adds_no_page() -> None:
    """The life count runs ahead of the billing total: the step is no page that anybody printed."""
    track, usages, codes = run(
        reading(0, 1000, by="billed", copy=10),
        reading(5, 1004, by="billed", copy=11),
        reading(10, 1050, by="life", copy=12),
        reading(15, 1053, by="life", copy=12),
    )
    assert pages(usages) == 4 + 3
    assert pages(usages, "copy") == 2
    assert codes == [Code.METER_REDEFINED]
    total = track.meters[Meter("total")]
    assert (total.epoch, total.first, total.formula) == (2, 1050, "life")


def test_another_formula_is_told_with_both_figures() -> None:
    first = count(None, reading(0, 1000, by="billed"), RULES, OFFICE)
    (finding,) = count(first.track, reading(5, 1050, by="life"), RULES, OFFICE).findings
    assert finding.evidence["total"] == "1000 by billed -> 1050 by life"
    assert "compare with the panel" in english(finding.message)


def test_a_formula_that_is_not_told_is_the_one_before() -> None:
    track, usages, codes = run(
        reading(0, 1000),
        reading(5, 1001, by="billed"),
        reading(10, 1002),
        reading(15, None),
        reading(20, 1003, by="billed"),
    )
    assert pages(usages) == 3
    assert codes == []
    assert track.meters[Meter("total")].formula == "billed"


def test_a_value_held_back_under_the_old_formula_is_forgotten_with_it() -> None:
    _, usages, codes = run(
        reading(0, 5000, by="billed"),
        reading(5, 20, by="billed"),
        reading(10, 26, by="life"),
        reading(15, 27, by="life"),
    )
    assert pages(usages) == 1
    assert codes == [Code.METER_SUSPECT, Code.METER_REDEFINED]


def test_rubbish_for_some_polls_is_no_reset_once_the_machine_is_back() -> None:
    """Seen: an agent answers a constant for a day; its old count must not be counted as pages."""
    track, usages, codes = run(
        *(reading(0, 50_000), reading(60, 3), reading(120, 3), reading(180, 3)),
        *(reading(240, 50_040), reading(300, 50_045), reading(360, 50_050)),
    )
    assert pages(usages) == 50
    assert codes == [Code.METER_SUSPECT, Code.METER_RESET, Code.METER_GLITCH]
    assert track.is_firm


def test_a_count_typed_back_into_a_new_board_counts_its_pages_once() -> None:
    track, usages, _ = run(
        *(reading(0, 50_000), reading(60, 20), reading(120, 30)),
        *(reading(180, 50_030), reading(240, 50_042), reading(300, 50_050)),
    )
    assert pages(usages) == 50
    assert track.meters[Meter("total")].last == 50_050


def test_a_jump_elsewhere_after_a_reset_is_a_jump() -> None:
    _, usages, codes = run(
        *(reading(0, 50_000), reading(60, 20), reading(120, 30)),
        *(reading(180, 9_000_000), reading(240, 9_000_010)),
    )
    assert codes[-1] is Code.PAGES_IN_QUESTION
    assert pages(usages) == 30 + 10


def test_after_a_real_reset_a_machine_may_print_its_way_past_its_old_count() -> None:
    _, usages, codes = run(
        *(reading(0, 1000), reading(60, 20), reading(120, 400)),
        *(reading(60 * 24 * 14, 1100), reading(60 * 24 * 15, 1150)),
    )
    assert pages(usages) == 1150
    assert Code.METER_GLITCH not in codes
