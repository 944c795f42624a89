"""`copier-fleet calibrate` on real agents: from figures to a profile that reads them."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.agent import Behaviour
from collector.demo.machines import Printed, SimulatedMachine
from tests.servers.snmp import CAPTURES
from tests.stories.acme import PRINTED, TEST_PAGES, Acme, shows
from tests.stories.network import Network, network
from tests.stories.network_office import office as office_of
from tests.stories.program import Ended, command

pytestmark = pytest.mark.integration

HALL = "127.0.83.10"
OWN = '[fleet]\nprofiles = "profiles"\n'
KYOCERA = CAPTURES / "kyocera_cs-4053ci.snmprec"


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


def office(net: Network, folder: Path, more: str = OWN) -> Path:
    config = office_of(folder / "etc", {"hall": HALL}, more, port=net.port)
    (folder / "etc" / "profiles").mkdir()
    return config


def profiles(config: Path) -> list[Path]:
    return sorted((config.parent / "profiles").iterdir())


def calibrate(config: Path, *args: str | Path) -> Ended:
    return command("calibrate", "hall", "--config", config, "--by", "Sato", "--rate", "500", *args)


def meters(config: Path) -> dict[str, int]:
    found: dict[str, int] = command("poll", "hall", "--json", "--config", config).json["meters"]
    return found


def test_from_figures_to_a_profile_that_reads_them(net: Network, tmp_path: Path) -> None:
    net.put(HALL, Acme().objects())
    config = office(net, tmp_path)
    assert meters(config) == {"total": PRINTED.total + TEST_PAGES}

    ended = calibrate(config, "合計=8,717", "print=７１００", "mono=6877", "color=1840")

    assert ended.code == 0, ended.err
    (path,) = profiles(config)
    assert path.name == "proved-acme-a-100.toml"
    assert "ACM0012345" not in path.read_text("utf-8")
    assert meters(config) == {
        "total": 8717,
        "total_mono": 6877,
        "total_color": 1840,
        "print": 7100,
    }
    for words in ("8,774", "-57", "found", "at_99999_7_3_0"):
        assert words in ended.out
    assert "counters and their sums 1 fits" in ended.err
    assert "systemctl reload copier-fleet" in ended.err
    shows(net, HALL, Acme().after(Printed(print_mono=10, copy_color=4)))
    assert meters(config) == {
        "total": 8731,
        "total_mono": 6887,
        "total_color": 1844,
        "print": 7110,
    }


def test_a_second_command_settles_what_the_first_left_open(net: Network, tmp_path: Path) -> None:
    net.put(HALL, Acme().objects())
    config = office(net, tmp_path)

    first = calibrate(config, "total=8717", "copy_mono=1200", "fax=77")

    assert first.code == 1
    assert "at_99999_5_1_4_6 fits just as well" in first.err
    assert "77 proves nothing" in first.err
    state = config.parent / "calibration-hall.json"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert f"--round2 '{state}' --force total=…" in first.err
    (path,) = profiles(config)
    assert 'confidence = "M"} # panel: 1,200; one of 2 that fit alike' in path.read_text("utf-8")
    assert "fax" not in path.read_text("utf-8")

    shows(net, HALL, Acme().after(Printed(copy_mono=3, fax=1)))
    figures = ("total=8721", "copy_mono=1203", "fax=78")
    refused = calibrate(config, "--round2", state, *figures)
    assert refused.code == 78
    assert f"{path}: exists already; overwrite it with --force" in refused.err
    second = calibrate(config, "--round2", state, "--force", *figures)

    assert second.code == 0, second.err
    assert meters(config) == {"total": 8721, "copy_mono": 1203, "fax": 78}
    assert 'confidence = "M"' not in path.read_text("utf-8")
    assert not state.exists()


def test_dry_run_shows_the_profile_and_writes_nothing(net: Network, tmp_path: Path) -> None:
    net.put(HALL, Acme().objects())
    config = office(net, tmp_path, more="")
    ended = calibrate(config, "total=8717", "copy_mono=1200", "--dry-run")
    assert ended.code == 1
    assert 'id = "proved-acme-a-100"' in ended.out
    assert "nothing was written" in ended.err
    assert profiles(config) == []
    assert not (config.parent / "calibration-hall.json").exists()


def test_what_agrees_is_written_down_only_when_asked_for(net: Network, tmp_path: Path) -> None:
    machine = SimulatedMachine(
        "kyocera", "TASKalfa 9", "RVP0Y11833", Printed(copy_mono=1500, print_mono=700)
    )
    net.put(HALL, machine)
    config = office(net, tmp_path)
    ended = calibrate(config, "total=2200", "copy=1500")
    assert ended.code == 0
    assert "everything is read so by now, with profile kyocera" in ended.err
    assert profiles(config) == []
    proved = calibrate(config, "total=2200", "copy=1500", "--prove")
    assert proved.code == 0, proved.err
    (path,) = profiles(config)
    assert "by Sato: total 2200, copy 1500" in path.read_text("utf-8")
    again = calibrate(config, "total=2200")
    assert "It was proved on" in again.err


def test_an_address_without_any_configuration(net: Network, tmp_path: Path) -> None:
    net.put(HALL, Acme().objects(), community="meter", behaviour=Behaviour(v1_only=True))
    path = tmp_path / "mine.toml"
    ask = ("--port", str(net.port), "--community", "meter", "--v1", "--rate", "500")
    refused = command("calibrate", HALL, *ask, "total=8717")
    assert refused.code == 2
    assert "name the file to write with -o, or only look with --dry-run" in refused.err
    ended = command("calibrate", HALL, *ask, "total=8717", "-o", path)
    assert ended.code == 0, ended.err
    assert 'of = "at_99999_7_3_0"' in path.read_text("utf-8")
    assert "once it lies in the folder that fleet.profiles names" in ended.err


def test_a_recording_and_json(tmp_path: Path) -> None:
    path = tmp_path / "kyocera.toml"
    figures = ("total=76064", "print=40601", "copy=32971", "fax_color=0")
    kept = ("--keep", tmp_path / "round.json")
    ended = command("calibrate", KYOCERA, *figures, "--json", "--prove", "-o", path, *kept)
    assert ended.code == 1
    found = ended.json
    assert found["profile"] == "proved-kyocera-cs-4053ci"
    assert found["written"] == str(path)
    assert {name: one["state"] for name, one in found["meters"].items()} == {
        **dict.fromkeys(("total", "copy", "fax_color"), "agrees"),
        "print": "nothing",
    }
    assert found["meters"]["print"]["close"][0] == {"formula": "print", "reads": 40600}
    assert found["meters"]["fax_color"]["proved"] is False
    assert found["toml"] == path.read_text("utf-8")
    assert f"--round2 '{tmp_path / 'round.json'}'" in ended.err
    spoken = command("calibrate", KYOCERA, *figures, "--dry-run")
    assert "close is print with 40,600, 1 less; read the panel again" in spoken.err


def test_two_recordings_of_one_machine_are_two_rounds(net: Network, tmp_path: Path) -> None:
    recordings = [tmp_path / f"{name}.snmprec" for name in ("first", "second")]
    ask = ("--port", str(net.port), "--community", "public", "--rate", "1000")
    for path, machine in zip(recordings, (Acme(), Acme().after(Printed(copy_mono=3))), strict=True):
        net.put(HALL, machine.objects())
        assert command("capture", HALL, *ask, "-o", path).code == 0
        net.take(HALL)
    kept, profile = tmp_path / "round.json", tmp_path / "profile.toml"
    first = command("calibrate", recordings[0], "copy_mono=1200", "--keep", kept, "-o", profile)
    assert first.code == 1
    assert f"calibrate 'the next recording' --round2 '{kept}' --force copy_mono=…" in first.err
    rest = ("copy_mono=1203", "--round2", kept, "--force", "-o", profile)
    foreign = command("calibrate", KYOCERA, *rest)
    assert foreign.code == 1
    assert "is of another kind of machine than the first round" in foreign.err
    second = command("calibrate", recordings[1], *rest)
    assert second.code == 0, second.err
    assert 'of = "at_99999_5_1_4_1", confidence = "H"' in profile.read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("hall",), 2, "give the figures on the panel"),
        (("hall", "totl=5"), 2, "'totl' is no meter; did you mean total?"),
        (("hall", "total=-5"), 2, "-5 is below zero"),
        (("hall", "total=1.5"), 2, "'1.5' is no figure"),
        (("hall", "total=5", "合計=5"), 2, "total stands there twice"),
        (("hall", "単色カラー=5"), 2, "a part of color"),
        (("2階", "total=5"), 2, "is no place, and '2階' is neither an IP address nor a host name"),
        (("gone.snmprec", "total=5"), 2, "there is no recording gone.snmprec"),
        (("hall", "total=5", "--round2", "gone.json"), 78, "gone.json: cannot be read"),
        (("hall", "total=5", "--credential", "nobody"), 2, "there is no [credentials.nobody]"),
    ],
)
def test_bad_input_gets_one_sentence_and_leaves_nothing(
    net: Network, tmp_path: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    config = office(net, tmp_path)
    ended = command("calibrate", *args, "--config", config, "--timeout", "0.3")
    assert ended.code == code, ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert profiles(config) == []


def test_without_a_folder_for_profiles_it_says_which_setting_to_add(
    net: Network, tmp_path: Path
) -> None:
    agent = net.put(HALL, Acme().objects())
    ended = calibrate(office(net, tmp_path, more=""), "total=8717")
    assert ended.code == 78
    assert 'add profiles = "profiles" under [fleet]' in ended.err
    assert agent.requests == 0


def test_a_silent_machine_and_another_one_in_the_second_round(net: Network, tmp_path: Path) -> None:
    config = office(net, tmp_path)
    net.silence([HALL])
    ended = calibrate(config, "total=8717", "--timeout", "0.2")
    assert ended.code == 1
    assert profiles(config) == []


def test_another_machine_in_the_second_round_is_refused(net: Network, tmp_path: Path) -> None:
    net.put(HALL, Acme().objects())
    config = office(net, tmp_path)
    assert calibrate(config, "copy_mono=1200").code == 1
    before = profiles(config)[0].read_text("utf-8")
    state = config.parent / "calibration-hall.json"
    lower = calibrate(config, "--round2", state, "--force", "copy_mono=1199")
    assert lower.code == 2
    assert "copy_mono is less than in a round before" in lower.err
    shows(net, HALL, Acme(serial="ACM0099999"))
    other = calibrate(config, "--round2", state, "--force", "copy_mono=1203")
    assert other.code == 1
    assert "another machine answers than in the first round" in other.err
    foreign = json.loads(state.read_text("utf-8")) | {"target": "annex"}
    state.write_text(json.dumps(foreign), "utf-8")
    ended = calibrate(config, "--round2", state, "--force", "copy_mono=1203")
    assert ended.code == 78
    assert "keeps a round of annex, not of hall" in ended.err
    assert profiles(config)[0].read_text("utf-8") == before


def test_a_machine_that_printed_meanwhile_is_close_and_nothing_is_taken(
    net: Network, tmp_path: Path
) -> None:
    net.put(HALL, Acme().after(Printed(copy_mono=4)).objects())
    config = office(net, tmp_path)
    ended = calibrate(config, "total=8717")
    assert ended.code == 1
    assert "close is at_99999_7_3_0 with 8,721, 4 more; read the panel again" in ended.err
    assert "no profile was written: nothing is proved" in ended.err
    assert profiles(config) == []
