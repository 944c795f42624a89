"""Paper trays: levels in words and numbers, media, and whether they feed."""

import pytest

from collector.adapters.snmp.condition.trays import tray_status
from collector.domain.counting.reading import SupplyState, Tray, TrayStatus
from tests.unit.snmp.machines import Said, answer, named

INPUT = "1.3.6.1.2.1.43.8.2.1"


async def trays(*said: Said) -> tuple[Tray, ...]:
    return (await answer(named("ACME"), *said)).trays


def row(index: str, level: int, **cells: int | str | bytes) -> Said:
    columns = {"capacity": 9, "status": 11, "media": 12, "name": 13, "descr": 18}
    found = {f"{INPUT}.{columns[name]}.1.{index}": value for name, value in cells.items()}
    return {f"{INPUT}.10.1.{index}": level, **found}


@pytest.mark.parametrize(
    ("level", "state", "remaining", "percent"),
    [
        (385, SupplyState.LEVEL, 385, 70.0),
        (0, SupplyState.LEVEL, 0, 0.0),
        (600, SupplyState.LEVEL, 600, 100.0),
        (-3, SupplyState.SOME_REMAINING, None, None),
        (-2, SupplyState.UNKNOWN, None, None),
        (-1, SupplyState.UNLIMITED, None, None),
        (-9, SupplyState.UNKNOWN, None, None),
    ],
)
async def test_levels(
    level: int, state: SupplyState, remaining: int | None, percent: float | None
) -> None:
    (tray,) = await trays(row("2", level, capacity=550))
    assert (tray.key, tray.state, tray.remaining, tray.level_pct) == (
        "1.2",
        state,
        remaining,
        percent,
    )


async def test_names_media_and_what_is_missing() -> None:
    found = await trays(
        row("1", 0, capacity=150, name="", descr="手差し".encode("cp932"), status=19),
        row("2", 5, capacity=-2, name="トレイ1", descr="Cassette", media="普通紙\0", status=4),
        row("7", -2, media=""),
    )
    assert found == (
        Tray("1.1", "手差し", SupplyState.LEVEL, 0, 150, None, TrayStatus.UNAVAILABLE),
        Tray("1.2", "トレイ1", SupplyState.LEVEL, 5, None, "普通紙", TrayStatus.READY),
        Tray("1.7", "tray 7", SupplyState.UNKNOWN),
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, TrayStatus.READY),
        (2, TrayStatus.READY),
        (6, TrayStatus.READY),
        (1, TrayStatus.READY),
        (9, TrayStatus.WARNING),
        (8, TrayStatus.WARNING),
        (3, TrayStatus.UNAVAILABLE),
        (19, TrayStatus.UNAVAILABLE),
        (16, TrayStatus.UNAVAILABLE),
        (32, TrayStatus.UNAVAILABLE),
        (64, TrayStatus.READY),
        (5, TrayStatus.UNKNOWN),
        (-2, TrayStatus.UNKNOWN),
        (128, TrayStatus.UNKNOWN),
    ],
)
def test_sub_unit_status(code: int, status: TrayStatus) -> None:
    """PrtSubUnitStatusTC of RFC 3805: availability plus what hinders it."""
    assert tray_status(code) is status
