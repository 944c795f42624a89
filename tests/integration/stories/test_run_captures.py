"""The daemon reads recordings of real machines over UDP, each with a credential of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.snmp import CAPTURES, SnmpServer, snmpsim
from tests.stories import books
from tests.stories.office import Spot, credentials, write_office
from tests.stories.program import command, daemon, meters_of, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

V1 = "canon_mf642c"
"""Its index says that the machine answers SNMPv1 only."""

LOW_ON_TONER = ("device_alert", "canon_ir-adv-c5840")
"""The only thing that a machine here wants a person to know."""

SLOW = "machines are slow to answer"
"""Said where the computer on which the tests run is busy; it tells nothing of a machine."""

RECORDINGS = (
    V1,
    "canon_ir-adv-c5840",
    "brother_dcp-9020cdw",
    "konicaminolta_bizhub-c250i",
    "kyocera_cs-4053ci",
    "ricoh_mp-c2503",
    "hp_laserjet-500-color-m551",
    "sharp_mx-3570n",
)
INDEX_TOTALS = {
    V1: 9026,
    "canon_ir-adv-c5840": 213402,
    "brother_dcp-9020cdw": 4939,
    "konicaminolta_bizhub-c250i": 33810,
    "kyocera_cs-4053ci": 76064,
    "ricoh_mp-c2503": 580249,
    "hp_laserjet-500-color-m551": 72820,
    "sharp_mx-3570n": 121104,
}
"""What the index of the recordings states as the machine's own total."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpServer]:
    with snmpsim(tmp_path_factory.mktemp("snmpsim")) as server:
        yield server


@pytest.fixture
def config(recorded: SnmpServer, tmp_path: Path) -> Path:
    spots = [Spot(name, recorded.port, name) for name in RECORDINGS]
    keys = {
        name: {"version": "1" if name == V1 else "2c", "community": name} for name in RECORDINGS
    }
    return write_office(tmp_path, spots, credentials(keys))


def test_every_recorded_figure_reaches_ledger_and_status(config: Path) -> None:
    ledger = config.with_name("ledger.sqlite3")
    with daemon(config) as running:
        until(lambda: all(books.readings(ledger, name) for name in RECORDINGS), "every reading")
        seen = status(config)
        code = running.terminate()

    assert code == 0, running.text
    loud = [
        line
        for line in running.lines()
        if line["level"] in {"warning", "error"} and line["message"] != SLOW
    ]
    assert [line["code"] for line in loud] == ["device_alert"]
    assert LOW_ON_TONER in {one[:2] for one in books.findings(ledger)}
    assert books.is_sound(ledger)
    shown = meters_of(seen["places"])
    asleep = [one["place"] for one in seen["places"] if one["status"] == "asleep"]
    assert asleep == ["hp_laserjet-500-color-m551"]
    for name in RECORDINGS:
        decoded = command("decode", CAPTURES / f"{name}.snmprec", "--json").json["meters"]
        assert shown[name] == decoded, name
        assert books.readings(ledger, name)[-1] == decoded, name
        assert decoded["total"] == INDEX_TOTALS[name], name
        assert books.printed(ledger, name) == 0, "a machine's life before is no usage"


def test_poll_shows_the_same_machine_at_once(config: Path) -> None:
    name = "canon_ir-adv-c5840"

    polled = command("poll", name, "--json", "--config", config)

    decoded = command("decode", CAPTURES / f"{name}.snmprec", "--json")
    assert (polled.code, polled.err) == (0, "")
    assert polled.json["meters"] == decoded.json["meters"]
    assert polled.json["identity"] == decoded.json["identity"]
    assert polled.json["profile"] == "canon"
