"""Every recording of a real machine gives exactly what its index states, and nothing more."""

from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.session import decode_capture, read_capture, to_json
from collector.domain.counting.findings import Code
from tests.unit.snmp.expected_captures import EXPECTED
from tests.unit.snmp.machines import CAPTURES

PROFILES = load_profiles()


def _files() -> list[str]:
    return sorted(str(path.relative_to(CAPTURES)) for path in CAPTURES.rglob("*.snmprec"))


def test_every_recording_is_expected_and_there() -> None:
    assert _files() == sorted(EXPECTED), f"no recordings at {CAPTURES}"


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_recording(name: str) -> None:
    profile, identity, meters = EXPECTED[name]
    answer = await decode_capture(CAPTURES / name, PROFILES)
    who = answer.identity
    assert answer.profile == profile
    assert (who.vendor, who.model, who.serial, who.firmware) == identity
    assert dict(answer.meters) == meters
    codes = {finding.code for finding in answer.findings}
    assert codes == (set() if "total" in meters else {Code.TOTAL_MISSING})


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_plan_is_one_get_and_order_does_not_matter(name: str) -> None:
    session = await read_capture(CAPTURES / name)
    plan = await resolve(session, PROFILES)
    varbinds = await session.get(plan.oids)
    backwards = dict(reversed(varbinds.items()))
    assert decode(plan, backwards) == decode(plan, varbinds)
    assert len(plan.oids) <= 120
    assert plan.fits(varbinds)
    assert plan.answered(varbinds)


async def test_chinese_supply_names_and_levels() -> None:
    answer = await decode_capture(CAPTURES / "ricoh_mp-c2503.snmprec", PROFILES)
    assert [(one.name, one.level_pct) for one in answer.supplies] == [
        ("黑色碳粉", 80.0),
        ("廢棄碳粉", 100.0),
        ("青色碳粉", 30.0),
        ("洋紅色碳粉", 30.0),
        ("黃色碳粉", 20.0),
    ]


async def test_accented_supply_names() -> None:
    answer = await decode_capture(CAPTURES / "xerox_phaser-6130n.snmprec", PROFILES)
    assert [one.name for one in answer.supplies][4] == "Unità imaging"


async def test_json_has_the_agreed_keys() -> None:
    path: Path = CAPTURES / "brother_hl-2270dw.snmprec"
    printed = to_json(await decode_capture(path, PROFILES))
    assert list(printed) == [
        *("profile", "identity", "uptime_s", "meters", "supplies", "findings"),
        *("status", "errors", "trays", "alerts", "units", "wraps", "rated_ipm"),
    ]
    assert printed["identity"] == {
        "vendor": "Brother",
        "model": "HL-2270DW series",
        "serial": None,
        "firmware": "1.16",
        "mac": "aa:bb:cc:dd:ee:ff",
        "object_id": None,
    }
    assert printed["uptime_s"] == 7205
