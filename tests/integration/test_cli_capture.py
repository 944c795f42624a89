"""`copier-fleet capture` on real agents: what it writes decodes, and says nothing of anybody."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.recording.recorder import USUAL
from collector.adapters.snmp.recording.session import decode_capture, parse_capture
from collector.bootstrap.machines import RecordingOptions, take
from collector.demo import agent as ber
from collector.demo.agent import Behaviour
from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import Counter32, Integer, OctetString, Oid, TypedValue
from tests.servers import snmp
from tests.servers.snmp import CAPTURES
from tests.stories.copiers import copiers
from tests.stories.network import Network, Overheard, network
from tests.stories.network_office import office as office_of
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command
from tests.stories.talkative import JOB_LOG, KYOCERA, MAC, P, office

pytestmark = pytest.mark.integration

NET = "127.0.79"


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


SECRETS = (
    *("RVP0Y11833", "rvp0y11833", "佐藤", "sato@", "総務課", "a1b2c3", "A1B2C3"),
    *("town.example", "人事", "suzuki", "10.1.2.34"),
)


def capture(net: Network, target: str, *args: str | Path, key: str = "public") -> Ended:
    ask = ("--port", str(net.port), "--community", key, "--rate", "1000")
    return command("capture", target, *ask, *args)


def figures(path: Path) -> dict[str, int]:
    meters: dict[str, int] = command("decode", "--json", path).json["meters"]
    return meters


@pytest.mark.parametrize("version", [(), ("--v1",)], ids=["v2c", "v1"])
def test_nobody_is_in_it_and_it_decodes_to_the_live_figures(
    net: Network, tmp_path: Path, version: tuple[str, ...]
) -> None:
    agent = net.put(f"{NET}.10", office(KYOCERA), kind=Overheard)
    assert isinstance(agent, Overheard)
    path = tmp_path / "machine.snmprec"

    ended = capture(net, f"{NET}.10", "-o", path, *version)

    assert ended.code == 0
    text = path.read_text("utf-8")
    octets = b"\n".join(one for one in parse_capture(text).values() if isinstance(one, bytes))
    for secret in SECRETS:
        assert secret not in text + ended.out + ended.err, secret
        assert secret.encode() not in octets, secret
    assert MAC not in octets
    assert "\x1b" not in text + ended.out + ended.err
    assert not any(name[: len(JOB_LOG)] == JOB_LOG for name in parse_capture(text))
    inside = [name for name in agent.asked if name[: len(JOB_LOG)] == JOB_LOG]
    assert {name for name in inside if name[-1] != 2**32 - 1} == set()
    assert "after the log" in text
    assert figures(path)["total"] == KYOCERA.printed.total == 153
    found = command(
        *("discover", f"{NET}.10", "--json", "--port", str(net.port), "--community", "public")
    )
    assert found.json["machines"][0]["total"] == 153
    for word in ("serial number", "hardware address", "contact", "location", "name of a machine"):
        assert word in ended.out
    assert "not recorded: Kyocera: job log" in ended.err
    assert "look it through before you send it" in ended.err
    assert text.startswith("# copier-fleet capture: KYOCERA TASKalfa 5054ci, profile kyocera, 20")


def test_types_and_order_are_the_agents_and_the_same_serial_is_the_same(
    net: Network, tmp_path: Path
) -> None:
    net.put(f"{NET}.10", office(KYOCERA))
    path = tmp_path / "machine.snmprec"
    assert capture(net, f"{NET}.10", "-o", path).code == 0
    lines = [one.split("|") for one in path.read_text("utf-8").split("\n") if "|" in one]
    tags = {name: tag for name, tag, *_ in lines}
    base = "1.3.6.1.4.1.1347.40.35.1.1."
    assert [tags[f"{base}{n}"] for n in range(4, 9)] == ["64", "70", "66", "67", "6"]
    assert tags["1.3.6.1.2.1.1.3.0"] == "67"
    assert tags["1.3.6.1.2.1.43.10.2.1.4.1.1"] == "65"
    names = [tuple(map(int, name.split("."))) for name in tags]
    assert names == sorted(names)
    found = parse_capture(path.read_text("latin-1"))
    serial = found[1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1]
    assert isinstance(serial, bytes)
    assert found[*P, 1347, 43, 5, 1, 1, 28, 1] == serial
    assert found[*P, 1347, 40, 35, 1, 1, 1] == serial.lower()
    record = found[*P, 1347, 40, 35, 1, 1, 2]
    assert isinstance(record, bytes)
    assert record[7:] == serial
    assert record[1:7] == found[1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1]


def test_what_it_wrote_is_served_by_snmpsim_and_recorded_alike(
    net: Network, tmp_path: Path
) -> None:
    net.put(f"{NET}.10", office(KYOCERA))
    served = tmp_path / "served"
    served.mkdir()
    first, again = served / "machine.snmprec", tmp_path / "again.snmprec"
    assert capture(net, f"{NET}.10", "-o", first).code == 0
    with snmp.snmpsim(tmp_path, served) as server:
        ended = command(
            *("capture", "127.0.0.1", "--port", str(server.port), "--community", "machine"),
            *("--rate", "1000", "-o", again),
        )
    assert ended.code == 0
    before, after = (parse_capture(one.read_text("latin-1")) for one in (first, again))
    assert before.keys() == after.keys()
    assert figures(first) == figures(again)


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with snmp.snmpsim(tmp_path_factory.mktemp("snmpsim")) as server:
        yield server.port


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.snmprec")), ids=lambda path: path.stem)
async def test_every_recorded_machine_is_recorded_again_with_the_same_figures(
    sim: int, path: Path, tmp_path: Path
) -> None:
    profiles = load_profiles()
    session = PysnmpSession(
        "127.0.0.1", sim, snmp.community(path.stem), timeout_s=5, retries=1, place=path.stem
    )
    options = RecordingOptions(everything=False, bounds=USUAL, rate=5000.0)

    taken = await take(session, profiles, options, (), lambda _: None, lambda _: [])

    assert taken.changed == ()
    again = tmp_path / path.name
    await asyncio.to_thread(again.write_text, taken.text, "utf-8")
    before, after = [await decode_capture(one, profiles) for one in (path, again)]
    assert after.meters == before.meters
    assert after.profile == before.profile
    assert after.identity.model == before.identity.model
    if before.identity.serial is not None:
        assert before.identity.serial not in taken.text


def test_a_place_is_asked_with_its_own_credential_and_secrets_do_not_get_out(
    net: Network, tmp_path: Path
) -> None:
    objects = office(KYOCERA)
    objects[*P, 1347, 40, 35, 2, 1, 1] = OctetString(b"community=t0wn-hall-key;x")
    agent = net.put(f"{NET}.10", objects, "t0wn-hall-key", kind=Overheard)
    assert isinstance(agent, Overheard)
    config = tmp_path / "collector.toml"
    config.write_text(
        '[office]\ncountry = ""\n[credentials.hall]\nversion = "2c"\ncommunity = "t0wn-hall-key"\n',
        encoding="utf-8",
    )
    config.chmod(0o600)
    (tmp_path / "fleet.toml").write_text(
        f'[[place]]\nid = "2f"\nname = "2F"\naddress = "{NET}.10"\nport = {net.port}\n'
        'credential = "hall"\n',
        encoding="utf-8",
    )
    path = tmp_path / "machine.snmprec"

    ended = command("capture", "2f", "--config", config, "--rate", "1000", "-o", path)
    unknown = command("capture", "3f?", "--config", config)

    assert ended.code == 0
    assert set(agent.communities) == {"t0wn-hall-key"}
    text = path.read_text("utf-8")
    assert "t0wn" not in text + ended.out + ended.err
    assert "community=*************;x" in text
    assert unknown.code == 2
    assert "設置場所: 2f。" in unknown.err


def test_silence_and_rubbish_are_one_sentence_and_leave_no_file(
    net: Network, tmp_path: Path
) -> None:
    net.silence([f"{NET}.10"])
    net.put(f"{NET}.11", KYOCERA, behaviour=Behaviour(rubbish=True))
    path = tmp_path / "machine.snmprec"
    for number in (10, 11):
        ended = capture(net, f"{NET}.{number}", "-o", path, "--timeout", "0.3")
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.count("error: ") == 1
        assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_snmpv3_and_an_agent_that_is_no_printer(tmp_path: Path) -> None:
    user = snmp.USERS[0]
    config = office_of(
        tmp_path / "office",
        {},
        f"""
[credentials.box]
version = "3"
user = "{user.user}"
auth_protocol = "sha1"
auth_password = "{user.auth_key}"
priv_protocol = "aes128"
priv_password = "{user.priv_key}"
""",
    )
    path = tmp_path / "box.snmprec"
    with snmp.snmpd(tmp_path) as server:
        ended = command(
            *("capture", "127.0.0.1", "--port", str(server.port), "--config", config),
            *("--credential", "box", "--rate", "1000", "-o", path),
        )
    assert ended.code == 0
    assert "no profile reads a total from it yet" in ended.err
    text = path.read_text("utf-8")
    assert "1.3.6.1.2.1.1.3.0|67|" in text
    for value in (snmp.SNMPD_VALUES[name] for name in (snmp.CONTACT, snmp.NAME, snmp.LOCATION)):
        assert isinstance(value, bytes)
        assert value.decode() not in text
        assert value.hex() not in text


def test_the_next_key_only_after_silence(net: Network, tmp_path: Path) -> None:
    agent = net.put(f"{NET}.10", KYOCERA, "beta-key", kind=Overheard)
    assert isinstance(agent, Overheard)
    path = tmp_path / "machine.snmprec"
    ended = capture(
        net, f"{NET}.10", "-o", path, "--community", "beta-key", "--timeout", "0.3", key="alpha-key"
    )
    assert ended.code == 0
    assert agent.communities[:2] == ["alpha-key", "alpha-key"]
    assert set(agent.communities[2:]) == {"beta-key"}


class _Hostile(Overheard):
    """Has a tree of its maker that never ends, or that goes round in circles."""

    circles = False

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = ber.parse(data)
        root = (*P, 1347, 99)
        name = request.names[0]
        if request.kind == ber.GET or not ((*root[:-1], 48) < name):
            super().datagram_received(data, addr)
            return
        start = name[-1] if name[: len(root)] == root and len(name) > len(root) else 0
        step = 0 if self.circles else 1
        names = [(*root, start + step * n + 1) for n in range(20)]
        rows = [ber.row(one, ber.tlv(ber.OCTETS, b"\x1b[2J" * 12)) for one in names]
        self._send(ber.response(request, 0, 0, rows), addr)


class _Circling(_Hostile):
    circles = True


@pytest.mark.parametrize("kind", [_Hostile, _Circling])
def test_a_hostile_machine_is_left_within_bounds_and_the_rest_is_kept(
    net: Network, tmp_path: Path, kind: type[Overheard]
) -> None:
    net.put(f"{NET}.10", KYOCERA, kind=kind)
    path = tmp_path / "machine.snmprec"

    ended = capture(net, f"{NET}.10", "-o", path, "--rows", "600")

    assert ended.code == 1
    assert "note: " in ended.err
    assert "\x1b" not in ended.err + ended.out + path.read_text("utf-8")
    assert len(path.read_text("utf-8").splitlines()) < 1500
    assert figures(path)["total"] == KYOCERA.printed.total


@pytest.mark.parametrize("kind", [_Hostile, _Circling])
def test_a_tree_without_end_that_is_walked_into_is_left_at_the_bound(
    net: Network, tmp_path: Path, kind: type[Overheard]
) -> None:
    net.put(f"{NET}.10", KYOCERA.objects() | {(*P, 1347, 49, 1): Integer(1)}, kind=kind)
    path = tmp_path / "machine.snmprec"

    ended = capture(net, f"{NET}.10", "-o", path, "--rows", "300")

    assert ended.code == 1
    assert "stopped below 1.3.6.1.4.1.1347 after 3" in ended.err
    assert 300 <= len(path.read_text("utf-8").splitlines()) < 400
    assert figures(path)["total"] == KYOCERA.printed.total


def test_a_machine_that_prints_meanwhile_is_recorded_as_at_one_moment(
    net: Network, tmp_path: Path
) -> None:
    class Printing(Overheard):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            nonlocal machine
            machine = machine.after(Printed(print_mono=1))
            self.table.update(machine.objects())
            super().datagram_received(data, addr)

    machine = replace(KYOCERA)
    between: dict[Oid, TypedValue] = {(*P, 1347, 42, 9, 1, n): Integer(n) for n in range(200)}
    net.put(f"{NET}.10", KYOCERA.objects() | between, kind=Printing)
    path = tmp_path / "machine.snmprec"

    ended = capture(net, f"{NET}.10", "-o", path)

    assert ended.code == 0
    meters = figures(path)
    assert meters["total"] == meters["copy"] + meters["print"] + meters["fax"]
    assert command("decode", "--json", path).json["findings"] == []


def test_large_values_and_everything_on_request(net: Network, tmp_path: Path) -> None:
    objects = office(KYOCERA)
    objects[*P, 99999, 1, 1] = OctetString(b"a tree that no profile knows")
    objects[*P, 1347, 40, 36, 1] = OctetString(b"\x1b" * 30_000)
    objects[1, 3, 6, 1, 2, 1, 5, 1, 0] = Counter32(5)
    net.put(f"{NET}.10", objects)
    usual, everything = tmp_path / "usual.snmprec", tmp_path / "all.snmprec"

    assert capture(net, f"{NET}.10", "-o", usual).code == 0
    ended = capture(net, f"{NET}.10", "-o", everything, "--all")

    assert ended.code == 0
    assert "no profile knows" not in usual.read_text("utf-8")
    text = everything.read_text("utf-8")
    assert "no profile knows" in text
    assert "1.3.6.1.2.1.5.1.0|65|5" in text
    assert "1.3.6.1.2.1.4.20" not in text
    assert "人事" not in text
    assert len(text) < 50_000
    assert "value of more than" in ended.err


@pytest.mark.parametrize("called", ["1f", "2階 1f", "２階　1F"])
def test_a_machine_is_asked_by_the_name_of_its_place(called: str, tmp_path: Path) -> None:
    """With the place's own port and key, by every command that asks one machine."""
    with copiers() as machines:
        machine = SimulatedMachine("ricoh", "IM C6000", "AAAA1111", Printed(100, 20, 300, 40))
        port = machines.add("1f", machine)
        config = write_office(tmp_path, [Spot("1f", port), Spot("2f", 9)])
        path = tmp_path / "machine.snmprec"
        own = ("--config", config)

        polled = command("poll", called, "--json", *own)
        captured = command("capture", called, "-o", path, "--rate", "1000", *own)
        figure = f"total={machine.printed.total}"
        compared = command("calibrate", called, figure, "--dry-run", "--rate", "1000", *own)

    assert polled.json["meters"]["total"] == machine.printed.total
    assert captured.code == 0, captured.err
    assert figures(path)["total"] == machine.printed.total
    assert compared.code in {0, 1}
    assert f"{machine.printed.total}" in compared.out
