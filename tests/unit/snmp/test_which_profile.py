"""Which of several profiles a machine is read with, and what a special one takes over."""

from pathlib import Path

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.recognise import rivals
from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import PRINTER, P, answer, devices, life, named
from tests.unit.snmp.own import HEAD, own
from tests.wording import english

ACME = named("ACME 1", "99999.1")
TREE = P + "99999."


def _model(name: str, text: str) -> str:
    head = HEAD.replace('id = "acme"', f'id = "{name}"').partition("[[match]]")[0]
    return head + text


FAMILY = """
[identity]
model = [{ oid = "1.3.6.1.4.1.99999.2.0" }]
firmware = [{ oid = "1.3.6.1.4.1.99999.3.0" }]
[scalars]
pages = { oid = "1.3.6.1.4.1.99999.4.0" }
[meters]
total = "pages"
"""
SPECIAL = """
[[match]]
object_id = "1.3.6.1.4.1.99999"
model = '^X[0-9]'
firmware = '^2\\.'
[meters]
total = "life"
"""


async def test_a_model_with_its_firmware_wins_over_its_family(tmp_path: Path) -> None:
    text = _model("acme-x", SPECIAL).replace('"generic"', '"acme"') + "\n"
    (tmp_path / "x.toml").write_text(text, "utf-8")
    profiles = own(tmp_path, FAMILY)
    for model, firmware, profile in (
        ("X5", "2.1", "acme-x"),
        ("X5", "3.1", "acme"),
        ("Y5", "2.1", "acme"),
    ):
        machine = {TREE + "2.0": model, TREE + "3.0": firmware, TREE + "4.0": 7}
        found = await answer(ACME, machine, life(9), profiles=profiles)
        assert (found.profile, found.meters["total"]) == (profile, 9 if profile == "acme-x" else 7)
        assert found.findings == ()


async def test_a_special_case_wins_by_any_mark_that_is_not_weak(tmp_path: Path) -> None:
    special = _model("special", "[[match]]\ndescr = '^ACME 1'\n").replace("generic", "acme")
    (tmp_path / "x.toml").write_text(special, "utf-8")
    profiles = own(tmp_path, "object_id = '1.3.6.1.4.1.99999'\n")
    assert (await answer(ACME, life(9), profiles=profiles)).profile == "special"


async def test_sys_object_id_comes_before_sys_descr(tmp_path: Path) -> None:
    other = _model(
        "other", "priority = 9\n[[match]]\nobject_id = ['1.3.6.1.4.1.5', '1.3.6.1.4.1.99999']\n"
    )
    (tmp_path / "x.toml").write_text(other, "utf-8")
    profiles = own(tmp_path, "")
    assert (await answer(ACME, life(9), profiles=profiles)).profile == "other"


async def test_two_profiles_for_one_machine_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(_model("rival", "[[match]]\ndescr = 'ACME'\n"), "utf-8")
    found = await answer(ACME, life(9), profiles=own(tmp_path, ""))
    assert (found.profile, dict(found.meters)) == ("acme", {"total": 9})
    (finding,) = found.findings
    assert finding.code is Code.PROFILE_AMBIGUOUS
    assert "acme and rival" in english(finding.message)
    assert finding.evidence == {"profiles": "acme, rival"}


async def test_what_must_not_hold_and_printers_only(tmp_path: Path) -> None:
    text = "not_object_id = '1.3.6.1.4.1.99999.4'\nnot_descr = 'projector'\nprinter = true\n"
    profiles = own(tmp_path, text)
    printer = devices(i1=(PRINTER, "a printer", ""))
    for machine, profile in (
        (ACME, "acme"),
        (named("ACME 1", "99999.4.1"), "generic"),
        (named("ACME projector", "99999.1"), "generic"),
    ):
        assert (await answer(machine, printer, life(9), profiles=profiles)).profile == profile
    assert (await answer(ACME, profiles=profiles)).profile == "generic", "a camera of the maker"


async def test_a_special_model_adds_rows_to_a_table_it_includes(tmp_path: Path) -> None:
    table = """
        [tables.row]
        at = [{ value = "1.3.6.1.4.1.99999.5", code = "index" }]
        rows = { copy = { code = 1 } }
        [meters]
        copy = "row[copy]"
        """
    special = """
        [[match]]
        descr = '^ACME 1'
        [tables.row.rows]
        print = { code = 2 }
        [meters]
        total = "row[copy] + row[print]"
        """
    text = _model("special", special).replace("generic", "acme")
    (tmp_path / "x.toml").write_text(text, "utf-8")
    cells = {TREE + "5.1": 3, TREE + "5.2": 4}
    found = await answer(ACME, cells, profiles=own(tmp_path, table))
    assert dict(found.meters) == {"total": 7, "copy": 3}


def test_profiles_with_the_same_mark_are_found_without_a_machine(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(_model("rival", "[[match]]\ndescr = '^ACME'\n"), "utf-8")
    found = [(two.one.id, two.other.id, two.mark) for two in rivals(own(tmp_path, ""))]
    assert found == [("acme", "rival", "descr '^ACME'")]
    (tmp_path / "x.toml").write_text(
        _model("rival", "priority = 2\n[[match]]\ndescr = '^ACME'\n"), "utf-8"
    )
    assert not list(rivals(own(tmp_path, "")))


def test_shipped_profiles_are_no_rivals() -> None:
    assert not list(rivals(load_profiles()))


async def test_an_own_profile_may_include_the_shipped_one_it_replaces(tmp_path: Path) -> None:
    text = """
        format = 1
        id = "ricoh"
        include = ["ricoh"]
        source = "the panel"
        [meters]
        total = "old_total"
        """
    (tmp_path / "ricoh.toml").write_text(text, "utf-8")
    machine = {P + "367.3.2.1.2.19.1.0": 5, P + "367.3.2.1.2.19.4.0": 3}
    profiles = load_profiles(tmp_path)
    assert profiles.by_id["ricoh"].own
    found = await answer(named("RICOH X", "367.1.1"), machine, life(9), profiles=profiles)
    assert (found.profile, dict(found.meters)) == ("ricoh", {"total": 5, "copy": 3})
    assert found.findings == ()


async def test_other_firmware_is_to_be_proved_again(tmp_path: Path) -> None:
    text = """
        [identity]
        firmware = [{ oid = "1.3.6.1.4.1.99999.3.0" }]
        [proved]
        on = 2026-11-25
        model = "ACME 1"
        firmware = "1.0"
        """
    profiles = own(tmp_path, text.replace("[proved]", 'model = [{ text = "descr" }]\n[proved]'))
    for model, firmware, is_told in (("1", "1.0", False), ("1", "1.1", True), ("2", "1.1", False)):
        machine = named(f"ACME {model}", "99999.1")
        found = await answer(machine, {TREE + "3.0": firmware}, life(9), profiles=profiles)
        assert [one.code for one in found.findings] == [Code.PROFILE_UNPROVED] * is_told
