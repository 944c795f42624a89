"""Supplies, trays, states and alerts of recorded machines, against what their recordings hold."""

import pytest

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.session import decode_capture, read_capture
from collector.domain.counting.findings import Severity
from collector.domain.counting.reading import Answer, DeviceStatus, SupplyKind, SupplyState, Trouble
from tests.unit.snmp.expected_captures import EXPECTED
from tests.unit.snmp.machines import CAPTURES

PROFILES = load_profiles()
S, K = DeviceStatus, SupplyKind


async def recorded(name: str) -> Answer:
    return await decode_capture(CAPTURES / f"{name}.snmprec", PROFILES)


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_every_recording_is_fit_to_show(name: str) -> None:
    answer = await decode_capture(CAPTURES / name, PROFILES)
    assert len({one.key for one in answer.supplies}) == len(answer.supplies)
    for one in (*answer.supplies, *answer.trays):
        assert one.name
        assert one.name.isprintable()
        assert "S/N" not in one.name
        assert one.level_pct is None or 0 <= one.level_pct <= 100
        assert (one.remaining is not None) == (one.state is SupplyState.LEVEL)
    assert answer.alerts is not None
    assert all(one.text and one.text.isprintable() for one in answer.alerts)


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_what_changes_slowly_is_no_part_of_the_ordinary_request(name: str) -> None:
    plan = await resolve(await read_capture(CAPTURES / name), PROFILES)
    slow = (mib.SUPPLY_LEVEL, mib.SUPPLY_CAPACITY, mib.TRAY_LEVEL, mib.TRAY_CAPACITY)
    roots = (*slow, mib.TRAY_STATUS, mib.TRAY_MEDIA, mib.ALERT_SEVERITY, mib.CONSOLE_TEXT)
    assert not any(one[: len(root)] == root for one in plan.oids for root in roots)
    assert not set(plan.extra) & set(plan.oids)
    assert len(plan.extra) <= 60


@pytest.mark.parametrize(
    ("name", "status", "errors", "told"),
    [
        ("brother_hl-l8260cdw", S.ASLEEP, (), ()),
        ("canon_ir-adv-c5840", S.OTHER, (Trouble.LOW_TONER,), ("toner is low (black).",)),
        ("epson_cw-c6500au", S.IDLE, (Trouble.LOW_TONER,), ("Ink is low.",) * 3),
        ("hp_designjet-t730", S.IDLE, (Trouble.NO_PAPER,), ()),
        ("hp_envy-6000", S.IDLE, (), ()),
        ("hp_laserjet-500-color-m551", S.ASLEEP, (), ()),
        ("konicaminolta_bizhub-c250i", S.UNKNOWN, (Trouble.SERVICE_REQUESTED,), ()),
        ("kyocera_cs-4053ci", S.IDLE, (), ()),
        ("samsung_m4080fx", S.UNKNOWN, (Trouble.LOW_PAPER,), ()),
        ("sharp_mx-3570n", S.UNKNOWN, (Trouble.LOW_TONER,), ()),
        ("identity_only/epson_builtin", S.UNKNOWN, (), ()),
    ],
)
async def test_state_and_alerts(
    name: str, status: DeviceStatus, errors: tuple[Trouble, ...], told: tuple[str, ...]
) -> None:
    answer = await recorded(name)
    assert (answer.status, answer.errors) == (status, errors)
    news = [one.text for one in answer.alerts or () if one.severity is not Severity.INFO]
    assert tuple(news) == told


@pytest.mark.parametrize(
    ("name", "supplies"),
    [
        (
            "kyocera_cs-4053ci",
            [
                ("TK-8527C", K.TONER, "cyan", 50.0),
                ("TK-8527M", K.TONER, "magenta", 32.0),
                ("TK-8527Y", K.TONER, "yellow", 55.0),
                ("TK-8527K", K.TONER, "black", 72.0),
                ("Waste Toner Box", K.WASTE, None, None),
            ],
        ),
        (
            "identity_only/konicaminolta_bizhub-25e",
            [
                ("Black Toner", K.TONER, "black", 8.0),
                ("Drum", K.DRUM, None, 99.0),
                ("Fuser", K.FUSER, None, 58.0),
                ("Transfer Roller", K.TRANSFER, None, 58.0),
            ],
        ),
        (
            "brother_hl-5370dw",
            [
                ("Black Toner Cartridge", K.TONER, "black", None),
                ("Black Toner Cartridge", K.TONER, "black", None),
                ("Drum Unit", K.DRUM, None, pytest.approx(68.832)),
            ],
        ),
        ("identity_only/lexmark_t640", []),
    ],
)
async def test_supplies(name: str, supplies: list[tuple[object, ...]]) -> None:
    answer = await recorded(name)
    found = [(one.name, one.kind, one.color, one.level_pct) for one in answer.supplies]
    assert found == supplies


async def test_waste_boxes_say_how_full_they_are() -> None:
    canon = await recorded("canon_ir-adv-c5840")
    (waste,) = [one for one in canon.supplies if one.kind is K.WASTE]
    assert (waste.name, waste.level_pct, waste.full_pct) == ("Waste Toner", 67.0, 33.0)
    fuji = await recorded("identity_only/fujifilm_apeos-c7580")
    (waste,) = [one for one in fuji.supplies if one.kind is K.WASTE]
    assert (waste.state, waste.full_pct) == (SupplyState.SOME_REMAINING, None)


async def test_trays() -> None:
    samsung = await recorded("samsung_m4080fx")
    assert [(one.name, one.level_pct) for one in samsung.trays] == [
        ("Tray 1", 10.0),
        ("MP Tray", 0.0),
    ]
    kyocera = await recorded("kyocera_cs-4053ci")
    first = kyocera.trays[0]
    assert (first.name, first.media, first.status) == ("MP Tray", "Custom 8", "unavailable")
