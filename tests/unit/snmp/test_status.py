"""What a machine does and what hinders it; a machine that sleeps is neither stopped nor offline."""

import pytest

from collector.adapters.snmp.condition.alerts import is_sleep
from collector.adapters.snmp.condition.status import troubles
from collector.domain.counting.reading import DeviceStatus, Trouble
from tests.unit.snmp.machines import PRINTER, Said, answer, devices, named

PRINTER_STATUS = "1.3.6.1.2.1.25.3.5.1.1"
ERRORS = "1.3.6.1.2.1.25.3.5.1.2"
DEVICE = "1.3.6.1.2.1.25.3.2.1.5"
ALERT = "1.3.6.1.2.1.43.18.1.1"
CONSOLE = "1.3.6.1.2.1.43.16.5.1.2"
S = DeviceStatus


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"\x00", ()),
        (b"", ()),
        (b"@", (Trouble.NO_PAPER,)),
        (b"\x80", (Trouble.LOW_PAPER,)),
        (b"\x20\x00", (Trouble.LOW_TONER,)),
        (b"\x10", (Trouble.NO_TONER,)),
        (b"\x0c", (Trouble.DOOR_OPEN, Trouble.JAMMED)),
        (b"\x02", (Trouble.OFFLINE,)),
        (b"\x01\x00", (Trouble.SERVICE_REQUESTED,)),
        (b"\x00\x80", (Trouble.INPUT_TRAY_MISSING,)),
        (b"\x00\x60", (Trouble.OUTPUT_TRAY_MISSING, Trouble.MARKER_SUPPLY_MISSING)),
        (b"\x00\x18", (Trouble.OUTPUT_NEAR_FULL, Trouble.OUTPUT_FULL)),
        (b"\x00\x06", (Trouble.INPUT_TRAY_EMPTY, Trouble.MAINTENANCE_OVERDUE)),
        (b"\x00\x01\xff\xff", ()),
        (b"\xff\xff", tuple(Trouble)),
        (64, ()),
        (None, ()),
    ],
)
def test_error_bits(octets: bytes | int | None, words: tuple[Trouble, ...]) -> None:
    """RFC 2790: bit 0 is the most significant one of the first octet."""
    assert troubles(octets) == words


def machine(
    printer: int | None = None,
    device: int | None = None,
    errors: bytes | None = None,
    *,
    alert: tuple[int, int, str] | None = None,
    console: str | None = None,
) -> Said:
    said: dict[str, int | bytes | str] = {}
    for column, value in ((PRINTER_STATUS, printer), (DEVICE, device), (ERRORS, errors)):
        if value is not None:
            said[f"{column}.1"] = value
    if alert is not None:
        severity, code, text = alert
        said |= {f"{ALERT}.2.1.9": severity, f"{ALERT}.7.1.9": code, f"{ALERT}.8.1.9": text}
    if console is not None:
        said[f"{CONSOLE}.1.1"] = console
    return said


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (machine(3, 2, b"\0"), S.IDLE),
        (machine(4, 2, b"\0"), S.PRINTING),
        (machine(5, 2, b"\0"), S.WARMUP),
        (machine(3, 3, b"\x20"), S.IDLE),
        (machine(1, 2, b"\0"), S.ASLEEP),  # RFC 3805: standby
        (machine(1, 2), S.ASLEEP),
        (machine(1, 2, b"\x20"), S.ASLEEP),
        (machine(1, 2, b"\x02"), S.ASLEEP),
        (machine(1, 5, b"\x02"), S.STOPPED),  # RFC 3805: off-line
        (machine(1, 5, b"\x40"), S.STOPPED),
        (machine(1, 2, b"\x04"), S.STOPPED),
        (machine(1, 3, b"\x20"), S.OTHER),  # Canon with little toner: nothing says it sleeps
        (machine(1), S.OTHER),
        (machine(2, 1), S.UNKNOWN),
        (machine(None, 2, b"\0"), S.UNKNOWN),
        (machine(None, 5, b"\x40"), S.STOPPED),
        (machine(9, 2, b"\0"), S.UNKNOWN),
        (machine(), S.UNKNOWN),
        (machine(3, 2, alert=(1, 23, "")), S.ASLEEP),
        (machine(3, 2, alert=(4, 504, "")), S.ASLEEP),
        (machine(3, 2, alert=(0, 40000, "Sleep")), S.ASLEEP),
        (machine(3, 2, alert=(4, 1, "ｽﾘｰﾌﾟ")), S.ASLEEP),
        (machine(4, 2, alert=(0, 40000, "Sleep")), S.PRINTING),
        (machine(5, 2, alert=(0, 40000, "Sleep")), S.WARMUP),
        (machine(3, 2, alert=(5, 808, "Paper empty")), S.IDLE),
        (machine(1, 5, b"\x04", alert=(3, 8, "Sleep sensor jam")), S.STOPPED),
        (machine(3, 2, console="節電モード"), S.ASLEEP),
        (machine(3, 2, console="Ready"), S.IDLE),
        (machine(4, 2, console="Sleep"), S.PRINTING),
    ],
)
async def test_status(said: Said, status: DeviceStatus) -> None:
    assert (await answer(named("ACME"), said)).status is status


async def test_a_machine_that_sleeps_is_not_offline_but_keeps_its_troubles() -> None:
    found = await answer(named("ACME"), machine(1, 2, b"\x22"))
    assert (found.status, found.errors) == (S.ASLEEP, (Trouble.LOW_TONER,))
    awake = await answer(named("ACME"), machine(1, 5, b"\x22"))
    assert awake.errors == (Trouble.LOW_TONER, Trouble.OFFLINE)


async def test_the_printers_own_row_is_read_wherever_it_stands() -> None:
    rows = devices(i1=("1.3.6.1.2.1.25.3.1.3", "CPU", ""), i5=(PRINTER, "ACME 5", ""))
    said = {f"{PRINTER_STATUS}.5": 4, f"{DEVICE}.1": 5, f"{DEVICE}.5": 2}
    assert (await answer(named("ACME"), rows, said)).status is S.PRINTING
    assert (await answer(named("ACME"), {f"{PRINTER_STATUS}.0": 4})).status is S.PRINTING


@pytest.mark.parametrize(
    ("text", "asleep"),
    [
        ("Sleep mode on", True),
        ("Deep Sleep", True),
        ("Power Saver", True),
        ("Energy saving mode", True),
        ("Standby", True),
        ("スリープ中です", True),
        ("省エネモード", True),
        ("Sleep mode: press OK to wake", True),
        ("Sleep mode off", False),
        ("Waking from sleep", False),
        ("スリープ解除", False),
        ("Ready", False),
        ("Sleeper car", False),
        ("", False),
    ],
)
def test_sleep_in_words(text: str, *, asleep: bool) -> None:
    assert is_sleep(text) is asleep
