"""The files of `copier-fleet capture`: names, overwriting, a stop, and what is no recording."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.demo import SPOTS
from collector.demo.table import OctetString
from tests.patience import PATIENCE_S
from tests.stories.network import Network, network
from tests.stories.program import PROGRAM, ROOT, Ended, command
from tests.stories.talkative import KYOCERA, P, office
from tests.stories.terminal import at_terminal
from tests.stories.waiting import until
from tests.surroundings import environment

pytestmark = pytest.mark.integration

NET = "127.0.81"


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


def capture(net: Network, target: str, *args: str | Path) -> Ended:
    ask = ("--port", str(net.port), "--community", "public", "--rate", "1000")
    return command("capture", target, *ask, *args)


def test_files_are_not_overwritten_unless_it_is_asked_for(net: Network, tmp_path: Path) -> None:
    agent = net.put(f"{NET}.10", KYOCERA)
    path = tmp_path / "machine.snmprec"
    path.write_text("mine", encoding="utf-8")

    refused = capture(net, f"{NET}.10", "-o", path)
    asked = agent.requests
    forced = capture(net, f"{NET}.10", "-o", path, "--force")

    assert (refused.code, asked) == (78, 0), "and the machine is not troubled first"
    assert "--force" in refused.err
    assert forced.code == 0
    assert path.read_text("utf-8").endswith("# end of the recording\n")


def test_the_name_of_the_file_is_the_machines(net: Network, tmp_path: Path) -> None:
    canon = next(spot.machine for spot in SPOTS if spot.machine.maker == "canon")
    objects = canon.objects()
    objects[*P, 1602, 1, 1, 1, 1, 0] = OctetString(b"../../iR-ADV C5840/\x1b[1m")
    net.put(f"{NET}.10", objects)
    ask = [*PROGRAM, "capture", f"{NET}.10", "--community", "public", "--port", str(net.port)]
    for _ in range(2):
        subprocess.run(
            [*ask, "--rate", "1000"],
            cwd=tmp_path,
            env=environment({"PYTHONPATH": str(ROOT)}),
            check=True,
            capture_output=True,
        )
    names = sorted(one.name for one in tmp_path.iterdir())
    assert names == ["canon-ir-adv-c5840-52.12-2.snmprec", "canon-ir-adv-c5840-52.12.snmprec"]


def test_ctrl_c_writes_nothing(net: Network, tmp_path: Path) -> None:
    agent = net.put(f"{NET}.10", KYOCERA)
    process = subprocess.Popen(
        [
            *(*PROGRAM, "capture", f"{NET}.10", "--community", "public", "--rate", "1"),
            *("--port", str(net.port), "-o", str(tmp_path / "machine.snmprec")),
        ],
        cwd=ROOT,
        env=environment(),
        stderr=subprocess.PIPE,
    )
    until(lambda: agent.requests > 5, "the machine is being read")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 130
    assert "stopped; nothing was written" in err.decode()
    assert "Traceback" not in err.decode()
    assert list(tmp_path.iterdir()) == []


def test_progress_is_shown_on_a_terminal_and_fits_it(net: Network, tmp_path: Path) -> None:
    net.put(f"{NET}.10", office(KYOCERA))
    code, lines = at_terminal(
        *("capture", f"{NET}.10", "--community", "public", "--port", str(net.port)),
        *("--rate", "200", "-o", tmp_path / "machine.snmprec"),
    )
    shown = "\n".join(lines)
    assert code == 0
    assert "rows" in shown
    assert "佐藤" not in shown


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_recording_of_ours_that_was_cut_is_refused_with_its_line(
    net: Network, tmp_path: Path, share: float
) -> None:
    net.put(f"{NET}.10", office(KYOCERA))
    whole, cut = tmp_path / "whole.snmprec", tmp_path / "cut.snmprec"
    assert capture(net, f"{NET}.10", "-o", whole).code == 0
    octets = whole.read_bytes()
    cut.write_bytes(octets[: octets.index(b"\n", int(len(octets) * share)) + 1])

    ended = command("decode", "--json", cut)

    assert (ended.code, ended.out) == (2, "")
    last = cut.read_bytes().count(b"\n")
    assert f"  cut.snmprec: line {last}: the recording was cut here" in ended.err


def test_lines_that_are_no_values_are_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.snmprec"
    path.write_text("1.3.6.1.2.1.1.1.0|99|x\n1.3.6.1.2.1.1.3.0|67|soon\n", encoding="utf-8")
    empty = tmp_path / "empty.snmprec"
    empty.write_text("", encoding="utf-8")

    wrong, nothing = command("decode", path), command("decode", empty)

    assert wrong.code == 2
    assert "odd.snmprec: line 1: tag '99' is none of" in wrong.err
    assert "odd.snmprec: line 2: 'soon' does not fit tag 67" in wrong.err
    assert nothing.code == 1
    assert "nothing in it is of a copier" in nothing.err
