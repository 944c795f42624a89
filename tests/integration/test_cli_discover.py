"""`copier-fleet discover` on a loopback network of real agents."""

import json
import signal
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.demo import agent as ber
from collector.demo.agent import Behaviour
from collector.demo.demo import SPOTS
from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import Integer, ObjectIdentifier, OctetString
from tests.patience import PATIENCE_S
from tests.servers import snmp
from tests.stories.impostor import Impostor
from tests.stories.network import Network, Overheard, network
from tests.stories.network_office import office
from tests.stories.program import PROGRAM, ROOT, Ended, command
from tests.stories.terminal import at_terminal, widest
from tests.stories.waiting import until
from tests.surroundings import environment

pytestmark = pytest.mark.integration

NET = "127.0.77"
SYS = (1, 3, 6, 1, 2, 1, 1)
SWITCH = {
    (*SYS, 1, 0): OctetString(b"ACME switch \x1b[31mred\x07, 24 ports"),
    (*SYS, 2, 0): ObjectIdentifier((1, 3, 6, 1, 4, 1, 9, 1, 1)),
    (1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 2, 1): ObjectIdentifier((1, 3, 6, 1, 2, 1, 25, 3, 1, 4)),
}
CANON = SimulatedMachine("canon", "iR-ADV C3830", "3CE00923", Printed(print_mono=900))
RICOH = SimulatedMachine(
    "ricoh", "IM C3000", "3071RC01988", Printed(print_mono=400, print_color=20)
)
KYOCERA = SimulatedMachine("kyocera", "TASKalfa 5054ci", "RVP0Y11833", Printed(copy_mono=150))
SHARP = SimulatedMachine("sharp", "MX-3570N", "0503117500", Printed(print_mono=77))


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


def at(number: int) -> str:
    return f"{NET}.{number}"


def discover(net: Network, *args: str | Path, keys: tuple[str, ...] = ("public",)) -> Ended:
    communities = [part for key in keys for part in ("--community", key)]
    return command("discover", *args, "--port", str(net.port), *communities)


def _ask(net: Network) -> tuple[str, ...]:
    return ("--port", str(net.port), "--community", "public")


def found(ended: Ended) -> dict[tuple[str, ...], str]:
    return {tuple(one["addresses"]): one["serial"] for one in ended.json["machines"]}


def test_a_network_of_thirty_printers_and_224_silent_addresses(net: Network) -> None:
    """Not timed here; tests/bench/bench_discover.py prints how long it takes."""
    for number in range(30):
        machine = SPOTS[number % len(SPOTS)].machine
        net.put(at(number + 1), replace(machine, serial=f"{machine.serial}{number:03d}"))
    net.silence(at(number) for number in range(31, 255))
    with socket.socket() as print_port:
        print_port.bind((at(40), 0))
        print_port.listen()
        print_port.setblocking(False)

        ended = discover(net, f"{NET}.0/24", "--json", "--rate", "400")

        with pytest.raises(BlockingIOError):
            print_port.accept()
    assert ended.code == 0
    answer = ended.json
    assert answer["verdicts"] == {
        "silent": 224,
        "unreachable": 0,
        "refused": 0,
        "nonsense": 0,
        "other": 0,
        "printer": 30,
    }
    assert len(answer["machines"]) == 30
    for number, one in enumerate(sorted(answer["machines"], key=lambda one: one["serial"][-3:])):
        machine = SPOTS[number % len(SPOTS)].machine
        assert one["addresses"] == [at(number + 1)]
        assert one["serial"] == f"{machine.serial}{number:03d}"
        assert one["total"] == machine.printed.total
    assert [len(net.heard(at(number))) for number in range(31, 255)] == [2] * 224
    assert "asking 254 addresses" in ended.err
    assert "30 printers, 0 other agents, 224 silent" in ended.err


def test_keys_are_tried_in_order_the_next_only_after_silence(net: Network) -> None:
    first = net.put(at(10), CANON, "alpha-key", kind=Overheard)
    second = net.put(at(11), RICOH, "beta-key", kind=Overheard)
    net.silence([at(12)])

    ended = discover(net, at(10), at(11), at(12), "--json", keys=("alpha-key", "beta-key"))

    assert set(first.communities) == {"alpha-key"}
    assert second.communities[:2] == ["alpha-key", "alpha-key"]
    assert set(second.communities[2:]) == {"beta-key"}
    asked = [ber.parse(one).community for one in net.heard(at(12))]
    assert asked == [b"alpha-key", b"alpha-key", b"beta-key", b"beta-key"]
    keys = {one["addresses"][0]: one["credential"] for one in ended.json["machines"]}
    assert keys == {at(10): "--community 1", at(11): "--community 2"}
    table = discover(net, at(11), keys=("alpha-key", "beta-key"))
    assert "--community 2" in table.out
    assert "beta-key" not in table.out + table.err
    assert "alpha-key" not in table.out + table.err


def test_one_machine_with_two_addresses_is_one_line(net: Network) -> None:
    mac = (1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1)
    without = {name: value for name, value in SHARP.objects().items() if name[-2:] != (17, 1)}
    for number in (20, 21):
        net.put(at(number), CANON)
    for number in (30, 31):
        net.put(at(number), without | {mac: OctetString(bytes.fromhex("001ba9000001"))})
    for number in (40, 41):
        net.put(at(number), without)

    ended = discover(net, f"{NET}.16-47", "--json")
    table = discover(net, f"{NET}.16-47")

    groups = sorted(found(ended))
    assert groups == [(at(20), at(21)), (at(30), at(31)), (at(40),), (at(41),)]
    line = next(line for line in table.out.splitlines() if at(20) in line)
    assert at(21) in line
    assert "4 printers at 6 addresses" in table.err


def test_other_agents_are_counted_and_listed_on_request(net: Network) -> None:
    net.put(at(10), SWITCH)
    net.put(at(11), CANON)

    few = discover(net, f"{NET}.10-11")
    code, lines = at_terminal(
        "discover", f"{NET}.10-11", "--all", "--port", str(net.port), "--community", "public"
    )

    assert few.code == code == 0
    assert "1 printers, 1 other agents (list them with --all)" in few.err
    assert at(10) not in few.out
    shown = "\n".join(lines)
    assert "ACME switch red, 24 ports" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert widest(lines) <= 80


def test_terminal_escapes_of_a_machine_reach_no_terminal(net: Network, tmp_path: Path) -> None:
    objects = CANON.objects()
    objects[*SYS, 5, 0] = OctetString(b"hall\x1b]0;owned\x07\x1b[2J\r\nid = 1")
    objects[1, 3, 6, 1, 4, 1, 1602, 1, 1, 1, 1, 0] = OctetString(b"iR\x1b[2J-ADV")
    net.put(at(10), objects)
    output = tmp_path / "new.toml"

    ended = discover(net, at(10), "-o", output)

    assert "\x1b" not in ended.out + ended.err
    text = output.read_text("utf-8")
    assert "\x1b" not in text
    (place,) = tomllib.loads(text)["place"]
    assert place["name"] == "hall id = 1"


def test_agents_that_answer_wrongly_are_told_and_cost_nobody_else(net: Network) -> None:
    net.put(at(10), CANON, kind=Impostor)
    net.put(at(11), RICOH, behaviour=Behaviour(rubbish=True))
    net.put(at(12), KYOCERA, behaviour=Behaviour(delay_s=0.3))
    net.put(at(13), SHARP, behaviour=Behaviour(max_varbinds=3))
    net.put(at(14), SWITCH, kind=_Endless)

    ended = discover(net, f"{NET}.10-15", "--json", "--timeout", "0.5")

    assert found(ended) == {(at(12),): KYOCERA.serial, (at(13),): SHARP.serial}
    assert f"{at(10)}:{net.port} was asked but 127.0.0.2 answered" in ended.err
    assert f"{at(11)}:{net.port} sent 18 octets that are no SNMP message" in ended.err
    assert ended.json["verdicts"]["unreachable"] == 2
    assert "nothing listens" in ended.err


class _Endless(Overheard):
    """Answers every GETNEXT and GETBULK with the name that was asked: a loop."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = ber.parse(data)
        if request.kind == ber.GET:
            super().datagram_received(data, addr)
            return
        row = ber.row(request.names[0], ber.integer(1))
        self._send(ber.response(request, 0, 0, [row]), addr)


def test_a_network_that_answers_at_every_address_is_one_machine(net: Network) -> None:
    """A firewall or a tarpit may answer for all of its addresses."""
    for number in range(1, 63):
        net.put(at(number), CANON)

    ended = discover(net, f"{NET}.0/26", "--rate", "1000")

    (line,) = [line for line in ended.out.splitlines() if CANON.serial in line]
    assert f"{at(1)}, {at(2)} +60" in line
    assert "1 printers at 62 addresses" in ended.err


def test_ipv6(net: Network) -> None:
    net.put("::1", RICOH)

    ended = discover(net, "::1", "--json")

    assert found(ended) == {("::1",): RICOH.serial}


def test_many_addresses_with_one_trouble_are_counted_in_one_line(net: Network) -> None:
    ended = discover(net, f"{NET}.0/27", "--rate", "1000")

    assert ended.code == 0
    assert ended.err.count("nothing listens") == 1
    assert "note: 30 addresses: each says that nothing listens on this port" in ended.err
    assert "30 closed or out of reach" in ended.err


def test_snmpd_of_a_computer_is_another_agent(tmp_path: Path) -> None:
    with snmp.snmpd(tmp_path) as server:
        ended = command(
            *("discover", "127.0.0.1", "localhost", "--json", "--port", str(server.port)),
            *("--community", "wrong", "--community", snmp.COMMUNITY),
        )
        user = snmp.USERS[0]
        config = office(
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
        by_user = command(
            *("discover", "127.0.0.1", "--json", "--port", str(server.port)),
            *("--credential", "box", "--config", config),
        )

    (other,) = ended.json["others"]
    assert (other["address"], other["credential"]) == ("localhost", "--community 2")
    assert "Linux" in other["description"]
    assert ended.json["machines"] == by_user.json["machines"] == []
    assert by_user.json["others"][0]["credential"] == "box"
    assert snmp.COMMUNITY not in ended.out + ended.err


def _others_are_asked(net: Network, more: int) -> None:
    """Wait until silent addresses were asked `more` times."""
    heard: list[bytes] = []

    def look() -> bool:
        for number in range(2, 255):
            heard.extend(net.heard(at(number)))
        return len(heard) >= more

    until(look, "others are being asked")


def test_ctrl_c_keeps_what_was_found(net: Network) -> None:
    net.put(at(1), CANON)
    net.silence(at(number) for number in range(2, 255))
    process = subprocess.Popen(
        [*PROGRAM, "discover", f"{NET}.0/24", "--rate", "20", "--json", *_ask(net)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until(lambda: net.agents[at(1)].requests > 5, "the printer is being read")
    seen = -1
    while seen != net.agents[at(1)].requests:  # read to its end: others are asked, and it is not
        seen = net.agents[at(1)].requests
        _others_are_asked(net, 20)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 130
    (machine,) = json.loads(out)["machines"]
    assert machine["serial"] == CANON.serial
    assert "of 254 addresses" in err.decode()
    assert "Traceback" not in err.decode()


def test_bad_input_is_told_at_once_and_nobody_is_asked(net: Network, tmp_path: Path) -> None:
    net.silence([at(10)])
    ended = discover(net, at(10), "10.1.2.0/33", "10.1.2.9-3", "a..b", "10.1.2.300")
    large = discover(net, "10.0.0.0/12")
    huge = discover(net, "2001:db8::/64", "--yes")
    nameless = discover(net, at(10), "no-such-name.invalid")
    missing = command("discover", at(10), "--config", tmp_path / "none.toml")
    unknown = command(
        "discover", at(10), "--credential", "hal", "--config", office(tmp_path / "o", {})
    )
    span = discover(net, at(10), "--every", "soon")

    assert (ended.code, ended.out) == (2, "")
    for word in ("10.1.2.0/33", "10.1.2.9-3", "a..b", "10.1.2.300"):
        assert sum(line.startswith(f"  {word}: ") for line in ended.err.splitlines()) == 1
    assert (large.code, huge.code, nameless.code, unknown.code) == (2, 2, 2, 2)
    assert "1,048,574 addresses, more than a /16" in large.err
    assert "--yes" in large.err
    assert "cannot be asked one by one" in huge.err
    assert "the name server knows no such name" in nameless.err
    assert missing.code == 78
    assert "[credentials.hal]" in unknown.err
    assert (span.code, "30min" in span.err) == (2, True)
    assert net.heard(at(10)) == []


def test_an_unreadable_configuration_does_not_hinder_an_ad_hoc_key(
    net: Network, tmp_path: Path
) -> None:
    net.put(at(10), CANON)
    config = office(tmp_path / "office", {"hall": at(10)}, port=net.port)
    config.write_text("[office\n", encoding="utf-8")

    stated = discover(net, at(10), "--config", config)

    assert stated.code == 78
    assert "collector.toml" in stated.err
    none = command("discover", at(10))
    assert none.code == 2
    assert "--community" in none.err


def test_a_printer_that_tells_no_counters_is_still_shown(net: Network) -> None:
    bare = {
        (*SYS, 1, 0): OctetString(b"ACME Printer 9"),
        (1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 1, 1): Integer(1),
    }
    net.put(at(10), bare)

    ended = discover(net, at(10), "--json")

    (machine,) = ended.json["machines"]
    assert (machine["total"], machine["serial"]) == (None, None)
