"""Machines that no maker's own tests are about: unknown ones, and what recognises the others."""

from tests.unit.snmp.machines import PRINTER, P, answer, devices, named
from tests.unit.snmp.maker_tables import canon_codes


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
