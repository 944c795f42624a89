"""The same counters under the same names are the same meter, whichever profile includes them."""

from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.reread import reread
from collector.adapters.snmp.reading.resolve import resolve
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import PROFILES, RICOH_ROW, P, life, named, values

SPECIAL = """
format = 1
id = "special"
include = ["ricoh"]
source = "compared with a panel"
[[match]]
object_id = "1.3.6.1.4.1.367"
descr = '^RICOH'
"""
MACHINE = values(
    named("RICOH MP C9 1.07 / RICOH Network Printer C model", "367.1.1"),
    life(5000),
    {
        f"{P}367.3.2.1.2.19.1.0": 4999,
        f"{RICOH_ROW}.2.1": 10,
        f"{RICOH_ROW}.9.1": 5000,
        f"{RICOH_ROW}.2.2": 999,
        f"{RICOH_ROW}.9.2": 700,
    },
)


@pytest.mark.parametrize(
    ("more", "meter", "text"),
    [
        ("", "total", "ricoh: row[total]"),
        ("[meters]\ntotal = 'old_total'", "total", "ricoh: old_total"),
        ("[meters]\ntotal = 'life'", "total", "life"),
        (
            "[meters]\ncopy = 'row[odd]'\n[tables.row.rows]\nodd = { code = 999 }",
            "copy",
            "special: row[odd]",
        ),
        (
            "[meters]\ncopy = 'row[total] - row[odd]'\n[tables.row.rows]\nodd = { code = 999 }",
            "copy",
            "special: - row[odd] + row[total]",
        ),
        (
            f"[meters]\ntotal = 'old_total'\n[scalars.old_total]\noid = '{P}367.3.2.1.2.19.1.0'",
            "total",
            "special: old_total",
        ),
    ],
)
async def test_a_meter_is_named_after_the_profile_that_knows_its_counters(
    tmp_path: Path, more: str, meter: str, text: str
) -> None:
    (tmp_path / "special.toml").write_text(SPECIAL + more, "utf-8")
    profiles = load_profiles(tmp_path)
    session = FakeSession(MACHINE)
    plan = await resolve(session, profiles)
    assert plan.profile == "special"
    answer = decode(plan, await session.get(plan.oids))
    assert answer.formulas[meter] == text  # type: ignore[index] # a name of METERS
    again, _ = reread(answer, profiles.by_id["special"])
    assert again.formulas == answer.formulas


async def test_the_family_and_its_special_case_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "special.toml").write_text(SPECIAL, "utf-8")
    session = FakeSession(MACHINE)
    family = await resolve(session, PROFILES)
    special = await resolve(session, load_profiles(tmp_path))
    assert (family.profile, special.profile) == ("ricoh", "special")
    assert special.formulas == family.formulas
