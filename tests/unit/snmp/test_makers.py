"""Machines that no maker's own tests are about: unknown ones, and what recognises the others."""

import pytest

from collector.domain.findings import Code
from tests.unit.snmp.machines import LIFE, PRINTER, P, answer, devices, life, named
from tests.unit.snmp.maker_tables import canon_codes


async def test_hp_families_are_never_mixed() -> None:
    old = {f"{P}11.2.3.9.4.2.1.4.1.2.{n}.0": value for n, value in ((5, 100), (6, 60), (7, 40))}
    new = {
        P + "11.2.3.9.4.2.1.1.16.1.9.0": 95,
        P + "11.2.3.9.4.2.1.1.16.4.1.1.1.0": 50,
        P + "11.2.3.9.4.2.1.1.16.4.1.1.35.0": 6,
        P + "11.2.3.9.4.2.1.1.16.4.1.3.1.0": 39,
    }
    name = named("HP ETHERNET MULTI-ENVIRONMENT", "11.2.3.9.1")
    both = await answer(name, old, new, life(101))
    assert (both.meters["total"], both.meters["engine_total"]) == (95, 101)
    assert (both.meters["total_mono"], both.meters["total_color"]) == (56, 39)
    only_old = await answer(name, old, life(101))
    assert (only_old.meters["total"], only_old.meters["total_mono"]) == (100, 60)


async def test_unit_rule_of_an_unknown_maker() -> None:
    name = named("ACME Copier 5", "99999.1")
    assert (await answer(name, life(10, 7))).meters == {"total": 10}
    assert (await answer(name, life(10, None))).meters == {"total": 10}
    assert (await answer(name, life(10, 8))).meters == {"sheets": 10}
    for unit in (3, 4, 5, 11, 16, 17):
        found = await answer(name, life(10, unit))
        assert found.meters == {}
        assert found.findings[0].code is Code.TOTAL_MISSING


async def test_marker_row_of_the_printer_is_the_one_counted() -> None:
    rows = devices(i1=("1.3.6.1.2.1.25.3.1.1", "Feeder", ""), i5=(PRINTER, "ACME 5", ""))
    found = await answer(named("ACME"), rows, life(3, 7, "1.1"), life(400, 7, "5.1"))
    assert found.meters == {"total": 400}


async def test_several_markers_are_not_guessed_among() -> None:
    markers = {**life(400, 7, "1.1"), **life(30, 7, "1.2")}
    found = await answer(named("ACME"), markers)
    assert found.meters == {}
    assert Code.TABLE_AMBIGUOUS in {one.code for one in found.findings}
    default = {"1.3.6.1.2.1.43.5.1.1.8.1": 2}
    assert (await answer(named("ACME"), markers, default)).meters == {"total": 30}


@pytest.mark.parametrize("value", [-1, -2, -3, 2**32 - 1, 2**32 - 3, 2**40])
async def test_sentinel_life_counts_are_absent(value: int) -> None:
    found = await answer(named("ACME"), {LIFE + ".1.1": value})
    assert found.meters == {}


async def test_a_private_tree_alone_names_nobody_who_named_himself() -> None:
    found = await answer(named("ACME Copier"), canon_codes("1.4.1", {101: 160}))
    assert found.profile == "generic"
    assert found.meters == {}


async def test_a_signature_counts_only_for_agents_that_say_nothing() -> None:
    short = canon_codes("1.4.1", {101: 160})
    assert (await answer(short)).profile == "canon"
    assert (await answer(short, devices(i1=(PRINTER, "Copier", "")))).profile == "canon"
    assert (await answer(short, devices(i1=(PRINTER, "Copier", P + "1.9")))).profile == "generic"


async def test_the_device_id_names_the_maker_where_nothing_else_does() -> None:
    assert (await answer(devices(i1=(PRINTER, "X", P + "1602.4.7.151")))).profile == "canon"
