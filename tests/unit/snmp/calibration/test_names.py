"""By which name a counter is known: the profile's, a row's code, a label, its OID."""

from collector.calibration.counters import Naming
from collector.calibration.machine import Examined
from collector.calibration.search import groups
from tests.unit.snmp.calibration.panels import ACME, NAMED, examined
from tests.unit.snmp.machines import RICOH_ROW, P, life, named

RICOH = named("RICOH MP C9 1.07 / RICOH Network Printer C model", "367.1.1")


def names(machine: Examined, naming: Naming) -> dict[str, str | None]:
    return {one.name: one.label for one in machine.counters if one.naming is naming}


async def test_rows_that_the_family_has_no_name_for_keep_their_code() -> None:
    machine = await examined(
        RICOH,
        {
            f"{RICOH_ROW}.2.7": 10,
            f"{RICOH_ROW}.5.7": "Counter: Machine Total",
            f"{RICOH_ROW}.9.7": 5000,
            f"{RICOH_ROW}.2.8": 950,
            f"{RICOH_ROW}.5.8": "Pages of a new kind",
            f"{RICOH_ROW}.9.8": 700,
            f"{P}367.3.9.9.0": 1234,
        },
    )
    assert names(machine, Naming.OWN) == {
        "row[total]": "Counter: Machine Total",
        "row[*]": None,
    }
    assert names(machine, Naming.ROW) == {"row[950]": "Pages of a new kind"}
    assert "at_367_3_9_9_0" in names(machine, Naming.BARE)


async def test_rows_that_show_one_counter_twice_are_one() -> None:
    rows = {f"{RICOH_ROW}.2.{row}": 10 for row in (7, 8)} | {
        f"{RICOH_ROW}.9.{row}": 5000 for row in (7, 8)
    }
    machine = await examined(RICOH, rows)
    assert [one.name for one in machine.counters] == ["row[total]", "row[*]"]


async def test_a_counter_of_a_stated_family_is_in_no_group_with_another() -> None:
    codes = (10, 201, 401, 608, 609, 950)
    machine = await examined(
        RICOH,
        {f"{RICOH_ROW}.2.{row}": code for row, code in enumerate(codes, start=1)},
        {f"{RICOH_ROW}.9.{row}": 1000 + row for row in range(1, 7)},
    )
    every = {frozenset(machine.counters[at].name for at in one) for one in groups(machine.counters)}
    assert every == {
        frozenset({"row[copy_mono]", "row[print_mono]"}),
        frozenset({"row[total_mono]", "row[total_color]"}),
        frozenset({"row[total]", "row[950]", "row[*]"}),
    }


async def test_rows_that_are_not_told_apart_are_known_by_oid_alone() -> None:
    machine = await examined(
        RICOH,
        {
            f"{RICOH_ROW}.2.7": 950,
            f"{RICOH_ROW}.9.7": 5000,
            f"{RICOH_ROW}.2.8": 950,
            f"{RICOH_ROW}.9.8": 700,
        },
    )
    assert names(machine, Naming.ROW) == {}
    bare = names(machine, Naming.BARE)
    assert {"at_367_3_2_1_2_19_5_1_9_7", "at_367_3_2_1_2_19_5_1_9_8"} <= set(bare)


async def test_a_table_that_describes_itself_is_read_by_label() -> None:
    table = f"{ACME}5.1."
    machine = await examined(
        NAMED,
        {
            f"{table}2.1": "Copies",
            f"{table}2.2": "Prints",
            f"{table}2.3": "Prints",
            f"{table}2.4": "2.0.1",
            f"{table}7.1": "コピー",
            f"{table}7.2": "プリント",
            f"{table}7.3": "プリント 2",
            f"{table}9.1": 100,
            f"{table}9.2": 200,
            f"{table}9.3": 300,
            f"{table}9.4": 400,
        },
    )
    # Two rows are called "Prints", so the English column does not tell every row apart.
    labelled = names(machine, Naming.LABELLED)
    assert labelled == {"labels_99999_5_1_9[copies]": "Copies"}
    bare = names(machine, Naming.BARE)
    assert {"at_99999_5_1_9_2", "at_99999_5_1_9_3", "at_99999_5_1_9_4"} == set(bare)


async def test_texts_of_another_table_are_no_labels() -> None:
    machine = await examined(
        NAMED,
        {
            f"{ACME}46.10.1.1.5.3": 230478,
            f"{ACME}46.5.1.1.5.3": "Scanner",
            f"{ACME}46.5.1.1.5.4": "Copier",
        },
    )
    assert names(machine, Naming.LABELLED) == {}


async def test_rows_that_are_only_true_after_a_walk_are_never_asked_alone() -> None:
    count = f"{P}236.11.5.11.53.11.2.1."
    row = {f"{count}{column}.1.1": said for column, said in ((2, 1), (4, 7), (6, 3), (7, 640))}
    odd = {f"{count}{column}.1.2": said for column, said in ((2, 99), (4, 7), (6, 3), (7, 888))}
    machine = await examined(named("Samsung M4080FX; V1.1", "236.11.5.1"), row, odd)
    assert "count[printed]" in names(machine, Naming.OWN)
    assert not any("236_11_5_11_53_11_2_1_7" in name for name in names(machine, Naming.BARE))
    assert machine.refreshed == (tuple(map(int, f"{count}7".split("."))),)


async def test_a_life_count_in_sheets_may_still_be_sides() -> None:
    machine = await examined(NAMED, life(580_249, unit=8))
    own = [(one.name, one.added is not None) for one in machine.counters]
    assert own == [("sheets", False), ("life", True)]


async def test_counters_of_one_family_table_or_line_may_be_added_up_and_no_others() -> None:
    table = f"{ACME}5.1."
    machine = await examined(
        NAMED,
        {f"{table}9.1": 1, f"{table}9.2": 2, f"{table}8.1": 3, f"{ACME}6.1.9.1": 4},
        {f"{ACME}7.5.0": 5, f"{ACME}7.6.0": 6},
    )
    every = {
        frozenset(machine.counters[at].name.removeprefix("at_99999_") for at in group)
        for group in groups(machine.counters)
    }
    assert every == {
        frozenset({"5_1_9_1", "5_1_9_2"}),
        frozenset({"5_1_9_1", "5_1_8_1"}),
        frozenset({"7_5_0", "7_6_0"}),
    }
