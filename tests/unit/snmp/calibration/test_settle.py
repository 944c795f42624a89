"""What the figures on a panel prove, and what they do not."""

from collector.adapters.snmp.profiles.values import Confidence
from collector.calibration.fits import Class, SumOrigin
from collector.calibration.verdicts import State, settle
from tests.unit.snmp.calibration.panels import (
    ACME,
    NAMED,
    examined,
    first_round,
    later_round,
    panel,
    settled,
    verdict,
)
from tests.unit.snmp.machines import KYOCERA, RICOH_ROW, Said, devices, life, named
from tests.wording import english

T = f"{ACME}5.1."
KYOCERA_PARTS = devices(
    i1=("1.3.6.1.2.1.25.3.1.5", "TASKalfa 9", "1.3.6.1.4.1.1347.43.1"),
    i2=("", "TASKalfa 9", "1.3.6.1.4.1.1347.44.1"),
    i4=("", "TASKalfa 9", "1.3.6.1.4.1.1347.45.1"),
)


def table(*counts: int, labels: tuple[str, ...] = ()) -> Said:
    found: dict[str, int | str] = {f"{T}9.{row}": one for row, one in enumerate(counts, 1)}
    return found | {f"{T}2.{row}": one for row, one in enumerate(labels, 1)}


async def test_what_is_read_by_now_is_preferred() -> None:
    found = await verdict(NAMED, life(76_064), table(76_064), total=76_064)
    assert (found.state, found.before, found.others) == (State.AGREES, 76_064, 1)
    assert found.fit is not None
    assert (found.fit.text, found.fit.origin) == ("life", SumOrigin.PRESENT)
    assert found.is_sure


async def test_the_profiles_other_formulas_come_before_any_sum() -> None:
    machine = (
        named("KYOCERA Document Solutions Printing System", "1347.41"),
        KYOCERA_PARTS,
        life(76_498),
        {
            f"{KYOCERA}43.10.1.1.12.1.1": 76_064,
            f"{KYOCERA}42.2.5.1.1.1.1": 70_000,
            f"{KYOCERA}42.2.5.1.1.2.1": 6_001,
        },
    )
    found = await verdict(*machine, total=76_001)
    assert (found.state, found.before) == (State.FOUND, 76_064)
    assert found.fit is not None
    assert (found.fit.text, found.fit.origin) == ("one_sided + two_sided", SumOrigin.PROFILE)


async def test_a_label_that_says_it_comes_before_one_that_does_not() -> None:
    labels = ("Prints of all kinds on paper", "Copies", "Large")
    found = await verdict(NAMED, table(38_804, 38_804, 38_804, labels=labels), copy=38_804)
    assert found.fit is not None
    assert found.fit.text == "labels_99999_5_1_9[copies]"
    assert (found.state, found.confidence, found.others) == (State.FOUND, Confidence.HIGH, 2)


async def test_fewer_terms_come_before_more() -> None:
    found = await verdict(NAMED, table(38_804, 30_000, 8_804), copy=38_804)
    assert found.fit is not None
    assert found.fit.text == "at_99999_5_1_9_1"
    assert found.others == 1


async def test_two_that_fit_alike_are_a_tie_and_not_sure() -> None:
    found = await verdict(NAMED, table(38_804, 38_804), copy=38_804)
    assert (found.state, found.confidence) == (State.TIED, Confidence.MEDIUM)
    assert [fit.text for fit in found.ties] == ["at_99999_5_1_9_2"]
    assert not found.is_settled


async def test_the_table_of_the_other_meters_decides_what_is_taken_of_a_tie() -> None:
    other = {f"{ACME}4.1.9.1": 5_555, f"{ACME}4.2.9.7": 7_777}
    found = await settled(
        NAMED, table(5_555, 7_777, 9_999), other, copy=5_555, print=7_777, fax=9_999
    )
    taken = {meter: one.fit.text for meter, one in found.verdicts.items() if one.fit is not None}
    assert taken == {
        "copy": "at_99999_5_1_9_1",
        "print": "at_99999_5_1_9_2",
        "fax": "at_99999_5_1_9_3",
    }


async def test_rows_of_one_label_in_two_tables_are_no_tie() -> None:
    again = {f"{ACME}6.1.9.1": 38_804, f"{ACME}6.1.2.1": "Copies", f"{ACME}6.1.2.2": "Prints"}
    labels = ("Copies", "Prints")
    found = await verdict(NAMED, table(38_804, 1, labels=labels), again, copy=38_804)
    assert (found.state, found.ties, found.others) == (State.FOUND, (), 1)


async def test_sums_of_four_and_differences() -> None:
    counts = (40_123, 20_456, 10_789, 5_012, 91_234)
    found = await settled(
        NAMED,
        table(*counts),
        total=sum(counts[:4]),
        copy=counts[0] + counts[1],
        print=counts[4] - counts[2],
        scan=counts[4] - counts[2] - counts[3],
    )
    taken = {meter: one.fit.text for meter, one in found.verdicts.items() if one.fit is not None}
    rows = [f"at_99999_5_1_9_{row}" for row in range(1, 6)]
    assert taken == {
        "total": " + ".join(rows[:4]),
        "copy": f"{rows[0]} + {rows[1]}",
        "print": f"{rows[4]} - {rows[2]}",
        "scan": f"{rows[4]} - {rows[2]} - {rows[3]}",
    }


async def test_what_the_panel_itself_adds_up_to_comes_before_long_sums_of_nothing() -> None:
    machine = (table(10_000, 20_000, 30_001, 40_000), {f"{ACME}8.8.8.0": 100_001})
    found = await settled(NAMED, *machine, total=100_001, total_mono=90_001, total_color=10_000)
    (mono,) = (one for one in found.verdicts.values() if one.meter == "total_mono")
    assert mono.fit is not None
    assert (mono.fit.text, mono.fit.judged) == ("total - total_color", Class.METERS)
    assert (mono.state, mono.others, mono.is_sure) == (State.FOUND, 1, True)
    alone = await verdict(NAMED, *machine, total_mono=90_001)
    assert alone.fit is not None
    assert (alone.fit.judged, alone.confidence) == (Class.LONG, Confidence.MEDIUM)


async def test_families_that_a_profile_states_are_never_mixed() -> None:
    rows = {
        f"{RICOH_ROW}.2.1": 201,
        f"{RICOH_ROW}.9.1": 10_000,
        f"{RICOH_ROW}.2.2": 608,
        f"{RICOH_ROW}.9.2": 3_000,
        f"{RICOH_ROW}.2.3": 401,
        f"{RICOH_ROW}.9.3": 700,
    }
    ricoh = named("RICOH MP C9 1.07 / RICOH Network Printer C model", "367.1.1")
    assert (await verdict(ricoh, rows, total=13_000)).state is State.NOTHING
    assert (await verdict(ricoh, rows, total=10_700)).state is not State.NOTHING


async def test_a_number_is_never_added_up_twice() -> None:
    modes = "1.3.6.1.4.1.11.2.3.9.4.2.1.1.16.4.1.1."
    hp = (
        named("HP ETHERNET MULTI-ENVIRONMENT", "11.2.3.9.1"),
        {"1.3.6.1.2.1.25.3.2.1.3.1": "HP LaserJet 9"},
        {f"{modes}1.0": 40_000, f"{modes}35.0": 2_304},
    )
    machine = await examined(*hp)
    names = {one.name for one in machine.counters}
    assert {"mono[*]", "mono[1.0]", "mono[35.0]"} <= names
    assert (await verdict(*hp, total=42_304)).state is not State.NOTHING
    assert (await verdict(*hp, total=42_304 + 40_000)).state is State.NOTHING


async def test_units_are_not_mixed_for_a_meter_without_one() -> None:
    row = "1.3.6.1.4.1.253.8.53.13.2.1."
    machine = (
        named("Xerox VersaLink C9", "253.8.62.1"),
        {f"{row}6.1.20.38": 30_000, f"{row}8.1.20.38": "Sheets"},
        {f"{row}6.1.20.23": 4_000, f"{row}8.1.20.23": "Images Sent"},
    )
    names = {one.name for one in (await examined(*machine)).counters}
    assert {"row[sheets]", "row[sent]"} <= names
    found = await verdict(*machine, duplex=26_000)
    assert (found.state, found.refused) == (State.NOTHING, ())


async def test_a_counter_of_another_unit_is_not_taken() -> None:
    machine = (
        named("HP ETHERNET MULTI-ENVIRONMENT", "11.2.3.9.1"),
        {"1.3.6.1.2.1.25.3.2.1.3.1": "HP LaserJet 9"},
        {"1.3.6.1.4.1.11.2.3.9.4.2.1.1.16.1.11.0": 72_725},
    )
    assert (await verdict(*machine, total=72_725)).state is State.NOTHING
    assert (await verdict(*machine, sheets=72_725)).state is State.AGREES


async def test_what_takes_large_pages_twice_is_refused_with_the_reason() -> None:
    canon = {
        f"1.3.6.1.4.1.1602.1.11.1.3.1.4.{code}": value
        for code, value in ((101, 50_000), (102, 57_000), (103, 7_000))
    }
    found = await verdict(named("Canon iR-ADV C9 /P", "1602.4.7"), canon, total=57_000)
    assert found.state is State.NOTHING
    texts = {fit.text: english(reason) for fit, reason in found.refused}
    assert "counts a small page 1 times and a large page 2 times" in texts["code[102]"]
    assert found.near == ()


async def test_zero_and_small_figures_prove_nothing() -> None:
    machine = table(12, 12, 0, 99)
    found = await settled(NAMED, machine, fax=0, copy=12, print=99)
    assert {one.state for one in found.verdicts.values()} == {State.SMALL}
    assert not any(one.fit for one in found.verdicts.values())
    known = await settled(NAMED, life(12), total=12)
    (total,) = known.verdicts.values()
    assert (total.state, total.is_sure) == (State.AGREES, False)


async def test_a_small_figure_that_moves_is_proved() -> None:
    machine = await examined(NAMED, table(12, 12, 12))
    rounds = [
        first_round(machine, panel(fax=12)),
        later_round(machine, panel(fax=13), table(12, 13, 15)),
    ]
    (found,) = settle(machine, rounds).verdicts.values()
    assert found.fit is not None
    assert (found.fit.text, found.is_sure) == ("at_99999_5_1_9_2", True)


async def test_what_is_only_near_is_shown_and_not_taken() -> None:
    labels = ("Copies", "Prints", "Scans", "Copied sides")
    machine = table(12_352, 12_340, 12_345 + 21, 12_325, labels=labels)
    found = await verdict(NAMED, life(12_346), machine, copy=12_345)
    assert found.state is State.NOTHING
    near = {one.text: one.reads for one in found.near}
    assert near["labels_99999_5_1_9[copies]"] == 12_352
    assert "labels_99999_5_1_9[prints]" not in near
    assert all(abs(one - 12_345) <= 20 for one in near.values())


async def test_a_second_round_drops_what_did_not_follow() -> None:
    machine = await examined(NAMED, table(38_804, 38_804, 38_000, 804))
    one = first_round(machine, panel(copy=38_804))
    (tied,) = settle(machine, [one]).verdicts.values()
    assert (tied.state, tied.others) == (State.TIED, 1)
    two = later_round(machine, panel(copy=38_809), table(38_804, 38_809, 38_000, 804))
    (found,) = settle(machine, [one, two]).verdicts.values()
    assert found.fit is not None
    assert (found.fit.text, found.state) == ("at_99999_5_1_9_2", State.FOUND)
    assert (found.is_sure, found.others) == (True, 0)


async def test_a_chance_hit_among_many_is_likely_and_not_proved() -> None:
    counts = tuple(1_000 + 37 * at % 900 for at in range(120))
    wanted = counts[3] + counts[50]
    found = await verdict(NAMED, table(*counts), copy=wanted)
    assert found.confidence is Confidence.MEDIUM
    assert found.state is State.TIED or found.chance > 0.05


async def test_a_figure_that_fits_nothing_is_passed_over_in_a_later_round() -> None:
    machine = await examined(NAMED, table(38_804, 91_111))
    wrong = first_round(machine, panel(copy=38_840))
    right = later_round(machine, panel(copy=38_850), table(38_850, 91_111))
    (found,) = settle(machine, [wrong, right]).verdicts.values()
    assert found.fit is not None
    assert (found.fit.text, found.passed_over) == ("at_99999_5_1_9_1", 1)
    assert not found.is_sure
    again = later_round(machine, panel(copy=38_855), table(38_855, 91_111), minutes=20)
    (found,) = settle(machine, [wrong, right, again]).verdicts.values()
    assert (found.passed_over, found.is_sure) == (1, True)
